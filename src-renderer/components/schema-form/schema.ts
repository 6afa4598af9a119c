import type { JsonSchema } from '@shared/catalogue'
import { holdsSecret } from '@shared/secret-place'
import type { FieldError } from '@shared/problem'
import { branchesOf, isChoice, withTags } from '@shared/schema-branches'
import { shapeOf } from './shape'

/** One answer of a choice, with what it is called. */
export interface Choice {
  readonly value: string | number | boolean
  readonly label: string
}

/** How a member of a configuration is drawn. */
export type FieldKind =
  | 'text'
  | 'long-text'
  | 'secret'
  | 'number'
  | 'switch'
  | 'choice'
  | 'choices'
  | 'words'
  | 'object'
  | 'list'
  | 'map'
  | 'union'
  | 'resource'
  | 'json'

/** A member of an object schema, read for drawing. */
export interface Field {
  readonly key: string
  readonly label: string
  readonly help: string | undefined
  /** What to know before filling it in. */
  readonly note: string | undefined
  readonly required: boolean
  readonly kind: FieldKind
  readonly schema: JsonSchema
  readonly choices: readonly Choice[]
  readonly advanced: boolean
  /** May hold expressions {#…}, or is a condition. */
  readonly expression: boolean | 'condition'
  readonly placeholder: string
}

/** The members of an object schema in their order, as they are for a value. */
export function fieldsOf(schema: JsonSchema, value: Values = {}): Field[] {
  const { properties, required } = shapeOf(schema, value)
  return Object.entries(properties).flatMap(([key, member]): Field[] => {
    // What can be but one value is nothing to choose; what is given up is shown while it is there.
    if ('const' in member || (isDeprecated(member) && value[key] === undefined)) return []
    const field = fieldOf(key, member, required.has(key), value[key])
    return [member['x-secret-when'] && holdsSecret(member, schema, value, key) ? { ...field, kind: 'secret' } : field]
  })
}

type Values = Readonly<Record<string, unknown>>

/** One member or entry, read for drawing. */
export function fieldOf(key: string, schema: JsonSchema, required: boolean, value: unknown): Field {
  const member = withoutNull(schema)
  const choices = choicesOf(member)
  const kind = kindOf(member, choices)
  const examples = Array.isArray(member.examples) ? member.examples : []
  const label = typeof member.title === 'string' ? member.title : titled(key)
  return {
    key,
    label: isDeprecated(member) ? `${label} (deprecated)` : label,
    help: typeof member.description === 'string' ? member.description : undefined,
    note: typeof member['x-note'] === 'string' ? member['x-note'] : undefined,
    required,
    kind: holds(kind, value) ? kind : 'json',
    schema: member,
    choices,
    advanced: member['x-advanced'] === true || isDeprecated(member),
    expression: member['x-expression'] === 'condition' ? 'condition' : member['x-expression'] === true,
    placeholder: examples.length > 0 ? String(examples[0]) : '',
  }
}

const isDeprecated = ({ deprecated }: JsonSchema) => deprecated === true || deprecated === 'true'
const typesOf = (schema: JsonSchema) => ([schema.type ?? []].flat() as string[]).filter((type) => type !== 'null')

/** The schema of what stands there when it is not null. */
function withoutNull(schema: JsonSchema): JsonSchema {
  const branches = branchesOf(schema)
  const others = branches?.filter(({ type }) => type !== 'null') ?? []
  if (!branches || others.length === branches.length) return schema
  const { anyOf: _any, oneOf: _one, ...beside } = schema
  return others.length === 1 ? { ...others[0], ...beside } : { ...beside, anyOf: others }
}

