import type { JsonSchema } from '@shared/catalogue'
import { Application, Branding, DomainPath, ScopeKey, User } from '@shared/domain'
import { ConsoleRequest } from '@shared/console'
import { escapePointer } from '@shared/json-pointer'
import type { FieldError } from '@shared/problem'
import { PublicAddress } from '@shared/workspace'
import { IsDateTime } from 'typebox/format'

/** A schema error with the JSON Schema keyword that found it, so that a draft may leave some of them for later. */
export interface SchemaError extends FieldError {
  readonly keyword: string
}

/**
 * What is wrong with a value by a JSON Schema, in plain words with a remedy each. Knows the keywords that our schemas
 * use; the first error of a value ends the look into it, since those that follow only repeat it.
 *
 * @param pointer JSON pointer to the value (RFC 6901)
 */
export function schemaErrors(schema: JsonSchema, value: unknown, pointer: string, label?: string): SchemaError[] {
  const called = label ?? nameOf(schema, pointer)
  const error = (keyword: string, message: string, remedy: string): SchemaError[] => [
    { field: pointer, keyword, message, remedy },
  ]
  const branches = schema.anyOf as JsonSchema[] | undefined
  if (branches) return unionErrors(branches, value, pointer, called)

  if ('const' in schema && value !== schema.const)
    return error('const', `${called} must be ${show(schema.const)}`, `Use ${show(schema.const)}.`)
  const choices = schema.enum as unknown[] | undefined
  if (choices && !choices.includes(value))
    return error('enum', `${called} must be one of ${list(choices)}`, `Choose one of ${list(choices)}.`)

  switch (schema.type) {
    case 'object':
      if (!isObject(value)) return error('type', `${called} must be an object`, 'Give an object with named members.')
      return objectErrors(schema, value, pointer)
    case 'array':
      if (!Array.isArray(value)) return error('type', `${called} must be a list`, 'Give a list, in square brackets.')
      return arrayErrors(schema, value, pointer, called)
    case 'string':
      if (typeof value !== 'string') return error('type', `${called} must be text`, 'Give a text.')
      return stringErrors(schema, value, pointer, called)
    case 'integer':
      if (!Number.isInteger(value)) return error('type', `${called} must be a whole number`, 'Give a whole number.')
      return numberErrors(schema, value as number, pointer, called)
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value))
        return error('type', `${called} must be a number`, 'Give a number.')
      return numberErrors(schema, value, pointer, called)
    case 'boolean':
      return typeof value === 'boolean' ? [] : error('type', `${called} must be true or false`, 'Give true or false.')
    case 'null':
      return value === null ? [] : error('type', `${called} must be null`, 'Give null.')
    default:
      return []
  }
}

function objectErrors(schema: JsonSchema, value: Record<string, unknown>, pointer: string): SchemaError[] {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>
  const at = (name: string) => `${pointer}/${escapePointer(name)}`
  const errors: SchemaError[] = []
  for (const name of (schema.required ?? []) as string[]) {
    if (value[name] !== undefined) continue
    const called = nameOf(properties[name] ?? {}, at(name))
    errors.push({
      field: at(name),
      keyword: 'required',
      message: `${called} is missing`,
      remedy: `Fill in ${called}${explained(properties[name])}.`,
    })
  }
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (known) errors.push(...schemaErrors(known, member, at(name)))
    else errors.push(...unknownMemberErrors(schema, name, member, at(name)))
  }
  return errors
}

function unknownMemberErrors(schema: JsonSchema, name: string, value: unknown, pointer: string): SchemaError[] {
  for (const [pattern, member] of Object.entries((schema.patternProperties ?? {}) as Record<string, JsonSchema>)) {
    if (new RegExp(pattern).test(name)) return schemaErrors(member, value, pointer)
  }
  if (schema.additionalProperties === false) {
    const known = Object.keys((schema.properties ?? {}) as object)
    return [
      {
        field: pointer,
        keyword: 'additionalProperties',
        message: `${name} is not a known field`,
        remedy: known.length === 0 ? 'Leave it out.' : `Leave it out. Known are: ${known.join(', ')}.`,
      },
    ]
  }
  return isObject(schema.additionalProperties) ? schemaErrors(schema.additionalProperties, value, pointer) : []
}

function arrayErrors(schema: JsonSchema, value: unknown[], pointer: string, called: string): SchemaError[] {
  const { minItems, maxItems, uniqueItems } = schema as { minItems?: number; maxItems?: number; uniqueItems?: boolean }
  if (minItems !== undefined && value.length < minItems)
    return [
      {
        field: pointer,
        keyword: 'minItems',
        message: `${called} needs at least ${minItems === 1 ? 'one entry' : `${minItems} entries`}`,
        remedy: 'Add what is missing.',
      },
    ]
  if (maxItems !== undefined && value.length > maxItems)
    return [
      {
        field: pointer,
        keyword: 'maxItems',
        message: `${called} may have at most ${maxItems} entries; it has ${value.length}`,
        remedy: 'Remove some.',
      },
    ]
  if (uniqueItems && new Set(value.map((item) => JSON.stringify(item))).size < value.length)
    return [
      {
        field: pointer,
        keyword: 'uniqueItems',
        message: `${called} holds the same entry twice`,
        remedy: 'Remove the second.',
      },
    ]
  const items = schema.items as JsonSchema | undefined
  return items ? value.flatMap((item, index) => schemaErrors(items, item, `${pointer}/${index}`)) : []
}

function stringErrors(schema: JsonSchema, value: string, pointer: string, called: string): SchemaError[] {
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
    const rule = patternWords.get(pattern)
    return [
      {
        field: pointer,
        keyword: 'pattern',
        message: `${called} ${rule?.[0] ?? `does not have the form ${pattern}`}`,
        remedy: rule?.[1] ?? 'Change it to that form.',
      },
    ]
  }
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

