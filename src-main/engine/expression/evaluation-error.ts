/** An expression that can be understood, and came to more than a request may cost. The message is a sentence for a person. */
export class EvaluationError extends Error {}

/** Characters that an expression may give: as much as a body that is collected may be. */
export const MAX_TEXT = 10 * 1024 * 1024

/** Entries of a list that an expression makes. */
export const MAX_LIST = 10_000

/** @throws EvaluationError */
export function checkLength(characters: number): void {
  if (characters > MAX_TEXT)
    throw new EvaluationError(`An expression came to a text of more than ${MAX_TEXT.toLocaleString('en')} characters`)
}

/** @throws EvaluationError */
export function checkEntries(count: number): void {
  if (count > MAX_LIST)
    throw new EvaluationError(`An expression came to a list of more than ${MAX_LIST.toLocaleString('en')} entries`)
}
