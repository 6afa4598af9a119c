import type { CompiledDomain, CompiledDomains } from '../compiled-domain'
import { isOver } from '../keys/token-key'
import { ownTokensOf, type Revocations } from '../revocations'
import { clientIdOf, grantIdOf, type AccessTokenClaims } from './access-token'
import type { IssuedToken } from './issued-tokens'
import { tokenDigest, type VerifiedTokens } from './verified-tokens'
import { foreignFlaw, verifySignature, type TokenFlaw } from './verify-signature'

/** What there is to know of a token at this moment. */
export type TokenInspection =
  | { readonly active: true; readonly claims: AccessTokenClaims }
  /** `claims` are there when a key of the domain signed it, whatever else is wrong with it. */
  | ({ readonly active: false; readonly claims?: AccessTokenClaims } & TokenFlaw)

export interface TokenInspector {
  /**
   * @param now milliseconds since the epoch
   * @param digest of the token, where it is known
   */
  inspect(
    domain: CompiledDomain,
    domains: CompiledDomains,
    token: string,
    now: number,
    digest?: string,
  ): TokenInspection
}

/**
 * Only the signature check is remembered. Whether the key is still the domain's and not over, the token neither revoked nor expired, and its
 * application there and enabled is looked up at every call: nothing is accepted after a revoke was answered. No leeway is given.
 */
export function createTokenInspector(verified: VerifiedTokens, revocations: Revocations): TokenInspector {
  return {
    inspect(domain, domains, token, now, digest = tokenDigest(token)) {
      const remembered = verified.get(digest)
      // The same object: a key that was replaced under its kid, or another domain's of the same kid, is another one.
      const known =
        remembered !== undefined &&
        domain.keys.get(remembered.key.kid) === remembered.key &&
        !isOver(remembered.key, now)
      const result = known ? remembered : verifySignature(domain, domains, token, now)
      if ('reason' in result) return { active: false, ...result }
      if (!known) verified.set(digest, result)
      const flaw = flawOf(domain, domains, result.claims, revocations, now)
      return flaw === undefined
        ? { active: true, claims: result.claims }
        : { active: false, claims: result.claims, ...flaw }
    },
  }
}

function flawOf(
  domain: CompiledDomain,
  domains: CompiledDomains,
  claims: AccessTokenClaims,
  revocations: Revocations,
  now: number,
): TokenFlaw | undefined {
  // Two domains may share a key, and a domain made anew under the same path may have taken it over.
  const foreign = claims.domain === domain.snapshot.id ? undefined : foreignFlaw(domain, domains, claims)
  if (foreign !== undefined) return foreign
  const revoked = revokedFlaw(domain, claims, revocations)
  if (revoked !== undefined) return revoked
  if (now >= claims.exp * 1000) {
    const seconds = Math.floor(now / 1000 - claims.exp)
    const evidence = [{ label: 'Expired at', value: new Date(claims.exp * 1000).toISOString() }]
    return { reason: `It expired ${ago(seconds)} ago`, evidence }
  }
  const clientId = clientIdOf(claims)
  const application = domain.applications.get(clientId)
  const evidence = [{ label: 'Client id', value: clientId }]
  if (application === undefined) {
    return { reason: 'The application that it was issued to no longer exists', evidence }
  }
  if (!application.snapshot.enabled) {
    return { reason: `Application ${application.snapshot.name}, which it was issued to, is disabled`, evidence }
  }
  return grantIdOf(claims) === undefined ? undefined : userFlaw(domain, claims.sub)
}

const REVOKED = {
  token: 'It was revoked',
  grant: 'It was revoked with all tokens of its grant',
  application: 'It was revoked with all tokens of its application',
} as const

function revokedFlaw(
  { snapshot: { id } }: CompiledDomain,
  claims: AccessTokenClaims,
  revocations: Revocations,
): TokenFlaw | undefined {
  const { jti, iat } = claims
  const revoked = revocationOf(id, { jti, iat, clientId: clientIdOf(claims) }, revocations)
  if (revoked === undefined) return undefined
  const at = new Date(revoked.at).toISOString()
  return { reason: `${REVOKED[revoked.with]} at ${at}`, evidence: [{ label: 'Revoked at', value: at }] }
}

/**
 * When (milliseconds since the epoch) an access token was taken back, and with what: alone, with its family or, of a client's own tokens, with
 * all that were issued up to then; `iat` is the second in which it was issued.
 */
export function revocationOf(
  domainId: string,
  token: Pick<IssuedToken, 'jti' | 'clientId' | 'iat'>,
  revocations: Revocations,
): { readonly at: number; readonly with: keyof typeof REVOKED } | undefined {
  const own = revocations.revokedAt(domainId, token.jti)
  if (own !== undefined) return { at: own, with: 'token' }
  const grantId = grantIdOf(token)
  if (grantId !== undefined) {
    const at = revocations.revokedAt(domainId, grantId)
    return at === undefined ? undefined : { at, with: 'grant' }
  }
  const until = revocations.revokedAt(domainId, ownTokensOf(token.clientId))
  return until !== undefined && token.iat * 1000 <= until ? { at: until, with: 'application' } : undefined
}

/** Why tokens for a user are not taken (any more); undefined when they are. */
export function userFlaw({ users, snapshot }: CompiledDomain, userId: string): TokenFlaw | undefined {
  const user = users.get(userId)
  if (user === undefined) {
    const evidence = [{ label: 'User id', value: userId.slice(0, 64) }]
    return { reason: `The user that it was issued for is none of domain ${snapshot.name} any more`, evidence }
  }
  if (user.mayLogIn) return undefined
  const evidence = [{ label: 'User', value: user.username }]
  return { reason: `User ${user.username}, whom it was issued for, is disabled or locked`, evidence }
}

function ago(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`
  return `${Math.floor(seconds / 3600)} h`
}
