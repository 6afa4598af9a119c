import type { ApiDefinition } from '@shared/api-definition'
import type { SavedRequest } from '@shared/console'
import type { Dictionary } from '@shared/dictionary'
import type { Domain } from '@shared/domain'
import type { SubscriptionsDocument } from '@shared/subscriptions'
import type { WorkspaceDocument, WorkspaceProblem } from '@shared/workspace'
import { join } from 'node:path'
import { isTemporary, namesIn } from './files/durable-file'
import { checkBy, openDocumentFile, readDocument, type Check, type DocumentFile } from './files/read-document'
import { unknownMemberProblems } from './files/unknown-members'
import { createTurns } from './files/turns'
import { DOCUMENT_FILE, FORMAT_VERSION, kindOf, schemas, STATE_FOLDER, type DocumentKind } from './layout'
import type { StoredDeployment } from './store'

/** What each kind of file holds. */
export interface DocumentOf {
  workspace: WorkspaceDocument
  domain: Domain
  dictionary: Dictionary
  api: ApiDefinition
  deployment: StoredDeployment
  console: SavedRequest
  subscriptions: SubscriptionsDocument
}
type Value = DocumentOf[DocumentKind]

/** A file of the workspace: its last good value when there ever was one, and what is wrong with it now. */
export interface Entry<K extends DocumentKind = DocumentKind> {
  readonly kind: K
  readonly document: DocumentFile<DocumentOf[K]>
  value: DocumentOf[K] | undefined
  problem: WorkspaceProblem | undefined
  /** The problem is that a newer Gatehouse wrote it. */
  isNewer: boolean
}

/** The documents of a workspace by file. Nothing in it writes. */
export interface Documents {
  /** The entries of a kind that have a value, in the order of their files. */
  of<K extends DocumentKind>(kind: K): readonly Entry<K>[]
  /** The files of a kind that are there and were never read well. */
  unreadable(kind: DocumentKind): string[]
  /** The caller knows by the file what kind it is. */
  at<K extends DocumentKind = DocumentKind>(file: string): Entry<K> | undefined
  /** What an entry holds from now on. */
  put<K extends DocumentKind>(entry: Entry<K>, value: DocumentOf[K]): void
  /** Reads a file anew, or for the first time. Answers whether anything is different now. */
  load(file: string): Promise<{ readonly changed: boolean; readonly id: string | undefined }>
  /** A new entry without a value, for a file that is to be written. */
  add<K extends DocumentKind>(kind: K, file: string): Entry<K>
  forget(file: string): void
  problems(): WorkspaceProblem[]
}

/** Tells a document of a format that this version does not know. */
const newerFormat: Check = (file, value) => {
  const version = (value as Partial<WorkspaceDocument> | null | undefined)?.formatVersion
  if (file !== DOCUMENT_FILE || typeof version !== 'number' || version <= FORMAT_VERSION) return undefined
  return {
    file,
    field: '/formatVersion',
    message: `${file} has format ${version}, and this version of Gatehouse knows ${FORMAT_VERSION}`,
    remedy: 'Open the workspace with a newer Gatehouse, or put the file back as it was.',
  }
}
const bySchema = Object.fromEntries(
  Object.entries(schemas).map(([kind, schema]) => [kind, checkBy(schema)]),
) as unknown as Readonly<Record<DocumentKind, Check>> // fromEntries forgets its keys

/** What people write by hand and is all ours. API definitions carry much that is for Gravitee alone. */
const ownKinds: readonly DocumentKind[] = ['workspace', 'domain', 'dictionary', 'console', 'subscriptions']

