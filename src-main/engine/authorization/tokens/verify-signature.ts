import type { Evidence } from '@shared/traffic'
import type { CompiledDomain, CompiledDomains } from '../compiled-domain'
import { ACCESS_TOKEN_TYPE, isOver, type TokenKey } from '../keys/token-key'
import { isAccessTokenClaims } from './access-token'
import { decodeJson, refusedMember, splitJws } from './compact-jws'
import { JWT_TYPE } from './sign-jwt'
import type { VerifiedToken } from './verified-tokens'

/** Why a token is not taken, for a person; the caller is never told. */
export interface TokenFlaw {
  readonly reason: string
  readonly evidence: readonly Evidence[]
}

/** Checks that a key of this domain that is not over signed the token, and that it is an access token. */
export function verifySignature(
  domain: CompiledDomain,
  domains: CompiledDomains,
  token: string,
  now: number,
): VerifiedToken | TokenFlaw {
  const jws = splitJws(token)
  if (jws === undefined) {
    return flaw('It is not a JWT', [{ label: 'Parts between dots', value: `${token.split('.').length} instead of 3` }])
  }
  const { header, payload, signature, signingInput } = jws
  // Nearly every token has the very header that the active key writes; anything else is read member by member.
  const { activeKey } = domain
  const isUsual = header === activeKey.header || header === activeKey.typedHeader
  const key = isUsual ? activeKey : chooseKey(domain, domains, header, payload, now)
  if ('reason' in key) return key
  if (!key.verify(signingInput, signature)) {
    return (
      foreignFlaw(domain, domains, decodeJson(payload)) ??
      flaw(
        `Its signature is not that of key ${key.kid} of domain ${domain.snapshot.name}: it was changed, or signed with another key`,
        [{ label: 'Key', value: key.kid }],
      )
    )
  }
  const claims = decodeJson(payload)
  if (!isAccessTokenClaims(claims)) return flaw('It is signed by this domain, but it is not an access token', [])
  return { key, claims }
}

/** The key that the header names, within this domain only, and only with the key's own algorithm. */
function chooseKey(
  domain: CompiledDomain,
  domains: CompiledDomains,
  encoded: string,
  payload: string,
  now: number,
): TokenKey | TokenFlaw {
  const header = decodeJson(encoded)
  if (typeof header !== 'object' || header === null) return flaw('It is not a JWT: its header cannot be read', [])
  const { alg, kid, typ } = header as Record<string, unknown>
  if (typeof alg === 'string' && alg.toLowerCase() === 'none') {
    return flaw('It is not signed: its header says alg none, which is never accepted (RFC 8725 §3.2)', [])
  }
  const refused = refusedMember(header)
  if (refused !== undefined) {
    return flaw(`Its header carries ${refused}, which tokens of this server never do`, [
      { label: 'Header member', value: refused },
    ])
  }
  if (typ === JWT_TYPE) return flaw('It is an ID token or a signed userinfo answer, not an access token', [])
  if (typ !== undefined && typ !== ACCESS_TOKEN_TYPE) {
    return flaw('Its header says that it is something else than an access token (RFC 9068 §4)', [
      { label: 'typ of the token', value: String(typ).slice(0, 64) },
    ])
  }
  if (typeof kid !== 'string') return flaw('Its header names no key (kid)', [])
  const shownKid = kid.slice(0, 64)
  const key = domain.keys.get(kid)
  if (key === undefined) {
    return (
      foreignFlaw(domain, domains, decodeJson(payload)) ??
      flaw(`It is signed by key ${shownKid}, which domain ${domain.snapshot.name} does not have`, [
        { label: 'Key of the token', value: shownKid },
        { label: 'Keys of the domain', value: [...domain.keys.keys()].join(', ').slice(0, 512) },
      ])
    )
  }
  if (isOver(key, now)) {
    const at = new Date(key.expiresAt ?? now).toISOString()
    return flaw(`It is signed by key ${kid}, which was retired and has been over since ${at}`, [
      { label: 'Key', value: kid },
      { label: 'Over since', value: at },
    ])
  }
  if (alg !== key.algorithm) {
    return flaw(`Its header asks for another algorithm than key ${kid} signs with (RFC 8725 §3.1)`, [
      { label: 'Algorithm of the token', value: String(alg).slice(0, 64) },
      { label: 'Algorithm of the key', value: key.algorithm },
    ])
  }
  return key
}

/** What is wrong with claims of another domain. Of unverified ones it is a hint: good enough for the person at the window. */
export function foreignFlaw(domain: CompiledDomain, domains: CompiledDomains, claims: unknown): TokenFlaw | undefined {
  if (!isAccessTokenClaims(claims) || claims.domain === domain.snapshot.id) return undefined
  const other = [...domains.values()].find(({ snapshot }) => snapshot.id === claims.domain)?.snapshot
  const whose = other === undefined ? 'a domain that is not here (any more)' : `domain ${other.name}`
  return flaw(`It is a token of ${whose}, and this is domain ${domain.snapshot.name}`, [
    { label: 'Domain of the token', value: other?.path ?? claims.domain.slice(0, 64) },
    { label: 'Domain asked', value: domain.snapshot.path },
  ])
}

function flaw(reason: string, evidence: readonly Evidence[]): TokenFlaw {
  return { reason, evidence }
}
