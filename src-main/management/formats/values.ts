import { escapePointer } from '@shared/json-pointer'

/** The members of an object of which nothing is known yet. */
export type Open = Readonly<Record<string, unknown>>

/** A value of a file with the pointer to where it stands. */
export interface Placed<T = unknown> {
  readonly value: T
  readonly at: string
}

export function isObject(value: unknown): value is Open {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The members of what may be an object; none of anything else. */
export function members(value: unknown): Open {
  return isObject(value) ? value : {}
}

/** The entries of what may be a list; none of anything else. */
export function entries(value: unknown, at: string): Placed[] {
  return Array.isArray(value) ? value.map((each: unknown, index) => ({ value: each, at: `${at}/${index}` })) : []
}

/** The objects of what may be a list of them. */
export function objects(value: unknown, at: string): Placed<Open>[] {
  return entries(value, at).flatMap((entry) => (isObject(entry.value) ? [{ value: entry.value, at: entry.at }] : []))
}

/** The text of what may be one, numbers as they are written; undefined for everything else and for an empty one. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

export const child = (at: string, name: string) => `${at}/${escapePointer(name)}`

/** Whether there is nothing to be lost: an empty text, list or object. `false` says something. */
export function isBlank(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return isObject(value) && Object.keys(value).length === 0
}

/** The object without members that are null or undefined, as which Gravitee writes what is not set. */
export function withoutNulls(value: Open): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null && member !== undefined))
}

/** The object without some of its members. */
export function without(value: Open, ...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)))
}

/** `ROUND_ROBIN` → `round-robin`: Gravitee's management writes names in capitals, its definitions do not. */
export const kebab = (value: string) => value.toLowerCase().replaceAll('_', '-')
/** `round-robin` → `ROUND_ROBIN`. */
export const capitals = (value: string) => value.toUpperCase().replaceAll('-', '_')

/** `1 flow`, `3 flows`. */
export const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
