import { ProblemError, type FieldError, type Problem } from '@shared/problem'

/** The input of an operation is not right; each error names its field, by JSON pointer, and what to do. */
export function inputInvalid(errors: readonly FieldError[]): ProblemError {
  const [first] = errors
  return new ProblemError({
    key: 'INPUT_INVALID',
    status: 400,
    title: errors.length === 1 && first ? first.message : `${errors.length} fields are not right`,
    ...(errors.length === 1 && first?.remedy !== undefined ? { remedy: first.remedy } : {}),
    errors: [...errors],
  })
}

/** One field of the input is not right. */
export function fieldInvalid(field: string, message: string, remedy: string): ProblemError {
  return inputInvalid([{ field, message, remedy }])
}

/** What is asked for is not there (any more). */
export function notFound(what: string, id: string): ProblemError {
  return new ProblemError({
    key: `${what.toUpperCase().replaceAll(' ', '_')}_NOT_FOUND`,
    status: 404,
    title: `There is no ${what} with the id ${id}`,
    remedy: 'It may have been deleted meanwhile: look at the list again.',
  })
}

/** What is asked for does not go together with what is there. `field`, when the input has one to mend. */
export function conflict(
  key: string,
  title: string,
  remedy: string,
  more: { readonly detail?: string; readonly field?: string; readonly errors?: readonly FieldError[] } = {},
): ProblemError {
  const errors =
    more.errors ??
    (more.field === undefined ? undefined : [{ field: more.field, message: title, remedy } as FieldError])
  return new ProblemError({
    key,
    status: 409,
    title,
    remedy,
    ...(more.detail === undefined ? {} : { detail: more.detail }),
    ...(errors === undefined ? {} : { errors: [...errors] }),
  })
}

/** What stands behind a confirmation: the name has to be typed as it is. */
export function notConfirmed(what: string, name: string): ProblemError {
  return fieldInvalid(
    '/confirmName',
    `The name does not match: the ${what} is called ${name}`,
    `Type ${name} to confirm that it is to be deleted.`,
  )
}

/** A fault of ours: nothing of the inside is told. */
export const internal: Problem = {
  key: 'INTERNAL',
  status: 500,
  title: 'Something went wrong inside Gatehouse',
  detail: 'What was saved before is safe.',
  remedy: 'Try again; if it stays so, restart Gatehouse and report it.',
}
