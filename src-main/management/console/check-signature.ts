import { createPublicKey } from 'node:crypto'
import { compactVerify, decodeProtectedHeader, importJWK, type JWK } from 'jose'
import type { ConsoleToken } from '@shared/console'
import type { Domain } from '@shared/domain'
import { signingAlgorithms, type SigningAlgorithm } from '@shared/signing-key'
import type { Secrets } from '../../workspace/store'
import { keySecretId } from '../keys/new-signing-key'

/** Whether the token's signature is by the domain's own key, in a sentence. */
export async function checkSignature(
  domain: Domain,
  secrets: Secrets,
  token: string,
): Promise<ConsoleToken['signature']> {
  const { kid, alg } = decodeProtectedHeader(token)
  const key = domain.keys.find((each) => each.kid === kid)
  if (!key) return { valid: false, sentence: `The domain ${domain.name} has no key called ${kid ?? '(none named)'}.` }
  if (key.algorithm !== alg)
    return { valid: false, sentence: `The token says ${alg}, but key ${key.kid} signs with ${key.algorithm}.` }
  const secret = secrets.get(keySecretId(key.id))
  if (secret === undefined) return { valid: false, sentence: `The secret part of key ${key.kid} is missing.` }
  try {
    await compactVerify(token, await verifyingKey(key.algorithm, secret), { algorithms: [key.algorithm] })
    return { valid: true, sentence: `Signed with ${key.algorithm} by key ${key.kid} of the domain ${domain.name}.` }
  } catch {
    return { valid: false, sentence: `The signature is not by key ${key.kid} of the domain ${domain.name}.` }
  }
}

async function verifyingKey(algorithm: SigningAlgorithm, secret: string) {
  if (signingAlgorithms[algorithm].kty === 'oct') return Buffer.from(secret, 'base64url')
  const publicKey = createPublicKey({ key: JSON.parse(secret) as JWK, format: 'jwk' })
  return importJWK(publicKey.export({ format: 'jwk' }) as JWK, algorithm)
}
