import { setTimeout as wait } from 'node:timers/promises'
import type { LiveAccessToken, LiveGrant, LiveSession } from '@shared/live'
import type { CompiledDomain, CompiledDomains } from '../compiled-domain'
import type { AuthorizationCodes } from '../codes/authorization-codes'
import type { Consents } from '../consents/consents'
import type { TokenFamilies, TokenFamily } from '../grants/token-families'
import type { Revocations } from '../revocations'
import type { Sessions } from '../sessions/sessions'
import { mayBeRefreshToken } from '../tokens/inspect-refresh-token'
import type { IssuedToken, IssuedTokens } from '../tokens/issued-tokens'
import { revocationOf, type TokenInspector } from '../tokens/inspect-token'
import type { LoginAttempts } from '../users/login-attempts'
import type { State } from '../../state/state'
import type { Administration } from './administration'
import { reportToken } from './report-token'

export interface Administered {
  readonly state: State
  readonly attempts: LoginAttempts
  readonly codes: AuthorizationCodes
  readonly families: TokenFamilies
  readonly issued: IssuedTokens
  readonly revocations: Revocations
  readonly sessions: Sessions
  readonly consents: Consents
  readonly inspector: TokenInspector
}

/** No token lasts longer than an application may be set to, a year, milliseconds. */
const LONGEST_TOKEN_MS = 31_536_000_000
const BY_A_PERSON = 'A person revoked it in Gatehouse'
const BY_A_PASSWORD = 'The password of the user was changed'
/** What the state keeps of a domain. */
const KINDS = ['code', 'refresh', 'grant', 'session', 'consent', 'issued', 'revocation', 'assertion', 'attempts', 'transaction', 'pushed'] // prettier-ignore

