import type { JsonSchema } from '@shared/catalogue'
import { IsDateTime } from 'typebox/format'
import { patternWords } from './pattern-words'
import type { SchemaError } from './schema-error'
import { explained } from './schema-words'

/** What is wrong with a text: its length, its pattern and its format. */
export function stringErrors(schema: JsonSchema, value: string, pointer: string, called: string): SchemaError[] {
  const { minLength, maxLength, pattern } = schema as { minLength?: number; maxLength?: number; pattern?: string }
  if (minLength !== undefined && value.length < minLength)
    return [
      {
        field: pointer,
        keyword: 'minLength',
        message: minLength === 1 ? `${called} is empty` : `${called} needs at least ${minLength} characters`,
        remedy: `Fill in ${called}${explained(schema)}.`,
      },
    ]
  if (maxLength !== undefined && value.length > maxLength)
    return [
      {
        field: pointer,
        keyword: 'maxLength',
        message: `${called} may have at most ${maxLength} characters; it has ${value.length}`,
        remedy: 'Make it shorter.',
      },
    ]
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) {
    const own = schema['x-pattern-words'] as readonly [string, string] | undefined
    const rule = own ?? patternWords.get(pattern)
    return [
      {
        field: pointer,
        keyword: 'pattern',
        message: `${called} ${rule?.[0] ?? `does not have the form ${pattern}`}`,
        remedy: rule?.[1] ?? 'Change it to that form.',
      },
    ]
  }
  if (schema.format === 'uri' && !URL.canParse(value) && !value.includes('{#'))
    return [
      {
        field: pointer,
        keyword: 'format',
        message: `${called} is not an address`,
        remedy: 'Write it such as https://example.com/path.',
      },
    ]
  if (schema.format === 'date-time' && !IsDateTime(value))
    return [
      {
        field: pointer,
        keyword: 'format',
        message: `${called} is not a moment in time (RFC 3339)`,
        remedy: 'Write it such as 2030-01-31T18:00:00Z.',
      },
    ]
  return []
}

/** What is wrong with a number: its bounds, and what it is a multiple of. */
export function numberErrors(schema: JsonSchema, value: number, pointer: string, called: string): SchemaError[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema as Record<
    string,
    number | undefined
  >
  const high =
    (maximum !== undefined && value > maximum) || (exclusiveMaximum !== undefined && value >= exclusiveMaximum)
  const low =
    (minimum !== undefined && value < minimum) || (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
  const error = (keyword: string, bounds: string): SchemaError[] => [
    {
      field: pointer,
      keyword,
      message: `${called} must be ${bounds}; it is ${value}`,
      remedy: `Give a number ${bounds}.`,
    },
  ]
  if (low || high) {
    // The largest number that is exact is a bound of the machine, and tells a person nothing.
    const isBounded = maximum !== undefined && (high || maximum < Number.MAX_SAFE_INTEGER)
    if (minimum !== undefined && isBounded) return error(high ? 'maximum' : 'minimum', `between ${minimum} and ${maximum}`) // prettier-ignore
    const lowest = minimum === undefined ? `more than ${exclusiveMinimum}` : `at least ${minimum}`
    const highest = maximum === undefined ? `less than ${exclusiveMaximum}` : `at most ${maximum}`
    return high ? error('maximum', highest) : error('minimum', lowest)
  }
  // 0.07 / 0.01 is not 7 in floating point.
  const times = multipleOf === undefined ? 0 : value / multipleOf
  return Math.abs(times - Math.round(times)) < 1e-9 ? [] : error('multipleOf', `a multiple of ${multipleOf}`)
}
