import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import type { FieldError } from '@shared/problem'
import { fieldInvalid, inputInvalid } from '../problems'
import { keyErrors, publicMembers, type PublicJwk } from './check-keys'

/**
 * Public keys as a person pastes them: a JWK set, one JWK, or one public key or certificate in PEM.
 *
 * @throws ProblemError INPUT_INVALID; it holds nothing of what was pasted
 */
export async function readKeys(text: string): Promise<PublicJwk[]> {
  const pasted = text.includes('-----BEGIN') ? [fromPem(text)] : fromJson(text)
  refuse(pasted.flatMap((key, index) => keyErrors([key]).map((error) => ({ ...error, field: `/${index}` }))))
  const keys = await Promise.all(
    // Sound keys, as just checked.
    pasted.map(async (key) => ({ kid: await calculateJwkThumbprint(key as JWK), ...publicMembers(key) })),
  )
  refuse(keyErrors(keys))
  return keys

  function refuse(errors: readonly FieldError[]): void {
    if (errors.length === 0) return
    throw inputInvalid(
      errors.map(({ field, message, remedy }) => {
        const which = pasted.length === 1 ? 'The key' : `Key ${Number(field.split('/')[1]) + 1}`
        return {
          field: '/text',
          message: `${which}: ${message}`,
          ...(remedy === undefined ? {} : { remedy }),
        }
      }),
    )
  }
}

function fromJson(text: string): PublicJwk[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw unreadable('It is neither JSON nor PEM')
  }
  if (!isObject(value)) throw unreadable('It is JSON, but no object')
  if (!('keys' in value)) return [value]
  const { keys } = value
  if (!Array.isArray(keys) || !keys.every(isObject)) throw unreadable('Its member keys is not a list of keys')
  if (keys.length === 0) throw unreadable('Its list of keys is empty')
  return keys
}

function fromPem(text: string): PublicJwk {
  const labels = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)].map(([, label]) => label!)
  if (labels.some((label) => label.includes('PRIVATE')))
    throw fieldInvalid(
      '/text',
      'It is a private key',
      'Nothing of it was kept. Paste the public key, which openssl pkey -in private.pem -pubout writes.',
    )
  if (labels.length > 1) throw unreadable('It holds more than one PEM block', 'Paste one at a time, or a JWK set.')
  let key: KeyObject
  try {
    key = createPublicKey(text)
  } catch {
    throw unreadable(`It says ${labels[0] ?? 'BEGIN'}, but no key can be read from it`)
  }
  try {
    return { ...(key.export({ format: 'jwk' }) as JsonWebKey) }
  } catch {
    throw unreadable(`It is a key of the kind ${key.asymmetricKeyType}, which cannot sign here`)
  }
}

function unreadable(
  message: string,
  remedy = 'Paste a JWK set, a JWK, or a PEM that starts with -----BEGIN PUBLIC KEY-----.',
) {
  return fieldInvalid('/text', message, remedy)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
