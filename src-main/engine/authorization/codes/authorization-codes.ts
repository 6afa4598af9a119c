import { hash, randomBytes } from 'node:crypto'
import type { State, StateChange } from '../../state/state'
import { createTurns } from '../../state/turns'
import type { UserGrant } from '../grants/user-grant'

/** What a code stands for, and what it is bound to. */
export interface CodeGrant extends UserGrant {
  /** As it stood in the authorization request; undefined when it was left out (RFC 6749 §4.1.3). */
  readonly redirectUri?: string
  /** RFC 7636 §4.2. */
  readonly codeChallenge?: { readonly method: 'S256' | 'plain'; readonly value: string }
}

/** How a code was found: fresh, and spent by this very call; spent before, which is a replay; taken back; or not there (any more). */
export type Redemption =
  | { readonly outcome: 'fresh'; readonly grant: CodeGrant }
  | { readonly outcome: 'spent'; readonly grant: CodeGrant; /** Milliseconds since the epoch. */ readonly at: number }
  | { readonly outcome: 'revoked'; readonly grant: CodeGrant; /** Milliseconds since the epoch. */ readonly at: number }
  | { readonly outcome: 'unknown' }

/** Whether a grant is one of those that are meant. */
export type OfGrant = (grant: UserGrant) => boolean

export interface AuthorizationCodes {
  /** Makes a code for the grant; it is on the disk when this resolves. */
  issue(domainId: string, grant: CodeGrant): Promise<string>
  /**
   * Spends a code. `accept` throws when the request does not fit what the code is bound to: then it stays unspent, as nobody but
   * its client has learned anything. Spent is on the disk before this resolves, together with what `accept` answers, so that no restart
   * makes it spendable again; of two calls at once, one finds it spent.
   *
   * @throws what `accept` throws
   */
  redeem(domainId: string, code: string, accept: (grant: CodeGrant) => readonly StateChange[]): Promise<Redemption>
  /**
   * Takes back the codes that nobody has redeemed yet; on the disk when this resolves. One that is just being redeemed is so before, or
   * never: who takes back its family too does that afterwards.
   */
  revoke(domainId: string, of: OfGrant): Promise<void>
  /** Removes codes, also spent ones. */
  forget(domainId: string, of: OfGrant): Promise<void>
}

/** Access Management's, milliseconds (RFC 6749 §4.1.2 recommends ten minutes at the most). */
export const CODE_VALIDITY_MS = 60_000
/** How long a spent code is known as such, milliseconds: as long as a replay can still have something to revoke. */
const SPENT_KNOWN_MS = 30 * 86_400_000

interface Stored {
  readonly grant: CodeGrant
  readonly spentAt?: number
  readonly revokedAt?: number
}

/** Codes are kept by their SHA-256: who reads the disk has none of them. */
export function createAuthorizationCodes(state: State): AuthorizationCodes {
  const inTurn = createTurns()

  async function* matching(domainId: string, of: OfGrant) {
    for await (const { key, value, expiresAt } of state.entries(prefixOf(domainId))) {
      const stored = JSON.parse(value) as Stored // written by this module alone
      if (of(stored.grant)) yield { key, stored, expiresAt }
    }
  }

  return {
    async issue(domainId, grant) {
      const code = randomBytes(32).toString('base64url')
      const stored: Stored = { grant }
      await state.put(keyOf(domainId, code), JSON.stringify(stored), { expiresAt: Date.now() + CODE_VALIDITY_MS })
      return code
    },

    redeem(domainId, code, accept) {
      const key = keyOf(domainId, code)
      return inTurn(key, async (): Promise<Redemption> => {
        const text = await state.get(key)
        if (text === undefined) return { outcome: 'unknown' }
        const { grant, spentAt, revokedAt } = JSON.parse(text) as Stored // written by this module alone
        if (spentAt !== undefined) return { outcome: 'spent', grant, at: spentAt }
        if (revokedAt !== undefined) return { outcome: 'revoked', grant, at: revokedAt }
        const changes = accept(grant)
        const now = Date.now()
        const spent: Stored = { grant, spentAt: now }
        const expiresAt = now + SPENT_KNOWN_MS
        await state.batch([{ type: 'put', key, value: JSON.stringify(spent), expiresAt }, ...changes])
        return { outcome: 'fresh', grant }
      })
    },

    async revoke(domainId, of) {
      for await (const { key, stored, expiresAt = 0 } of matching(domainId, of)) {
        if (stored.spentAt !== undefined) continue
        await inTurn(key, async () => {
          const text = await state.get(key)
          if (text === undefined) return
          const now = JSON.parse(text) as Stored // written by this module alone
          if (now.spentAt !== undefined) return
          await state.put(key, JSON.stringify({ ...now, revokedAt: Date.now() }), { expiresAt })
        })
      }
    },

    async forget(domainId, of) {
      for await (const { key } of matching(domainId, of)) await inTurn(key, () => state.delete(key))
    },
  }
}

function keyOf(domainId: string, code: string): string {
  return prefixOf(domainId) + hash('sha256', code, 'base64url')
}

function prefixOf(domainId: string): string {
  return `code/${domainId}/`
}
