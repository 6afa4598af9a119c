import type { FieldError } from '@shared/problem'

/** A schema error with the JSON Schema keyword that found it, so that a draft may leave some of them for later. */
export interface SchemaError extends FieldError {
  readonly keyword: string
}