function kindOf(schema: JsonSchema, choices: readonly Choice[]): FieldKind {
  if (typeof schema['x-resource'] === 'string') return 'resource'
  if (choices.length > 0) return 'choice'
  const [type = isObjectSchema(schema) ? 'object' : undefined, other] = typesOf(schema)
  const branches = branchesOf(schema)
  if (other !== undefined) return isNumeric(type) && isNumeric(other) ? 'number' : 'json'
  if (branches && type !== 'object') return branches.every(isObjectSchema) ? 'object' : 'union'
  switch (type) {
    case 'string':
      if (schema.writeOnly === true) return 'secret'
      return schema.format === 'text' || schema['x-language'] !== undefined || Number(schema.maxLength ?? 0) > 10_000
        ? 'long-text'
        : 'text'
    case 'number':
    case 'integer':
      return 'number'
    case 'boolean':
      return 'switch'
    case 'object':
      if (isObjectSchema(schema)) return 'object'
      return isMap(schema) ? 'map' : 'json'
    case 'array':
      return listKind(schema)
    default:
      return 'json'
  }
}

const isNumeric = (type: string | undefined) => type === 'number' || type === 'integer'

/** Whether something is drawn for each of its members. */
function isObjectSchema(schema: JsonSchema): boolean {
  return (
    schema.properties !== undefined ||
    (schema.type === 'object' && ['allOf', 'oneOf', 'anyOf', 'if'].some((name) => schema[name] !== undefined))
  )
}

/** Whether its members are named by the person. */
export function isMap({ additionalProperties, patternProperties }: JsonSchema): boolean {
  const isSchema = (of: unknown) => typeof of === 'object' && of !== null && Object.keys(of).length > 0
  return isSchema(additionalProperties) || isSchema(patternProperties)
}

/** Of a map the schema of one value, by its name. */
export function valueSchema({ additionalProperties, patternProperties }: JsonSchema, name: string): JsonSchema {
  const patterns = Object.entries((patternProperties ?? {}) as Record<string, JsonSchema>)
  const matching = patterns.find(([pattern]) => new RegExp(pattern, 'u').test(name)) ?? patterns[0]
  const others = additionalProperties as JsonSchema | boolean | undefined
  return matching?.[1] ?? (typeof others === 'object' ? others : {})
}

function listKind(schema: JsonSchema): FieldKind {
  const items = (schema.items ?? {}) as JsonSchema
  if (Array.isArray(schema.items)) return 'json'
  if (schema['x-scopes'] === true || schema['x-words'] === true) return 'words'
  return choicesOf(items).length > 0 ? 'choices' : 'list'
}

/** Whether what stands there can be drawn that way; else it is shown as JSON, so that nothing of it is lost. */
function holds(kind: FieldKind, value: unknown): boolean {
  if (value === undefined || value === null) return true
  switch (kind) {
    case 'text':
    case 'long-text':
    case 'secret':
    case 'resource':
      return typeof value === 'string'
    case 'number':
      return typeof value === 'number' || typeof value === 'string'
    case 'switch':
      return typeof value === 'boolean'
    case 'choice':
      return typeof value !== 'object'
    case 'choices':
      return Array.isArray(value) && value.every((each) => typeof each !== 'object')
    case 'words':
      return Array.isArray(value) && value.every((each) => typeof each === 'string' || each === null)
    case 'list':
      return Array.isArray(value)
    case 'object':
    case 'map':
      return typeof value === 'object' && !Array.isArray(value)
    default:
      return true
  }
}

/** The values of an enum, of a union of constants or of one constant, with their labels. */
export function choicesOf(schema: JsonSchema): Choice[] {
  const labels = (schema['x-enum-labels'] ?? {}) as Record<string, string>
  const choice = (value: unknown, title?: unknown): Choice[] =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? [{ value, label: labels[String(value)] ?? (typeof title === 'string' ? title : String(value)) }]
      : []
  if (Array.isArray(schema.enum)) return schema.enum.flatMap((value) => choice(value))
  const branches = branchesOf(schema)
  if (branches && isChoice(branches)) return branches.flatMap((branch) => choice(branch.const, branch.title))
  return []
}

/** What a member is, as it stands: its value, or the default of its schema. */
export function valueOf(field: Field, value: Readonly<Record<string, unknown>>): unknown {
  return value[field.key] ?? field.schema.default
}

