import { generateKeyPair, randomBytes, randomUUID, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import {
  DEFAULT_KEY_ID,
  signingAlgorithms,
  type AlgorithmTraits,
  type SigningAlgorithm,
  type SigningKey,
} from '@shared/signing-key'

const generate = promisify(generateKeyPair)

/** A signing key with its secret part: the secret in base64url, else the private key as a JWK. */
export interface NewSigningKey {
  readonly key: SigningKey
  /** Where the secret part is sealed. */
  readonly secretId: string
  readonly secret: string
}

/**
 * Makes an active key. The first HS256 key of a domain is called as Access Management publishes it; every other `kid` is random.
 *
 * @param taken the `kid`s that the domain has
 * @param modulusBits of an RSA key; the others have the one size of their algorithm
 * @param now milliseconds since the epoch
 */
export async function newSigningKey(
  algorithm: SigningAlgorithm,
  { taken, modulusBits = 2048, now }: { taken: readonly string[]; modulusBits?: number | undefined; now: number },
): Promise<NewSigningKey> {
  const id = randomUUID()
  const kid =
    algorithm === 'HS256' && !taken.includes(DEFAULT_KEY_ID)
      ? DEFAULT_KEY_ID
      : `${algorithm.toLowerCase()}-${randomBytes(6).toString('hex')}`
  const traits = signingAlgorithms[algorithm]
  return {
    key: {
      id,
      kid,
      algorithm,
      ...(traits.kty === 'RSA' ? { modulusBits } : {}),
      status: 'active',
      createdAt: new Date(now).toISOString(),
    },
    secretId: keySecretId(id),
    secret:
      traits.kty === 'oct'
        ? randomBytes(traits.bits / 8).toString('base64url')
        : JSON.stringify((await newPrivateKey(traits, modulusBits)).export({ format: 'jwk' })),
  }
}

export function keySecretId(keyId: string): string {
  return `key/${keyId}`
}

/** In the thread pool: an RSA key takes some tenths of a second. */
async function newPrivateKey(
  traits: Exclude<AlgorithmTraits, { kty: 'oct' }>,
  modulusLength: number,
): Promise<KeyObject> {
  switch (traits.kty) {
    case 'RSA':
      return (await generate('rsa', { modulusLength })).privateKey
    case 'EC':
      return (await generate('ec', { namedCurve: traits.crv })).privateKey
    case 'OKP':
      return (await generate('ed25519')).privateKey
  }
}
