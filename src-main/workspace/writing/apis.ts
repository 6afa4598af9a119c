import type { ApiDefinition } from '@shared/api-definition'
import { newestRevisions } from '../deployed'
import type { Documents, Entry } from '../documents'
import { fingerprint, formatJson } from '../files/json-text'
import { freeName, schemas, slugOf, type DocumentKind } from '../layout'
import { fileBroken, refuse } from '../problems'
import type { Store, StoredApi } from '../store'
import { changeOf, type Changed, type Changes } from './changes'
import type { Files } from './files'

type Apis = Pick<
  Store,
  'apis' | 'deployed' | 'deployments' | 'revisionFile' | 'saveApi' | 'deleteApi' | 'addDeployment'
>

/** Drafts of APIs and their revisions. */
export function createApis(documents: Documents, files: Files, { inTurn, tell }: Changes): Apis {
  const drafts = new WeakMap<ApiDefinition, Draft>()

  function stored({ value, document: { file } }: Entry<'api'>): StoredApi {
    let draft = drafts.get(value!)
    if (draft?.file !== file) drafts.set(value!, (draft = new Draft(value!, file)))
    return draft
  }

  /** Oldest first. */
  const revisionsOf = (apiId: string) =>
    documents
      .of('deployment')
      .filter(({ value }) => value?.apiId === apiId)
      .sort((a, b) => a.value!.revision - b.value!.revision)

  /** The folder of an API's revisions: where they are, else one named like the draft's file. */
  function deploymentsFolder(apiId: string, name: string): string {
    const all = documents.of('deployment')
    const own = all.find(({ value }) => value?.apiId === apiId)
    if (own !== undefined) return own.document.file.slice(0, own.document.file.lastIndexOf('/'))
    const draft = files.find('api', apiId)?.document.file
    const wanted = draft === undefined ? slugOf(name) : draft.slice('apis/'.length, -'.json'.length)
    const used = new Set(all.map(({ document }) => document.file.split('/')[1]))
    return `deployments/${freeName(wanted, (each) => used.has(each))}`
  }

  return {
    apis: () => documents.of('api').map(stored),
    deployed: () => newestRevisions(documents),
    deployments: (apiId) => revisionsOf(apiId).map(({ value }) => value!),

    revisionFile(apiId, revision) {
      const stands = revisionsOf(apiId).find(({ value }) => value!.revision === revision)
      return stands?.document.file ?? `${deploymentsFolder(apiId, apiId)}/${revision}.json`
    },

    saveApi: (definition, expectedVersion) =>
      inTurn(async () => {
        const existing = files.find('api', definition.id)
        if (existing !== undefined) await files.takeUp([existing.document.file])
        const current = files.find('api', definition.id)
        if (expectedVersion !== undefined && (current === undefined || stored(current).version !== expectedVersion)) {
          throw refuse({
            key: 'API_CHANGED',
            status: 409,
            title: `The draft of ${definition.name} was changed meanwhile`,
            detail: 'Somebody else saved it, or its file was edited, after it was read here.',
            remedy: 'Look at what is there now, and make your change again.',
          })
        }
        if (current !== undefined) await files.replace(current, definition)
        const saved = current ?? (await files.writeNew('api', 'apis', slugOf(definition.name), definition))
        tell('here', [changeOf(saved)])
        return stored(saved)
      }),

    deleteApi: (id) =>
      inTurn(async () => {
        const draft = files.find('api', id)
        const gone: Changed[] = []
        const removeNext = async <K extends DocumentKind>(entry: Entry<K>) => {
          const change = changeOf(entry)
          await files.remove(entry)
          gone.push(change)
        }
        try {
          // The draft last, and the revision that runs just before it: killed in between, the API is still there to be seen and
          // deleted again, and runs what it ran before or nothing, never an older revision.
          for (const revision of revisionsOf(id)) await removeNext(revision)
          const subscriptions = files.find('subscriptions', id)
          if (subscriptions !== undefined) await removeNext(subscriptions)
          if (draft !== undefined) await removeNext(draft)
        } finally {
          tell('here', gone)
        }
      }),

    addDeployment: (deployment) =>
      inTurn(async () => {
        const file = `${deploymentsFolder(deployment.apiId, deployment.definition.name)}/${deployment.revision}.json`
        if (documents.at(file) !== undefined || (await files.isThere(file))) {
          await files.takeUp([file])
          // A revision never changes.
          throw fileBroken(file, documents.at(file)?.problem)
        }
        tell('here', [changeOf(await files.writeAt('deployment', file, deployment))])
      }),
  }
}

class Draft implements StoredApi {
  #version: string | undefined

  constructor(
    readonly definition: ApiDefinition,
    readonly file: string,
  ) {}

  /** Few who look at an API ask for it, and writing the text of a thousand drafts takes as long as compiling their flows. */
  get version(): string {
    return (this.#version ??= fingerprint(formatJson(this.definition, schemas.api)))
  }
}
