import type { CompiledDomain, CompiledDomains } from '../compiled-domain'
import { isOver } from '../keys/token-key'
import type { Revocations } from '../revocations'
import type { AccessTokenClaims } from './access-token'
import { tokenDigest, type VerifiedTokens } from './verified-tokens'
import { foreignFlaw, verifySignature, type TokenFlaw } from './verify-signature'

/** What there is to know of a token at this moment. */
export type TokenInspection =
  | { readonly active: true; readonly claims: AccessTokenClaims }
  /** `claims` are there when a key of the domain signed it, whatever else is wrong with it. */
  | ({ readonly active: false; readonly claims?: AccessTokenClaims } & TokenFlaw)

export interface TokenInspector {
  /** @param now milliseconds since the epoch */
  inspect(domain: CompiledDomain, domains: CompiledDomains, token: string, now: number): TokenInspection
}

/**
 * Only the signature check is remembered. Whether the key is still the domain's and not over, the token neither revoked nor expired, and its
 * application there and enabled is looked up at every call: nothing is accepted after a revoke was answered. No leeway is given.
 */
export function createTokenInspector(verified: VerifiedTokens, revocations: Revocations): TokenInspector {
  return {
    inspect(domain, domains, token, now) {
      const digest = tokenDigest(token)
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
  const foreign = foreignFlaw(domain, domains, claims)
  if (foreign !== undefined) return foreign
  const revokedAt = revocations.revokedAt(domain.snapshot.id, claims.jti)
  if (revokedAt !== undefined) {
    const at = new Date(revokedAt).toISOString()
    return { reason: `It was revoked at ${at}`, evidence: [{ label: 'Revoked at', value: at }] }
  }
  if (now >= claims.exp * 1000) {
    const seconds = Math.floor(now / 1000 - claims.exp)
    const evidence = [{ label: 'Expired at', value: new Date(claims.exp * 1000).toISOString() }]
    return { reason: `It expired ${ago(seconds)} ago`, evidence }
  }
  const application = domain.applications.get(claims.aud)
  const evidence = [{ label: 'Client id', value: claims.aud }]
  if (application === undefined) {
    return { reason: 'The application that it was issued to no longer exists', evidence }
  }
  if (!application.snapshot.enabled) {
    return { reason: `Application ${application.snapshot.name}, which it was issued to, is disabled`, evidence }
  }
  return undefined
}

function ago(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`
  return `${Math.floor(seconds / 3600)} h`
}
