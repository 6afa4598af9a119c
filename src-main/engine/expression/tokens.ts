import { ExpressionError } from './expression-error'

export interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'symbol' | 'end'
  readonly value: string
  /** Offset in the whole configured text, for error messages. */
  readonly at: number
}

const SYMBOLS = ['==', '!=', '<=', '>=', '&&', '||', '?.', '?:', '<', '>', '!', '+', '-', '*', '/', '%', '^', '?', ':', '(', ')', '[', ']', '{', '}', '.', ',', '#', '$'] // prettier-ignore
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y
/** As Java writes them: `L`, `f` and `d` at the end say how it keeps the number, which is the same here. */
const NUMBER = /(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)[lLfFdD]?(?![A-Za-z0-9_])/y
/** More than any person writes; bounds what one expression can cost, and how deep its evaluation goes. */
const MAX_TOKENS = 2000

/** Reads tokens from `start` on, up to the `}` that ends the expression; `next` is the offset after it. */
export function tokenize(text: string, start: number): { readonly tokens: readonly Token[]; readonly next: number } {
  const tokens: Token[] = []
  let braces = 0
  let at = start
  while (at < text.length) {
    const char = text[at]!
    if (/\s/.test(char)) {
      at++
      continue
    }
    if (char === '}' && braces-- === 0) {
      tokens.push({ kind: 'end', value: '}', at })
      return { tokens, next: at + 1 }
    }
    if (char === '{') braces++
    const token = char === "'" || char === '"' ? quoted(text, at) : (plain(text, at) ?? unknown(text, at))
    tokens.push(token)
    if (tokens.length > MAX_TOKENS) throw new ExpressionError(text, at, `An expression has at most ${MAX_TOKENS} parts`)
    at = token.next
  }
  throw new ExpressionError(text, start - 1, 'This { has no } that ends it')
}

interface ReadToken extends Token {
  readonly next: number
}

function plain(text: string, at: number): ReadToken | undefined {
  WORD.lastIndex = NUMBER.lastIndex = at
  const word = WORD.exec(text)?.[0]
  if (word !== undefined) return { kind: 'name', value: word, at, next: at + word.length }
  const number = NUMBER.exec(text)
  if (number !== null) return { kind: 'number', value: number[1]!, at, next: at + number[0].length }
  const symbol = SYMBOLS.find((each) => text.startsWith(each, at))
  return symbol === undefined ? undefined : { kind: 'symbol', value: symbol, at, next: at + symbol.length }
}

function unknown(text: string, at: number): never {
  throw new ExpressionError(text, at, `${String.fromCodePoint(text.codePointAt(at)!)} means nothing here`)
}

/** A doubled quote stands for one quote, as in the Spring expression language. */
function quoted(text: string, start: number): ReadToken {
  const quote = text[start]!
  let value = ''
  for (let at = start + 1; ;) {
    const end = text.indexOf(quote, at)
    if (end === -1) throw new ExpressionError(text, start, 'This text has no quote that ends it')
    value += text.slice(at, end)
    if (text[end + 1] !== quote) return { kind: 'text', value, at: start, next: end + 1 }
    value += quote
    at = end + 2
  }
}
