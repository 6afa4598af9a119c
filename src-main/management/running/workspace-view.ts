import type { Dictionary } from '@shared/dictionary'
import type { Domain } from '@shared/domain'
import type { SubscriptionsDocument } from '@shared/subscriptions'
import type { WorkspaceDocument } from '@shared/workspace'
import { parseSecretReference } from '@shared/secret-reference'
import type { Store, StoredDeployment } from '../../workspace/store'

/** What of a workspace the engine runs: as it is saved, or as it would be with a change that is not saved yet. */
export interface WorkspaceView {
  readonly document: WorkspaceDocument
  readonly domains: readonly Domain[]
  readonly dictionaries: readonly Dictionary[]
  /** The newest revision of every API that has one. */
  readonly deployed: readonly StoredDeployment[]
  /** Of each API that has any. */
  readonly subscriptions: readonly SubscriptionsDocument[]
  /** Where a revision stands, for messages. */
  readonly revisionFile: (deployment: StoredDeployment) => string
  /** The value behind a secret reference; undefined when it is missing. A text that is no reference is itself. */
  resolve(text: string): string | undefined
}

export function viewOf(store: Store): WorkspaceView {
  return {
    document: store.document(),
    domains: store.domains(),
    dictionaries: store.dictionaries(),
    deployed: store.deployed(),
    subscriptions: store.subscriptions(),
    revisionFile: ({ apiId, revision }) => store.revisionFile(apiId, revision),
    resolve: (text) => store.secrets.resolve(text),
  }
}

/** The view with one domain added, or put in the place of the one with its id. */
export function withDomain(view: WorkspaceView, domain: Domain): WorkspaceView {
  const others = view.domains.filter(({ id }) => id !== domain.id)
  return { ...view, domains: [...others, domain] }
}

export function withoutDomain(view: WorkspaceView, domainId: string): WorkspaceView {
  return { ...view, domains: view.domains.filter(({ id }) => id !== domainId) }
}

/** The view with a revision as the one that runs. */
export function withDeployment(view: WorkspaceView, deployment: StoredDeployment): WorkspaceView {
  return {
    ...withoutApi(view, deployment.apiId),
    deployed: [...withoutApi(view, deployment.apiId).deployed, deployment],
  }
}

export function withoutApi(view: WorkspaceView, apiId: string): WorkspaceView {
  return { ...view, deployed: view.deployed.filter((deployment) => deployment.apiId !== apiId) }
}

/** The document with an API stopped, or not stopped any more; the same one when it is so already. */
export function withStopped(document: WorkspaceDocument, apiId: string, isStopped: boolean): WorkspaceDocument {
  const { stoppedApis = [], ...rest } = document
  if (stoppedApis.includes(apiId) === isStopped) return document
  const stopped = isStopped ? [...stoppedApis, apiId] : stoppedApis.filter((each) => each !== apiId)
  return stopped.length === 0 ? rest : { ...rest, stoppedApis: stopped }
}

/** The view when secrets, by id, are gone. */
export function withoutSecrets(view: WorkspaceView, ids: readonly string[]): WorkspaceView {
  const gone = new Set(ids)
  return {
    ...view,
    resolve(text) {
      const reference = parseSecretReference(text)
      return reference?.provider === 'gatehouse' && gone.has(reference.path) ? undefined : view.resolve(text)
    },
  }
}

/** The view with secrets, by id, that are not sealed yet. */
export function withSecrets(view: WorkspaceView, secrets: Readonly<Record<string, string>>): WorkspaceView {
  return {
    ...view,
    resolve(text) {
      const reference = parseSecretReference(text)
      return reference?.provider === 'gatehouse' && Object.hasOwn(secrets, reference.path)
        ? secrets[reference.path]
        : view.resolve(text)
    },
  }
}

/** The view with the subscriptions of an API in place of those before. */
export function withSubscriptions(view: WorkspaceView, document: SubscriptionsDocument): WorkspaceView {
  const others = view.subscriptions.filter(({ apiId }) => apiId !== document.apiId)
  return { ...view, subscriptions: [...others, document] }
}

/** The view with one dictionary added, or put in the place of the one with its id. */
export function withDictionary(view: WorkspaceView, dictionary: Dictionary): WorkspaceView {
  return { ...view, dictionaries: [...withoutDictionary(view, dictionary.id).dictionaries, dictionary] }
}

export function withoutDictionary(view: WorkspaceView, dictionaryId: string): WorkspaceView {
  return { ...view, dictionaries: view.dictionaries.filter(({ id }) => id !== dictionaryId) }
}
