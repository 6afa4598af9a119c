import type { JsonSchema } from '@shared/catalogue'

/** `signingAlgorithm` → `Signing algorithm`; a list's entry is called by the list. */
export function nameOf(schema: JsonSchema, pointer: string): string {
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

/** What a member is for, in brackets, where its schema says it. */
export const explained = (schema: JsonSchema | undefined) =>
  typeof schema?.description === 'string' ? ` (${schema.description})` : ''
/** A value as a sentence has it. */
export const show = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
export const list = (values: readonly unknown[]) => [...new Set(values.map(show))].join(', ')
