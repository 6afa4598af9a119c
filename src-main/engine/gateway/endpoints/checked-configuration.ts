import type { Configuration } from '@shared/api-definition'
import type { FieldError } from '@shared/problem'
import type { TSchema } from 'typebox'
import { configurationErrors } from '../configuration-errors'

/**
 * A configuration by its schema; undefined when it is wrong, with what is wrong among `errors`. What is null is not there, as
 * Gravitee writes it.
 *
 * @param of whose it is, to begin a sentence with
 */
export function checkedConfiguration<T>(
  schema: TSchema,
  configuration: Configuration,
  at: string,
  of: string,
  errors: FieldError[],
): T | undefined {
  const value = withoutNulls(configuration)
  const wrong = configurationErrors(schema, value, at, of)
  errors.push(...wrong)
  return wrong.length > 0 ? undefined : (value as T) // the schema holds
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) =>
      member === null || (name === 'type' && member === '') ? [] : [[name, withoutNulls(member)]],
    ),
  )
}
