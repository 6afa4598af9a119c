import { compare, isEqual } from './operators'
import { compileSearch, PatternError } from './pattern'
import type { JsonPath, Reading } from './json-path'
import type { PathCursor } from './json-path-cursor'

type Operand = (value: unknown, from: Reading) => unknown
export type Test = (value: unknown, from: Reading) => boolean

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /true|false|null/y
const OPERATOR = /==|!=|<=|>=|=~|<|>|in\b/y
/** As in JavaScript: `/pattern/` and `i` for any case. */
const PATTERN = /\/((?:\\.|[^/\\])+)\/(i?)/y

/**
 * What stands in `[?( )]`: comparisons of `@.path`, `$.path` and plain values, put together by `&&`, `||`, `!` and parentheses.
 *
 * @param readPath reads the path that follows `@` or `$`
 * @throws JsonPathError
 */
export function parseFilter(cursor: PathCursor, readPath: () => JsonPath, depth = 0): Test {
  if (depth > 16) cursor.fail('This is nested too deeply')
  const tests = [conjunction(cursor, readPath, depth)]
  while (cursor.acceptSpaced('||')) tests.push(conjunction(cursor, readPath, depth))
  return tests.length === 1 ? tests[0]! : (value, from) => tests.some((test) => test(value, from))
}

function conjunction(cursor: PathCursor, readPath: () => JsonPath, depth: number): Test {
  const tests = [term(cursor, readPath, depth)]
  while (cursor.acceptSpaced('&&')) tests.push(term(cursor, readPath, depth))
  return tests.length === 1 ? tests[0]! : (value, from) => tests.every((test) => test(value, from))
}

function term(cursor: PathCursor, readPath: () => JsonPath, depth: number): Test {
  cursor.space()
  if (cursor.accept('!')) {
    const test = term(cursor, readPath, depth + 1)
    return (value, from) => !test(value, from)
  }
  if (cursor.accept('(')) {
    const test = parseFilter(cursor, readPath, depth + 1)
    if (!cursor.acceptSpaced(')')) cursor.fail('This ( has no ) that ends it')
    return test
  }
  const left = operand(cursor, readPath)
  cursor.space()
  const symbol = cursor.match(OPERATOR)
  cursor.space()
  if (symbol === undefined) return (value, from) => isThere(left(value, from))
  if (symbol === '=~') {
    const matches = pattern(cursor)
    return (value, from) => {
      const text = left(value, from)
      return typeof text === 'string' && matches(text)
    }
  }
  const right = operand(cursor, readPath)
  if (symbol === 'in')
    return (value, from) => {
      const [one, list] = [left(value, from), right(value, from)]
      return Array.isArray(list) && list.some((each) => isEqual(each, one))
    }
  return (value, from) => compare(symbol, left(value, from), right(value, from))
}

/** A path that leads to nothing gives null, one that may lead to several a list. */
const isThere = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== null && value !== false

function operand(cursor: PathCursor, readPath: () => JsonPath): Operand {
  if (cursor.accept('@')) {
    const path = readPath()
    return (value, from) => path.read(value, from.visit)
  }
  if (cursor.accept('$')) {
    const path = readPath()
    return (_value, from) => path.read(from.root, from.visit)
  }
  const value = plain(cursor)
  return () => value
}

function plain(cursor: PathCursor): unknown {
  if (cursor.peek("'") || cursor.peek('"')) return cursor.text()
  const number = cursor.match(NUMBER)
  if (number !== undefined) return Number(number)
  const word = cursor.match(WORD)
  if (word !== undefined) return word === 'null' ? null : word === 'true'
  if (!cursor.accept('['))
    return cursor.fail("A filter compares @.path, $.path, numbers, 'texts', true, false, null or lists")
  const list: unknown[] = []
  cursor.space()
  if (cursor.accept(']')) return list
  do list.push(plain(cursor))
  while (cursor.acceptSpaced(','))
  if (!cursor.acceptSpaced(']')) cursor.fail('A [ needs a ] that ends it')
  return list
}

function pattern(cursor: PathCursor): (text: string) => boolean {
  const found = cursor.match(PATTERN)
  if (found === undefined) return cursor.fail('After =~ comes a pattern between slashes')
  const end = found.lastIndexOf('/')
  const flags = found.endsWith('i') ? '(?i)' : ''
  try {
    return compileSearch(flags + found.slice(1, end).replaceAll('\\/', '/')).finds
  } catch (error) {
    if (error instanceof PatternError) return cursor.fail(error.message)
    throw error
  }
}
