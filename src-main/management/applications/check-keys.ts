import { createPublicKey, type JsonWebKey } from 'node:crypto'
import type { Application } from '@shared/domain'
import type { FieldError } from '@shared/problem'
import { keyFits, SigningAlgorithm, signingAlgorithms, type KeyKind } from '@shared/signing-key'

export type PublicJwk = NonNullable<Application['jwks']>['keys'][number]

/** Members that only a private or secret key has (RFC 7518 §6.2.2, §6.3.2, §6.4.1; RFC 8037 §2). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
/** What is kept of a public key; certificates and addresses beside it are not looked at (RFC 8725 §3.10). */
const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'use', 'alg', 'key_ops']

/** Algorithms by which an assertion can be signed with a key of one's own. */
const assertionAlgorithms = SigningAlgorithm.anyOf
  .map(({ const: algorithm }) => algorithm)
  .filter((algorithm) => signingAlgorithms[algorithm].kty !== 'oct')

/** What is wrong with the keys of a client; `field` is from the list on. */
export function keyErrors(keys: readonly PublicJwk[]): FieldError[] {
  const kids = new Set<unknown>()
  return keys.flatMap((key, index): FieldError[] => {
    const at = `/${index}`
    const own = keyFault(key)
    if (own) return [{ ...own, field: `${at}${own.field}` }]
    const { kid } = key
    if (kid !== undefined && kids.has(kid))
      return [
        {
          field: `${at}/kid`,
          message: `Two keys have the kid ${String(kid)}`,
          remedy: 'Give every key a kid of its own.',
        },
      ]
    kids.add(kid)
    return []
  })
}

/** Only what a public key is made of. */
export function publicMembers(key: PublicJwk): PublicJwk {
  return Object.fromEntries(Object.entries(key).filter(([name]) => PUBLIC_MEMBERS.includes(name)))
}

/** `field` from the key on. */
function keyFault(key: PublicJwk): FieldError | undefined {
  const secret = PRIVATE_MEMBERS.filter((name) => key[name] !== undefined)
  if (key.kty === 'oct' || secret.length > 0)
    return {
      field: '',
      message: `It is no public key: it has ${secret.join(', ') || 'the kty oct'}`,
      remedy: 'Give the public key alone; the private one stays with the application.',
    }
  const kind = publicKind(key)
  if (!kind)
    return {
      field: '',
      message: 'It is not a public key that can be read (RFC 7517 §4)',
      remedy: 'Check kty and, by it, n and e, or crv, x and y.',
    }
  const fitting = assertionAlgorithms.filter((algorithm) => keyFits(algorithm, kind))
  if (fitting.length === 0)
    return {
      field: '',
      message: `No algorithm here can use ${kind.kty === 'RSA' ? `an RSA key of ${kind.bits} bits` : `a key of ${kind.crv}`}`,
      remedy: 'Use RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519.',
    }
  // RFC 9864 calls EdDSA by the name of its curve.
  const alg = key.alg === 'Ed25519' ? 'EdDSA' : key.alg
  if (alg !== undefined && !fitting.some((algorithm) => algorithm === alg))
    return {
      field: '/alg',
      message: `Its alg is ${String(key.alg)}, which does not go with it`,
      remedy: `Use ${fitting.join(', ')}, or leave alg out.`,
    }
  if (key.use !== undefined && key.use !== 'sig')
    return {
      field: '/use',
      message: `Its use is ${String(key.use)}, not to sign`,
      remedy: 'Use a key whose use is sig.',
    }
  return key.kid === undefined || typeof key.kid === 'string'
    ? undefined
    : { field: '/kid', message: 'Its kid is not a text', remedy: 'Give it a text as kid, or leave it out.' }
}

function publicKind(key: PublicJwk): KeyKind | undefined {
  try {
    const { kty, crv, n, e, x, y } = key as JsonWebKey // checked by the import itself
    const imported = createPublicKey({ key: { kty, crv, n, e, x, y } as JsonWebKey, format: 'jwk' })
    const bits = imported.asymmetricKeyDetails?.modulusLength
    return { kty, crv, bits }
  } catch {
    return undefined
  }
}
