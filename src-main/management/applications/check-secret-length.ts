import { usesSecret } from '@shared/application-kinds'
import type { Application } from '@shared/domain'
import type { FieldError } from '@shared/problem'
import { keyFits, neededKey, signingAlgorithms } from '@shared/signing-key'
import { resolveClientSecret } from './resolve-client-secret'

/**
 * What an application cannot be signed for, since its secret is too short a key for it (RFC 7518 §3.2): secrets that were made before
 * had 43 characters, and those from elsewhere have what they have. One that cannot be read is told of elsewhere.
 */
export function secretLengthErrors(
  application: Application,
  secrets: Parameters<typeof resolveClientSecret>[1],
): FieldError[] {
  const { userinfoSignedResponseAlg: algorithm, clientSecret, furtherSecrets = [] } = application
  if (algorithm === undefined || signingAlgorithms[algorithm].kty !== 'oct' || !usesSecret(application)) return []
  const references = [clientSecret, ...furtherSecrets.map(({ secret }) => secret)].filter((each) => each !== undefined)
  const known = references.flatMap((reference) => resolveClientSecret(reference, secrets) ?? [])
  const isLongEnough = (secret: string) => keyFits(algorithm, { kty: 'oct', bits: Buffer.byteLength(secret) * 8 })
  if (known.length < references.length || known.length === 0 || known.some(isLongEnough)) return []
  return [
    {
      field: '/userinfoSignedResponseAlg',
      message: `${algorithm} signs with the secret of the application and needs ${neededKey(algorithm)}, which it has not`,
      remedy: 'Rotate its secret first, for a new one is long enough, or choose HS256 or an algorithm of a key pair.',
    },
  ]
}
