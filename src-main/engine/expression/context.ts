import type { Root } from '@shared/expressions'

/** A list of values by name that an expression may look into. */
export interface Lookup {
  readonly lookup: (name: string) => unknown
  readonly names: () => readonly string[]
}

/** All that an expression can reach. Each value is asked only when the expression names it. */
export interface ExpressionContext {
  /** @param member '' for a root that has none */
  readonly valueOf: (root: Root, member: string) => unknown
}

export function isLookup(value: unknown): value is Lookup {
  return typeof value === 'object' && value !== null && 'lookup' in value && typeof value.lookup === 'function'
}

/** What is written in a plain object, by name. */
export function lookupIn(values: Readonly<Record<string, unknown>>): Lookup {
  return {
    lookup: (name) => (Object.hasOwn(values, name) ? values[name] : null),
    names: () => Object.keys(values),
  }
}
