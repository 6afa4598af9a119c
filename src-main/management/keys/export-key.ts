import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { ExportedKey, KeyFormat } from '@shared/operations'
import type { SigningKey } from '@shared/signing-key'
import { conflict } from '../problems'
import { unsealedMaterial } from './key-material'

/** The public part, as a JWK or PEM (SPKI). @throws ProblemError */
export function exportPublic(key: SigningKey, sealed: string | undefined, format: KeyFormat): ExportedKey {
  const material = materialOf(key, sealed)
  if ('secret' in material)
    throw conflict(
      'KEY_HAS_NO_PUBLIC_PART',
      `${key.kid} is a secret and has no public part`,
      'Use a key pair, such as ES256, where others are to verify tokens.',
    )
  const publicKey = createPublicKey(privateKeyOf(material.privateJwk))
  return { kid: key.kid, format, text: format === 'jwk' ? jwkText(key, publicKey) : pem(publicKey, 'spki') }
}

/** The whole key, as a JWK or PEM (PKCS #8). @throws ProblemError */
export function exportPrivate(key: SigningKey, sealed: string | undefined, format: KeyFormat): ExportedKey {
  const material = materialOf(key, sealed)
  if ('privateJwk' in material) {
    const privateKey = privateKeyOf(material.privateJwk)
    return { kid: key.kid, format, text: format === 'jwk' ? jwkText(key, privateKey) : pem(privateKey, 'pkcs8') }
  }
  if (format === 'pem')
    throw conflict('KEY_HAS_NO_PEM', `${key.kid} is a secret, and PEM is for key pairs only`, 'Export it as a JWK.', {
      field: '/format',
    })
  return { kid: key.kid, format, text: written(key, { kty: 'oct', k: material.secret }) }
}

function materialOf(key: SigningKey, sealed: string | undefined) {
  const material = sealed === undefined ? undefined : unsealedMaterial(key.algorithm, sealed)
  if (material) return material
  throw conflict(
    'KEY_UNREADABLE',
    `The secret part of ${key.kid} is missing or unreadable`,
    key.status === 'active' ? 'Rotate the key.' : 'Remove the key.',
  )
}

function privateKeyOf(jwk: Readonly<Record<string, unknown>>): KeyObject {
  return createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' })
}

function pem(key: KeyObject, type: 'spki' | 'pkcs8'): string {
  return key.export({ format: 'pem', type }).toString()
}

const jwkText = (key: SigningKey, object: KeyObject) => written(key, object.export({ format: 'jwk' }))

function written({ kid, algorithm }: SigningKey, jwk: JsonWebKey): string {
  return JSON.stringify({ ...jwk, kid, use: 'sig', alg: algorithm }, null, 2)
}
