import { timingSafeEqual } from 'node:crypto'
import { signingAlgorithms, type SigningAlgorithm } from '@shared/signing-key'
import type { CompiledApplication, CompiledDomain } from '../compiled-domain'
import { isOver } from '../keys/token-key'
import { decodeJson, refusedMember, splitJws, type CompactJws } from './compact-jws'
import { clientSecretKeys, isMac, macOf } from './id-token-signer'
import { JWT_TYPE } from './sign-jwt'
import type { TokenFlaw } from './verify-signature'

/** What an ID token that comes back tells about who was logged in, and where. */
export interface IdTokenHint {
  readonly userId: string
  /** The application that it was issued to; it may be disabled meanwhile. */
  readonly application: CompiledApplication
  /** See `sidOf`. */
  readonly sid?: string
}

/**
 * Checks an ID token that a client sends as `id_token_hint`: that this domain issued it to one of its applications. One that has expired
 * is taken, since it only says who was meant (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §4).
 *
 * @param now milliseconds since the epoch
 */
export function verifyIdTokenHint(
  domain: CompiledDomain,
  token: string,
  { issuer, now }: { readonly issuer: string; readonly now: number },
): IdTokenHint | TokenFlaw {
  const jws = splitJws(token)
  const header = jws && decodeJson(jws.header)
  const claims = jws && decodeJson(jws.payload)
  if (!isObject(header) || !isObject(claims) || jws === undefined) return flaw('The ID token is not a JWT')
  const refused = refusedMember(header)
  if (refused !== undefined) return flaw(`Its header carries ${refused}, which tokens of this server never do`)
  const { iss, sub, aud, sid } = claims
  // A signed userinfo answer has no auth_time, an ID token of ours always has.
  if (header.typ !== JWT_TYPE || typeof sub !== 'string' || typeof claims.auth_time !== 'number') {
    return flaw('It is no ID token of this server')
  }
  const application = typeof aud === 'string' ? domain.applications.get(aud) : undefined
  if (application === undefined) {
    return flaw('The application that the ID token was issued to is none of this domain', 'Audience', aud)
  }
  if (!isSigned(domain, application, header, jws, now)) {
    return flaw(`The ID token is not signed by a key of domain ${domain.snapshot.name}`, 'Key of the token', header.kid)
  }
  if (iss !== issuer) return flaw('The ID token was issued at another address', 'Issuer', iss)
  return { userId: sub, application, ...(typeof sid === 'string' ? { sid } : {}) }
}

/** By the domain's key that it names, or without `kid` by a secret of the application: a key is only ever used with its own algorithm. */
function isSigned(
  domain: CompiledDomain,
  application: CompiledApplication,
  { alg, kid }: Readonly<Record<string, unknown>>,
  { signingInput, signature }: CompactJws,
  now: number,
): boolean {
  if (typeof kid === 'string') {
    const key = domain.keys.get(kid)
    const fits = key !== undefined && key.algorithm === alg && !isMac(key.algorithm) && !isOver(key, now)
    return fits && key.verify(signingInput, signature)
  }
  if (kid !== undefined || !isAlgorithm(alg) || !isMac(alg)) return false
  const given = Buffer.from(signature)
  return clientSecretKeys(application, alg, now).some((secret) => {
    const expected = Buffer.from(macOf(alg, secret, signingInput))
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

function isAlgorithm(alg: unknown): alg is SigningAlgorithm {
  return typeof alg === 'string' && Object.hasOwn(signingAlgorithms, alg)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function flaw(reason: string, label?: string, value?: unknown): TokenFlaw {
  const shown = typeof value === 'string' ? value.slice(0, 128) : 'none'
  return { reason, evidence: label === undefined ? [] : [{ label, value: shown }] }
}
