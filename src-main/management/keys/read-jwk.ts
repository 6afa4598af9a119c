import type { JsonWebKey } from 'node:crypto'
import { keyInvalid, privateKeyFrom, type ReadKey } from './read-key'

/** Members that a private key of each kind must have: base64url (RFC 7518 §6.2.2, §6.3.2, RFC 8037 §2). Node wants all of RSA's. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['x', 'y', 'd'],
  RSA: ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'],
  OKP: ['x', 'd'],
  oct: ['k'],
}
const BASE64URL = /^[\w-]+$/

/** The key of a private JWK, or of a JWK set that holds one. @throws ProblemError */
export function readJwk(text: string): ReadKey {
  const jwk = single(parsed(text))
  const { kty, kid, alg } = jwk
  const members = typeof kty === 'string' && Object.hasOwn(MEMBERS, kty) ? MEMBERS[kty]! : undefined
  if (members === undefined)
    throw keyInvalid(
      kty === undefined
        ? 'The JWK does not say what kind of key it is (kty)'
        : 'The JWK is of a kind that is not known (kty)',
      `Give a JWK whose kty is one of ${Object.keys(MEMBERS).join(', ')}.`,
    )
  requirePurpose(jwk)
  requireMembers(jwk, members)
  if (kty === 'oct') return { kid, alg, secret: Buffer.from(String(jwk.k), 'base64url') }
  const unreadable = keyInvalid(
    'The members of the JWK do not make a key: a value is cut off or changed, or its crv is another one',
    'Export the key anew from where it comes from.',
  )
  return { kid, alg, privateKey: privateKeyFrom({ key: jwk as JsonWebKey, format: 'jwk' }, unreadable) }
}

function parsed(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's message quotes the text.
    const looksLikeJson = text.startsWith('{') || text.startsWith('[')
    throw keyInvalid(
      looksLikeJson ? 'The JWK is not valid JSON' : 'The text is neither PEM nor a JWK',
      looksLikeJson
        ? 'Copy the whole file, from its first { to its last }.'
        : 'Give the text of a PEM file, which begins with -----BEGIN, or a JWK, which begins with {.',
    )
  }
  if (isObject(value)) return value
  throw keyInvalid('The text is JSON, but no JWK: a JWK is an object', 'Give a JWK, which begins with {.')
}

function single(value: Record<string, unknown>): Record<string, unknown> {
  if (!Object.hasOwn(value, 'keys')) return value
  const keys = Array.isArray(value.keys) ? (value.keys as unknown[]) : []
  const [only] = keys
  if (keys.length === 1 && isObject(only)) return only
  throw keyInvalid(
    keys.length > 1 ? `The JWK set holds ${keys.length} keys` : 'The JWK set holds no key',
    'Give one key, by itself or as the only one of its set.',
  )
}

/** RFC 7517 §4.2 and §4.3. */
function requirePurpose({ use, key_ops: operations }: Record<string, unknown>): void {
  const signs = use === undefined || use === 'sig'
  const maySign = operations === undefined || (Array.isArray(operations) && operations.includes('sign'))
  if (signs && maySign) return
  throw keyInvalid(
    `The JWK is not for signing (${signs ? 'key_ops' : 'use'})`,
    'Give a key that is for signing, or leave use and key_ops out where that is an oversight.',
  )
}

function requireMembers(jwk: Record<string, unknown>, members: readonly string[]): void {
  if (jwk.kty !== 'oct' && jwk.d === undefined)
    throw keyInvalid('The JWK is a public key: its private part (d) is missing', 'Give the private JWK.')
  if (jwk.oth !== undefined)
    throw keyInvalid('The RSA key has more than two primes (oth)', 'Use a key of two primes, as is usual.')
  const missing = members.filter((member) => jwk[member] === undefined)
  if (missing.length > 0)
    throw keyInvalid(`The JWK lacks ${missing.join(', ')}`, 'Export the key anew, with every member of RFC 7518 §6.')
  const wrong = members.filter((member) => !BASE64URL.test(String(jwk[member])) || typeof jwk[member] !== 'string')
  if (wrong.length > 0)
    throw keyInvalid(`${wrong.join(', ')} of the JWK is not base64url`, 'Export the key anew from where it comes from.')
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
