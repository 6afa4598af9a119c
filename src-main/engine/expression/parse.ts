import {
  expressionFunctions,
  expressionRoots,
  REQUEST_ROOTS,
  type ExpressionFunction,
  type Root,
} from '@shared/expressions'
import { isLookup, type ExpressionContext } from './context'
import { EvaluationError } from './evaluation-error'
import { prepareFunction, type PreparedFunction } from './functions'
import { METHOD_NAMES, methodNamed, PATTERN_METHODS, type Method } from './methods'
import { add, calculate, compare, isBetween, isTrue, member } from './operators'
import { compilePattern, compileSearch } from './pattern'
import { readTokens } from './read-tokens'
import { textOf } from './text-of'
import type { Token } from './tokens'
import { coderMethods, TYPE_NAMES, typeNamed } from './types'

/** @throws EvaluationError when it comes to more than a request may cost */
export type Evaluate = (context: ExpressionContext) => unknown

/** Whose body. */
export type BodyOwner = 'request' | 'response'

export interface Parsed {
  readonly evaluate: Evaluate
  /** The bodies that it looks at; they must be there before it is evaluated. */
  readonly reads: ReadonlySet<BodyOwner>
}

const COMPARISONS: readonly string[] = ['==', '!=', '<', '<=', '>', '>=']
const BODY_MEMBERS: readonly string[] = ['content', 'jsonContent', 'xmlContent']

