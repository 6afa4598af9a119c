import { Type, type Static } from 'typebox'

/** Signature algorithms a domain can sign with (RFC 7518 §3.1, RFC 8037 §3.1). */
export const SigningAlgorithm = Type.Union([
  Type.Literal('HS256'),
  Type.Literal('HS384'),
  Type.Literal('HS512'),
  Type.Literal('RS256'),
  Type.Literal('RS384'),
  Type.Literal('RS512'),
  Type.Literal('PS256'),
  Type.Literal('ES256'),
  Type.Literal('ES384'),
  Type.Literal('ES512'),
  Type.Literal('EdDSA'),
])
export type SigningAlgorithm = Static<typeof SigningAlgorithm>

type Hash = 'sha256' | 'sha384' | 'sha512'

/** The kind of key an algorithm needs, by its `kty` (RFC 7518 §6.1, RFC 8037 §2), and the hash it signs. */
export type AlgorithmTraits =
  /** `bits`: the least that a secret may have, as many as its hash (RFC 7518 §3.2). */
  | { readonly kty: 'oct'; readonly hash: Hash; readonly bits: 256 | 384 | 512 }
  | { readonly kty: 'RSA'; readonly hash: Hash; readonly padding: 'PKCS1' | 'PSS' }
  | { readonly kty: 'EC'; readonly hash: Hash; readonly crv: 'P-256' | 'P-384' | 'P-521' }
  /** Ed25519 hashes by itself. */
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519' }

export const signingAlgorithms: Readonly<Record<SigningAlgorithm, AlgorithmTraits>> = {
  HS256: { kty: 'oct', hash: 'sha256', bits: 256 },
  HS384: { kty: 'oct', hash: 'sha384', bits: 384 },
  HS512: { kty: 'oct', hash: 'sha512', bits: 512 },
  RS256: { kty: 'RSA', hash: 'sha256', padding: 'PKCS1' },
  RS384: { kty: 'RSA', hash: 'sha384', padding: 'PKCS1' },
  RS512: { kty: 'RSA', hash: 'sha512', padding: 'PKCS1' },
  PS256: { kty: 'RSA', hash: 'sha256', padding: 'PSS' },
  ES256: { kty: 'EC', hash: 'sha256', crv: 'P-256' },
  ES384: { kty: 'EC', hash: 'sha384', crv: 'P-384' },
  ES512: { kty: 'EC', hash: 'sha512', crv: 'P-521' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
}

/** Least bits of an RSA key that signs (RFC 7518 §3.3 and §3.5). */
const RSA_LEAST_BITS = 2048

/** What a key is, as its JWK tells it. */
export interface KeyKind {
  readonly kty?: string | undefined
  /** Of an elliptic curve. */
  readonly crv?: string | undefined
  /** Of an RSA modulus or a secret. */
  readonly bits?: number | undefined
}

/** Whether a key is of the kind and size that the algorithm needs (RFC 7518 §3.2 to §3.5, RFC 8037 §3.1). */
export function keyFits(algorithm: SigningAlgorithm, { kty, crv, bits = 0 }: KeyKind): boolean {
  const traits = signingAlgorithms[algorithm]
  if (traits.kty !== kty) return false
  if (traits.kty === 'oct') return bits >= traits.bits
  return traits.kty === 'RSA' ? bits >= RSA_LEAST_BITS : traits.crv === crv
}

/** What a key for the algorithm has to be, in words, e.g. `an RSA key of 2048 bits or more`. */
export function neededKey(algorithm: SigningAlgorithm): string {
  const traits = signingAlgorithms[algorithm]
  switch (traits.kty) {
    case 'oct':
      return `a secret of ${traits.bits / 8} bytes or more`
    case 'RSA':
      return `an RSA key of ${RSA_LEAST_BITS} bits or more`
    case 'EC':
      return `a ${traits.crv} key`
    case 'OKP':
      return `an ${traits.crv} key`
  }
}

/** The name of a key, as it is given to one that is imported. */
export const KeyId = Type.String({ pattern: '^[\\x21-\\x7e]+$', minLength: 1, maxLength: 255 })

/** Sizes of an RSA key that can be made here. What is imported may have others. */
export const ModulusBits = Type.Union([Type.Literal(2048), Type.Literal(3072), Type.Literal(4096)])
export type ModulusBits = Static<typeof ModulusBits>

/** Metadata of a signing key; its private part or secret is sealed in the workspace under `key/<id>`. */
export const SigningKey = Type.Object({
  id: Type.String(),
  kid: Type.String({ minLength: 1, description: 'The `kid` of tokens signed by it; unique in the domain' }),
  algorithm: SigningAlgorithm,
  modulusBits: Type.Optional(Type.Integer({ minimum: RSA_LEAST_BITS, description: 'Size of an RSA key in bits' })),
  status: Type.Union([Type.Literal('active'), Type.Literal('retired')], {
    description: 'An active key signs, at most one an algorithm; a retired one only verifies, until it is over',
  }),
  createdAt: Type.String({ format: 'date-time', description: 'ISO 8601' }),
  expiresAt: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'Of a retired key, ISO 8601: when it is over. Without it, it verifies until it is removed',
    }),
  ),
})
export type SigningKey = Static<typeof SigningKey>

/** Seconds that a retired key goes on to verify, so that what it signed before is good until it expires by itself. */
export const OverlapSeconds = Type.Integer({
  minimum: 0,
  maximum: 31_536_000,
  description: 'Seconds; the longest token lifetime of the domain unless given, 0 for at once',
})

/** How often the active keys of a domain are rotated by themselves. */
export const KeyRotation = Type.Object({
  everyDays: Type.Integer({ minimum: 1, maximum: 3650, description: 'Days' }),
  overlapSeconds: Type.Optional(OverlapSeconds),
})
export type KeyRotation = Static<typeof KeyRotation>

/** The `kid` of a domain's default HS256 secret, as Access Management publishes it. */
export const DEFAULT_KEY_ID = 'default-gravitee-AM-key'
