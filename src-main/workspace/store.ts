import type { ApiDefinition } from '@shared/api-definition'
import type { SavedRequest } from '@shared/console'
import type { Dictionary } from '@shared/dictionary'
import type { Domain } from '@shared/domain'
import type { GatehouseEvent } from '@shared/events'
import type { SubscriptionsDocument } from '@shared/subscriptions'
import type { SecretsProtection, WorkspaceDocument, WorkspaceProblem } from '@shared/workspace'

/** An API's draft with the file it stands in. */
export interface StoredApi {
  readonly definition: ApiDefinition
  /** Path within the workspace, e.g. apis/echo.json. */
  readonly file: string
  /** Hash of the draft's content. */
  readonly version: string
}

/** An immutable revision, `deployments/<api>/<n>.json`. */
export interface StoredDeployment {
  readonly apiId: string
  readonly revision: number
  /** ISO 8601. */
  readonly deployedAt: string
  readonly changes: readonly string[]
  readonly definition: ApiDefinition
}

/** The sealed values of a workspace, by id (`application/<id>`, `key/<id>`, `resource/<id>`). */
export interface Secrets {
  readonly protection: SecretsProtection
  /** The key file, where the key stands in one. */
  readonly keyFile: string | undefined
  get(id: string): string | undefined
  /** Of all sealed values, also of those that cannot be opened here. */
  ids(): readonly string[]
  /** Whether a value is sealed under the id, also one that cannot be opened here. */
  has(id: string): boolean
  /**
   * Durable when it resolves. Rejects with ProblemError SECRETS_LOCKED when there is no key to seal with, or when the sealed
   * values are all another key's and none of `values` replaces one; with FILE_BROKEN when the file cannot be understood.
   */
  set(values: Readonly<Record<string, string>>): Promise<void>
  /** Also of values that cannot be opened. */
  remove(ids: readonly string[]): Promise<void>
  /** The value behind a reference (sealed value or environment variable); a text that is no reference is itself. Undefined when missing. */
  resolve(text: string): string | undefined
  /** Changes with every change of a sealed value. */
  readonly version: string
}

/**
 * An open workspace: the documents in memory, validated, and every change written durably (temp file, fsync, rename,
 * directory fsync) before its promise resolves. The values it hands out are never changed in place.
 */
export interface Store {
  readonly folder: string
  readonly secrets: Secrets
  document(): WorkspaceDocument
  domains(): readonly Domain[]
  dictionaries(): readonly Dictionary[]
  apis(): readonly StoredApi[]
  /** Oldest first. */
  deployments(apiId: string): readonly StoredDeployment[]
  /** The newest revision of every API that has one: what runs. Also of an API whose draft cannot be read. */
  deployed(): readonly StoredDeployment[]
  /** Where a revision stands, or would be written to, e.g. deployments/echo/3.json. */
  revisionFile(apiId: string, revision: number): string
  savedRequests(): readonly SavedRequest[]
  /** Of every API that has any. */
  subscriptions(): readonly SubscriptionsDocument[]
  problems(): readonly WorkspaceProblem[]

  saveDocument(document: WorkspaceDocument): Promise<void>
  /** Writes `domains/<path>.json`; a changed path moves the file. */
  saveDomain(domain: Domain): Promise<void>
  deleteDomain(id: string): Promise<void>
  /** Writes `dictionaries/<key>.json`. */
  saveDictionary(dictionary: Dictionary): Promise<void>
  deleteDictionary(id: string): Promise<void>
  /** Rejects with ProblemError API_CHANGED (409) when `expectedVersion` is given and is not the draft's. */
  saveApi(definition: ApiDefinition, expectedVersion?: string): Promise<StoredApi>
  /** Removes the draft, its deployments and its subscriptions. */
  deleteApi(id: string): Promise<void>
  addDeployment(deployment: StoredDeployment): Promise<void>
  /** All subscriptions of an API, in place of those before. */
  saveSubscriptions(document: SubscriptionsDocument): Promise<void>
  saveRequest(request: SavedRequest): Promise<void>
  deleteRequest(id: string): Promise<void>

  /** Takes up files that may have been edited outside a moment ago, before the watcher tells of them. */
  takeUp(files: readonly string[]): Promise<void>
  /** Told after a change has been written here, or has been seen on disk from outside. */
  onChange(listener: (event: Extract<GatehouseEvent, { type: 'workspace' }>) => void): () => void
  /** Writes what is under way, stops watching, releases the lock. */
  close(): Promise<void>
}

/** Seals the workspace's key with the system's keyring (Electron safeStorage); absent without a window or a real keyring. */
export interface Keyring {
  seal(key: Buffer): Buffer
  open(sealed: Buffer): Buffer
}

export interface OpenOptions {
  readonly keyring?: Keyring
  /** Where keys of workspaces are kept; the user's configuration folder unless a test says otherwise. */
  readonly keyFolder?: string
}