/** Builds the function that evaluates the tokens; they end with the `}`. Recursive descent, one function a precedence. */
export function parse(text: string, tokens: readonly Token[], roots: readonly Root[] = REQUEST_ROOTS): Parsed {
  const reads = new Set<BodyOwner>()
  const { peek, skip, place, since, fail, operator, accept, acceptWord, expect, prepared, nested } = readTokens(
    text,
    tokens,
  )

  function ternary(): Evaluate {
    return nested(() => {
      const condition = either()
      if (accept('?:')) {
        const otherwise = ternary()
        return (context) => {
          const value = condition(context) ?? null
          return value === null || value === '' ? otherwise(context) : value
        }
      }
      if (!accept('?')) return condition
      const yes = ternary()
      expect(':', 'A ? needs a : with the other value')
      const no = ternary()
      return (context) => (isTrue(condition(context)) ? yes(context) : no(context))
    })
  }

  function either(): Evaluate {
    let left = both()
    while (accept('||')) {
      const [a, b] = [left, both()]
      left = (context) => isTrue(a(context)) || isTrue(b(context))
    }
    return left
  }

  function both(): Evaluate {
    let left = comparison()
    while (accept('&&')) {
      const [a, b] = [left, comparison()]
      left = (context) => isTrue(a(context)) && isTrue(b(context))
    }
    return left
  }

  function comparison(): Evaluate {
    const left = sum()
    if (acceptWord('matches')) return matching(left)
    if (acceptWord('between')) {
      const bounds = sum()
      return (context) => isBetween(left(context), bounds(context))
    }
    if (peek().kind === 'name' && peek().value === 'instanceof') fail('instanceof is not known here')
    const symbol = operator()
    if (symbol === undefined || !COMPARISONS.includes(symbol)) return left
    skip()
    const right = sum()
    return (context) => compare(symbol, left(context), right(context))
  }

  function sum(): Evaluate {
    let left = product()
    for (;;) {
      const [a, plus] = [left, accept('+')]
      if (!plus && !accept('-')) return left
      const b = product()
      left = plus ? (context) => add(a(context), b(context)) : (context) => calculate('-', a(context), b(context))
    }
  }

  function product(): Evaluate {
    let left = power()
    for (;;) {
      const [a, symbol] = [left, operator()]
      if (symbol !== '*' && symbol !== '/' && symbol !== '%') return left
      skip()
      const b = power()
      left = (context) => calculate(symbol, a(context), b(context))
    }
  }

  function power(): Evaluate {
    const base = unary()
    if (!accept('^')) return base
    const exponent = unary()
    return (context) => calculate('^', base(context), exponent(context))
  }

  function unary(): Evaluate {
    return nested(() => {
      if (accept('!') || acceptWord('not')) {
        const value = unary()
        return (context) => !isTrue(value(context))
      }
      if (accept('-')) {
        const value = unary()
        return (context) => calculate('-', 0, value(context))
      }
      return postfix(primary())
    })
  }

  function postfix(start: Evaluate): Evaluate {
    let target = start
    for (;;) {
      const of = target
      if (accept('[')) {
        const key = ternary()
        expect(']', 'A [ needs a ] that ends it')
        target = (context) => member(of(context), key(context))
      } else if (accept('.') || accept('?.')) {
        target = dotted(of)
      } else {
        return target
      }
    }
  }

  function dotted(of: Evaluate): Evaluate {
    const name = peek()
    if (name.kind === 'symbol' && ['?', '!', '^', '$'].includes(name.value))
      fail('Selections (.?[ ]) and projections (.![ ]) are not known here; #jsonPath has filters', name)
    if (name.kind !== 'name') fail('After a dot comes a name')
    skip()
    if (!accept('(')) return (context) => member(of(context), name.value)
    if (Object.hasOwn(PATTERN_METHODS, name.value)) return patternMethod(of, name)
    const method = methodNamed(name.value) ?? (Object.hasOwn(coderMethods, name.value) ? coderMethods[name.value] : undefined) // prettier-ignore
    return calling(of, name, method ?? fail(`There is no method ${name.value}. There are: ${METHOD_NAMES.join(', ')}`, name)) // prettier-ignore
  }

  function calling(of: Evaluate, name: Token, { takes, call }: Method): Evaluate {
    const args = values()
    if (args.length < takes[0] || args.length > takes[1]) fail(`${name.value} takes ${counted(takes)}`, name)
    return (context) =>
      call(
        of(context),
        args.map((arg) => arg(context)),
      )
  }

  /** After the ( of what is called, with the ) that ends it. */
  function values(): Evaluate[] {
    const args: Evaluate[] = []
    if (accept(')')) return args
    do args.push(ternary())
    while (accept(','))
    expect(')', 'The values of a call end with )')
    return args
  }

  /** The pattern must be known at deploy: one that is wrong is then told to whoever wrote it, not to a caller. */
  function matching(target: Evaluate): Evaluate {
    const token = peek()
    if (token.kind !== 'text') fail('matches wants its pattern as a text in quotes')
    skip()
    const matches = prepared(token, () => compilePattern(token.value))
    return (context) => {
      const value = target(context)
      return typeof value === 'string' && matches(value)
    }
  }

  function patternMethod(of: Evaluate, name: Token): Evaluate {
    if (name.value === 'matches') {
      const result = matching(of)
      expect(')', 'matches takes one pattern')
      return result
    }
    const token = peek()
    if (token.kind !== 'text') fail(`${name.value} wants its pattern as a text in quotes`)
    skip()
    const search = prepared(token, () => compileSearch(token.value))
    if (name.value === 'split') {
      expect(')', 'split takes one pattern')
      return onText(of, (value) => search.split(value))
    }
    expect(',', `${name.value} takes a pattern and a text`)
    const by = ternary()
    expect(')', `${name.value} takes a pattern and a text`)
    const which = name.value === 'replaceAll' ? 'all' : 'first'
    return (context) => {
      const value = of(context)
      return typeof value === 'string' ? search.replace(value, textOf(by(context)), which) : null
    }
  }

  function primary(): Evaluate {
    const token = peek()
    if (token.kind === 'text') return constant(token.value)
    if (token.kind === 'number') return constant(Number(token.value))
    if (token.kind === 'name') return named(token)
    if (token.kind === 'end') return fail('Here a value is missing', token)
    if (accept('(')) {
      const inner = ternary()
      expect(')', 'This ( has no ) that ends it')
      return inner
    }
    if (accept('{')) return nested(() => literal())
    if (accept('#')) return root()
    return fail(`A value cannot start with ${token.value}`, token)
  }

  function constant(value: unknown): Evaluate {
    skip()
    return () => value
  }

  function named(token: Token): Evaluate {
    const { value } = token
    if (value === 'true' || value === 'false') return constant(value === 'true')
    if (value === 'null') return constant(null)
    if (value === 'T' && peek(1).value === '(') return type()
    if (value === 'new') return made(token)
    return fail(`${value} is not known; did you mean #${value} or '${value}'?`, token)
  }

  /** A list, or after the first `:` a map. `{:}` is a map with nothing in it. */
  function literal(): Evaluate {
    if (accept('}')) return () => []
    if (peek().value === ':' && peek(1).value === '}') {
      skip(2)
      return () => ({})
    }
    const ends = 'A list or map in braces needs a } that ends it'
    if (peek(1).value === ':' && (peek().kind === 'name' || peek().kind === 'text' || peek().kind === 'number')) {
      const entries: (readonly [string, Evaluate])[] = []
      do {
        const key = peek()
        if (key.kind === 'symbol' || key.kind === 'end') fail('A map has names before its colons')
        skip()
        expect(':', 'After a name in a map comes a :')
        entries.push([key.value, ternary()])
      } while (accept(','))
      expect('}', ends)
      return (context) => Object.fromEntries(entries.map(([key, value]) => [key, value(context)]))
    }
    const entries: Evaluate[] = []
    do entries.push(ternary())
    while (accept(','))
    expect('}', ends)
    return (context) => entries.map((entry) => entry(context))
  }

  /** `T(java.lang.Math).max(1, 2)`: only what a fixed list names. */
  function type(): Evaluate {
    skip(2)
    const start = peek()
    let name = ''
    while (peek().kind === 'name' || peek().value === '.') {
      name += peek().value
      skip()
    }
    const found = typeNamed(name) ?? fail(`The type ${name || peek().value} cannot be used. These can: ${TYPE_NAMES.join(', ')}`, start) // prettier-ignore
    expect(')', 'A type ends with )')
    expect('.', `After T(${name}) comes a dot and what is called on it`)
    const called = peek()
    skip()
    const { methods, values: known = {} } = found
    if (called.kind === 'name' && Object.hasOwn(known, called.value) && peek().value !== '(') {
      const value = known[called.value]
      return () => value
    }
    if (called.kind !== 'name' || !Object.hasOwn(methods, called.value))
      fail(`${name} has no ${called.value} here. It has: ${[...Object.keys(known), ...Object.keys(methods)].join(', ')}`, called) // prettier-ignore
    expect('(', `After ${called.value} come its values in ( )`)
    return calling(() => null, called, methods[called.value]!)
  }

  /** `new String(bytes)`, as people write it around what was decoded. */
  function made(token: Token): Evaluate {
    skip()
    const start = place()
    while (peek().kind === 'name' || peek().value === '.') skip()
    const name = since(start).map(({ value }) => value).join('') // prettier-ignore
    if (!['String', 'java.lang.String'].includes(name) || !accept('('))
      fail('Only new String(value) can be made here', token)
    const [value, ...more] = values()
    if (more.length > 1) fail('String takes one value', token)
    return value === undefined ? () => '' : (context) => textOf(value(context))
  }

  function root(): Evaluate {
    const name = peek()
    skip()
    if (name.kind === 'name' && Object.hasOwn(expressionFunctions, name.value)) return calledFunction(name)
    const known = roots.find((each) => each === name.value)
    if (name.kind !== 'name' || known === undefined)
      return fail(`After # comes ${roots.join(', ').replace(/, (?=[^,]*$)/, ' or ')}`, name)
    const members: Readonly<Record<string, string>> | undefined = expressionRoots[known]
    if (members === undefined) return (context) => context.valueOf(known, '')
    const chosen = memberOf(known, Object.keys(members))
    if ((known === 'request' || known === 'response') && BODY_MEMBERS.includes(chosen)) reads.add(known)
    return (context) => context.valueOf(known, chosen)
  }

  /** By `.name` or `['name']`. */
  function memberOf(owner: string, members: readonly string[]): string {
    const bracket = accept('[')
    if (!bracket && !accept('?.')) expect('.', `After #${owner} comes a dot and one of: ${members.join(', ')}`)
    const name = peek()
    if (name.kind !== (bracket ? 'text' : 'name') || !members.includes(name.value))
      fail(`#${owner} has no ${name.value}. It has: ${members.join(', ')}`)
    skip()
    if (bracket) expect(']', 'A [ needs a ] that ends it')
    return name.value
  }

  function calledFunction(name: Token): Evaluate {
    expect('(', `After #${name.value} come its values in ( )`)
    const start = place()
    const args = values()
    // Where the second value is one text and nothing else, it is prepared now.
    const path = args.length === 2 && since(start).length >= 2 && peek(-2).kind === 'text' && peek(-3).value === ',' ? peek(-2) : undefined // prettier-ignore
    const called: PreparedFunction = prepared(path ?? name, () =>
      prepareFunction(name.value as ExpressionFunction, path?.value),
    ) // as the caller asked
    if (args.length !== called.takes)
      fail(`#${name.value} is written ${expressionFunctions[name.value as ExpressionFunction]}`, name)
    return (context) => called.call(args.map((arg) => arg(context)))
  }

  const expression = ternary()
  if (peek().kind !== 'end') fail(`${peek().value} is not expected here`)
  return { evaluate: (context) => bounded(expression, context), reads }
}

/** What is nested deeper than functions can walk is told as too much, and a list by name as what it holds. */
function bounded(expression: Evaluate, context: ExpressionContext): unknown {
  try {
    const value = expression(context)
    return plain(value)
  } catch (error) {
    if (error instanceof RangeError) throw new EvaluationError('An expression met values that are nested too deeply')
    throw error
  }
}

const plain = (value: unknown): unknown =>
  isLookup(value) ? Object.fromEntries(value.names().map((name) => [name, plain(value.lookup(name))])) : value

const onText =
  (of: Evaluate, call: (text: string) => unknown): Evaluate =>
  (context) => {
    const value = of(context)
    return typeof value === 'string' ? call(value) : null
  }

function counted([least, most]: Method['takes']): string {
  const words = ['no value', 'one value', 'two values']
  return least === most ? words[least]! : `${words[least]!.replace(/ values?/, '')} or ${words[most]!}`
}
