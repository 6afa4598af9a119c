import type { JsonSchema } from '@shared/catalogue'
import { tagsOf, withTags } from '@shared/schema-branches'
import { defaultsOf, titled } from './schema'
import { propertiesOf } from './shape'

type Values = Readonly<Record<string, unknown>>

/** What a branch of a union is called. */
export function branchName(branch: JsonSchema, index: number): string {
  if (typeof branch.title === 'string' && branch.title !== '') return branch.title
  const tags = tagsOf(branch).map(({ value }) => String(value))
  if (tags.length > 0) return tags.map((tag) => (tag === '' ? 'None' : titled(tag.toLowerCase()))).join(', ')
  const [type] = [branch.type ?? []].flat() as string[]
  return (type && TYPE_NAMES[type]) ?? `Form ${index + 1}`
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'Text',
  number: 'Number',
  integer: 'Whole number',
  boolean: 'Yes or no',
  object: 'Object',
  array: 'List',
  null: 'Nothing',
}

/**
 * An object as one of another branch: what both branches have, and what no branch knows, goes with it; the rest comes from how that
 * branch was before, or from its defaults. So does what that branch did not know, and the other one takes for its own.
 *
 * @param kept how the value was when it was last of that branch
 */
export function switchBranch(from: JsonSchema, to: JsonSchema, value: Values, kept?: Values): Record<string, unknown> {
  const [mine, theirs] = [propertiesOf(from), propertiesOf(to)]
  const tags = new Set([...tagsOf(from), ...tagsOf(to)].map(({ name }) => name))
  const stays = (name: string) => !tags.has(name) && (!Object.hasOwn(mine, name) || Object.hasOwn(theirs, name))
  const carried = Object.fromEntries(Object.entries(value).filter(([name]) => stays(name)))
  const theirOwn = Object.entries(kept ?? defaultsOf(to)).filter(([name]) =>
    [carried, theirs, mine].some((each) => Object.hasOwn(each, name)),
  )
  return withTags(to, { ...Object.fromEntries(theirOwn), ...carried })
}
