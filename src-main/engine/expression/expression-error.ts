/** An expression that cannot be understood: what is wrong, and at which character. */
export class ExpressionError extends Error {
  constructor(
    readonly text: string,
    /** Offset of the character, from 0. */
    readonly at: number,
    readonly reason: string,
  ) {
    super(`${reason} (character ${at + 1} of ${text})`)
    this.name = 'ExpressionError'
  }
}
