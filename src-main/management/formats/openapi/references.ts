import { valueAt } from '@shared/json-pointer'
import type { Notes } from '../notes'
import { isObject, type Open } from '../values'

/** References that lead to references: more than any document needs, and a way out of those that lead in a circle. */
const LONGEST_CHAIN = 20

/** What stands behind a `$ref`, or the value itself; nothing where it leads out of the document or nowhere. */
export type Resolve = (value: unknown) => unknown

/** Follows references within the document only: nothing is ever fetched. Told once for each that is not followed. */
export function createResolve(document: Open, notes: Notes): Resolve {
  const told = new Set<string>()
  const tell = (reference: string, why: string, remedy: string) => {
    if (told.has(reference)) return
    told.add(reference)
    notes.add('dropped', '', `What ${reference} refers to: ${why}`, remedy)
  }
  return (value) => {
    let current = value
    for (let step = 0; step < LONGEST_CHAIN; step++) {
      if (!isObject(current) || typeof current.$ref !== 'string') return current
      const reference = current.$ref
      if (!reference.startsWith('#')) {
        tell(reference, 'it stands in another document', 'Put all into one document (bundle it), and import that.')
        return undefined
      }
      current = valueAt(document, decoded(reference.slice(1)))
      if (current === undefined) {
        tell(reference, 'it is not there', 'Correct the reference.')
        return undefined
      }
    }
    tell(isObject(value) ? String(value.$ref) : '', 'it leads in a circle', 'Correct the reference.')
    return undefined
  }
}

/** RFC 6901 §6: a pointer in a fragment is percent-encoded. */
function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}
