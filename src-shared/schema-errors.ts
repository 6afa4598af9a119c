import type { JsonSchema } from '@shared/catalogue'
import { Application, Branding, DomainPath, ScopeKey, User } from '@shared/domain'
import { ConsoleRequest } from '@shared/console'
import { DictionaryKey } from '@shared/dictionary'
import { escapePointer } from '@shared/json-pointer'
import { branchesOf, fitsTags, isChoice, tagsOf } from './schema-branches'
import { isShown, type Whole } from './schema-conditions'
import type { FieldError } from '@shared/problem'
import { PublicAddress } from '@shared/workspace'
import { IsDateTime } from 'typebox/format'

/** A schema error with the JSON Schema keyword that found it, so that a draft may leave some of them for later. */
export interface SchemaError extends FieldError {
  readonly keyword: string
}

/**
 * What is wrong with a value by a JSON Schema, in plain words with a remedy each. Knows the keywords that our schemas and
 * Gravitee's published ones use; the first error of a value ends the look into it, since those that follow only repeat it. What its
 * `x-condition` hides need not be filled in.
 *
 * @param pointer JSON pointer to the value (RFC 6901)
 */
export function schemaErrors(schema: JsonSchema, value: unknown, pointer: string, label?: string): SchemaError[] {
  return errorsOf(schema, value, { pointer, label, whole: { schema, value } })
}

/** Where a value stands that is looked at. */
interface Place {
  readonly pointer: string
  /** What it is called; by its title or name when undefined. */
  readonly label?: string | undefined
  readonly whole: Whole
}

function errorsOf(schema: JsonSchema, value: unknown, place: Place): SchemaError[] {
  const { pointer } = place
  const called = place.label ?? nameOf(schema, pointer)
  const error = (keyword: string, message: string, remedy: string): SchemaError[] => [
    { field: pointer, keyword, message, remedy },
  ]
  if ('const' in schema && !isSame(value, schema.const))
    return error('const', `${called} must be ${show(schema.const)}`, `Use ${show(schema.const)}.`)
  const choices = schema.enum as unknown[] | undefined
  if (choices && !choices.some((choice) => isSame(choice, value)))
    return error('enum', `${called} must be one of ${list(choices)}`, `Choose one of ${list(choices)}.`)
  const wrong = typedErrors(schema, value, place, called)
  if (wrong.length > 0) return wrong
  return combinedErrors(schema, value, place, called)
}

/** By the type that the schema names; of several by the one that the value has. */
function typedErrors(schema: JsonSchema, value: unknown, place: Place, called: string): SchemaError[] {
  const error = (message: string, remedy: string): SchemaError[] => [
    { field: place.pointer, keyword: 'type', message: `${called} must be ${message}`, remedy },
  ]
  const types = typesOf(schema)
  if (types.length > 1) {
    const type = types.find((each) => hasType(each, value))
    if (type !== undefined) return typedErrors({ ...schema, type }, value, place, called)
    return error(types.map((each) => TYPE_WORDS[each]?.[0] ?? each).join(' or '), 'Give one of these.')
  }
  const [type] = types
  if (type !== undefined && !hasType(type, value)) {
    const [words, remedy] = TYPE_WORDS[type] ?? [type, 'Correct the value.']
    return error(words, remedy)
  }
  if (isObject(value)) return objectErrors(schema, value, place)
  if (Array.isArray(value)) return arrayErrors(schema, value, place, called)
  if (typeof value === 'string') return stringErrors(schema, value, place.pointer, called)
  return typeof value === 'number' ? numberErrors(schema, value, place.pointer, called) : []
}

const TYPE_WORDS: Readonly<Record<string, readonly [string, string]>> = {
  object: ['an object', 'Give an object with named members.'],
  array: ['a list', 'Give a list, in square brackets.'],
  string: ['text', 'Give a text.'],
  integer: ['a whole number', 'Give a whole number.'],
  number: ['a number', 'Give a number.'],
  boolean: ['true or false', 'Give true or false.'],
  null: ['null', 'Give null.'],
}

