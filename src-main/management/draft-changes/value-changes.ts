import type { JsonSchema } from '@shared/catalogue'
import { escapePointer } from '@shared/json-pointer'
import type { DraftChange } from '@shared/operations'
import { parseSecretReference } from '@shared/secret-reference'
import { isSecret } from '../definition/seal-secrets'
import { titled } from '@shared/schema-words'
import { sameContent } from './canonical'

/** Longest value that is shown in a sentence, in characters. */
const SHOWN = 80

/**
 * The differences of two values in words, member by member: any difference gives at least one sentence. Secrets are
 * told as changed and not shown.
 *
 * @param subject what the sentence starts with, e.g. `Resource am-demo: `
 * @param label what the value itself is called
 */
export function valueChanges(
  before: unknown,
  after: unknown,
  path: string,
  subject: string,
  label: string,
  schema?: JsonSchema,
): DraftChange[] {
  if (sameContent(before, after)) return []
  if (isPlainObject(before) && isPlainObject(after)) {
    const properties = (schema?.properties ?? {}) as Record<string, JsonSchema>
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
      const member = Object.hasOwn(properties, name) ? properties[name] : undefined
      const called = typeof member?.title === 'string' ? member.title : titled(name)
      return valueChanges(before[name], after[name], `${path}/${escapePointer(name)}`, subject, called, member)
    })
  }
  if (isSecret(schema) || isReference(before) || isReference(after)) {
    const verb = isUnset(before) ? 'set' : isUnset(after) ? 'cleared' : 'changed'
    return [{ path, sentence: `${subject}${label} ${verb}` }]
  }
  return [
    {
      path,
      sentence: `${subject}${label} ${verbPhrase(before, after)}`,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
  ]
}

/** `changed from 3000 to 5000`, `set to read, write`, `turned on`, `cleared; it was x`. */
function verbPhrase(before: unknown, after: unknown): string {
  if (after === true && !before) return 'turned on'
  if (after === false && before === true) return 'turned off'
  const [was, is] = [shown(before), shown(after)]
  if (isUnset(before)) return is === undefined ? 'set' : `set to ${is}`
  if (isUnset(after)) return was === undefined ? 'cleared' : `cleared; it was ${was}`
  return was === undefined || is === undefined ? 'changed' : `changed from ${was} to ${is}`
}

/** A value for a sentence; undefined when it is too long or too deep to be read in one. */
function shown(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    const items = value.map(shown)
    return items.includes(undefined) || items.length === 0 ? undefined : short(items.join(', '))
  }
  if (typeof value === 'string') return value.includes('\n') ? undefined : short(value)
  return typeof value === 'object' || value === undefined ? undefined : short(String(value))
}

const short = (text: string) => (text.length > SHOWN ? undefined : text)
const isReference = (value: unknown) => parseSecretReference(value) !== undefined
const isUnset = (value: unknown) =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
