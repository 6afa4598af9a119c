import { createHash, timingSafeEqual } from 'node:crypto'
import { DerError, expectDer, membersOf, objectId, OCTETS, readDer, SEQUENCE } from './der'
import { StoreFault } from './store-fault'

const MAGIC = 0xfeedfeed
/** Sun's way of protecting keys in a JKS store. */
const SUN_PROTECTION = '1.3.6.1.4.1.42.2.17.1.1'
const DIGEST_BYTES = 20
/** Magic, version, number of entries, digest. */
const LEAST_BYTES = 12 + DIGEST_BYTES

/** What stands in a JKS store, DER. */
export interface JksStore {
  /** Those of trusted entries. */
  readonly trusted: readonly Buffer[]
  readonly keys: readonly JksKey[]
}
export interface JksKey {
  readonly alias: string
  /** PKCS #8, unlocked. @throws StoreFault when the password is not the key's */
  unlock(password: string): Buffer
  /** The certificate of the key, followed by those that lead to its authority. */
  readonly chain: readonly Buffer[]
}

/** Whether some bytes are a JKS store. Java's tools have written PKCS #12 under its name since version 9. */
export const isJks = (bytes: Buffer) => bytes.length >= 4 && bytes.readUInt32BE(0) === MAGIC

/**
 * Reads a store of Java's own form, and checks that the password is its own.
 * Source: `sun.security.provider.JavaKeyStore`, as its format is described.
 *
 * @throws StoreFault
 */
export function readJks(store: Buffer, password: string): JksStore {
  if (store.length < LEAST_BYTES) throw new StoreFault('the store ends early', 'Check the file.')
  const body = store.subarray(0, -DIGEST_BYTES)
  const digest = createHash('sha1').update(utf16(password)).update('Mighty Aphrodite').update(body).digest()
  if (!timingSafeEqual(digest, store.subarray(-DIGEST_BYTES)))
    throw new StoreFault('the password does not open it, or the store is damaged', 'Check the password of the store.')
  let at = 4
  const take = (bytes: number) => {
    if (at + bytes > body.length) throw new StoreFault('the store ends early', 'Check the file.')
    at += bytes
    return body.subarray(at - bytes, at)
  }
  const number = () => take(4).readUInt32BE(0)
  const text = () => take(take(2).readUInt16BE(0)).toString('utf8')
  const version = number()
  const certificate = () => {
    if (version === 2) text()
    return take(number())
  }
  const trusted: Buffer[] = []
  const keys: JksKey[] = []
  for (let left = number(); left > 0; left--) {
    const kind = number()
    const alias = text()
    take(8)
    if (kind === 2) trusted.push(certificate())
    else if (kind === 1) {
      const locked = take(number())
      const chain: Buffer[] = []
      for (let count = number(); count > 0; count--) chain.push(certificate())
      keys.push({ alias, unlock: (own) => unlocked(locked, own), chain })
    } else throw new StoreFault('it has an entry of a kind that is not known', 'Write the store anew with keytool.')
  }
  return { trusted, keys }
}

/** Salt, the key under a stream of SHA-1, and a digest that tells whether the password was right. */
function unlocked(locked: Buffer, password: string): Buffer {
  const bytes = protectedBytes(locked)
  const secret = utf16(password)
  const [salt, cipherText, check] = [bytes.subarray(0, DIGEST_BYTES), bytes.subarray(DIGEST_BYTES, -DIGEST_BYTES), bytes.subarray(-DIGEST_BYTES)] // prettier-ignore
  const key = Buffer.alloc(cipherText.length)
  let stream = salt
  for (let at = 0; at < key.length; at += DIGEST_BYTES) {
    stream = createHash('sha1').update(secret).update(stream).digest()
    for (let each = at; each < Math.min(at + DIGEST_BYTES, key.length); each++)
      key[each] = cipherText[each]! ^ stream[each - at]!
  }
  if (!timingSafeEqual(createHash('sha1').update(secret).update(key).digest(), check))
    throw new StoreFault('the password does not open the key in it', 'Give the password of the key, where it differs from that of the store.') // prettier-ignore
  return key
}

function protectedBytes(locked: Buffer): Buffer {
  try {
    const [algorithm, bytes] = membersOf(expectDer(readDer(locked), SEQUENCE))
    if (objectId(membersOf(expectDer(algorithm, SEQUENCE))[0]) === SUN_PROTECTION) {
      const { content } = expectDer(bytes, OCTETS)
      if (content.length > 2 * DIGEST_BYTES) return content
    }
  } catch (error) {
    if (!(error instanceof DerError)) throw error
  }
  throw new StoreFault('a key in it is protected in a way that is not known', 'Convert it: keytool -importkeystore -srckeystore old.jks -destkeystore new.p12 -deststoretype PKCS12.') // prettier-ignore
}

const utf16 = (text: string) => Buffer.from(text, 'utf16le').swap16()
