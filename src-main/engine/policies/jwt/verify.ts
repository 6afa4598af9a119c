import { decodeJson, splitJws } from '../../authorization/tokens/compact-jws'
import type { JwtAlgorithm } from './given-key'
import type { Flaw, FoundKeys, KeySource, Unverified, VerifyingKey } from './key-source'

export type Claims = Readonly<Record<string, unknown>>

/** A token whose signature is right. */
export interface Verified {
  readonly token: Unverified
  readonly key: VerifyingKey
}

export type Verification = { readonly verified: Verified } | { readonly flaw: Flaw } | { readonly fault: Flaw }

/** Seconds that a token may be ahead of this machine's clock (nbf): those of two machines are never quite the same. */
const NOT_BEFORE_LEEWAY = 60

/** The parts of a token that can be read, or why it is none. Nothing of it is to be believed yet. */
export function readToken(token: string): Unverified | Flaw {
  const jws = splitJws(token)
  if (jws === undefined)
    return flaw('It is not a JWT', [{ label: 'Parts between dots', value: `${token.split('.').length} instead of 3` }])
  const header = decodeJson(jws.header)
  if (!isObject(header)) return flaw('It is not a JWT: its header cannot be read')
  const claims = decodeJson(jws.payload)
  if (!isObject(claims)) return flaw('It is not a JWT: its claims cannot be read')
  return { header, claims }
}

/** Checks that the token is signed with the algorithm that is configured, by a key of the source. */
export function verifyToken(
  text: string,
  token: Unverified,
  algorithm: JwtAlgorithm,
  source: KeySource,
): Verification | Promise<Verification> {
  const { header } = token
  // RFC 8725 §3.1: the algorithm is the configuration's, never the token's.
  if (header.alg !== algorithm) return { flaw: wrongAlgorithm(header.alg, algorithm) }
  // RFC 7515 §4.1.11: whoever does not understand what is critical must not take the token.
  if (header.crit !== undefined)
    return { flaw: flaw('Its header wants something to be heeded that this policy does not know (crit)') }
  const found = source.find(token)
  return found instanceof Promise ? found.then((keys) => check(text, token, keys)) : check(text, token, found)
}

function check(text: string, token: Unverified, found: FoundKeys): Verification {
  if ('flaw' in found) return found
  if ('fault' in found) return found
  const { signingInput, signature } = splitJws(text)! // readToken has split it
  const key = found.keys.find((each) => each.verify(signingInput, signature))
  if (key !== undefined) return { verified: { token, key } }
  const called = found.keys[0]?.called ?? 'the key'
  return {
    flaw: flaw(`Its signature is not that of ${called}: it was changed, or signed with another key`, [
      { label: 'Key', value: called },
    ]),
  }
}

function wrongAlgorithm(alg: unknown, algorithm: JwtAlgorithm): Flaw {
  const evidence = [
    { label: 'Algorithm of the token', value: String(alg).slice(0, 64) },
    { label: 'Algorithm of the policy', value: algorithm },
  ]
  return typeof alg === 'string' && alg.toLowerCase() === 'none'
    ? flaw('It is not signed: its header says alg none, which is never accepted (RFC 8725 §3.2)', evidence)
    : {
        ...flaw(`It is signed with ${String(alg).slice(0, 64)}, and the policy takes ${algorithm} alone`, evidence),
        ofEveryToken: true,
      }
}

/** Why a token is not good at this moment; undefined when it is. @param now milliseconds since the epoch */
export function timeFlaw({ exp, nbf }: Claims, now: number): Flaw | undefined {
  if (exp !== undefined) {
    if (typeof exp !== 'number' || !Number.isFinite(exp)) return flaw('Its time of expiry (exp) is not a number')
    if (now >= exp * 1000)
      return flaw(`It expired ${inWords(now / 1000 - exp)} ago`, [{ label: 'Expired at', value: iso(exp) }])
  }
  if (nbf !== undefined) {
    if (typeof nbf !== 'number' || !Number.isFinite(nbf)) return flaw('Its first moment (nbf) is not a number')
    if (now < (nbf - NOT_BEFORE_LEEWAY) * 1000)
      return flaw(`It is good only in ${inWords(nbf - now / 1000)}`, [{ label: 'Not before', value: iso(nbf) }])
  }
  return undefined
}

const iso = (seconds: number) => {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString()
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${Math.floor(seconds)} s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} days`
}

export const flaw = (reason: string, evidence: Flaw['evidence'] = []): Flaw => ({ reason, evidence })

const isObject = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
