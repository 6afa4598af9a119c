import type { JsonSchema } from '@shared/catalogue'
import { escapePointer } from '@shared/json-pointer'
import { branchesOf, fitsTags, isChoice, tagsOf } from './schema-branches'
import { isShown, type Whole } from './schema-conditions'
import type { SchemaError } from './schema-error'
import { explained, list, nameOf, show, titled } from './schema-words'
import { numberErrors, stringErrors } from './text-and-number-errors'

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

const isSame = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b)
const propertiesOf = (schema: JsonSchema) => objectOf(schema.properties) as Record<string, JsonSchema>
const objectOf = (value: unknown) => (isObject(value) ? value : {})
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
