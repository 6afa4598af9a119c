import type { FieldError } from '@shared/problem'
import { schemaErrors } from '@shared/schema-errors'
import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'

/** Of each schema one: a thousand APIs configure the same few policies tens of thousands of times. */
const validators = new WeakMap<TSchema, Validator>()

function validatorOf(schema: TSchema): Validator {
  let validator = validators.get(schema)
  if (validator === undefined) validators.set(schema, (validator = Compile(schema) as Validator)) // its types are of one schema only
  return validator
}

/**
 * What is wrong with a policy's or resource's configuration by its schema, in the same words in which the form tells it.
 *
 * @param where whose configuration it is, to begin each sentence with
 */
export function configurationErrors(schema: TSchema, value: unknown, field: string, where: string): FieldError[] {
  const validator = validatorOf(schema)
  if (validator.Check(value)) return []
  return schemaErrors({ ...schema }, value, field).map(({ keyword, message, ...error }) => ({
    ...error,
    message: `${where}: ${message}`,
    // What belongs into a field stands beside it in the form.
    ...(keyword === 'required' ? { remedy: 'Fill it in.' } : {}),
  }))
}
