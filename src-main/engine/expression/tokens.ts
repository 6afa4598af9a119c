import { ExpressionError } from './expression-error'

export interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'symbol' | 'end'
  readonly value: string
  /** Offset in the whole configured text, for error messages. */
  readonly at: number
}

const SYMBOLS = ['==', '!=', '<=', '>=', '&&', '||', '?.', '?:', '<', '>', '!', '+', '-', '?', ':', '(', ')', '[', ']', '.', ',', '#'] // prettier-ignore

/** Reads tokens from `start` on, up to the `}` that ends the expression; `next` is the offset after it. */
export function tokenize(text: string, start: number): { readonly tokens: readonly Token[]; readonly next: number } {
  const tokens: Token[] = []
  let at = start
  while (at < text.length) {
    const char = text[at]!
    if (/\s/.test(char)) {
      at++
    } else if (char === '}') {
      tokens.push({ kind: 'end', value: '}', at })
      return { tokens, next: at + 1 }
    } else if (char === "'" || char === '"') {
      const { value, next } = quoted(text, at)
      tokens.push({ kind: 'text', value, at })
      at = next
    } else {
      const rest = text.slice(at)
      const word = /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest)?.[0]
      const number = /^\d+(?:\.\d+)?/.exec(rest)?.[0]
      const symbol = SYMBOLS.find((each) => rest.startsWith(each))
      const value = word ?? number ?? symbol
      if (value === undefined) throw new ExpressionError(text, at, `${char} means nothing here`)
      tokens.push({ kind: word ? 'name' : number ? 'number' : 'symbol', value, at })
      at += value.length
    }
  }
  throw new ExpressionError(text, start - 1, 'This { has no } that ends it')
}

/** A doubled quote stands for one quote, as in the Spring expression language. */
function quoted(text: string, start: number): { value: string; next: number } {
  const quote = text[start]!
  let value = ''
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] !== quote) value += text[at]
    else if (text[at + 1] === quote) value += text[at++]
    else return { value, next: at + 1 }
  }
  throw new ExpressionError(text, start, 'This text has no quote that ends it')
}
