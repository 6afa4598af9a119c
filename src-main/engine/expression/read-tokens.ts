import { ExpressionError } from './expression-error'
import { JsonPathError } from './json-path'
import { PatternError } from './pattern'
import type { Token } from './tokens'

/** Deeper nesting than any person writes; bounds the parser's own recursion. */
const MAX_DEPTH = 64
const WORD_OPERATORS: Readonly<Record<string, string>> = { eq: '==', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=', and: '&&', or: '||', div: '/', mod: '%' } // prettier-ignore

/** The tokens of an expression, read from the first to the last, and the errors that point at them. */
export interface TokenReader {
  /** The token that comes next, or one after it; at the end it is always the last. */
  peek(ahead?: number): Token
  skip(count?: number): void
  /** How many have been read. */
  place(): number
  /** Those read since a place. */
  since(place: number): readonly Token[]
  /** @throws ExpressionError at the token; at the next one unless it is given */
  fail(reason: string, token?: Token): never
  /** The symbol that comes next, also where it is written as a word, e.g. `and`. */
  operator(): string | undefined
  /** Reads a symbol if it comes next, or says that it does not. */
  accept(symbol: string): boolean
  acceptWord(word: string): boolean
  /** @throws ExpressionError unless the symbol comes next */
  expect(symbol: string, why: string): void
  /** Tells a pattern or path that cannot be read at its place in the expression. */
  prepared<T>(token: Token, prepare: () => T): T
  /** Reads what stands within something else. @throws ExpressionError where that is too deep */
  nested<T>(inner: () => T): T
}

/** @param tokens they end with the `}` of the expression */
export function readTokens(text: string, tokens: readonly Token[]): TokenReader {
  let position = 0
  let depth = 0
  const peek = (ahead = 0) => tokens[Math.min(position + ahead, tokens.length - 1)]!
  const fail = (reason: string, token = peek()): never => {
    throw new ExpressionError(text, token.at, reason)
  }
  const operator = () => {
    const { kind, value } = peek()
    if (kind === 'symbol') return value
    return kind === 'name' ? wordOperator(value) : undefined
  }
  const accept = (symbol: string) => {
    if (operator() !== symbol) return false
    position++
    return true
  }
  return {
    peek,
    skip(count = 1) {
      position += count
    },
    place: () => position,
    since: (place) => tokens.slice(place, position),
    fail,
    operator,
    accept,
    acceptWord(word) {
      if (peek().kind !== 'name' || peek().value.toLowerCase() !== word) return false
      position++
      return true
    },
    expect(symbol, why) {
      if (!accept(symbol)) fail(why)
    },
    prepared(token, prepare) {
      try {
        return prepare()
      } catch (error) {
        if (error instanceof PatternError) return fail(error.message, token)
        if (error instanceof JsonPathError) return fail(error.message, { ...token, at: token.at + 1 + error.at })
        throw error
      }
    },
    nested(inner) {
      if (++depth > MAX_DEPTH) fail('This is nested too deeply')
      const result = inner()
      depth--
      return result
    },
  }
}

const wordOperator = (word: string): string | undefined => {
  const known = word.toLowerCase()
  return Object.hasOwn(WORD_OPERATORS, known) ? WORD_OPERATORS[known] : undefined
}