/** Knows no file until each is loaded. */
export function createDocuments(folder: string): Documents {
  const entries = new Map<string, Entry>()
  /** Of values that stay the same object as long as nothing in them changes. */
  const unknown = new WeakMap<object, WorkspaceProblem[]>()
  /** Kept until an entry changes: with a thousand APIs they are asked for more often than anything does. */
  let sortedNow: readonly Entry[] | undefined
  const ofKind = new Map<DocumentKind, readonly Entry[]>()
  const changed = () => {
    sortedNow = undefined
    ofKind.clear()
  }
  const sorted = () =>
    (sortedNow ??= [...entries.values()].sort((a, b) => (a.document.file < b.document.file ? -1 : 1)))

  function good(kind: DocumentKind): readonly Entry[] {
    let known = ofKind.get(kind)
    if (known === undefined) {
      // Two files of different kinds claim nothing of each other.
      const all = sorted().filter((entry) => entry.kind === kind)
      const rejected = new Set(duplicates(all).map(({ file }) => file))
      known = all.filter((entry) => entry.value !== undefined && !rejected.has(entry.document.file))
      ofKind.set(kind, known)
    }
    return known
  }

  const add: Documents['add'] = (kind, file) => {
    const entry = {
      kind,
      document: openDocumentFile(folder, file, schemas[kind]),
      value: undefined,
      problem: undefined,
      isNewer: false,
    }
    entries.set(file, entry as unknown as Entry) // one map for every kind; `of` filters by it
    changed()
    return entry as Entry<typeof kind>
  }

  function unknownOf({ kind, document: { file }, value, problem }: Entry): WorkspaceProblem[] {
    if (value === undefined || problem !== undefined || !ownKinds.includes(kind)) return []
    let told = unknown.get(value)
    if (told === undefined) unknown.set(value, (told = unknownMemberProblems(file, schemas[kind], value)))
    return told
  }

  return {
    add,
    of: (kind) => good(kind) as unknown as readonly Entry<typeof kind>[], // of this kind alone
    unreadable: (kind) =>
      sorted()
        .filter((entry) => entry.kind === kind && entry.value === undefined && entry.problem !== undefined)
        .map(({ document }) => document.file),
    at: <K extends DocumentKind>(file: string) => entries.get(file) as unknown as Entry<K> | undefined,
    put(entry, value) {
      entry.value = value
      entry.problem = undefined
      changed()
    },
    async load(file) {
      const kind = kindOf(file)
      if (kind === undefined) return { changed: false, id: undefined }
      const entry = entries.get(file) ?? add(kind, file)
      const known = entry.document.adapter.known
      const hadProblem = entry.problem !== undefined
      let newer: WorkspaceProblem | undefined
      const result = await readDocument(entry.document as DocumentFile<Value>, (name, value) => {
        newer = newerFormat(name, value)
        return newer ?? bySchema[kind](name, value)
      })
      if (entry.document.adapter.known === known && known !== undefined) return { changed: false, id: idOf(entry) }
      const id = idOf(entry)
      changed()
      entry.isNewer = newer !== undefined
      if (result.outcome === 'missing') {
        if (kind === 'workspace') {
          entry.problem = {
            file,
            message: `${file} was removed`,
            remedy: 'Put it back, or save the settings of the workspace to write it anew.',
          }
        } else entries.delete(file)
        return { changed: id !== undefined || hadProblem, id }
      }
      if (result.outcome === 'broken') {
        entry.problem = result.problem
        return { changed: true, id }
      }
      entry.value = result.value
      entry.problem = undefined
      return { changed: true, id: idOf(entry) }
    },
    forget(file) {
      entries.delete(file)
      changed()
    },
    problems: () => {
      const all = sorted()
      const broken = all.flatMap(({ problem }) => (problem === undefined ? [] : [problem]))
      return [...broken, ...duplicates(all), ...all.flatMap(unknownOf)]
    },
  }
}

/** What stands in a workspace's folder, by paths within it. */
export interface Listing {
  /** Every file that is a document of the workspace. */
  readonly documents: readonly string[]
  /** What a killed process left of its unfinished writes. */
  readonly temporaries: readonly string[]
}

export async function listFiles(folder: string): Promise<Listing> {
  const turns = createTurns()
  const documents: string[] = [DOCUMENT_FILE]
  const temporaries: string[] = []
  const deployments = namesIn(join(folder, 'deployments')).map((name) => `deployments/${name}`)
  for (const part of ['', STATE_FOLDER, ...DOCUMENT_FOLDERS, ...deployments]) {
    await turns.mayPause()
    for (const name of namesIn(join(folder, part))) {
      const file = part === '' ? name : `${part}/${name}`
      if (isTemporary(file)) temporaries.push(file)
      else if (part !== '' && kindOf(file) !== undefined) documents.push(file)
    }
  }
  return { documents, temporaries }
}

const DOCUMENT_FOLDERS = ['domains', 'dictionaries', 'apis', 'console', 'subscriptions']

/** What an event and a duplicate are told by. */
export function idOf(entry: { readonly kind: DocumentKind; readonly value: unknown }): string | undefined {
  const { kind, value } = entry
  if (value === undefined || kind === 'workspace') return undefined
  return kind === 'deployment' || kind === 'subscriptions'
    ? (value as { apiId: string }).apiId
    : (value as { id: string }).id
}

/** Of files that claim the same id, key, path or revision, all but the first. */
function duplicates(entries: readonly Entry[]): WorkspaceProblem[] {
  const claimed = new Map<string, string>()
  return entries.flatMap((entry) => {
    for (const { key, field, what } of claims(entry)) {
      const first = claimed.get(key)
      if (first !== undefined) {
        const { file } = entry.document
        return {
          file,
          field,
          message: `${file} has the same ${what} as ${first}, which is used instead`,
          remedy: `Change ${field} in ${file}, or remove one of the two files.`,
        }
      }
    }
    for (const { key } of claims(entry)) claimed.set(key, entry.document.file)
    return []
  })
}

function claims({ kind, value }: Entry): { key: string; field: string; what: string }[] {
  if (value === undefined || kind === 'workspace') return []
  if (kind === 'deployment') {
    const { apiId, revision } = value as StoredDeployment
    return [{ key: `deployment ${apiId} ${revision}`, field: '/revision', what: `revision ${revision}` }]
  }
  if (kind === 'subscriptions') {
    const { apiId } = value as SubscriptionsDocument
    return [{ key: `subscriptions ${apiId}`, field: '/apiId', what: 'API' }]
  }
  const { id } = value as { id: string }
  const byId = { key: `${kind} ${id}`, field: '/id', what: 'id' }
  if (kind === 'dictionary') {
    const { key } = value as Dictionary
    return [byId, { key: `dictionary key ${key}`, field: '/key', what: `key ${key}` }]
  }
  if (kind !== 'domain') return [byId]
  const { path } = value as Domain
  return [byId, { key: `path ${path}`, field: '/path', what: `path ${path}` }]
}
