import { createTurns, type State, type StateChange } from '../../state'
import type { Revocations } from '../revocations'
import { digestOf, newSecret } from '../sessions/secrets'
import type { UserGrant } from './user-grant'

/** What is kept of a grant: the tokens that come of it are one family. */
export interface TokenFamily {
  readonly grant: UserGrant
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly revoked?: FamilyRevocation
}

export interface LastingFamily {
  readonly family: TokenFamily
  /** When its last token ends, milliseconds since the epoch. */
  readonly until: number
}

export interface FamilyRevocation {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** In a sentence, for the person at the window. */
  readonly why: string
}

/** A refresh token as it was found. Times in milliseconds since the epoch. */
export interface FoundRefreshToken {
  readonly family: TokenFamily
  readonly issuedAt: number
  readonly expiresAt: number
  /** When it was exchanged for another one. */
  readonly spentAt?: number
}

/** Until when the tokens last that are issued now, in milliseconds since the epoch. */
export interface NewTokens {
  readonly accessTokenUntil: number
  /** Undefined: no refresh token is given, or the one that was presented stays. */
  readonly refreshTokenUntil?: number
}

export type Refresh =
  /** `refreshToken` is the one that is good from now on. */
  | { readonly outcome: 'fresh'; readonly grant: UserGrant; readonly refreshToken: string }
  /** It was spent before: the family is revoked now. */
  | { readonly outcome: 'reused'; readonly grant: UserGrant; readonly spentAt: number }
  | { readonly outcome: 'revoked'; readonly grant: UserGrant; readonly revocation: FamilyRevocation }
  /** It is another client's. */
  | { readonly outcome: 'foreign'; readonly grant: UserGrant }
  | { readonly outcome: 'unknown' }

export interface TokenFamilies {
  /**
   * A new family with its first tokens. It exists when the changes are written: together with what it comes of, so that a code is never
   * spent without it, nor the other way round.
   */
  begin(
    domainId: string,
    grant: UserGrant,
    tokens: NewTokens,
    now: number,
  ): { readonly changes: readonly StateChange[]; readonly refreshToken: string | undefined }
  /**
   * Uses a refresh token. What it leads to is on the disk before this resolves: the old token spent, the new one, and how long the
   * family lasts. Of two calls at once one comes first, and the other one presents a spent token: that revokes the family.
   *
   * @param accept says how long the new tokens last; when it throws, nothing is changed
   * @throws what `accept` throws
   */
  refresh(
    domainId: string,
    refreshToken: string,
    clientId: string,
    now: number,
    accept: (grant: UserGrant) => NewTokens,
  ): Promise<Refresh>
  /** Undefined when there is none, or it has expired. */
  findByRefreshToken(domainId: string, refreshToken: string): Promise<FoundRefreshToken | undefined>
  /** Undefined when there is none, or all its tokens have expired. */
  find(domainId: string, grantId: string): Promise<LastingFamily | undefined>
  /** The families that have not been revoked. */
  list(domainId: string): AsyncIterable<LastingFamily>
  /** Takes back all tokens of a family; on the disk when this resolves. Fine when there is none. */
  revoke(domainId: string, grantId: string, revocation: FamilyRevocation): Promise<void>
  /** Takes families back and removes them with their refresh tokens; on the disk when this resolves. */
  forget(domainId: string, of: (grant: UserGrant) => boolean): Promise<void>
}

interface StoredFamily extends TokenFamily {
  /** When the last access token ends: so long its revocation is known. */
  readonly accessTokenUntil: number
  /** When the last token of any kind ends: so long it is kept. */
  readonly until: number
}

interface StoredRefreshToken {
  readonly grantId: string
  readonly issuedAt: number
  readonly expiresAt: number
  readonly spentAt?: number
}

/**
 * Families and refresh tokens live in the state alone and are read when they are asked for: there may be hundreds of thousands. Refresh
 * tokens are kept by their SHA-256.
 */
