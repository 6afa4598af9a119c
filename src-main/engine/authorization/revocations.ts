import type { State, StateChange } from '../state/state'

/** Which tokens, and families of tokens, were taken back: looked up in memory at every check, kept on disk over a restart. */
export interface Revocations {
  /** When the token or the family was revoked, in milliseconds since the epoch; undefined when it was not. */
  revokedAt(domainId: string, tokenId: string): number | undefined
  /**
   * Takes a token back by its `jti`, or a family by its grant id. From this call on every check refuses it; resolves when that is on the
   * disk, so that an answer given afterwards holds after a power cut. `expiresAt` in milliseconds since the epoch: it is forgotten then.
   *
   * @param also what is written together with it
   */
  revoke(domainId: string, tokenId: string, expiresAt: number, also?: readonly StateChange[]): Promise<void>
  /**
   * Takes back every token that a client got for itself until now (see `ownTokensOf`); like `revoke`, but a later call counts anew.
   *
   * @param at milliseconds since the epoch
   */
  revokeUntil(domainId: string, clientId: string, at: number, expiresAt: number): Promise<void>
  /** Stops purging. */
  close(): void
}

interface Revocation {
  readonly at: number
  readonly expiresAt: number
  readonly written: Promise<void>
}

const PREFIX = 'revocation/'
const PURGE_INTERVAL_MS = 10 * 60_000

/** Loads what is still in force from the state. */
export async function loadRevocations(state: State): Promise<Revocations> {
  const revoked = new Map<string, Revocation>()
  for await (const { key, value, expiresAt } of state.entries(PREFIX)) {
    revoked.set(key, { at: Number(value), expiresAt: expiresAt ?? Infinity, written: Promise.resolve() })
  }

  // A purge that fails (the state was just closed) loses nothing: the next one does it again.
  const purgeState = () => void state.purge().catch(() => undefined)
  const purge = setInterval(() => {
    const now = Date.now()
    for (const [key, { expiresAt }] of revoked) if (expiresAt <= now) revoked.delete(key)
    purgeState()
  }, PURGE_INTERVAL_MS)
  purge.unref()
  // Not waited for: there may be hundreds of thousands of entries to look through.
  purgeState()

  return {
    // Asked twice for each protected request: where nothing was ever revoked, no key need be made.
    revokedAt: (domainId, tokenId) => (revoked.size === 0 ? undefined : revoked.get(keyOf(domainId, tokenId))?.at),
    async revoke(domainId, tokenId, expiresAt, also = []) {
      const key = keyOf(domainId, tokenId)
      const known = revoked.get(key)
      if (known !== undefined) return known.written.catch(() => write(key, known.at, expiresAt, also))
      await write(key, Date.now(), expiresAt, also)
    },
    revokeUntil: (domainId, clientId, at, expiresAt) =>
      write(keyOf(domainId, ownTokensOf(clientId)), at, expiresAt, []),
    close: () => clearInterval(purge),
  }

  function write(key: string, at: number, expiresAt: number, also: readonly StateChange[]): Promise<void> {
    const written = state.batch([{ type: 'put', key, value: String(at), expiresAt }, ...also])
    // Stays in memory also when the disk fails: the caller is told to try again, and meanwhile nobody gets in with it.
    revoked.set(key, { at, expiresAt, written })
    return written
  }
}

/** Under which it stands until when a client's own tokens are taken back. Neither a `jti` nor a grant id has a slash. */
export function ownTokensOf(clientId: string): string {
  return `client/${clientId}`
}

function keyOf(domainId: string, tokenId: string): string {
  return `${PREFIX}${domainId}/${tokenId}`
}
