import type { WorkspaceDocument, WorkspaceProblem } from '@shared/workspace'
import type { Documents } from './documents'
import { DOCUMENT_FILE, SECRETS_FILE, slugOf } from './layout'
import type { SecretsFile } from './secrets/secrets'
import type { Store } from './store'
import { createApis } from './writing/apis'
import { changeAt, changeOf, createChanges } from './writing/changes'
import { createFiles } from './writing/files'

/** The store with what only its opener uses. */
export interface OpenStore extends Store {
  /** Takes up files that may have been edited outside, after the writes under way. */
  takeUp(files: readonly string[]): Promise<void>
  /** Edits from outside may go unseen from now on. */
  blind(problem: WorkspaceProblem): void
  /** How to stop the watcher, when the store is closed. */
  watchedBy(stop: () => void): void
}

interface StoreParts {
  readonly folder: string
  readonly documents: Documents
  readonly secrets: SecretsFile
  readonly unlock: () => Promise<void>
}

export function createStore({ folder, documents, secrets, unlock }: StoreParts): OpenStore {
  const changes = createChanges(folder)
  const { inTurn, tell } = changes
  const files = createFiles(folder, documents, secrets, changes)
  let stopWatching = () => {}
  let closing: Promise<void> | undefined
  let unwatched: WorkspaceProblem | undefined

  const main = () => documents.at<'workspace'>(DOCUMENT_FILE)!

  const saveSecrets = (work: () => Promise<void>) =>
    inTurn(async () => {
      await work()
      tell('here', [changeAt('workspace', undefined, SECRETS_FILE)])
    })

  const remove = (kind: 'domain' | 'dictionary' | 'console', id: string) =>
    inTurn(async () => {
      const entry = files.find(kind, id)
      if (entry === undefined) return
      const change = changeOf(entry)
      await files.remove(entry)
      tell('here', [change])
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
      has: (id) => secrets.has(id),
      ids: () => secrets.ids(),
      resolve: (text) => secrets.resolve(text),
      set: (values) => saveSecrets(() => secrets.set(values)),
      remove: (ids) => saveSecrets(() => secrets.remove(ids)),
    },
    document: () => main().value as WorkspaceDocument, // openWorkspace refuses a workspace without one, and the last good one stays
    domains: () => documents.of('domain').map(({ value }) => value!),
    dictionaries: () => documents.of('dictionary').map(({ value }) => value!),
    savedRequests: () => documents.of('console').map(({ value }) => value!),
    subscriptions: () => documents.of('subscriptions').map(({ value }) => value!),
    problems: () => [...documents.problems(), ...secrets.problems, ...(unwatched === undefined ? [] : [unwatched])],
    ...createApis(documents, files, changes),

    saveDocument: (document) =>
      inTurn(async () => {
        await files.replace(main(), document)
        tell('here', [changeOf(main())])
      }),

    saveDomain: (domain) =>
      inTurn(async () => {
        const existing = files.find('domain', domain.id)
        if (existing === undefined) {
          tell('here', [changeOf(await files.writeNew('domain', 'domains', domain.path, domain))])
          return
        }
        if (existing.value?.path === domain.path) {
          await files.replace(existing, domain)
          tell('here', [changeOf(existing)])
          return
        }
        await files.mustBeOurs(existing)
        // The new file is there before the old one goes: killed in between, both are found, and the second is told as a duplicate.
        const moved = await files.writeNew('domain', 'domains', domain.path, domain)
        await files.forget(existing)
        tell('here', [changeOf(moved)])
      }),
    deleteDomain: (id) => remove('domain', id),

    saveDictionary: (dictionary) =>
      inTurn(async () => {
        const existing = files.find('dictionary', dictionary.id)
        if (existing !== undefined) await files.replace(existing, dictionary)
        const saved = existing ?? (await files.writeNew('dictionary', 'dictionaries', dictionary.key, dictionary))
        tell('here', [changeOf(saved)])
      }),
    deleteDictionary: (id) => remove('dictionary', id),

    saveSubscriptions: (document) =>
      inTurn(async () => {
        const existing = files.find('subscriptions', document.apiId)
        if (existing !== undefined) await files.replace(existing, document)
        const draft = files.find('api', document.apiId)?.value
        const saved =
          existing ??
          (await files.writeNew('subscriptions', 'subscriptions', slugOf(draft?.name ?? document.apiId), document))
        tell('here', [changeOf(saved)])
      }),

    saveRequest: (request) =>
      inTurn(async () => {
        const existing = files.find('console', request.id)
        if (existing !== undefined) await files.replace(existing, request)
        const saved = existing ?? (await files.writeNew('console', 'console', slugOf(request.id), request))
        tell('here', [changeOf(saved)])
      }),
    deleteRequest: (id) => remove('console', id),

    onChange: (listener) => changes.onChange(listener),
    takeUp: (edited) => (closing === undefined ? inTurn(() => files.takeUp(edited)) : Promise.resolve()),
    blind(problem) {
      unwatched = problem
      tell('outside', [changeAt('workspace', undefined, DOCUMENT_FILE)])
    },
    watchedBy(stop) {
      stopWatching = stop
    },

    close() {
      closing ??= (async () => {
        const written = changes.close()
        stopWatching()
        await written
        await unlock()
      })()
      return closing
    },
  }
}
