import type { JsonSchema } from './catalogue'
import { parseSecretReference } from './secret-reference'

type Values = Readonly<Record<string, unknown>>

/**
 * Whether a member of a configuration holds a secret: always (`writeOnly`), or by what its siblings say (`x-secret-when`: each of
 * them one of the values). An expression is none, for it only says where to look.
 */
export function holdsSecret(member: JsonSchema, schema: JsonSchema, configuration: Values, name: string): boolean {
  if (member.writeOnly === true) return true
  const when = member['x-secret-when']
  if (typeof when !== 'object' || when === null) return false
  const value = configuration[name]
  // One that was sealed stays one when the siblings change: nobody can read it any more.
  if (parseSecretReference(value)) return true
  if (typeof value === 'string' && value.includes('{#')) return false
  const siblings = (schema.properties ?? {}) as Record<string, JsonSchema>
  return Object.entries(when).every(
    ([key, values]) => Array.isArray(values) && values.includes(configuration[key] ?? siblings[key]?.default),
  )
}
