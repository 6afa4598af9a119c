import type { FieldError } from '@shared/problem'
import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'

/** Of each schema one: a thousand APIs configure the same few policies tens of thousands of times. */
const validators = new WeakMap<TSchema, Validator>()

function validatorOf(schema: TSchema): Validator {
  let validator = validators.get(schema)
  if (validator === undefined) validators.set(schema, (validator = Compile(schema) as Validator)) // its types are of one schema only
  return validator
}

/** What is wrong with a policy's or resource's configuration by its schema, each with the title that the form shows. */
export function configurationErrors(schema: TSchema, value: unknown, field: string, where: string): FieldError[] {
  const validator = validatorOf(schema)
  if (validator.Check(value)) return []
  return validator.Errors(value).flatMap((error): FieldError[] => {
    const { instancePath, message, keyword, params } = error
    if (keyword === 'required') {
      const { requiredProperties } = params as { requiredProperties: readonly string[] } // of this keyword
      return requiredProperties.map((name) => ({
        field: `${field}${instancePath}/${name}`,
        message: `${where}: ${titleOf(schema, name)} is missing`,
        remedy: 'Fill it in.',
      }))
    }
    const name = instancePath.split('/')[1]
    const called = name === undefined ? 'the configuration' : titleOf(schema, name)
    return [{ field: field + instancePath, message: `${where}: ${called} ${message}`, remedy: 'Correct the value.' }]
  })
}

function titleOf(schema: TSchema, name: string): string {
  const { properties } = schema as { properties?: Record<string, { title?: string }> } // configurations are objects
  return properties?.[name]?.title ?? name
}
