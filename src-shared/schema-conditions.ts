import type { JsonSchema } from './catalogue'
import { valueAt } from './json-pointer'

type Values = Readonly<Record<string, unknown>>

/** A configuration as a whole, which conditions may look at from anywhere in it, and what is known of where it stands. */
export interface Whole {
  readonly schema: JsonSchema
  readonly value: unknown
  /** What `@…` in a condition means, e.g. the phase of the step. */
  readonly context?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Whether a condition (see catalogue.ts) holds: of a list one alternative, of an alternative every test. What is not there counts by its
 * default.
 *
 * @param schema of the object that the member with the condition stands in
 * @param value that object
 */
export function conditionHolds(condition: unknown, schema: JsonSchema, value: Values, whole: Whole): boolean {
  if (Array.isArray(condition))
    return condition.some((alternative) => conditionHolds(alternative, schema, value, whole))
  if (typeof condition !== 'object' || condition === null) return true
  return Object.entries(condition).every(([key, test]) => testHolds(test, lookUp(key, schema, value, whole)))
}

/** Whether a member is shown, by its `x-condition`. */
export function isShown(member: JsonSchema, schema: JsonSchema, value: Values, whole: Whole): boolean {
  return conditionHolds(member['x-condition'], schema, value, whole)
}

/** Whether a member cannot be changed: always (`readOnly`), or by its `x-disabled-when`. */
export function isDisabled(member: JsonSchema, schema: JsonSchema, value: Values, whole: Whole): boolean {
  const when = member['x-disabled-when']
  return member.readOnly === true || (when !== undefined && conditionHolds(when, schema, value, whole))
}

function testHolds(test: unknown, found: unknown): boolean {
  if (typeof test === 'object' && test !== null && 'not' in test) return !testHolds(test.not, found)
  const is = JSON.stringify(found)
  return Array.isArray(test) ? test.some((each) => JSON.stringify(each) === is) : JSON.stringify(test) === is
}

function lookUp(key: string, schema: JsonSchema, value: Values, { context, ...whole }: Whole): unknown {
  if (key.startsWith('@')) return context?.[key.slice(1)]
  if (key.startsWith('/')) return valueAt(whole.value, key) ?? defaultAt(whole.schema, key)
  return value[key] ?? propertiesOf(schema)[key]?.default
}

function defaultAt(schema: JsonSchema, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<JsonSchema | undefined>((parent, name) => parent && propertiesOf(parent)[name], schema)?.default
}

const propertiesOf = (schema: JsonSchema) => (schema.properties ?? {}) as Record<string, JsonSchema>