/**
 * The value with one member set; undefined takes the member out. An empty text takes it out too, unless its schema has a
 * default that would then come back.
 */
export function withMember(
  value: Readonly<Record<string, unknown>>,
  key: string,
  member: unknown,
  schema?: JsonSchema,
): Record<string, unknown> {
  const { [key]: _before, ...others } = value
  if (member === undefined || (member === '' && schema?.default === undefined)) return others
  return key in value
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, name === key ? member : each]))
    : { ...others, [key]: member }
}

/** A value for a schema with everything that has a default filled in; what has none is left to the person. */
export function defaultsOf(schema: JsonSchema): Record<string, unknown> {
  const { properties, required, branches } = shapeOf(schema, {})
  const own = Object.entries(properties).flatMap(([key, member]): [string, unknown][] => {
    if ('const' in member) return [[key, member.const]]
    if (isDeprecated(member)) return []
    if (member.default !== undefined) return [[key, plainCopy(member.default)]]
    return required.has(key) && fieldOf(key, member, true, undefined).kind === 'object'
      ? [[key, defaultsOf(member)]]
      : []
  })
  const [first] = branches ?? []
  return { ...Object.fromEntries(own), ...(first ? withTags(first, defaultsOf(first)) : {}) }
}

/** What an entry of a list, or a value of a map, is at first. */
export function startOf(schema: JsonSchema): unknown {
  if (schema.default !== undefined) return plainCopy(schema.default)
  const { kind, choices } = fieldOf('', schema, true, undefined)
  switch (kind) {
    case 'object':
      return defaultsOf(schema)
    case 'map':
      return {}
    case 'list':
    case 'words':
    case 'choices':
      return []
    case 'switch':
      return false
    case 'choice':
      return choices[0]?.value
    case 'number':
      return typeof schema.minimum === 'number' ? schema.minimum : 0
    case 'union':
      return startOf(branchesOf(schema)?.[0] ?? {})
    case 'json':
      return null
    default:
      return ''
  }
}

/** A list of choices with one of them taken in or out: in the order of the choices where they were so before. */
export function chosenOf(
  choices: readonly Choice[],
  list: readonly unknown[],
  choice: unknown,
  on: boolean,
): unknown[] {
  if (!on) return list.filter((each) => each !== choice)
  const order = choices.map(({ value }) => value as unknown)
  const rank = (each: unknown) => order.indexOf(each)
  const isSorted = list.every((each, at) => at === 0 || rank(list[at - 1]) <= rank(each))
  const chosen = [...list, choice]
  return isSorted ? chosen.toSorted((a, b) => rank(a) - rank(b)) : chosen
}

/** An object with a member under another name, in its place. */
export function renamed(value: Values, name: string, to: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key === name ? to : key, member]))
}

/** A name for a new member: `name`, or `name-2` when that is taken. */
export function freeKey(taken: readonly string[]): string {
  let number = 1
  const name = () => (number === 1 ? 'name' : `name-${number}`)
  while (taken.includes(name())) number += 1
  return name()
}

/** What is wrong with the value at a pointer itself; of a list also what is wrong with its plain entries. */
export function errorAt(errors: readonly FieldError[], pointer: string, withEntries = false): string | undefined {
  const error = errors.find(
    ({ field }) =>
      field === pointer ||
      (withEntries && field.startsWith(`${pointer}/`) && /^\d+$/.test(field.slice(pointer.length + 1))),
  )
  return error && [error.message, error.remedy].filter(Boolean).join('. ').replaceAll('..', '.')
}

/** Whether the text is an expression or holds one. */
export function isExpression(value: unknown): boolean {
  return typeof value === 'string' && value.includes('{#')
}

/** `requiredScopes` → `Required scopes`. */
export function titled(name: string): string {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/[-_]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1).replaceAll(/ [A-Z](?=[a-z])/g, (word) => word.toLowerCase())
}

/** A copy of plain data; of reactive data too, which structuredClone refuses. */
export function plainCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T // JSON in, JSON out
}
