import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { idOf, type DocumentOf, type Documents, type Entry } from '../documents'
import { isMissing, removeDurably } from '../files/durable-file'
import { ChangedMeanwhile } from '../files/durable-json'
import { writeDocument, type DocumentFile } from '../files/read-document'
import { createTurns } from '../files/turns'
import { freeName, SECRETS_FILE, type DocumentKind } from '../layout'
import { fileBroken, fileChanged } from '../problems'
import type { SecretsFile } from '../secrets/secrets'
import { changeAt, type Changed, type Changes } from './changes'

/** Reads and writes the files of documents. Everything in it is called in turn (`Changes.inTurn`). */
export interface Files {
  find<K extends DocumentKind>(kind: K, id: string): Entry<K> | undefined
  /** Takes up what stands in the files now, and tells it. */
  takeUp(files: readonly string[]): Promise<void>
  /** Whether anything stands under the name, known to us or not. */
  isThere(file: string): Promise<boolean>
  /** Rejects when the file is not as we know it: what a person wrote there meanwhile is taken up, never overwritten. */
  mustBeOurs<K extends DocumentKind>(entry: Entry<K>): Promise<void>
  /** Writes over what is there, unless a person wrote there meanwhile: that is taken up, and this rejects. */
  replace<K extends DocumentKind>(entry: Entry<K>, value: DocumentOf[K]): Promise<void>
  /** Writes a file that is not there yet. */
  writeAt<K extends DocumentKind>(kind: K, file: string, value: DocumentOf[K]): Promise<Entry<K>>
  /** The same under the first free name of a folder; a file that is there, broken or not, stays. */
  writeNew<K extends DocumentKind>(kind: K, inside: string, name: string, value: DocumentOf[K]): Promise<Entry<K>>
  /** Removes what is there, unless a person wrote there meanwhile: that is taken up, and this rejects. */
  remove<K extends DocumentKind>(entry: Entry<K>): Promise<void>
  /** Removes it as it is. */
  forget<K extends DocumentKind>(entry: Entry<K>): Promise<void>
}

export function createFiles(folder: string, documents: Documents, secrets: SecretsFile, changes: Changes): Files {
  const find: Files['find'] = (kind, id) => documents.of(kind).find((entry) => idOf(entry) === id)

  async function takeUp(files: readonly string[]): Promise<void> {
    const changed: Changed[] = []
    const turns = createTurns()
    for (const file of files) {
      await turns.mayPause()
      if (file === SECRETS_FILE) {
        if (await secrets.reload()) changed.push(changeAt('workspace', undefined, file))
        continue
      }
      const kind = documents.at(file)?.kind
      const result = await documents.load(file)
      const now = kind ?? documents.at(file)?.kind
      if (result.changed && now !== undefined) changed.push(changeAt(now, result.id, file))
    }
    changes.tell('outside', changed)
  }

  async function isThere(file: string): Promise<boolean> {
    try {
      await stat(join(folder, file))
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }

  async function mustBeOurs<K extends DocumentKind>(entry: Entry<K>): Promise<void> {
    const { file } = entry.document
    const before = entry.document.adapter.known
    await takeUp([file])
    const now = documents.at<K>(file)
    if (now?.problem !== undefined && now.document.adapter.known !== undefined) throw fileBroken(file, now.problem)
    if (now !== entry || (now.document.adapter.known !== before && now.document.adapter.known !== undefined)) {
      throw fileChanged(file)
    }
  }

  async function write<K extends DocumentKind>(entry: Entry<K>, value: DocumentOf[K]): Promise<void> {
    const { document } = entry
    documents.put(entry, await writeDocument(document as DocumentFile<DocumentOf[K]>, value))
  }

  /** What a person wrote while it was being written here is taken up. */
  async function refusalOf(error: unknown, file: string): Promise<unknown> {
    if (!(error instanceof ChangedMeanwhile)) return error
    await takeUp([file])
    return fileChanged(file)
  }

  const writeAt: Files['writeAt'] = async (kind, file, value) => {
    const entry = documents.add(kind, file)
    try {
      await write(entry, value)
    } catch (error) {
      documents.forget(file)
      throw await refusalOf(error, file)
    }
    return entry
  }

  const forget: Files['forget'] = async ({ document: { file } }) => {
    await removeDurably(join(folder, file))
    documents.forget(file)
  }

  return {
    find,
    takeUp,
    isThere,
    mustBeOurs,
    async replace(entry, value) {
      await mustBeOurs(entry)
      try {
        await write(entry, value)
      } catch (error) {
        throw await refusalOf(error, entry.document.file)
      }
    },
    writeAt,
    async writeNew(kind, inside, name, value) {
      const taken = new Set<string>()
      let free = name
      while (documents.at(`${inside}/${free}.json`) !== undefined || (await isThere(`${inside}/${free}.json`))) {
        taken.add(free)
        free = freeName(name, (each) => taken.has(each))
      }
      return writeAt(kind, `${inside}/${free}.json`, value)
    },
    async remove(entry) {
      await mustBeOurs(entry)
      await forget(entry)
    },
    forget,
  }
}
