import { readFileSync } from 'node:fs'
import type { Adapter } from 'lowdb'
import { isMissing, writeDurably } from './durable-file'
import { createOrdering, fingerprint, freeze, orderedText, parseJson } from './json-text'

/** A person wrote the file while it was being written here; what stands there is theirs. */
export class ChangedMeanwhile extends Error {}

/** lowdb's way to a JSON file: read as it is, written whole, durable and in the schema's order. */
export interface DurableJson<T> extends Adapter<T> {
  /** Fingerprint of the text read or written last; undefined when there was no file. */
  readonly known: string | undefined
  /** The value as it would be written, frozen. What did not change since it was written is the same object. */
  inOrder(value: T): T
}

/** @param schema in whose order members are written */
export function durableJson<T>(path: string, schema: object): DurableJson<T> {
  const ordering = createOrdering(schema)
  let known: string | undefined
  /** What the text that is known says: a file that nobody has touched is not parsed again. */
  let held: T | undefined
  const inOrder = (value: T) => freeze(ordering(value))
  const printOf = (text: string | undefined) => (text === undefined ? undefined : fingerprint(text))
  return {
    get known() {
      return known
    },
    inOrder,
    async read() {
      const text = textAt(path)
      const found = printOf(text)
      if (found !== undefined && found === known && held !== undefined) return held
      known = found
      held = undefined
      if (text === undefined) return null
      held = parseJson(text) as T
      return held
    },
    async write(value) {
      const written = inOrder(value)
      const text = orderedText(written)
      const before = { known, held }
      // Known before it is there: the watcher may tell of it before the rename has resolved.
      known = fingerprint(text)
      held = written
      try {
        await writeDurably(path, text, undefined, async () => {
          if (printOf(textAt(path)) !== before.known) throw new ChangedMeanwhile()
        })
      } catch (error) {
        known = before.known
        held = before.held
        throw error
      }
    },
  }
}

/** Undefined when there is no file. At once: the thread pool takes several times as long for a file that is this small. */
function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
