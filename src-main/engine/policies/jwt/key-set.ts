import { createPublicKey, createSecretKey, type JsonWebKey } from 'node:crypto'
import { keyFits } from '@shared/signing-key'
import { verifying, verifyingRsa, type JwtAlgorithm } from './given-key'
import { textMember, type VerifyingKey } from './key-source'

/** A key of a set (RFC 7517 §5) that fits the algorithm, with what it may be named by. */
export interface NamedKey {
  readonly key: VerifyingKey
  readonly kid: string | undefined
  /** Of its certificate, by SHA-1 and SHA-256 (RFC 7517 §4.8, §4.9). */
  readonly thumbprints: readonly string[]
}

/** The keys of a set that tokens of the algorithm may be signed with; undefined when it is none. Keys for other purposes are passed over. */
export function readKeySet(text: string, algorithm: JwtAlgorithm): NamedKey[] | undefined {
  let members: unknown
  try {
    members = (JSON.parse(text) as { keys?: unknown } | null)?.keys
  } catch {
    return undefined
  }
  if (!Array.isArray(members)) return undefined
  return members.flatMap((jwk: unknown) => readKey(jwk, algorithm))
}

function readKey(jwk: unknown, algorithm: JwtAlgorithm): NamedKey[] {
  if (typeof jwk !== 'object' || jwk === null) return []
  const { kty, kid, use, alg, x5t, 'x5t#S256': x5tS256, k } = jwk as Record<string, unknown>
  if (use !== undefined && use !== 'sig') return []
  if (alg !== undefined && alg !== algorithm) return []
  const called = textMember(kid) ?? 'a key without a kid'
  const named = (key: VerifyingKey): NamedKey[] => [
    { key, kid: textMember(kid), thumbprints: [x5t, x5tS256].flatMap((each) => textMember(each) ?? []) },
  ]
  try {
    if (kty === 'oct' && typeof k === 'string') {
      const bytes = Buffer.from(k, 'base64url')
      const fits = keyFits(algorithm, { kty, bits: bytes.length * 8 })
      return fits ? named(verifying(createSecretKey(bytes), algorithm, called)) : []
    }
    if (kty !== 'RSA' || algorithm.startsWith('HS')) return []
    const { n, e } = jwk as JsonWebKey
    return named(
      verifyingRsa(createPublicKey({ key: { kty, n: String(n), e: String(e) }, format: 'jwk' }), algorithm, called),
    )
  } catch {
    // A key that cannot be used does not take the others with it.
    return []
  }
}
