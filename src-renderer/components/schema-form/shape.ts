import type { JsonSchema } from '@shared/catalogue'
import { branchesOf, fitsTags, isChoice, tagsOf } from '@shared/schema-branches'
import { applyingSchemas, schemaErrors } from '@shared/schema-errors'

type Values = Readonly<Record<string, unknown>>

/** The members of an object as its value has them now. */
export interface Shape {
  readonly properties: Readonly<Record<string, JsonSchema>>
  readonly required: ReadonlySet<string>
  /** Of a union that a person chooses a branch of; undefined where a member that is there anyhow says which is meant. */
  readonly branches: readonly JsonSchema[] | undefined
}

/** An object's own members, and those that conditions, dependencies and branches told by its members add. */
export function shapeOf(schema: JsonSchema, value: Values): Shape {
  return shapeWithin({ properties: {}, required: new Set(), branches: undefined }, schema, value)
}

/** @param around what is known of the object without this schema */
function shapeWithin(around: Shape, schema: JsonSchema, value: Values): Shape {
  const own = merge(around, { properties: propertiesOf(schema), required: requiredOf(schema), branches: undefined })
  const further = [...((schema.allOf ?? []) as JsonSchema[]), ...applyingSchemas(schema, value)]
  const shape = further.reduce((before, each) => shapeWithin(before, each, value), own)
  const branches = branchesOf(schema)
  if (!branches || isChoice(branches)) return shape
  if (!isChosenByHand(branches, shape)) {
    const meant = branches[meantBranch(branches, value)]
    return meant ? shapeWithin(shape, meant, value) : shape
  }
  return { ...shape, branches }
}

/** A branch is chosen by hand when it brings members, and no member that is there anyhow tells it from the others. */
function isChosenByHand(branches: readonly JsonSchema[], { properties }: Shape): boolean {
  const isThere = (name: string) => Object.hasOwn(properties, name)
  const tags = branches.map((branch) => tagsOf(branch))
  if (tags.every((of) => of.length > 0 && of.every(({ name }) => isThere(name)))) return false
  return branches.some((branch) => Object.keys(propertiesOf(branch)).some((name) => !isThere(name)))
}

function merge(before: Shape, more: Shape): Shape {
  const properties: Record<string, JsonSchema> = { ...before.properties }
  for (const [name, member] of Object.entries(more.properties)) {
    const known = properties[name]
    // A branch says by a constant when it is meant: that is no form of the member itself.
    if (known === undefined) properties[name] = member
    else if (tagsOf({ properties: { [name]: member } }).length === 0) properties[name] = { ...known, ...member }
  }
  return {
    properties,
    required: new Set([...before.required, ...more.required]),
    branches: before.branches ?? more.branches,
  }
}

/** Index of the branch that a value is of: by its tags, then by what is wrong with it there, then by what the branch does not know of it. */
export function meantBranch(branches: readonly JsonSchema[], value: unknown): number {
  const faults = branches.map((branch) => {
    const errors = schemaErrors(branch, value ?? {}, '').length
    if (!isObject(value)) return errors * 100
    const unknown = Object.keys(value).filter((name) => !Object.hasOwn(propertiesOf(branch), name))
    return (fitsTags(branch, value) ? 0 : 100_000) + errors * 100 + unknown.length
  })
  return faults.indexOf(Math.min(...faults))
}

export const propertiesOf = (schema: JsonSchema) => (schema.properties ?? {}) as Record<string, JsonSchema>
export const requiredOf = (schema: JsonSchema) => new Set((schema.required ?? []) as string[])
const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
