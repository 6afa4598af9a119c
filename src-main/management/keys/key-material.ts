import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { keyFits, signingAlgorithms, type KeyKind, type SigningAlgorithm } from '@shared/signing-key'
import type { KeySnapshot } from '../../engine/snapshot'

/** The sealed part of a key, when it is one that the algorithm can sign with; undefined otherwise. */
export function unsealedMaterial(algorithm: SigningAlgorithm, sealed: string): KeySnapshot['material'] | undefined {
  if (signingAlgorithms[algorithm].kty === 'oct') {
    return keyFits(algorithm, secretKind(Buffer.from(sealed, 'base64url'))) ? { secret: sealed } : undefined
  }
  try {
    const privateJwk = JSON.parse(sealed) as JsonWebKey
    const fits = keyFits(algorithm, pairKind(createPrivateKey({ key: privateJwk, format: 'jwk' })))
    return fits ? { privateJwk: { ...privateJwk } } : undefined
  } catch {
    return undefined
  }
}

export function secretKind(secret: Buffer): KeyKind {
  return { kty: 'oct', bits: secret.length * 8 }
}

/** @throws for a key that has no JWK, such as one of DSA */
export function pairKind(privateKey: KeyObject): KeyKind {
  const { kty, crv } = createPublicKey(privateKey).export({ format: 'jwk' })
  return { kty, crv, bits: privateKey.asymmetricKeyDetails?.modulusLength }
}
