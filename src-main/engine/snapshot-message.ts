import type { ApiDefinition } from '@shared/api-definition'
import type { ApiSnapshot, DomainSnapshot, Snapshot, UserSnapshot } from './snapshot'

/**
 * A snapshot as it crosses to the worker. A domain may have thousands of users, a workspace a thousand APIs, and most changes are
 * about none of them: those that the worker has from the snapshot before are named by their places there, and not sent again.
 */
export interface SnapshotMessage extends Omit<Snapshot, 'domains' | 'apis'> {
  /** Version of the snapshot that places are of; undefined when there are none. */
  readonly basedOn?: number
  readonly domains: readonly (Omit<DomainSnapshot, 'users'> & { readonly users: readonly (UserSnapshot | number)[] })[]
  readonly apis: readonly (PackedApi | number)[]
}

/** Its definition as JSON, which crosses, and is read, at a fraction of what a structured clone takes. */
interface PackedApi extends Omit<ApiSnapshot, 'definition'> {
  readonly text: string
}

/** @param before the snapshot that the worker runs; undefined when that is not known, and everything is sent */
export function packSnapshot(snapshot: Snapshot, before: Snapshot | undefined): SnapshotMessage {
  const places = new Map(before?.apis.map((api, index) => [api.id, { api, index }]))
  const apis = snapshot.apis.map((api) => {
    const known = places.get(api.id)
    return known !== undefined && isSameApi(api, known.api) ? known.index : packApi(api)
  })
  if (before === undefined) return { ...snapshot, apis }
  const domains = snapshot.domains.map((domain) => {
    const users = new Map(usersOf(before, domain.id).map((user, index) => [user, index]))
    return { ...domain, users: domain.users.map((user) => users.get(user) ?? user) }
  })
  return { ...snapshot, basedOn: before.version, domains, apis }
}

/**
 * @param before the snapshot that runs here
 * @throws Error when the places are of another one, which would be a fault of the host
 */
export function unpackSnapshot({ basedOn, ...message }: SnapshotMessage, before: Snapshot | undefined): Snapshot {
  if (basedOn !== undefined && basedOn !== before?.version) {
    throw new Error(`Snapshot ${message.version} is based on ${basedOn}, and ${before?.version ?? 'none'} runs`)
  }
  const domains = message.domains.map((domain): DomainSnapshot => {
    const known = usersOf(before, domain.id)
    return { ...domain, users: domain.users.map((user) => (typeof user === 'number' ? known[user]! : user)) }
  })
  const apis = message.apis.map((api) => (typeof api === 'number' ? before!.apis[api]! : new UnpackedApi(api)))
  return { ...message, domains, apis }
}

/** The same revision with the same secrets never has another content. */
export const isSameApi = (one: ApiSnapshot, other: ApiSnapshot): boolean =>
  one.id === other.id && one.revision === other.revision && one.secretsVersion === other.secretsVersion

const packApi = ({ id, revision, secretsVersion, definition }: ApiSnapshot): PackedApi => ({
  ...{ id, revision, secretsVersion },
  text: JSON.stringify(definition),
})

/** An API as the engine keeps it. What runs is compiled, so that its definition is held as the text that it came as. */
class UnpackedApi implements ApiSnapshot {
  readonly id: string
  readonly revision: number
  readonly secretsVersion: string
  readonly #text: string

  constructor({ id, revision, secretsVersion, text }: PackedApi) {
    this.id = id
    this.revision = revision
    this.secretsVersion = secretsVersion
    this.#text = text
  }

  /** Read anew each time that it is asked for. */
  get definition(): ApiDefinition {
    return JSON.parse(this.#text) as ApiDefinition // as it was packed
  }
}

function usersOf(snapshot: Snapshot | undefined, domainId: string): readonly UserSnapshot[] {
  return snapshot?.domains.find(({ id }) => id === domainId)?.users ?? []
}
