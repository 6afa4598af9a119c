import { members, text, type Open } from '../values'
import type { Resolve } from './references'

/** What a schema says of one value, as far as it can be checked by looking at the value as a text. */
export interface Facets {
  readonly type: string | undefined
  readonly isNullable: boolean
  readonly schema: Open
  /** Whether it also offers alternatives, which are not looked at. */
  readonly hasAlternatives: boolean
}

/** Schemas within schemas that are put together: more than any document needs, and a way out of circles. */
const DEEPEST = 8

/** A schema with its references followed and its parts (`allOf`) put together. */
export function facetsOf(value: unknown, resolve: Resolve): Facets {
  const schema = merged(value, resolve, 0)
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).flatMap((each) => text(each) ?? [])
  const named = types.filter((type) => type !== 'null')
  return {
    type: named.length === 1 ? named[0] : named.length === 0 && schema.properties !== undefined ? 'object' : undefined,
    isNullable: schema.nullable === true || types.includes('null'),
    schema,
    hasAlternatives: named.length > 1 || ['oneOf', 'anyOf', 'not', 'if'].some((name) => schema[name] !== undefined),
  }
}

function merged(value: unknown, resolve: Resolve, depth: number): Open {
  const schema = members(resolve(value))
  const parts = Array.isArray(schema.allOf) && depth < DEEPEST ? schema.allOf : []
  return parts
    .map((part: unknown) => merged(part, resolve, depth + 1))
    .reduce<Open>(
      (whole, part) => ({
        ...part,
        ...whole,
        ...(whole.properties === undefined && part.properties === undefined
          ? {}
          : { properties: { ...members(part.properties), ...members(whole.properties) } }),
        ...(whole.required === undefined && part.required === undefined
          ? {}
          : { required: [...names(whole.required), ...names(part.required)] }),
      }),
      Object.fromEntries(Object.entries(schema).filter(([name]) => name !== 'allOf')),
    )
}

/** The texts of what may be a list of them. */
export const names = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []
