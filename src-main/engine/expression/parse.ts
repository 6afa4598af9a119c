import {
  isLookup,
  REQUEST_MEMBERS,
  RESPONSE_MEMBERS,
  ROOTS,
  type ExpressionContext,
  type RequestMember,
  type ResponseMember,
  type Root,
} from './context'
import { ExpressionError } from './expression-error'
import { METHOD_NAMES, methodNamed } from './methods'
import { add, compare, isTrue, member, subtract } from './operators'
import { compilePattern, PatternError } from './pattern'
import type { Token } from './tokens'

export type Evaluate = (context: ExpressionContext) => unknown

/** Deeper nesting than any person writes; bounds the parser's own recursion. */
const MAX_DEPTH = 64
const WORD_OPERATORS: Readonly<Record<string, string>> = { eq: '==', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=', and: '&&', or: '||' } // prettier-ignore

/** Builds the function that evaluates the tokens; they end with the `}`. Recursive descent, one function a precedence. */
export function parse(text: string, tokens: readonly Token[], roots: readonly Root[] = ROOTS): Evaluate {
  let position = 0
  let depth = 0
  const peek = () => tokens[position]!
  const fail = (reason: string, token = peek()): never => {
    throw new ExpressionError(text, token.at, reason)
  }
  const operator = () => {
    const { kind, value } = peek()
    if (kind === 'symbol') return value
    return kind === 'name' && Object.hasOwn(WORD_OPERATORS, value) ? WORD_OPERATORS[value] : undefined
  }
  const accept = (symbol: string) => {
    if (operator() !== symbol) return false
    position++
    return true
  }
  const expect = (symbol: string, why: string) => {
    if (!accept(symbol)) fail(why)
  }

  function nested<T>(inner: () => T): T {
    if (++depth > MAX_DEPTH) fail('This is nested too deeply')
    const result = inner()
    depth--
    return result
  }

  function ternary(): Evaluate {
    return nested(() => {
      const condition = either()
      if (accept('?:')) {
        const otherwise = ternary()
        return (context) => condition(context) ?? otherwise(context)
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
    const symbol = operator()
    if (peek().value === 'matches' && peek().kind === 'name') {
      position++
      return matching(left)
    }
    if (symbol === undefined || !['==', '!=', '<', '<=', '>', '>='].includes(symbol)) return left
    position++
    const right = sum()
    return (context) => compare(symbol, left(context), right(context))
  }

  function sum(): Evaluate {
    let left = unary()
    for (;;) {
      const [a, plus] = [left, accept('+')]
      if (!plus && !accept('-')) return left
      const b = unary()
      left = plus ? (context) => add(a(context), b(context)) : (context) => subtract(a(context), b(context))
    }
  }

  function unary(): Evaluate {
    return nested(() => {
      if (accept('!') || (peek().kind === 'name' && peek().value === 'not' && ++position > 0)) {
        const value = unary()
        return (context) => !isTrue(value(context))
      }
      if (accept('-')) {
        const value = unary()
        return (context) => subtract(0, value(context))
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
        const name = peek()
        if (name.kind !== 'name') fail('After a dot comes a name')
        position++
        target = accept('(') ? call(of, name) : (context) => member(of(context), name.value)
      } else {
        return target
      }
    }
  }

  function call(target: Evaluate, name: Token): Evaluate {
    if (name.value === 'matches') {
      const result = matching(target)
      expect(')', 'matches takes one pattern')
      return result
    }
    const method =
      methodNamed(name.value) ?? fail(`There is no method ${name.value}. There are: ${METHOD_NAMES.join(', ')}`, name)
    const args: Evaluate[] = []
    if (!accept(')')) {
      do args.push(ternary())
      while (accept(','))
      expect(')', 'The values of a method end with )')
    }
    if (args.length !== method.parameters)
      fail(`${name.value} takes ${method.parameters === 0 ? 'no value' : 'one value'}`, name)
    return (context) =>
      method.call(
        target(context),
        args.map((arg) => arg(context)),
      )
  }

  /** The pattern must be known at deploy: one that is wrong is then told to whoever wrote it, not to a caller. */
  function matching(target: Evaluate): Evaluate {
    const token = peek()
    if (token.kind !== 'text') fail('matches wants its pattern as a text in quotes')
    position++
    let matches: (text: string) => boolean
    try {
      matches = compilePattern(token.value)
    } catch (error) {
      if (error instanceof PatternError) return fail(error.message, token)
      throw error
    }
    return (context) => {
      const value = target(context)
      return typeof value === 'string' && matches(value)
    }
  }

  function primary(): Evaluate {
    const token = peek()
    position++
    if (token.kind === 'text') return () => token.value
    if (token.kind === 'number') {
      const value = Number(token.value)
      return () => value
    }
    if (token.kind === 'name' && ['true', 'false', 'null'].includes(token.value)) {
      const value = token.value === 'null' ? null : token.value === 'true'
      return () => value
    }
    if (token.value === '(' && token.kind === 'symbol') {
      const inner = ternary()
      expect(')', 'This ( has no ) that ends it')
      return inner
    }
    if (token.value === '#' && token.kind === 'symbol') return root()
    if (token.kind === 'end') return fail('Here a value is missing', token)
    if (token.kind === 'name') return fail(`${token.value} is not known; did you mean #${token.value} or '${token.value}'?`, token) // prettier-ignore
    return fail(`A value cannot start with ${token.value}`, token)
  }

  function root(): Evaluate {
    const name = peek()
    position++
    if (name.kind !== 'name' || !roots.some((root) => root === name.value)) {
      return fail(`After # comes ${roots.join(', ').replace(/, (?=[^,]*$)/, ' or ')}`, name)
    }
    if (name.value === 'request') {
      const chosen = memberOf('request', REQUEST_MEMBERS) as RequestMember
      return (context) => context.request(chosen)
    }
    if (name.value === 'response') {
      const chosen = memberOf('response', RESPONSE_MEMBERS) as ResponseMember
      return (context) => context.response(chosen)
    }
    if (name.value === 'context') {
      memberOf('context', ['attributes'])
      return (context) => context.attributes
    }
    const chosen = memberOf('api', ['properties', 'id', 'name'])
    return (context) => (chosen === 'properties' ? context.properties : context.api(chosen as 'id' | 'name'))
  }

  function memberOf(owner: string, members: readonly string[]): string {
    expect('.', `After #${owner} comes a dot and one of: ${members.join(', ')}`)
    const name = peek()
    if (['content', 'jsonContent', 'xmlContent'].includes(name.value))
      fail(`The body of a ${owner} cannot be read by expressions yet`)
    if (name.kind !== 'name' || !members.includes(name.value))
      fail(`#${owner} has no ${name.value}. It has: ${members.join(', ')}`)
    position++
    return name.value
  }

  const expression = ternary()
  if (peek().kind !== 'end') fail(`${peek().value} is not expected here`)
  return (context) => {
    const value = expression(context)
    return isLookup(value) ? Object.fromEntries(value.names().map((name) => [name, value.lookup(name)])) : value
  }
}
