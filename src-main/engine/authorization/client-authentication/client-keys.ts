import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { keyFits, SigningAlgorithm, signingAlgorithms, type KeyKind } from '@shared/signing-key'
import { KeyRefusal, keyPairVerifier, type TokenKey } from '../keys/token-key'

/** A public key that a client signs with, ready to check. */
export interface ClientKey {
  readonly kid: string | undefined
  /** Only by these: its own `alg`, or whatever a key of its kind can do. The assertion chooses none beyond them (RFC 8725 §3.1). */
  readonly verifiers: ReadonlyMap<SigningAlgorithm, TokenKey['verify']>
}

/** Members that a private or secret key has, and a public one has not (RFC 7518 §6.2.2, §6.3.2, §6.4.1). */
const PRIVATE_MEMBERS = ['d', 'k']

/** @throws KeyRefusal when it is not a public key that something can be signed with. */
export function importClientKey(jwk: Readonly<Record<string, unknown>>): ClientKey {
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member))) {
    throw new KeyRefusal('it is a private key or a secret, and only the public key belongs here')
  }
  const publicKey = readPublicKey(jwk)
  const { kty, crv, alg, kid, use = 'sig' } = jwk
  const kind: KeyKind = {
    kty: text(kty),
    crv: text(crv),
    bits: publicKey.asymmetricKeyDetails?.modulusLength,
  }
  const verifiers = new Map<SigningAlgorithm, TokenKey['verify']>()
  for (const { const: algorithm } of SigningAlgorithm.anyOf) {
    const traits = signingAlgorithms[algorithm]
    if (traits.kty === 'oct' || !keyFits(algorithm, kind) || !isMeantFor(alg, algorithm)) continue
    verifiers.set(algorithm, keyPairVerifier(traits, publicKey))
  }
  if (use !== 'sig') throw new KeyRefusal('its use is not sig')
  if (verifiers.size === 0) throw new KeyRefusal('no algorithm here can use it, or not the one that its alg names')
  return { kid: text(kid), verifiers }
}

/** RFC 9864 calls EdDSA by the name of its curve. */
export function algorithmOf(alg: unknown): SigningAlgorithm | undefined {
  const name = alg === 'Ed25519' ? 'EdDSA' : alg
  return typeof name === 'string' && Object.hasOwn(signingAlgorithms, name) ? (name as SigningAlgorithm) : undefined
}

function isMeantFor(alg: unknown, algorithm: SigningAlgorithm): boolean {
  return alg === undefined || algorithmOf(alg) === algorithm
}

function readPublicKey(jwk: Readonly<Record<string, unknown>>) {
  try {
    return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }) // Node checks every member of it
  } catch {
    throw new KeyRefusal('it is not a readable public JWK')
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