function hasType(type: string, value: unknown): boolean {
  switch (type) {
    case 'object':
      return isObject(value)
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    case 'number':
      return typeof value === 'number' && Number.isFinite(value)
    case 'null':
      return value === null
    default:
      // string, boolean; what is no type of JSON Schema forbids nothing.
      return type === 'string' || type === 'boolean' ? typeof value === type : true
  }
}

const typesOf = (schema: JsonSchema) => [schema.type ?? []].flat() as string[]

/** By what puts schemas together: unions, all of several, conditions and dependencies. */
function combinedErrors(schema: JsonSchema, value: unknown, place: Place, called: string): SchemaError[] {
  const branches = branchesOf(schema)
  const further = [...((schema.allOf ?? []) as JsonSchema[]), ...applyingSchemas(schema, value)]
  return [
    ...(branches ? unionErrors(branches, value, place, called) : []),
    ...further.flatMap((each) => errorsOf(each, value, { ...place, label: called })),
    ...missingDependents(schema, value, place),
    ...(schema.not !== undefined && errorsOf(schema.not as JsonSchema, value, place).length === 0
      ? [{ field: place.pointer, keyword: 'not', message: `${called} may not be ${show(value)}`, remedy: 'Change it.' }]
      : []),
  ]
}

/** The schemas that a value has to keep to, too, because of what it is: `then` or `else`, and those of members that are there. */
export function applyingSchemas(schema: JsonSchema, value: unknown): JsonSchema[] {
  const applying: unknown[] = []
  if (schema.if !== undefined)
    applying.push(schemaErrors(schema.if as JsonSchema, value, '').length === 0 ? schema.then : schema.else)
  if (isObject(value))
    for (const [name, dependent] of Object.entries({
      ...objectOf(schema.dependencies),
      ...objectOf(schema.dependentSchemas),
    }))
      if (value[name] !== undefined && isObject(dependent)) applying.push(dependent)
  return applying.filter(isObject)
}

function missingDependents(schema: JsonSchema, value: unknown, place: Place): SchemaError[] {
  if (!isObject(value)) return []
  const dependents = { ...objectOf(schema.dependencies), ...objectOf(schema.dependentRequired) }
  return Object.entries(dependents).flatMap(([name, wanted]) =>
    value[name] !== undefined && Array.isArray(wanted)
      ? wanted.flatMap((each: string) => (value[each] === undefined ? [missing(schema, each, place)] : []))
      : [],
  )
}

function missing(schema: JsonSchema, name: string, { pointer }: Place): SchemaError {
  const member = propertiesOf(schema)[name]
  const at = `${pointer}/${escapePointer(name)}`
  const called = nameOf(member ?? {}, at)
  return {
    field: at,
    keyword: 'required',
    message: `${called} is missing`,
    remedy: `Fill in ${called}${explained(member)}.`,
  }
}

/** What an empty value breaks: of a hidden member nobody could mend it. */
const OF_EMPTINESS: readonly string[] = ['required', 'minLength', 'minItems']

function objectErrors(schema: JsonSchema, value: Record<string, unknown>, place: Place): SchemaError[] {
  const properties = propertiesOf(schema)
  const isHidden = (member: JsonSchema) => !isShown(member, schema, value, place.whole)
  const errors: SchemaError[] = []
  for (const name of (schema.required ?? []) as string[])
    if (value[name] === undefined && !isHidden(properties[name] ?? {})) errors.push(missing(schema, name, place))
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue
    const at = { pointer: `${place.pointer}/${escapePointer(name)}`, whole: place.whole }
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (known === undefined) errors.push(...unknownMemberErrors(schema, name, member, at))
    else
      errors.push(
        ...errorsOf(known, member, at).filter(({ keyword }) => !OF_EMPTINESS.includes(keyword) || !isHidden(known)),
      )
  }
  return errors
}

function unknownMemberErrors(schema: JsonSchema, name: string, value: unknown, place: Place): SchemaError[] {
  for (const [pattern, member] of Object.entries(objectOf(schema.patternProperties))) {
    if (new RegExp(pattern, 'u').test(name)) return errorsOf(member as JsonSchema, value, place)
  }
  if (schema.additionalProperties === false) {
    const known = Object.keys((schema.properties ?? {}) as object)
    return [
      {
        field: place.pointer,
        keyword: 'additionalProperties',
        message: `${name} is not a known field`,
        remedy: known.length === 0 ? 'Leave it out.' : `Leave it out. Known are: ${known.join(', ')}.`,
      },
    ]
  }
  return isObject(schema.additionalProperties) ? errorsOf(schema.additionalProperties, value, place) : []
}

