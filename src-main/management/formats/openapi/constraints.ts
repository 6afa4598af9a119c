import { prepareConstraint, type ConstraintType } from '../../../engine/policies/policy-request-validation/constraints'
import { text, type Open } from '../values'
import type { Facets } from './facets'

/** A constraint of the policy that validates requests, with what is told when it is broken. */
export interface Constraint {
  readonly type: ConstraintType
  readonly parameters: readonly string[]
  readonly message: string
}

/** A whole number. */
export const INTEGER = '^-?\\d+$'
/** A number as JSON writes it. */
export const NUMBER = '^-?\\d+(\\.\\d+)?([eE][-+]?\\d+)?$'
/** RFC 3339 §5.6, with a fraction of seconds of any length. */
export const DATE_TIME = '^\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?([Zz]|[-+]\\d{2}:\\d{2})$'
/** RFC 9562 §4. */
export const UUID = '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$'
export const DATE = 'yyyy-MM-dd'
/** More characters than any text that is judged has. */
export const NO_LIMIT = String(2 ** 31 - 1)

/**
 * What the schema of a plain value asks of it, in the words of the policy.
 *
 * @param what the value in words, e.g. `The query parameter limit`
 * @param unchecked told what of the schema the policy cannot check
 */
export function constraintsOf(facets: Facets, what: string, unchecked: (reason: string) => void): Constraint[] {
  const { schema, type } = facets
  const found: Constraint[] = []
  const add: Add = (kind, parameters, message) => {
    if (parameters.some(isExpression)) unchecked('Limits that would be read as expressions')
    else if (typeof prepareConstraint(kind, parameters) === 'string')
      unchecked('Patterns and limits that cannot be used here')
    else found.push({ type: kind, parameters, message: `${literal(what)} ${message}` })
  }
  if (type === 'integer') add('PATTERN', [INTEGER], "is no whole number: '%s'")
  if (type === 'number') add('PATTERN', [NUMBER], "is no number: '%s'")
  if (type === 'boolean') add('ENUM', ['true', 'false'], "is neither true nor false: '%s'")
  if (type === 'integer' || type === 'number') limits(schema, add, unchecked)
  if (type === 'string') texts(schema, add)
  const allowed: unknown = schema.const === undefined ? schema.enum : [schema.const]
  if (Array.isArray(allowed) && type !== 'boolean') {
    const values = allowed.filter((each) => ['string', 'number', 'boolean'].includes(typeof each))
    if (values.length === allowed.filter((each) => each !== null).length && values.length > 0)
      add('ENUM', values.map(String), `is none of the values that are allowed: '%s'`)
    else unchecked('Values that are lists or objects, among those that are allowed')
  }
  if (facets.hasAlternatives) unchecked('Alternatives in schemas (oneOf, anyOf, not)')
  return found
}

type Add = (kind: ConstraintType, parameters: readonly string[], message: string) => void

/** OpenAPI 3.0 says of a limit whether it is exclusive, 3.1 gives another limit. */
function limits(schema: Open, add: Add, unchecked: (reason: string) => void): void {
  const one = schema.type === 'integer' ? 1 : undefined
  for (const [kind, inclusive, exclusive, step, words] of [
    ['MIN', schema.minimum, schema.exclusiveMinimum, 1, 'at least'],
    ['MAX', schema.maximum, schema.exclusiveMaximum, -1, 'at most'],
  ] as const) {
    const bound = typeof exclusive === 'number' ? exclusive : inclusive
    if (typeof bound !== 'number') continue
    const isExclusive = exclusive === true || typeof exclusive === 'number'
    if (isExclusive && one === undefined) {
      unchecked('Limits of numbers that are themselves not allowed')
      continue
    }
    const limit = String(isExclusive ? bound + step : bound)
    add(kind, [limit], `must be ${words} ${limit}, and is '%s'`)
  }
  if (schema.multipleOf !== undefined) unchecked('Multiples of numbers')
}

function texts(schema: Open, add: Add): void {
  const [least, most] = [schema.minLength, schema.maxLength]
  if (typeof least === 'number' || typeof most === 'number') {
    const [from, to] = [
      String(typeof least === 'number' ? least : 0),
      typeof most === 'number' ? String(most) : NO_LIMIT,
    ]
    add(
      'SIZE',
      [from, to],
      to === NO_LIMIT ? `must have at least ${from} characters` : `must have ${from} to ${to} characters`,
    )
  }
  const pattern = text(schema.pattern)
  if (pattern !== undefined) add('PATTERN', [pattern], "does not match its pattern: '%s'")
  const format = text(schema.format)
  if (format === 'email') add('MAIL', [], "is no e-mail address: '%s'")
  if (format === 'date') add('DATE', [DATE], "is no date such as 2026-02-28: '%s'")
  if (format === 'date-time') add('PATTERN', [DATE_TIME], "is no time such as 2026-02-28T12:30:00Z: '%s'")
  if (format === 'uuid') add('PATTERN', [UUID], "is no UUID: '%s'")
}

/** Whether the text would be read as one with an expression in it. */
export const isExpression = (value: string) => /[{$]#|\{[^}]*#|\$\{/.test(value)

/** The text for a message, in which `%` has a meaning. */
export const literal = (value: string) => value.replaceAll('%', '%%')
