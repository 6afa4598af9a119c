import type { GatehouseEvent } from '@shared/events'
import type { WorkspaceDocument } from '@shared/workspace'
import { join } from 'node:path'
import { newestRevisions } from './deployed'
import { idOf, type DocumentOf, type Documents, type Entry } from './documents'
import { isMissing, removeDurably } from './files/durable-file'
import { fingerprint, formatJson } from './files/json-text'
import { writeDocument, type DocumentFile } from './files/read-document'
import { DOCUMENT_FILE, freeName, schemas, SECRETS_FILE, slugOf, type DocumentKind } from './layout'
import { fileBroken, fileChanged, refuse } from './problems'
import type { SecretsFile } from './secrets/secrets'
import type { Store, StoredApi, StoredDeployment } from './store'
import { stat } from 'node:fs/promises'

type WorkspaceEvent = Extract<GatehouseEvent, { type: 'workspace' }>
type Changed = WorkspaceEvent['changed'][number]

/** The store with what only its opener uses. */
export interface OpenStore extends Store {
  /** Takes up files that may have been edited outside, after the writes under way. */
  takeUp(files: readonly string[]): Promise<void>
  /** How to stop the watcher, when the store is closed. */
  watchedBy(stop: () => Promise<void>): void
}

interface StoreParts {
  readonly folder: string
  readonly documents: Documents
  readonly secrets: SecretsFile
  readonly unlock: () => Promise<void>
}

