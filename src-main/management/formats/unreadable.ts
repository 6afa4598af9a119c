import { ProblemError, type FieldError } from '@shared/problem'

/** Counted from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** `petstore.yaml, line 3, column 5`; `The text` where it has no name. */
export function placeName(fileName: string | undefined, place?: Place): string {
  const file = fileName ?? 'The text'
  return place === undefined ? file : `${file}, line ${place.line}, column ${place.column}`
}

/** What is to be imported cannot be read, or not as an API: nothing of it is taken over. */
export function unreadable(
  fileName: string | undefined,
  message: string,
  remedy: string,
  place?: Place,
  errors?: readonly FieldError[],
): ProblemError {
  const title = `${placeName(fileName, place)}: ${message}`
  return new ProblemError({
    key: 'API_FILE_UNREADABLE',
    status: 400,
    title,
    remedy,
    errors: errors === undefined ? [{ field: '/content', message: title, remedy }] : [...errors],
  })
}
