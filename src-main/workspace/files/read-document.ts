import { Low } from 'lowdb'
import { join } from 'node:path'
import { codeOf } from '@shared/error-code'
import { schemaErrors } from '@shared/schema-errors'
import type { WorkspaceProblem } from '@shared/workspace'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { durableJson, type DurableJson } from './durable-json'
import { freeze, type PlacedSyntaxError } from './json-text'

/** A document with its file, held by lowdb. */
export interface DocumentFile<T> {
  /** Path within the workspace, with slashes. */
  readonly file: string
  readonly adapter: DurableJson<T>
  /** Null until something good was read or written. */
  readonly low: Low<T | null>
}

export type ReadDocument<T> =
  | { readonly outcome: 'good'; readonly value: T }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'broken'; readonly problem: WorkspaceProblem }

/** Checks a value that came from outside. */
export type Check = (file: string, value: unknown) => WorkspaceProblem | undefined

export function openDocumentFile<T>(folder: string, file: string, schema: object): DocumentFile<T> {
  const adapter = durableJson<T>(join(folder, file), schema)
  return { file, adapter, low: new Low<T | null>(adapter as DurableJson<T | null>, null) }
}

/** Reads the file anew. What was read before stays in `low.data` when the file is missing or broken now. */
export async function readDocument<T>(document: DocumentFile<T>, check: Check): Promise<ReadDocument<T>> {
  const before = document.low.data
  document.low.data = null
  try {
    await document.low.read()
  } catch (error) {
    document.low.data = before
    return { outcome: 'broken', problem: unreadable(document.file, error) }
  }
  const value = document.low.data
  const restore = () => (document.low.data = before)
  if (document.adapter.known === undefined) {
    restore()
    return { outcome: 'missing' }
  }
  // The very value that was good: nobody has touched the file.
  if (value !== null && value === before) return { outcome: 'good', value }
  const problem = check(document.file, value)
  if (problem !== undefined) {
    restore()
    return { outcome: 'broken', problem }
  }
  freeze(value)
  return { outcome: 'good', value: value as T } // checked by its schema just now
}

/** Writes a value durably; what was there before stays in memory when it fails. Answers the value as it was written. */
export async function writeDocument<T>(document: DocumentFile<T>, value: T): Promise<T> {
  const before = document.low.data
  const written = document.adapter.inOrder(value)
  document.low.data = written
  try {
    await document.low.write()
  } catch (error) {
    document.low.data = before
    throw error
  }
  return written
}

/** Compiles a schema into a check that names the first field that does not hold. */
export function checkBy(schema: TSchema): Check {
  const validator = Compile(schema)
  return (file, value) => {
    if (validator.Check(value)) return undefined
    const [worst] = schemaErrors({ ...schema }, value, '', 'The document')
    // A keyword that the words do not know: better the library's words than none.
    const { instancePath = '', message = 'is not valid' } = validator.Errors(value)[0] ?? {}
    const field = worst?.field ?? instancePath
    return {
      file,
      field,
      message: `${field === '' ? file : `${file}, ${field}`}: ${worst?.message ?? message}`,
      remedy: `${worst?.remedy ?? 'Correct it.'} Or put the file back as it was; it is taken up as soon as it is saved.`,
    }
  }
}

function unreadable(file: string, error: unknown): WorkspaceProblem {
  if (error instanceof SyntaxError) {
    const { place } = error as PlacedSyntaxError // the only one that reading raises
    return {
      file,
      ...(place === undefined ? {} : { field: place }),
      message: `${file} is not JSON: ${error.message}`,
      remedy: `Correct it${place === undefined ? '' : ` at line ${place.replace(':', ', column ')}`}, or put the file back as it was; it is taken up as soon as it is saved.`,
    }
  }
  return {
    file,
    message: `${file} cannot be read (${codeOf(error) ?? 'unknown reason'})`,
    remedy: 'Check that it is a file and that you may read it.',
  }
}
