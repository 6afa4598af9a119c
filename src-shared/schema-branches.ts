import type { JsonSchema } from './catalogue'

/** The branches of a union; undefined for a schema that is none. Of `oneOf`, too, the first that fits will do: published schemas overlap. */
export function branchesOf(schema: JsonSchema): readonly JsonSchema[] | undefined {
  const branches = schema.oneOf ?? schema.anyOf
  return Array.isArray(branches) && branches.length > 0 ? (branches as JsonSchema[]) : undefined
}

/** Whether a union is a choice of values: every branch is one constant. */
export function isChoice(branches: readonly JsonSchema[]): boolean {
  return branches.every((branch) => 'const' in branch)
}

/**
 * The members by which a branch is told from its siblings, each with the values that it may have there: constants, and enumerations
 * or patterns of members that every sibling has.
 */
export function tagsOf(branch: JsonSchema): { name: string; fits: (value: unknown) => boolean; value: unknown }[] {
  return Object.entries((branch.properties ?? {}) as Record<string, JsonSchema>).flatMap(([name, member]) => {
    if ('const' in member) return [{ name, value: member.const, fits: (value: unknown) => same(value, member.const) }]
    const values = member.enum as unknown[] | undefined
    if (values?.length === 1) return [{ name, value: values[0], fits: (value: unknown) => same(value, values[0]) }]
    return []
  })
}

/** A value with the members that tell that it is of a branch. */
export function withTags(branch: JsonSchema, value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...value, ...Object.fromEntries(tagsOf(branch).map((tag) => [tag.name, tag.value])) }
}

/** Whether what a value says by its tags is what a branch wants; a tag that is not there says nothing. */
export function fitsTags(branch: JsonSchema, value: Readonly<Record<string, unknown>>): boolean {
  const properties = (branch.properties ?? {}) as Record<string, JsonSchema>
  return Object.entries(properties).every(([name, member]) => {
    const is = value[name]
    if (is === undefined) return true
    if ('const' in member) return same(is, member.const)
    if (Array.isArray(member.enum)) return member.enum.some((each) => same(each, is))
    return typeof member.pattern !== 'string' || typeof is !== 'string' || new RegExp(member.pattern, 'u').test(is)
  })
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
