import { generateKeyPair, randomBytes, randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import { DEFAULT_KEY_ID, type SigningAlgorithm, type SigningKey } from '@shared/domain'

const generate = promisify(generateKeyPair)

/** A signing key with its secret part: base64url of 256 bits for HS256, else the private key as a JWK. */
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
 */
export async function newSigningKey(algorithm: SigningAlgorithm, taken: readonly string[]): Promise<NewSigningKey> {
  const id = randomUUID()
  const kid =
    algorithm === 'HS256' && !taken.includes(DEFAULT_KEY_ID)
      ? DEFAULT_KEY_ID
      : `${algorithm.toLowerCase()}-${randomBytes(6).toString('hex')}`
  return {
    key: { id, kid, algorithm, status: 'active', createdAt: new Date().toISOString() },
    secretId: keySecretId(id),
    secret: await newSecretPart(algorithm),
  }
}

export function keySecretId(keyId: string): string {
  return `key/${keyId}`
}

async function newSecretPart(algorithm: SigningAlgorithm): Promise<string> {
  switch (algorithm) {
    case 'HS256':
      return randomBytes(32).toString('base64url')
    case 'RS256':
      return jwk((await generate('rsa', { modulusLength: 2048 })).privateKey)
    case 'ES256':
      return jwk((await generate('ec', { namedCurve: 'P-256' })).privateKey)
    case 'EdDSA':
      return jwk((await generate('ed25519')).privateKey)
  }
}

function jwk(key: { export(options: { format: 'jwk' }): unknown }): string {
  return JSON.stringify(key.export({ format: 'jwk' }))
}