export function createStore({ folder, documents, secrets, unlock }: StoreParts): OpenStore {
  const listeners = new Set<(event: WorkspaceEvent) => void>()
  const versions = new WeakMap<object, string>()
  let stopWatching = async () => {}
  let closing: Promise<void> | undefined
  let last: Promise<unknown> = Promise.resolve()

  /** One change after the other; each sees what the one before has written. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (closing !== undefined) {
      return Promise.reject(
        refuse({
          key: 'WORKSPACE_CLOSED',
          status: 409,
          title: `The workspace ${folder} is closed`,
          remedy: 'Open it again.',
        }),
      )
    }
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }

  function tell(source: WorkspaceEvent['source'], changed: readonly Changed[]): void {
    if (changed.length > 0)
      for (const listener of listeners) listener({ type: 'workspace', source, changed: [...changed] })
  }

  const changeOf = <K extends DocumentKind>(entry: Entry<K>): Changed =>
    told(entry.kind, idOf(entry), entry.document.file)

  async function takeUpNow(files: readonly string[]): Promise<void> {
    const changed: Changed[] = []
    for (const file of files) {
      if (file === SECRETS_FILE) {
        if (await secrets.reload()) changed.push(told('workspace', undefined, file))
        continue
      }
      const kind = documents.at(file)?.kind
      const result = await documents.load(file)
      const now = kind ?? documents.at(file)?.kind
      if (result.changed && now !== undefined) changed.push(told(now, result.id, file))
    }
    tell('outside', changed)
  }

  /** Whether anything stands under the name, known to us or not. */
  async function isThere(file: string): Promise<boolean> {
    try {
      await stat(join(folder, file))
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }

  /** Rejects when the file is not as we know it: what a person wrote there meanwhile is taken up, never overwritten. */
  async function mustBeOurs<K extends DocumentKind>(entry: Entry<K>): Promise<void> {
    const { file } = entry.document
    const before = entry.document.adapter.known
    await takeUpNow([file])
    const now = documents.at<K>(file)
    if (now?.problem !== undefined && now.document.adapter.known !== undefined) throw fileBroken(file, now.problem)
    if (now !== entry || (now.document.adapter.known !== before && now.document.adapter.known !== undefined)) {
      throw fileChanged(file)
    }
  }

  async function write<K extends DocumentKind>(entry: Entry<K>, value: DocumentOf[K]): Promise<void> {
    const { document, kind } = entry
    entry.value = await writeDocument(document as DocumentFile<DocumentOf[K]>, schemas[kind], value)
    entry.problem = undefined
  }

  /** Writes a value into a new file, under the first free name; a file that is there, broken or not, stays. */
  async function writeNew<K extends DocumentKind>(kind: K, inside: string, name: string, value: DocumentOf[K]) {
    const taken = new Set<string>()
    let free = name
    while (documents.at(`${inside}/${free}.json`) !== undefined || (await isThere(`${inside}/${free}.json`))) {
      taken.add(free)
      free = freeName(name, (each) => taken.has(each))
    }
    const entry = documents.add(kind, `${inside}/${free}.json`)
    try {
      await write(entry, value)
    } catch (error) {
      documents.forget(entry.document.file)
      throw error
    }
    return entry
  }

  async function remove<K extends DocumentKind>(entry: Entry<K>): Promise<void> {
    await mustBeOurs(entry)
    await removeDurably(join(folder, entry.document.file))
    documents.forget(entry.document.file)
  }

  const find = <K extends DocumentKind>(kind: K, id: string) => documents.of(kind).find((entry) => idOf(entry) === id)
  const main = () => documents.at<'workspace'>(DOCUMENT_FILE)!

  function stored(entry: Entry<'api'>): StoredApi {
    const definition = entry.value!
    let version = versions.get(definition)
    if (version === undefined) {
      version = fingerprint(formatJson(definition, schemas.api))
      versions.set(definition, version)
    }
    return { definition, file: entry.document.file, version }
  }

  /** The folder of an API's revisions: where they are, else one named like the draft's file. */
  function deploymentsFolder(apiId: string, name: string): string {
    const all = documents.of('deployment')
    const own = all.find(({ value }) => value?.apiId === apiId)
    if (own !== undefined) return own.document.file.slice(0, own.document.file.lastIndexOf('/'))
    const draft = find('api', apiId)?.document.file
    const wanted = draft === undefined ? slugOf(name) : draft.slice('apis/'.length, -'.json'.length)
    const used = new Set(all.map(({ document }) => document.file.split('/')[1]))
    return `deployments/${freeName(wanted, (each) => used.has(each))}`
  }

  const saveSecrets = (work: () => Promise<void>) =>
    inTurn(async () => {
      await work()
      tell('here', [told('workspace', undefined, SECRETS_FILE)])
    })

  return {
    folder,
    secrets: {
      get protection() {
        return secrets.protection
      },
      get keyFile() {
        return secrets.keyFile
      },
      get version() {
        return secrets.version
      },
      get: (id) => secrets.get(id),
      resolve: (text) => secrets.resolve(text),
      set: (values) => saveSecrets(() => secrets.set(values)),
      remove: (ids) => saveSecrets(() => secrets.remove(ids)),
    },
    document: () => main().value as WorkspaceDocument, // openWorkspace refuses a workspace without one, and the last good one stays
    domains: () => documents.of('domain').map(({ value }) => value!),
    apis: () => documents.of('api').map(stored),
    deployments: (apiId) =>
      documents
        .of('deployment')
        .map(({ value }) => value!)
        .filter((deployment) => deployment.apiId === apiId)
        .sort((a, b) => a.revision - b.revision),
    deployed: () => newestRevisions(documents),
    savedRequests: () => documents.of('console').map(({ value }) => value!),
    problems: () => [...documents.problems(), ...secrets.problems],

    saveDocument: (document) =>
      inTurn(async () => {
        await mustBeOurs(main())
        await write(main(), document)
        tell('here', [changeOf(main())])
      }),

    saveDomain: (domain) =>
      inTurn(async () => {
        const existing = find('domain', domain.id)
        if (existing === undefined) {
          tell('here', [changeOf(await writeNew('domain', 'domains', domain.path, domain))])
          return
        }
        await mustBeOurs(existing)
        if (existing.value?.path === domain.path) {
          await write(existing, domain)
          tell('here', [changeOf(existing)])
          return
        }
        // The new file is there before the old one goes: killed in between, both are found, and the second is told as a duplicate.
        const moved = await writeNew('domain', 'domains', domain.path, domain)
        await removeDurably(join(folder, existing.document.file))
        documents.forget(existing.document.file)
        tell('here', [changeOf(moved)])
      }),

    deleteDomain: (id) =>
      inTurn(async () => {
        const entry = find('domain', id)
        if (entry === undefined) return
        const change = changeOf(entry)
        await remove(entry)
        tell('here', [change])
      }),

    saveApi: (definition, expectedVersion) =>
      inTurn(async () => {
        const existing = find('api', definition.id)
        if (existing !== undefined) await takeUpNow([existing.document.file])
        const current = find('api', definition.id)
        if (expectedVersion !== undefined && (current === undefined || stored(current).version !== expectedVersion)) {
          throw refuse({
            key: 'API_CHANGED',
            status: 409,
            title: `The draft of ${definition.name} was changed meanwhile`,
            detail: 'Somebody else saved it, or its file was edited, after it was read here.',
            remedy: 'Look at what is there now, and make your change again.',
          })
        }
        if (current === undefined) {
          const made = await writeNew('api', 'apis', slugOf(definition.name), definition)
          tell('here', [changeOf(made)])
          return stored(made)
        }
        await mustBeOurs(current)
        await write(current, definition)
        tell('here', [changeOf(current)])
        return stored(current)
      }),

    deleteApi: (id) =>
      inTurn(async () => {
        const draft = find('api', id)
        const deployments = documents.of('deployment').filter(({ value }) => value?.apiId === id)
        const gone: Changed[] = []
        // The draft first: an API without one is gone, whatever of its revisions a kill leaves behind.
        const removeNext = async <K extends DocumentKind>(entry: Entry<K>) => {
          const change = changeOf(entry)
          await remove(entry)
          gone.push(change)
        }
        if (draft !== undefined) await removeNext(draft)
        for (const deployment of deployments) await removeNext(deployment)
        tell('here', gone)
      }),

    addDeployment: (deployment: StoredDeployment) =>
      inTurn(async () => {
        const file = `${deploymentsFolder(deployment.apiId, deployment.definition.name)}/${deployment.revision}.json`
        if (documents.at(file) !== undefined || (await isThere(file))) {
          await takeUpNow([file])
          // A revision never changes.
          throw fileBroken(file, documents.at(file)?.problem)
        }
        const entry = documents.add('deployment', file)
        try {
          await write(entry, deployment)
        } catch (error) {
          documents.forget(file)
          throw error
        }
        tell('here', [changeOf(entry)])
      }),

    saveRequest: (request) =>
      inTurn(async () => {
        const existing = find('console', request.id)
        if (existing === undefined) {
          tell('here', [changeOf(await writeNew('console', 'console', slugOf(request.id), request))])
          return
        }
        await mustBeOurs(existing)
        await write(existing, request)
        tell('here', [changeOf(existing)])
      }),

    deleteRequest: (id) =>
      inTurn(async () => {
        const entry = find('console', id)
        if (entry === undefined) return
        const change = changeOf(entry)
        await remove(entry)
        tell('here', [change])
      }),

    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },

    takeUp: (files) => (closing === undefined ? inTurn(() => takeUpNow(files)) : Promise.resolve()),
    watchedBy(stop) {
      stopWatching = stop
    },

    close() {
      closing ??= (async () => {
        await stopWatching()
        await last
        listeners.clear()
        await unlock()
      })()
      return closing
    },
  }
}

function told(kind: DocumentKind, id: string | undefined, file: string): Changed {
  return { kind, ...(id === undefined ? {} : { id }), file }
}
