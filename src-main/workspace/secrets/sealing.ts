import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Bytes of the key that seals a workspace's secrets (AES-256). */
export const KEY_BYTES = 32
/** NIST SP 800-38D §5.2.1.1: 96-bit nonces, 128-bit tags. */
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** AES-256-GCM: nonce, ciphertext and tag as base64url. The id is authenticated, so that values cannot change places. */
export function seal(key: Buffer, id: string, value: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(id))
  const sealed = Buffer.concat([nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return sealed.toString('base64url')
}

/** The value, or undefined when the key is another one, or the id, or the text was changed. */
export function unseal(key: Buffer, id: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(id))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8')
  } catch {
    // Node tells a wrong tag and nothing else apart by text only; all of them mean: not with this key.
    return undefined
  }
}
