import { readFile } from 'node:fs/promises'
import type { Adapter } from 'lowdb'
import { isMissing, writeDurably } from './durable-file'
import { fingerprint, formatJson, parseJson } from './json-text'

/** lowdb's way to a JSON file: read as it is, written whole, durable and in the schema's order. */
export interface DurableJson<T> extends Adapter<T> {
  /** Fingerprint of the text read or written last; undefined when there was no file. */
  readonly known: string | undefined
}

/** @param schema in whose order members are written */
export function durableJson<T>(path: string, schema: object): DurableJson<T> {
  let known: string | undefined
  return {
    get known() {
      return known
    },
    async read() {
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        if (isMissing(error)) return undefined
        throw error
      })
      known = text === undefined ? undefined : fingerprint(text)
      return text === undefined ? null : (parseJson(text) as T)
    },
    async write(value) {
      const text = formatJson(value, schema)
      const before = known
      // Known before it is there: the watcher may tell of it before the rename has resolved.
      known = fingerprint(text)
      try {
        await writeDurably(path, text)
      } catch (error) {
        known = before
        throw error
      }
    },
  }
}