function numberErrors(schema: JsonSchema, value: number, pointer: string, called: string): SchemaError[] {
  const { minimum, maximum, exclusiveMinimum } = schema as Record<string, number | undefined>
  const low = minimum !== undefined && value < minimum
  const high = maximum !== undefined && value > maximum
  if (!low && !high && !(exclusiveMinimum !== undefined && value <= exclusiveMinimum)) return []
  const bounds =
    minimum !== undefined && maximum !== undefined
      ? `between ${minimum} and ${maximum}`
      : maximum !== undefined && high
        ? `at most ${maximum}`
        : minimum !== undefined
          ? `at least ${minimum}`
          : `more than ${exclusiveMinimum}`
  return [
    {
      field: pointer,
      keyword: high ? 'maximum' : 'minimum',
      message: `${called} must be ${bounds}; it is ${value}`,
      remedy: `Give a number ${bounds}.`,
    },
  ]
}

/** Of a union the errors of the one branch that was meant, told by its constant members, or the choices there are. */
function unionErrors(branches: JsonSchema[], value: unknown, pointer: string, called: string): SchemaError[] {
  const tried = branches.map((branch) => schemaErrors(branch, value, pointer, called))
  if (tried.some((errors) => errors.length === 0)) return []
  if (branches.every((branch) => 'const' in branch)) {
    const choices = list(branches.map((branch) => branch.const))
    return [
      {
        field: pointer,
        keyword: 'enum',
        message: `${called} must be one of ${choices}`,
        remedy: `Choose one of ${choices}.`,
      },
    ]
  }
  const meant = tried.filter((errors) => !errors.some(({ keyword }) => keyword === 'const' || keyword === 'type'))
  if (meant.length === 1) return meant[0]!
  const tags = branches.flatMap((branch) => tagsOf(branch))
  const [tag] = tags
  if (isObject(value) && tag && tags.every(({ name }) => name === tag.name)) {
    const choices = list(tags.map((each) => each.value))
    return [
      {
        field: `${pointer}/${escapePointer(tag.name)}`,
        keyword: 'enum',
        message: `${titled(tag.name)} must be one of ${choices}`,
        remedy: `Choose one of ${choices}.`,
      },
    ]
  }
  return tried.reduce((fewest, errors) => (errors.length < fewest.length ? errors : fewest))
}

function tagsOf(branch: JsonSchema): { name: string; value: unknown }[] {
  return Object.entries((branch.properties ?? {}) as Record<string, JsonSchema>).flatMap(([name, member]) =>
    'const' in member ? [{ name, value: member.const }] : [],
  )
}

/** What a pattern of the contract or of a configuration means: how a value that breaks it reads, and what to do. */
export const patternWords: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['\\S', ['holds nothing but spaces', 'Type a name.']],
  ['^/', ['must start with a slash', 'Put a / in front.']],
  ['^https?://', ['must start with http:// or https://', 'Give an address such as http://localhost:8092.']],
  [
    patternOf(PublicAddress),
    [
      'must be http:// or https:// with a host, and nothing behind its port',
      'Give an address such as https://login.example.com.',
    ],
  ],
  ['^[^\\s/?#]+$', ['may hold neither spaces nor /, ? or #', 'Use a word such as demo.']],
  [
    patternOf(ScopeKey),
    ['may hold neither spaces, quotes nor backslashes, and only ASCII (RFC 6749 §3.3)', 'Use a word such as read.'],
  ],
  [
    patternOf(DomainPath),
    [
      'may hold only small letters, digits and hyphens, and no hyphen at either end',
      'Use a word such as demo or my-domain.',
    ],
  ],
  [
    patternOf(Application.properties.clientId),
    ['may hold neither spaces nor anything but ASCII characters', 'Use letters, digits and signs, such as my-app.'],
  ],
  [
    patternOf(User.properties.username),
    ['holds control characters, or nothing but spaces', 'Type a name such as ada or ada@example.org.'],
  ],
  [
    patternOf(Branding.properties.logo),
    ['is not a picture as a data: address in Base64', 'Give a PNG, JPEG, WebP or SVG, as data:image/png;base64,…'],
  ],
  [patternOf(Branding.properties.color), ['is not a colour', 'Give six hexadecimal digits, such as #284bdb.']],
  [patternOf(ConsoleRequest.properties.method), ['is not an HTTP method', 'Use GET, POST or the like.']],
])

/** TypeBox keeps a text's options on the schema, but not in its type. */
function patternOf(schema: object): string {
  return 'pattern' in schema ? String(schema.pattern) : ''
}

/** `signingAlgorithm` → `Signing algorithm`; a list's entry is called by the list. */
function nameOf(schema: JsonSchema, pointer: string): string {
  if (typeof schema.title === 'string') return schema.title
  const parts = pointer.split('/').slice(1)
  if (parts.length === 0) return 'The input'
  const last = parts.at(-1)!
  const list = /^\d+$/.test(last) ? parts.findLast((part) => !/^\d+$/.test(part)) : undefined
  return list === undefined ? titled(last) : `Entry ${Number(last) + 1} of ${list}`
}

/** `signingAlgorithm` → `Signing algorithm`. */
export function titled(name: string): string {
  const words = name.replaceAll('~1', '/').replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
  return words.charAt(0).toUpperCase() + words.slice(1).replaceAll(/ [A-Z](?=[a-z])/g, (word) => word.toLowerCase())
}

const explained = (schema: JsonSchema | undefined) =>
  typeof schema?.description === 'string' ? ` (${schema.description})` : ''
const show = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
const list = (values: readonly unknown[]) => [...new Set(values.map(show))].join(', ')
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