export function createTokenFamilies(state: State, revocations: Revocations): TokenFamilies {
  const inTurn = createTurns()

  async function readFamily(domainId: string, grantId: string): Promise<StoredFamily | undefined> {
    const text = await state.get(familyKey(domainId, grantId))
    if (text === undefined) return undefined
    const family = JSON.parse(text) as StoredFamily // written by this module alone
    // A revocation whose write failed holds all the same.
    const at = family.revoked === undefined ? revocations.revokedAt(domainId, grantId) : undefined
    return at === undefined ? family : { ...family, revoked: { at, why: 'It was revoked' } }
  }

  async function readRefreshToken(domainId: string, token: string): Promise<StoredRefreshToken | undefined> {
    const text = await state.get(refreshKey(domainId, token))
    return text === undefined ? undefined : (JSON.parse(text) as StoredRefreshToken) // written by this module alone
  }

  async function revokeNow(domainId: string, family: StoredFamily, revoked: FamilyRevocation): Promise<void> {
    const { grantId } = family.grant
    const change = familyChange(domainId, { ...family, revoked: family.revoked ?? revoked })
    await revocations.revoke(domainId, grantId, family.accessTokenUntil, [change])
  }

  return {
    begin(domainId, grant, { accessTokenUntil, refreshTokenUntil }, now) {
      const until = Math.max(accessTokenUntil, refreshTokenUntil ?? 0)
      const family = familyChange(domainId, { grant, createdAt: now, accessTokenUntil, until })
      if (refreshTokenUntil === undefined) return { changes: [family], refreshToken: undefined }
      const refreshToken = newSecret()
      const kept = { grantId: grant.grantId, issuedAt: now, expiresAt: refreshTokenUntil }
      return { changes: [family, refreshChange(domainId, refreshToken, kept)], refreshToken }
    },

    async refresh(domainId, refreshToken, clientId, now, accept) {
      const grantId = (await readRefreshToken(domainId, refreshToken))?.grantId
      if (grantId === undefined) return { outcome: 'unknown' }
      return inTurn(grantId, async (): Promise<Refresh> => {
        const token = await readRefreshToken(domainId, refreshToken)
        const family = await readFamily(domainId, grantId)
        if (token === undefined || family === undefined) return { outcome: 'unknown' }
        const { grant } = family
        if (grant.clientId !== clientId) return { outcome: 'foreign', grant }
        if (family.revoked !== undefined) return { outcome: 'revoked', grant, revocation: family.revoked }
        const { spentAt } = token
        if (spentAt !== undefined) {
          const why = `A refresh token that had been spent at ${new Date(spentAt).toISOString()} was presented again`
          await revokeNow(domainId, family, { at: now, why })
          return { outcome: 'reused', grant, spentAt }
        }
        const { accessTokenUntil, refreshTokenUntil } = accept(grant)
        const longer: StoredFamily = {
          ...family,
          accessTokenUntil: Math.max(family.accessTokenUntil, accessTokenUntil),
          until: Math.max(family.until, accessTokenUntil, refreshTokenUntil ?? 0),
        }
        if (refreshTokenUntil === undefined) {
          await state.batch([familyChange(domainId, longer)])
          return { outcome: 'fresh', grant, refreshToken }
        }
        const next = newSecret()
        await state.batch([
          familyChange(domainId, longer),
          refreshChange(domainId, refreshToken, { ...token, spentAt: now }),
          refreshChange(domainId, next, { grantId, issuedAt: now, expiresAt: refreshTokenUntil }),
        ])
        return { outcome: 'fresh', grant, refreshToken: next }
      })
    },

    async findByRefreshToken(domainId, refreshToken) {
      const token = await readRefreshToken(domainId, refreshToken)
      const family = token && (await readFamily(domainId, token.grantId))
      if (token === undefined || family === undefined) return undefined
      const { issuedAt, expiresAt, spentAt } = token
      return { family, issuedAt, expiresAt, ...(spentAt === undefined ? {} : { spentAt }) }
    },

    async find(domainId, grantId) {
      const family = await readFamily(domainId, grantId)
      return family && { family, until: family.until }
    },

    async *list(domainId) {
      for await (const { value } of state.entries(familyKey(domainId, ''))) {
        const family = JSON.parse(value) as StoredFamily // written by this module alone
        const isRevoked =
          family.revoked !== undefined || revocations.revokedAt(domainId, family.grant.grantId) !== undefined
        if (!isRevoked) yield { family, until: family.until }
      }
    },

    revoke(domainId, grantId, revocation) {
      return inTurn(grantId, async () => {
        const family = await readFamily(domainId, grantId)
        if (family !== undefined) await revokeNow(domainId, family, revocation)
      })
    },

    async forget(domainId, of) {
      const gone = new Set<string>()
      for await (const { value } of state.entries(familyKey(domainId, ''))) {
        const { grant } = JSON.parse(value) as StoredFamily // written by this module alone
        if (of(grant)) gone.add(grant.grantId)
      }
      if (gone.size === 0) return
      for (const grantId of gone) {
        await inTurn(grantId, async () => {
          const family = await readFamily(domainId, grantId)
          if (family === undefined) return
          // Its access tokens are refused by their revocation, which stays until the last of them is over.
          await revocations.revoke(domainId, grantId, family.accessTokenUntil)
          await state.delete(familyKey(domainId, grantId))
        })
      }
      // Without their family they are good for nothing already.
      for await (const { key, value } of state.entries(`refresh/${domainId}/`)) {
        const { grantId } = JSON.parse(value) as StoredRefreshToken // written by this module alone
        if (gone.has(grantId)) await state.delete(key)
      }
    },
  }
}

function familyChange(domainId: string, family: StoredFamily): StateChange {
  const key = familyKey(domainId, family.grant.grantId)
  return { type: 'put', key, value: JSON.stringify(family), expiresAt: family.until }
}

function refreshChange(domainId: string, token: string, kept: StoredRefreshToken): StateChange {
  return { type: 'put', key: refreshKey(domainId, token), value: JSON.stringify(kept), expiresAt: kept.expiresAt }
}

function familyKey(domainId: string, grantId: string): string {
  return `grant/${domainId}/${grantId}`
}

function refreshKey(domainId: string, token: string): string {
  return `refresh/${domainId}/${digestOf(token)}`
}
