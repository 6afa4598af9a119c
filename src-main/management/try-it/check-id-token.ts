import { hash } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose'
import { signingAlgorithms, SigningAlgorithm } from '@shared/signing-key'
import type { ConsoleToken } from '@shared/console'
import type { TryItCheck } from '@shared/try-it'
import { Value } from 'typebox/value'

/** Seconds that clocks may differ by. */
const LEEWAY_SECONDS = 5

/** What an application compares an ID token with. */
export interface ExpectedIdToken {
  readonly issuer: string
  readonly clientId: string
  /** Undefined where none was sent, and at a refresh (OpenID Connect Core §12.2). */
  readonly nonce: string | undefined
  readonly accessToken: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly signature: ConsoleToken['signature']
}

/** Validates an ID token as an application has to (OpenID Connect Core §3.1.3.7), each rule by itself. */
export function checkIdToken(token: string, expected: ExpectedIdToken): TryItCheck[] {
  const claims = decodeJwt(token)
  const { issuer, clientId, nonce, signature } = expected
  return [
    {
      title: 'Signature',
      ok: signature.valid,
      sentence: signature.sentence,
      source: 'OpenID Connect Core §3.1.3.7, 6',
    },
    {
      title: 'iss',
      ...same(claims.iss, issuer, 'the server that was asked'),
      source: 'OpenID Connect Core §3.1.3.7, 2',
    },
    { title: 'aud', ...audience(claims, clientId), source: 'OpenID Connect Core §3.1.3.7, 3' },
    { title: 'exp', ...expiry(claims, expected.now), source: 'OpenID Connect Core §3.1.3.7, 9' },
    ...(nonce === undefined
      ? []
      : [
          {
            title: 'nonce',
            ...same(claims.nonce, nonce, 'the one that was sent with the request'),
            source: 'OpenID Connect Core §3.1.3.7, 11',
          },
        ]),
    ...accessTokenHash(token, claims, expected.accessToken),
  ]
}

function same(given: unknown, expected: string, what: string): Pick<TryItCheck, 'ok' | 'sentence'> {
  const ok = given === expected
  return { ok, sentence: ok ? `It is ${what}.` : `It is ${shown(given)}, and not ${what}, ${expected}.` }
}

function audience({ aud, azp }: JWTPayload, clientId: string): Pick<TryItCheck, 'ok' | 'sentence'> {
  const all = Array.isArray(aud) ? aud : [aud]
  if (!all.includes(clientId))
    return { ok: false, sentence: `It is ${shown(aud)}: the token is meant for somebody else.` }
  if (azp !== undefined && azp !== clientId)
    return { ok: false, sentence: `It was issued to ${shown(azp)}, as azp says, and not to this application.` }
  return { ok: true, sentence: 'It is meant for this application.' }
}

function expiry({ exp }: JWTPayload, now: number): Pick<TryItCheck, 'ok' | 'sentence'> {
  if (exp === undefined) return { ok: false, sentence: 'The token does not say when it ends.' }
  const left = Math.floor(exp - now / 1000)
  return left + LEEWAY_SECONDS > 0
    ? { ok: true, sentence: `It is good for another ${Math.max(left, 0)} seconds.` }
    : { ok: false, sentence: `It was over ${-left} seconds ago.` }
}

/** OpenID Connect Core §3.1.3.8: whether the access token beside it is the one that it was issued with. */
function accessTokenHash(token: string, { at_hash }: JWTPayload, accessToken: string): TryItCheck[] {
  const { alg } = decodeProtectedHeader(token)
  if (at_hash === undefined || !Value.Check(SigningAlgorithm, alg)) return []
  const traits = signingAlgorithms[alg]
  const digest = hash('hash' in traits ? traits.hash : 'sha512', accessToken, 'buffer')
  const ok = at_hash === digest.subarray(0, digest.length / 2).toString('base64url')
  return [
    {
      title: 'at_hash',
      ok,
      sentence: ok
        ? 'It is the hash of the access token beside it: the two belong together.'
        : 'It is not the hash of the access token beside it.',
      source: 'OpenID Connect Core §3.1.3.8',
    },
  ]
}

const shown = (value: unknown) =>
  value === undefined ? 'missing' : typeof value === 'string' ? value : JSON.stringify(value)
