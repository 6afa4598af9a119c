import type { DomainSnapshot, Snapshot, UserSnapshot } from './snapshot'

/**
 * A snapshot as it crosses to the worker. A domain may have thousands of users, and most changes are about none of them: those that
 * the worker has from the snapshot before are named by their places there, and not cloned again.
 */
export interface SnapshotMessage extends Omit<Snapshot, 'domains'> {
  /** Version of the snapshot that places are of; undefined when there are none. */
  readonly basedOn?: number
  readonly domains: readonly (Omit<DomainSnapshot, 'users'> & { readonly users: readonly (UserSnapshot | number)[] })[]
}

/** @param before the snapshot that the worker runs; undefined when that is not known, and everything is sent */
export function packSnapshot(snapshot: Snapshot, before: Snapshot | undefined): SnapshotMessage {
  if (before === undefined) return snapshot
  const domains = snapshot.domains.map((domain) => {
    const places = new Map(usersOf(before, domain.id).map((user, index) => [user, index]))
    return { ...domain, users: domain.users.map((user) => places.get(user) ?? user) }
  })
  return { ...snapshot, basedOn: before.version, domains }
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
  return { ...message, domains }
}

function usersOf(snapshot: Snapshot | undefined, domainId: string): readonly UserSnapshot[] {
  return snapshot?.domains.find(({ id }) => id === domainId)?.users ?? []
}
