/** Where an expression stands in a text: from its brace to behind the one that ends it, or to the end where none does. */
export interface ExpressionPlace {
  readonly from: number
  readonly to: number
}

/** A piece of an expression, for its colour. */
export interface ExpressionToken extends ExpressionPlace {
  readonly kind: 'brace' | 'root' | 'text' | 'number' | 'word'
}

/** As the parser has it: any other brace is text. */
const START = /\{\s*(?=[#(!]|T\()/g
const PIECE = /'[^']*'?|"[^"]*"?|#[A-Za-z_]\w*|\d+(?:\.\d+)?|[A-Za-z_]\w*|[{}]/g
const WORDS = new Set(['true', 'false', 'null', 'and', 'or', 'not', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'div', 'mod', 'matches', 'between', 'new', 'T']) // prettier-ignore

export interface ReadExpression {
  readonly place: ExpressionPlace
  /** Whether a brace ends it. */
  readonly closed: boolean
  readonly tokens: readonly ExpressionToken[]
}

/** The expressions of a text, with their pieces, also of one that is still being typed. */
export function expressionsIn(text: string): ReadExpression[] {
  const found: ReadExpression[] = []
  let next = 0
  for (;;) {
    START.lastIndex = next
    const start = START.exec(text)
    if (start === null) return found
    const expression = readFrom(text, start.index)
    found.push(expression)
    next = expression.place.to
  }
}

function readFrom(text: string, from: number): ReadExpression {
  const tokens: ExpressionToken[] = []
  let depth = 0
  PIECE.lastIndex = from
  for (let piece = PIECE.exec(text); piece !== null; piece = PIECE.exec(text)) {
    const [found] = piece
    const place = { from: piece.index, to: piece.index + found.length }
    if (found === '{') depth++
    else if (found === '}') depth--
    const kind = kindOf(found)
    if (kind !== undefined && (kind !== 'brace' || place.from === from || depth === 0)) tokens.push({ ...place, kind })
    if (depth === 0) return { place: { from, to: place.to }, closed: true, tokens }
  }
  return { place: { from, to: text.length }, closed: false, tokens }
}

function kindOf(piece: string): ExpressionToken['kind'] | undefined {
  if (/^['"]/.test(piece)) return 'text'
  if (/^[{}]/.test(piece)) return 'brace'
  if (/^\d/.test(piece)) return 'number'
  if (piece.startsWith('#')) return 'root'
  return WORDS.has(piece) ? 'word' : undefined
}
