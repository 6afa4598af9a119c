/** A JSON path that cannot be understood: at which character of it, and why. */
export class JsonPathError extends Error {
  constructor(
    /** Offset of the character, from 0. */
    readonly at: number,
    message: string,
  ) {
    super(message)
  }
}

/** Reads a JSON path from left to right. */
export interface PathCursor {
  atEnd(): boolean
  peek(text: string): boolean
  accept(text: string): boolean
  /** With spaces before and after. */
  acceptSpaced(text: string): boolean
  space(): void
  /** A name without quotes; undefined when none stands here. */
  name(): string | undefined
  /** Between quotes, with `\` before what is meant as it is. */
  text(): string
  integer(): number | undefined
  /** What a sticky pattern finds here. */
  match(pattern: RegExp): string | undefined
  fail(reason: string): never
}

const NAME = /[\p{L}_$][\p{L}\p{N}_$-]*/uy
const INTEGER = /-?\d{1,9}/y
const SPACE = /\s*/y

export function createCursor(path: string): PathCursor {
  let at = 0
  const cursor: PathCursor = {
    atEnd: () => at >= path.length,
    peek: (text) => path.startsWith(text, at),
    accept(text) {
      if (!path.startsWith(text, at)) return false
      at += text.length
      return true
    },
    acceptSpaced(text) {
      cursor.space()
      const accepted = cursor.accept(text)
      if (accepted) cursor.space()
      return accepted
    },
    space: () => void cursor.match(SPACE),
    name: () => cursor.match(NAME),
    text() {
      const quote = path[at]
      if (quote !== "'" && quote !== '"') cursor.fail('Here a text in quotes is wanted')
      let value = ''
      for (let i = at + 1; i < path.length; i++) {
        if (path[i] === '\\') value += path[++i] ?? ''
        else if (path[i] === quote) {
          at = i + 1
          return value
        } else value += path[i]
      }
      return cursor.fail('This text has no quote that ends it')
    },
    integer() {
      const digits = cursor.match(INTEGER)
      return digits === undefined ? undefined : Number(digits)
    },
    match(pattern) {
      pattern.lastIndex = at
      const found = pattern.exec(path)?.[0]
      if (found !== undefined) at += found.length
      return found
    },
    fail(reason) {
      throw new JsonPathError(Math.min(at, path.length), reason)
    },
  }
  return cursor
}