function arrayErrors(schema: JsonSchema, value: unknown[], place: Place, called: string): SchemaError[] {
  const { minItems, maxItems, uniqueItems } = schema as { minItems?: number; maxItems?: number; uniqueItems?: boolean }
  const error = (keyword: string, message: string, remedy: string): SchemaError[] => [
    { field: place.pointer, keyword, message: `${called} ${message}`, remedy },
  ]
  if (minItems !== undefined && value.length < minItems)
    return error('minItems', `needs at least ${minItems === 1 ? 'one entry' : `${minItems} entries`}`, 'Add what is missing.') // prettier-ignore
  if (maxItems !== undefined && value.length > maxItems)
    return error('maxItems', `may have at most ${maxItems} entries; it has ${value.length}`, 'Remove some.')
  if (uniqueItems && new Set(value.map((item) => JSON.stringify(item))).size < value.length)
    return error('uniqueItems', 'holds the same entry twice', 'Remove the second.')
  return [
    ...(schema.items === undefined
      ? []
      : value.flatMap((item, index) =>
          errorsOf(schema.items as JsonSchema, item, { pointer: `${place.pointer}/${index}`, whole: place.whole }),
        )),
    ...twiceErrors(schema, value, place.pointer),
  ]
}

/** By `x-unique`: members in which no two entries may be the same. */
function twiceErrors(schema: JsonSchema, value: readonly unknown[], pointer: string): SchemaError[] {
  const members = (schema['x-unique'] ?? []) as string[]
  return members.flatMap((name) => {
    const seen = new Set<string>()
    return value.flatMap((item, index): SchemaError[] => {
      const member = isObject(item) ? item[name] : undefined
      if (member === undefined || member === null) return []
      const key = JSON.stringify(member)
      if (!seen.has(key)) {
        seen.add(key)
        return []
      }
      const field = `${pointer}/${index}/${escapePointer(name)}`
      const called = nameOf(propertiesOf((schema.items ?? {}) as JsonSchema)[name] ?? {}, field)
      return [
        {
          field,
          keyword: 'x-unique',
          message: `${called} is there twice: ${show(member)}`,
          remedy: 'Change one of them.',
        },
      ]
    })
  })
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

function numberErrors(schema: JsonSchema, value: number, pointer: string, called: string): SchemaError[] {
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

/** Of a union the errors of the one branch that was meant, told by its constant members, or the choices there are. */
function unionErrors(branches: readonly JsonSchema[], value: unknown, place: Place, called: string): SchemaError[] {
  const { pointer } = place
  const tried = branches.map((branch) => errorsOf(branch, value, { ...place, label: called }))
  if (tried.some((errors) => errors.length === 0)) return []
  if (isChoice(branches)) {
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
  const isOther = ({ field, keyword }: SchemaError) => field === pointer && (keyword === 'const' || keyword === 'type')
  const meant = tried.filter(
    (errors, index) => !errors.some(isOther) && (!isObject(value) || fitsTags(branches[index]!, value)),
  )
  if (meant.length === 1) return meant[0]!
  const tags = branches.flatMap((branch) => tagsOf(branch))
  const [tag] = tags
  const isTagged = isObject(value) && tag && tags.every(({ name }) => name === tag.name)
  if (isTagged && !tags.some(({ fits }) => fits(value[tag.name]))) {
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
  return fewest(meant.length > 0 ? meant : tried)
}

const fewest = (tried: readonly SchemaError[][]) =>
  tried.reduce((least, errors) => (errors.length < least.length ? errors : least))

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
    patternOf(DictionaryKey),
    ['may hold only small letters, digits and single hyphens between them', 'Use a word such as tenants.'],
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
const isSame = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b)
const propertiesOf = (schema: JsonSchema) => objectOf(schema.properties) as Record<string, JsonSchema>
const objectOf = (value: unknown) => (isObject(value) ? value : {})
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
