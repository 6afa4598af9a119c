import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

/** Bytes of the key that seals a workspace's secrets (AES-256). */
export const KEY_BYTES = 32
/** NIST SP 800-38D §5.2.1.1: 96-bit nonces, 128-bit tags. */
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** What became of a sealed text: its value, or why there is none. */
export type Unsealed =
  | { readonly state: 'open'; readonly value: string }
  | { readonly state: 'other-key' }
  /** The text or the id it stands under was changed; or, sealed by format 1, which named no key, it may be another key. */
  | { readonly state: 'changed'; readonly namesKey: boolean }

/**
 * AES-256-GCM: the key's id, a dot, and nonce, ciphertext and tag as base64url. The secret's id is authenticated, so that
 * values cannot change places.
 */
export function seal(key: Buffer, id: string, value: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(id))
  const sealed = Buffer.concat([nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `${keyId(key)}.${sealed.toString('base64url')}`
}

/** Opens what the key opens. */
export function unsealer(key: Buffer): (id: string, text: string) => Unsealed {
  const ownId = keyId(key)
  return (id, text) => unseal(key, ownId, id, text)
}

function unseal(key: Buffer, ownId: string, id: string, text: string): Unsealed {
  const dot = text.indexOf('.')
  const namesKey = dot >= 0
  if (namesKey && text.slice(0, dot) !== ownId) return { state: 'other-key' }
  const bytes = Buffer.from(text.slice(dot + 1), 'base64url')
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return { state: 'changed', namesKey }
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(id))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    const value = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
    return { state: 'open', value: value.toString('utf8') }
  } catch {
    // Node tells a wrong tag and nothing else apart by text only.
    return { state: 'changed', namesKey }
  }
}

/** Tells keys apart without telling anything of them: 8 hex digits of a MAC that nothing else is made with. */
function keyId(key: Buffer): string {
  return createHmac('sha256', key).update('gatehouse key id').digest('hex').slice(0, 8)
}
