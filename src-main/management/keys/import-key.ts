import { createPublicKey, randomUUID, sign, verify, type JsonWebKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { Value } from 'typebox/value'
import {
  KeyId,
  keyFits,
  neededKey,
  SigningAlgorithm,
  signingAlgorithms,
  type KeyKind,
  type SigningKey,
} from '@shared/signing-key'
import { fieldInvalid } from '../problems'
import { pairKind, secretKind } from './key-material'
import { readJwk } from './read-jwk'
import { keyInvalid, type ReadKey } from './read-key'
import { readPem } from './read-pem'

/** Largest RSA key that is taken, in bits: each signature by a larger one takes tenths of a second. */
const LARGEST_KEY = 8192

/**
 * An active key from the text of a key file: PEM with one private key, a private JWK, or a JWK set of one. Its algorithm is the one
 * asked for, else the JWK's `alg`, else the usual one of its kind; its kid the one given, else the JWK's, else its RFC 7638 thumbprint.
 *
 * @throws ProblemError naming what is wrong, without a part of the key
 */
export async function importedKey(
  given: { readonly key: string; readonly algorithm?: SigningAlgorithm; readonly kid?: string },
  now: number,
): Promise<{ key: SigningKey; secret: string }> {
  const text = given.key.trim()
  const read = !text.startsWith('{') && text.includes('-----BEGIN ') ? readPem(text) : readJwk(text)
  const kind = 'secret' in read ? secretKind(read.secret) : kindOf(read.privateKey)
  const algorithm = chooseAlgorithm(given.algorithm, read, kind)
  const jwk: JsonWebKey =
    'secret' in read ? { kty: 'oct', k: read.secret.toString('base64url') } : read.privateKey.export({ format: 'jwk' })
  if ('privateKey' in read) requireWhole(read.privateKey, algorithm)
  return {
    key: {
      id: randomUUID(),
      kid: given.kid ?? usableKid(read.kid) ?? (await calculateJwkThumbprint(jwk)),
      algorithm,
      ...(kind.kty === 'RSA' && kind.bits !== undefined ? { modulusBits: kind.bits } : {}),
      status: 'active',
      createdAt: new Date(now).toISOString(),
    },
    secret: jwk.kty === 'oct' ? jwk.k! : JSON.stringify(jwk),
  }
}

function kindOf(privateKey: KeyObject): KeyKind {
  const { asymmetricKeyType: type, asymmetricKeyDetails: { modulusLength = 0, namedCurve } = {} } = privateKey
  if (type === 'rsa' && modulusLength > LARGEST_KEY)
    throw keyInvalid(
      `An RSA key of ${modulusLength} bits signs too slowly to serve`,
      `Use one of 2048 to ${LARGEST_KEY} bits.`,
    )
  if (type === 'rsa-pss')
    throw keyInvalid(
      'The RSA key is bound to PSS by its own format (id-RSASSA-PSS), which no JWK can tell',
      'Use a plain RSA key; PS256 signs with it.',
    )
  const known = type === 'rsa' || type === 'ed25519' || (type === 'ec' && EC_CURVES.includes(namedCurve ?? ''))
  if (!known)
    throw keyInvalid(
      `The key is of the kind ${[type, namedCurve].filter(Boolean).join(' ')}, which signs no tokens here`,
      'Use an RSA, P-256, P-384, P-521 or Ed25519 key.',
    )
  return pairKind(privateKey)
}

/** P-256, P-384 and P-521 as OpenSSL calls them. */
const EC_CURVES = ['prime256v1', 'secp384r1', 'secp521r1']

function chooseAlgorithm(asked: SigningAlgorithm | undefined, { alg }: ReadKey, kind: KeyKind): SigningAlgorithm {
  if (alg !== undefined && !Value.Check(SigningAlgorithm, alg))
    throw keyInvalid(
      'The JWK is for an algorithm that no domain signs with (alg)',
      `Use a key for one of ${Object.keys(signingAlgorithms).join(', ')}.`,
    )
  if (alg !== undefined && asked !== undefined && alg !== asked)
    throw fieldInvalid(
      '/algorithm',
      `The JWK says that it is for ${alg} (alg), not ${asked}`,
      'Leave the algorithm out, or choose the one of the JWK.',
    )
  const algorithm = asked ?? alg ?? usualAlgorithm(kind)
  if (keyFits(algorithm, kind)) return algorithm
  throw fieldInvalid(
    asked === undefined ? '/key' : '/algorithm',
    `${algorithm} needs ${neededKey(algorithm)}, and this is ${inWords(kind)} (RFC 7518 §3)`,
    asked === undefined ? `Use ${neededKey(algorithm)}.` : 'Choose an algorithm that fits the key, or another key.',
  )
}

/** The first algorithm that the kind of key is for, e.g. RS256 for RSA. */
function usualAlgorithm({ kty, crv }: KeyKind): SigningAlgorithm {
  const algorithms = Object.keys(signingAlgorithms) as SigningAlgorithm[]
  return algorithms.find((algorithm) => {
    const traits = signingAlgorithms[algorithm]
    return traits.kty === kty && (!('crv' in traits) || traits.crv === crv)
  })! // readers let nothing else pass
}

function inWords({ kty, crv, bits = 0 }: KeyKind): string {
  if (kty === 'oct') return `a secret of ${Math.floor(bits / 8)} bytes`
  return kty === 'RSA' ? `an RSA key of ${bits} bits` : `a ${crv} key`
}

/** A JWK tells its public and private part side by side: they have to belong together. */
function requireWhole(privateKey: KeyObject, algorithm: SigningAlgorithm): void {
  const hash = algorithm === 'EdDSA' ? null : 'sha256'
  const probe = Buffer.from('Gatehouse')
  try {
    if (verify(hash, probe, createPublicKey(privateKey), sign(hash, probe, privateKey))) return
  } catch {
    // OpenSSL checks an RSA signature that it made, and its error may tell of the key.
  }
  throw keyInvalid(
    'The private part of the key does not belong to its public part',
    'Export the key anew from where it comes from.',
  )
}

function usableKid(kid: unknown): string | undefined {
  if (kid === undefined || Value.Check(KeyId, kid)) return kid
  throw fieldInvalid(
    '/kid',
    'The kid of the JWK cannot be used: it is no text, too long, or holds more than ASCII letters, digits and signs',
    'Give the key a kid here.',
  )
}
