import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { keyFits, neededKey, signingAlgorithms } from '@shared/signing-key'
import { keyPairVerifier, secretVerifier } from '../../authorization/keys/token-key'
import type { KeySource, VerifyingKey } from './key-source'

/** The algorithms that Gravitee's policy knows. */
export type JwtAlgorithm = 'RS256' | 'RS384' | 'RS512' | 'HS256' | 'HS384' | 'HS512'

/** A key that cannot be what the algorithm needs; the message says why and never holds the key. */
export class KeyFault extends Error {}

/**
 * The one key that stands in the configuration.
 *
 * @param text for RSA in PEM (a public key or a certificate) or as `ssh-rsa …`; for HMAC the secret, as a text or in Base64
 * @throws KeyFault
 */
export function givenKey(text: string, algorithm: JwtAlgorithm): KeySource {
  const keys = algorithm.startsWith('HS') ? secrets(text, algorithm) : [publicKey(text, algorithm)]
  return { find: () => ({ keys }), holds: (key) => keys.includes(key) }
}

/** Gravitee reads a secret as Base64 where it can. People also type a text that happens to be Base64: both are the same secret. */
function secrets(text: string, algorithm: JwtAlgorithm): VerifyingKey[] {
  const given = text.trim()
  const readings = [Buffer.from(given, 'utf8')]
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(given) && given.replace(/=+$/, '').length % 4 !== 1)
    readings.unshift(Buffer.from(given, 'base64'))
  const fitting = readings.filter(({ length }) => keyFits(algorithm, { kty: 'oct', bits: length * 8 }))
  if (fitting.length === 0)
    throw new KeyFault(`${algorithm} needs ${neededKey(algorithm)} (RFC 7518 §3.2), and this one is shorter`)
  return fitting.map((bytes) => verifying(createSecretKey(bytes), algorithm, 'the given secret'))
}

function publicKey(text: string, algorithm: JwtAlgorithm): VerifyingKey {
  let key: KeyObject
  try {
    const given = text.trim()
    if (/PRIVATE KEY/.test(given)) throw new KeyFault('This is a private key: give its public key alone')
    key = given.startsWith('ssh-rsa') ? sshKey(given) : createPublicKey(given)
  } catch (error) {
    if (error instanceof KeyFault) throw error
    throw new KeyFault('This is neither a public key nor a certificate in PEM')
  }
  return verifyingRsa(key, algorithm, 'the given key')
}

/** @throws KeyFault for what is no RSA key, or too short a one */
export function verifyingRsa(key: KeyObject, algorithm: JwtAlgorithm, called: string): VerifyingKey {
  const { kty } = key.export({ format: 'jwk' })
  if (!keyFits(algorithm, { kty, bits: key.asymmetricKeyDetails?.modulusLength }))
    throw new KeyFault(`${algorithm} needs ${neededKey(algorithm)} (RFC 7518 §3.3), and this is another`)
  return verifying(key, algorithm, called)
}

/** @param key of the kind that the algorithm needs */
export function verifying(key: KeyObject, algorithm: JwtAlgorithm, called: string): VerifyingKey {
  const traits = signingAlgorithms[algorithm]
  return { called, verify: traits.kty === 'oct' ? secretVerifier(traits.hash, key) : keyPairVerifier(traits, key) }
}

/** RFC 4253 §6.6: the name, the exponent and the modulus, each after its length. */
function sshKey(text: string): KeyObject {
  const blob = Buffer.from(text.split(/\s+/)[1] ?? '', 'base64')
  const parts: Buffer[] = []
  for (let at = 0; at + 4 <= blob.length;) {
    const length = blob.readUInt32BE(at)
    parts.push(blob.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  const [, e, n] = parts
  if (e === undefined || n === undefined) throw new KeyFault('This is no whole ssh-rsa key')
  const number = (bytes: Buffer) => bytes.subarray(bytes[0] === 0 ? 1 : 0).toString('base64url')
  return createPublicKey({ key: { kty: 'RSA', n: number(n), e: number(e) }, format: 'jwk' })
}