export function createAdministration(running: () => CompiledDomains, administered: Administered): Administration {
  const { state, attempts, codes, families, issued, revocations, sessions, consents, inspector } = administered
  const domainOf = (domainId: string): CompiledDomain | undefined =>
    [...running().values()].find(({ snapshot }) => snapshot.id === domainId)
  const usernameOf = (domainId: string, userId: string) => {
    const username = domainOf(domainId)?.users.get(userId)?.username
    return username === undefined ? {} : { username }
  }

  async function* matching(domainId: string, isMeant: OfGiven) {
    for await (const found of families.list(domainId)) if (isMeant(found.family.grant)) yield found
  }

  /** Codes first: one that is redeemed just now has its family when they are done. */
  async function revokeGrants(domainId: string, of: OfGiven, why = BY_A_PERSON): Promise<number> {
    await codes.revoke(domainId, of)
    const found: TokenFamily[] = []
    for await (const { family } of matching(domainId, of)) found.push(family)
    for (const { grant } of found) await revokeFamily(domainId, grant.grantId, why)
    return found.length
  }

  const revokeFamily = (domainId: string, grantId: string, why = BY_A_PERSON) =>
    families.revoke(domainId, grantId, { at: Date.now(), why })

  async function forgetGrants(domainId: string, of: OfGiven): Promise<void> {
    await consents.forget(domainId, of)
    await codes.forget(domainId, of)
    await families.forget(domainId, of)
  }

  /** A token says only the second in which it was issued: the answer waits until the next one, so that what is issued after it is good. */
  async function revokeOwnTokens(domainId: string, clientId: string): Promise<void> {
    const end = await endOwnTokens(domainId, clientId)
    await wait(end - Date.now())
  }

  /** Answers from when on what is issued is good again, milliseconds since the epoch. */
  async function endOwnTokens(domainId: string, clientId: string): Promise<number> {
    const end = Math.ceil((Date.now() + 1) / 1000) * 1000
    await revocations.revokeUntil(domainId, clientId, end - 1, end + LONGEST_TOKEN_MS)
    return end
  }

  function grantOf(domainId: string, { grant, createdAt }: TokenFamily, until: number): LiveGrant {
    const { grantId, clientId, userId, scopes } = grant
    return { grantId, clientId, userId, ...usernameOf(domainId, userId), scopes: [...scopes], createdAt, until }
  }

  function accessTokenOf(domainId: string, { scopes, iat, exp, ...token }: IssuedToken): LiveAccessToken {
    const name = token.userId === undefined ? {} : usernameOf(domainId, token.userId)
    return { ...token, ...name, scopes: [...scopes], issuedAt: iat * 1000, expiresAt: exp * 1000 }
  }

  async function livingSessions(domainId: string): Promise<LiveSession[]> {
    const domain = domainOf(domainId)
    const found: LiveSession[] = []
    if (domain === undefined) return found
    for await (const { id, stored, until } of sessions.list(domain, Date.now())) {
      const { userId, createdAt, lastSeen, amr, userAgent } = stored
      const browser = userAgent === undefined ? {} : { userAgent }
      found.push({ id, userId, ...usernameOf(domainId, userId), createdAt, lastSeen, until, amr: [...amr], ...browser })
    }
    return found
  }

  return {
    async grants({ domainId, userId, clientId, limit }) {
      const found: LiveGrant[] = []
      for await (const { family, until } of matching(domainId, givenBy(userId, clientId))) {
        found.push(grantOf(domainId, family, until))
      }
      return newest(found, limit)
    },
    async findGrant({ domainId, grantId }) {
      const found = await families.find(domainId, grantId)
      if (found === undefined || found.family.revoked !== undefined) return undefined
      return grantOf(domainId, found.family, found.until)
    },
    revokeGrant: ({ domainId, grantId }) => revokeFamily(domainId, grantId),
    async revokeAll({ domainId, userId, clientId }) {
      const count = await revokeGrants(domainId, givenBy(userId, clientId))
      if (clientId !== undefined && userId === undefined) await revokeOwnTokens(domainId, clientId)
      return count
    },
    revokeUsers({ domainId, userIds }) {
      const users = new Set(userIds)
      return revokeGrants(domainId, ({ userId }) => users.has(userId), BY_A_PASSWORD)
    },

    async accessTokens({ domainId, userId, clientId, limit, after }) {
      const tokens: LiveAccessToken[] = []
      let next: string | undefined
      for await (const { cursor, ...token } of issued.entries(domainId, after)) {
        if (userId !== undefined && token.userId !== userId) continue
        if (clientId !== undefined && token.clientId !== clientId) continue
        if (revocationOf(domainId, token, revocations) !== undefined) continue
        // One more than asked for: so there is a next page.
        if (tokens.length === limit) return { tokens, ...(next === undefined ? {} : { next }) }
        tokens.push(accessTokenOf(domainId, token))
        next = cursor
      }
      return { tokens }
    },
    async findAccessToken({ domainId, jti }) {
      for await (const token of issued.entries(domainId)) {
        if (token.jti !== jti) continue
        const { cursor: _place, ...found } = token
        return revocationOf(domainId, found, revocations) === undefined ? accessTokenOf(domainId, found) : undefined
      }
      return undefined
    },
    revokeAccessToken: ({ domainId, jti, expiresAt }) => revocations.revoke(domainId, jti, expiresAt),

    async sessions({ domainId, userId, limit }) {
      const found = await livingSessions(domainId)
      return newest(userId === undefined ? found : found.filter((session) => session.userId === userId), limit)
    },
    async findSession({ domainId, sessionId }) {
      return (await livingSessions(domainId)).find(({ id }) => id === sessionId)
    },
    endSession: ({ domainId, sessionId }) => sessions.end(domainId, sessionId),

    async consents({ domainId, userId: of, limit }) {
      const found = []
      for await (const { userId, clientId, consent } of consents.list(domainId)) {
        if (of !== undefined && userId !== of) continue
        const { scopes, claims, resources, givenAt, changedAt } = consent
        const what = { scopes: [...scopes], claims: [...claims], resources: [...resources] }
        found.push({
          userId,
          ...usernameOf(domainId, userId),
          clientId,
          ...what,
          givenAt,
          changedAt,
          createdAt: changedAt,
        })
      }
      return newest(found, limit).map(({ createdAt: _, ...consent }) => consent)
    },
    async revokeConsent({ domainId, userId, clientId }) {
      const given = await consents.find(domainId, userId, clientId)
      await consents.revoke(domainId, userId, clientId)
      return (await revokeGrants(domainId, givenBy(userId, clientId))) > 0 || given !== undefined
    },

    async inspect({ domainId, token }) {
      const domain = domainOf(domainId)
      if (domain !== undefined) return reportToken(domain, running(), { families, inspector }, token)
      return { kind: 'unknown', active: false, sentence: 'The domain does not run', evidence: [] }
    },
    async revokeToken({ domainId, token }) {
      const refresh = mayBeRefreshToken(token) ? await families.findByRefreshToken(domainId, token) : undefined
      if (refresh !== undefined) {
        await revokeFamily(domainId, refresh.family.grant.grantId)
        return true
      }
      const domain = domainOf(domainId)
      const claims = domain && inspector.inspect(domain, running(), token, Date.now()).claims
      if (claims === undefined) return false
      await revocations.revoke(domainId, claims.jti, claims.exp * 1000)
      return true
    },

    async forgetUser({ domainId, userId }) {
      await sessions.forget(domainId, (id) => id === userId)
      await forgetGrants(domainId, givenBy(userId))
    },
    async forgetApplication({ domainId, clientId }) {
      await endOwnTokens(domainId, clientId)
      await forgetGrants(domainId, givenBy(undefined, clientId))
    },
    async forgetOthers({ domainId, userIds, clientIds }) {
      const [users, clients] = [new Set(userIds), new Set(clientIds)]
      // Those that came while this goes on are not named.
      const isGoneUser = (id: string) => !users.has(id) && domainOf(domainId)?.users.has(id) !== true
      const isGoneClient = (id: string) => !clients.has(id) && domainOf(domainId)?.applications.has(id) !== true
      await sessions.forget(domainId, isGoneUser)
      await forgetGrants(domainId, ({ userId, clientId }) => isGoneUser(userId) || isGoneClient(clientId))
    },
    blockedUntil: ({ domainId, username }) => attempts.blockedUntil(domainId, username),
    unblock: ({ domainId, username }) => attempts.forgive(domainId, username),

    async forgetDomain({ domainId }) {
      for (const kind of KINDS) {
        const keys: string[] = []
        for await (const { key } of state.entries(`${kind}/${domainId}/`)) keys.push(key)
        await state.batch(keys.map((key) => ({ type: 'del', key })))
      }
    },
  }
}

/** What a user gave an application: a code, a consent, a family of tokens. */
type OfGiven = (given: { readonly userId: string; readonly clientId: string }) => boolean

function givenBy(userId?: string, clientId?: string): OfGiven {
  return (given) =>
    (userId === undefined || given.userId === userId) && (clientId === undefined || given.clientId === clientId)
}

function newest<T extends { readonly createdAt: number }>(found: readonly T[], limit: number): T[] {
  return found.toSorted((one, other) => other.createdAt - one.createdAt).slice(0, limit)
}
