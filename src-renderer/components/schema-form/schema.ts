import type { JsonSchema } from '@shared/catalogue'
import { holdsSecret } from '@shared/secret-place'
import type { FieldError } from '@shared/problem'

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
  | 'strings'
  | 'object'
  | 'objects'
  | 'resource'
  | 'json'

/** A member of an object schema, read for drawing. */
export interface Field {
  readonly key: string
  readonly label: string
  readonly help: string | undefined
  readonly required: boolean
  readonly kind: FieldKind
  readonly schema: JsonSchema
  readonly choices: readonly Choice[]
  readonly advanced: boolean
  /** May hold expressions {#…}, or is a condition. */
  readonly expression: boolean | 'condition'
  readonly placeholder: string
}

/** The members of an object schema in their order. */
export function fieldsOf(schema: JsonSchema, value: Readonly<Record<string, unknown>> = {}): Field[] {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>
  const required = new Set((schema.required ?? []) as string[])
  return Object.entries(properties).map(([key, member]) => {
    const choices = choicesOf(member)
    const examples = Array.isArray(member.examples) ? member.examples : []
    return {
      key,
      label: typeof member.title === 'string' ? member.title : titled(key),
      help: typeof member.description === 'string' ? member.description : undefined,
      required: required.has(key),
      kind: member['x-secret-when'] && holdsSecret(member, schema, value, key) ? 'secret' : kindOf(member, choices),
      schema: member,
      choices,
      advanced: member['x-advanced'] === true,
      expression: member['x-expression'] === 'condition' ? 'condition' : member['x-expression'] === true,
      placeholder: examples.length > 0 ? String(examples[0]) : '',
    }
  })
}

function kindOf(schema: JsonSchema, choices: readonly Choice[]): FieldKind {
  if (typeof schema['x-resource'] === 'string') return 'resource'
  if (choices.length > 0) return 'choice'
  switch (schema.type) {
    case 'string':
      if (schema.writeOnly === true) return 'secret'
      return schema.format === 'text' || Number(schema.maxLength ?? 0) > 10_000 ? 'long-text' : 'text'
    case 'number':
    case 'integer':
      return 'number'
    case 'boolean':
      return 'switch'
    case 'object':
      return schema.properties ? 'object' : 'json'
    case 'array': {
      const items = (schema.items ?? {}) as JsonSchema
      if (items.type === 'object' && items.properties) return 'objects'
      return [items.type].flat().includes('string') || choicesOf(items).length > 0 ? 'strings' : 'json'
    }
    default:
      return 'json'
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
  const branches = schema.anyOf as JsonSchema[] | undefined
  if (branches?.length && branches.every((branch) => 'const' in branch))
    return branches.flatMap((branch) => choice(branch.const, branch.title))
  return []
}

/** What a member is, as it stands: its value, or the default of its schema. */
export function valueOf(field: Field, value: Readonly<Record<string, unknown>>): unknown {
  return value[field.key] ?? field.schema.default
}

/** Whether a member is shown, by its `x-condition` on its siblings. */
export function isShown(field: Field, schema: JsonSchema, value: Readonly<Record<string, unknown>>): boolean {
  const condition = field.schema['x-condition']
  if (typeof condition !== 'object' || condition === null) return true
  const siblings = (schema.properties ?? {}) as Record<string, JsonSchema>
  return Object.entries(condition as Record<string, unknown>).every(([key, wanted]) => {
    const is = JSON.stringify(value[key] ?? siblings[key]?.default)
    return Array.isArray(wanted) ? wanted.some((each) => JSON.stringify(each) === is) : JSON.stringify(wanted) === is
  })
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
  return Object.fromEntries(
    fieldsOf(schema).flatMap(({ key, schema: member, kind, required }): [string, unknown][] => {
      if (member.default !== undefined) return [[key, plainCopy(member.default)]]
      return kind === 'object' && required ? [[key, defaultsOf(member)]] : []
    }),
  )
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
