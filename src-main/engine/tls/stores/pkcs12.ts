import { createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto'
import { DerError, expectDer, INTEGER, membersOf, objectId, OCTETS, octetsOf, readDer, SEQUENCE, wholeNumber, type Der } from './der' // prettier-ignore
import { StoreFault } from './store-fault'

const DATA = '1.2.840.113549.1.7.1'
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6'
const LOCKED_KEY_BAG = '1.2.840.113549.1.12.10.1.2'
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3'
const NESTED_BAG = '1.2.840.113549.1.12.10.1.6'
const X509 = '1.2.840.113549.1.9.22.1'
const PBES2 = '1.2.840.113549.1.5.13'
const PBKDF2 = '1.2.840.113549.1.5.12'
const PBMAC1 = '1.2.840.113549.1.5.14'
const TRIPLE_DES = '1.2.840.113549.1.12.1.3'
const HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
}
const CIPHERS: Readonly<Record<string, readonly [name: string, keyBytes: number]>> = {
  '2.16.840.1.101.3.4.1.2': ['aes-128-cbc', 16],
  '2.16.840.1.101.3.4.1.22': ['aes-192-cbc', 24],
  '2.16.840.1.101.3.4.1.42': ['aes-256-cbc', 32],
  '1.2.840.113549.3.7': ['des-ede3-cbc', 24],
}
/** Rounds of key derivation in one store: a hundred times what tools write, and about a second in which nothing else goes on. */
const MOST_ROUNDS = 1_000_000
/** Tools write two or three. */
const MOST_SAFES = 32
/** Bags within bags. Tools write none. */
const DEEPEST = 8

/** Bytes of the largest key that an authenticator of PBMAC1 is made with (RFC 9579 §5): a digest of SHA-512. */
const LONGEST_MAC_KEY = 64

/** Rounds of key derivation that are left for a store. */
interface Allowance {
  rounds: number
}

/**
 * The certificates of a PKCS #12 store (RFC 7292), DER. Keys in it are passed over.
 *
 * @throws StoreFault
 */
export function pkcs12Certificates(store: Buffer, password: string): Buffer[] {
  return read(() => {
    const [, authSafe] = membersOf(expectDer(readDer(store), SEQUENCE))
    const allowance = { rounds: MOST_ROUNDS }
    return safesOf(authSafe).flatMap((safe) => certificatesOf(readDer(contentOf(safe, password, allowance))))
  })
}

/**
 * Has a PKCS #12 store not be opened by somebody who does not count (OpenSSL) when that would take more rounds of key derivation
 * than are allowed: for its authenticator, for its encrypted parts, which are opened to look into them, and for its locked keys.
 *
 * @throws StoreFault
 */
export function boundPkcs12(store: Buffer, password: string): void {
  read(() => {
    const [, authSafe, authenticator] = membersOf(expectDer(readDer(store), SEQUENCE))
    const allowance = { rounds: MOST_ROUNDS }
    if (authenticator !== undefined) countAuthenticator(expectDer(authenticator, SEQUENCE), allowance)
    for (const safe of safesOf(authSafe)) countKeys(readDer(contentOf(safe, password, allowance)), allowance)
  })
}

function safesOf(authSafe: Der | undefined): Der[] {
  const safes = membersOf(readDer(dataOf(authSafe)))
  if (safes.length > MOST_SAFES) throw new StoreFault(`it has more than ${MOST_SAFES} parts`, PLAIN_REMEDY)
  return safes
}

function read<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof DerError)
      throw new StoreFault('it is no PKCS #12 store', 'Check the file, and that its kind is PKCS #12.')
    throw error
  }
}

/** What a part holds, decrypted where it is encrypted. */
function contentOf(part: Der, password: string, allowance: Allowance): Buffer {
  const [kind, wrapped] = membersOf(expectDer(part, SEQUENCE))
  if (objectId(kind) !== ENCRYPTED_DATA) return dataOf(part)
  const [, encrypted] = membersOf(readDer(expectDer(wrapped, 0xa0).content))
  const [, algorithm, bytes] = membersOf(expectDer(encrypted, SEQUENCE))
  // [0], in one piece or in several.
  if (bytes?.tag !== 0x80 && bytes?.tag !== 0xa0) throw new DerError('There is nothing in it')
  const cipherText = bytes.tag === 0x80 ? bytes.content : Buffer.concat(membersOf(bytes).map(octetsOf))
  return decrypted(expectDer(algorithm, SEQUENCE), cipherText, password, allowance)
}

function dataOf(part: Der | undefined): Buffer {
  const [kind, wrapped] = membersOf(expectDer(part, SEQUENCE))
  // Parts that are encrypted for a certificate, or signed, are met with nowhere.
  if (objectId(kind) !== DATA) throw new StoreFault('it has parts that are not protected by a password', PLAIN_REMEDY)
  return octetsOf(readDer(expectDer(wrapped, 0xa0).content))
}

interface Bag {
  readonly id: string
  readonly content: Der
}

/** What stands in a safe, and in what stands in it. */
function bagsOf(safe: Der, depth = 0): Bag[] {
  if (depth > DEEPEST) throw new StoreFault(`its parts stand in one another more than ${DEEPEST} deep`, PLAIN_REMEDY)
  return membersOf(expectDer(safe, SEQUENCE)).flatMap((bag) => {
    const [kind, value] = membersOf(expectDer(bag, SEQUENCE))
    const id = objectId(kind)
    const content = readDer(expectDer(value, 0xa0).content)
    return id === NESTED_BAG ? bagsOf(content, depth + 1) : [{ id, content }]
  })
}

function certificatesOf(safe: Der): Buffer[] {
  return bagsOf(safe).flatMap(({ id, content }) => {
    if (id !== CERTIFICATE_BAG) return []
    const [type, certificate] = membersOf(content)
    return objectId(type) === X509 ? [octetsOf(readDer(expectDer(certificate, 0xa0).content))] : []
  })
}

function countKeys(safe: Der, allowance: Allowance): void {
  for (const { id, content } of bagsOf(safe)) {
    if (id !== LOCKED_KEY_BAG) continue
    const [algorithm] = membersOf(expectDer(content, SEQUENCE))
    const [name, parameters] = membersOf(expectDer(algorithm, SEQUENCE))
    const [first, second] = membersOf(expectDer(parameters, SEQUENCE))
    // The ways of PKCS #12 and those of PKCS #5 before PBES2 have their rounds in the same place.
    roundsOf(objectId(name) === PBES2 ? pbkdf2(first).rounds : second, allowance)
  }
}

/** RFC 7292 §4, RFC 9579. */
function countAuthenticator(authenticator: Der, allowance: Allowance): void {
  const [digest, , rounds] = membersOf(authenticator)
  const [algorithm] = membersOf(expectDer(digest, SEQUENCE))
  const [name, parameters] = membersOf(expectDer(algorithm, SEQUENCE))
  if (objectId(name) !== PBMAC1) {
    if (rounds !== undefined) roundsOf(rounds, allowance)
    return
  }
  const [derivation] = membersOf(expectDer(parameters, SEQUENCE))
  const given = pbkdf2(derivation)
  // A longer one is derived in as many turns more; some OpenSSL have no room for it.
  if (given.length !== undefined && wholeNumber(given.length) > LONGEST_MAC_KEY)
    throw new StoreFault(`the key of its authenticator has more than ${LONGEST_MAC_KEY} bytes`, PLAIN_REMEDY)
  roundsOf(given.rounds, allowance)
}

const PLAIN_REMEDY = 'Write it anew: keytool -importkeystore -srckeystore old.p12 -destkeystore new.p12 -deststoretype PKCS12, or give its certificates as PEM.' // prettier-ignore

function decrypted(algorithm: Der, cipherText: Buffer, password: string, allowance: Allowance): Buffer {
  const [id, parameters] = membersOf(algorithm)
  const name = objectId(id)
  if (name !== PBES2 && name !== TRIPLE_DES)
    throw new StoreFault('it is encrypted in a way that is not used any more (40-bit RC2 or the like)', PLAIN_REMEDY)
  const { cipher, key, iv } =
    name === PBES2 ? pbes2(parameters, password, allowance) : tripleDes(parameters, password, allowance)
  try {
    const decipher = createDecipheriv(cipher, key, iv)
    return Buffer.concat([decipher.update(cipherText), decipher.final()])
  } catch {
    throw new StoreFault('the password does not open it', 'Check the password of the store.')
  }
}

interface Unlocking {
  readonly cipher: string
  readonly key: Buffer
  readonly iv: Buffer
}

/** RFC 8018 §6.2, with PBKDF2. */
function pbes2(parameters: Der | undefined, password: string, allowance: Allowance): Unlocking {
  const [derivation, scheme] = membersOf(expectDer(parameters, SEQUENCE))
  const { salt, rounds, prf } = pbkdf2(derivation)
  const hash = prf === undefined ? 'sha1' : HASHES[objectId(membersOf(prf)[0])]
  const [cipherId, iv] = membersOf(expectDer(scheme, SEQUENCE))
  const [cipher, keyBytes] = CIPHERS[objectId(cipherId)] ?? []
  if (hash === undefined || cipher === undefined || keyBytes === undefined)
    throw new StoreFault('it is encrypted in a way that is not known here', PLAIN_REMEDY)
  const key = pbkdf2Sync(password, expectDer(salt, OCTETS).content, roundsOf(rounds, allowance), keyBytes, hash)
  return { cipher, key, iv: expectDer(iv, OCTETS).content }
}

/** RFC 8018 §5.2. Other derivations, such as scrypt, are measured by more than their rounds. */
function pbkdf2(derivation: Der | undefined) {
  const [name, parameters] = membersOf(expectDer(derivation, SEQUENCE))
  if (objectId(name) !== PBKDF2) throw new StoreFault('its password is derived in a way that is not known here', PLAIN_REMEDY) // prettier-ignore
  const [salt, rounds, ...further] = membersOf(expectDer(parameters, SEQUENCE))
  return {
    salt,
    rounds,
    length: further.find(({ tag }) => tag === INTEGER),
    prf: further.find(({ tag }) => tag === SEQUENCE),
  }
}

/** RFC 7292 appendix C. */
function tripleDes(parameters: Der | undefined, password: string, allowance: Allowance): Unlocking {
  const [salt, rounds] = membersOf(expectDer(parameters, SEQUENCE))
  const derive = (purpose: 1 | 2, bytes: number) =>
    derivedBySha1(purpose, password, expectDer(salt, OCTETS).content, roundsOf(rounds, allowance), bytes)
  return { cipher: 'des-ede3-cbc', key: derive(1, 24), iv: derive(2, 8) }
}

function roundsOf(value: Der | undefined, allowance: Allowance): number {
  const rounds = wholeNumber(value)
  if (rounds < 1 || rounds > allowance.rounds)
    throw new StoreFault(`its password is derived in no rounds, or in more than ${MOST_ROUNDS}`, PLAIN_REMEDY)
  allowance.rounds -= rounds
  return rounds
}

/** RFC 7292 appendix B.2 with SHA-1. @param purpose 1 for a key, 2 for an initialisation vector */
function derivedBySha1(purpose: 1 | 2, password: string, salt: Buffer, rounds: number, bytes: number): Buffer {
  const block = 64
  const text = Buffer.from(`${password}\0`, 'utf16le').swap16()
  const input = Buffer.concat([filling(salt, block), filling(text, block)])
  const blocks: Buffer[] = []
  while (blocks.length * 20 < bytes) {
    let digest = createHash('sha1').update(Buffer.alloc(block, purpose)).update(input).digest()
    for (let round = 1; round < rounds; round++) digest = createHash('sha1').update(digest).digest()
    blocks.push(digest)
    const addend = filling(digest, block).subarray(0, block)
    for (let start = 0; start < input.length; start += block) addTo(input.subarray(start, start + block), addend)
  }
  return Buffer.concat(blocks).subarray(0, bytes)
}

/** Repeated to a whole number of blocks. */
const filling = (bytes: Buffer, block: number) =>
  bytes.length === 0 ? Buffer.alloc(0) : Buffer.alloc(block * Math.ceil(bytes.length / block), bytes)

/** `number += addend + 1`, modulo its length. */
function addTo(number: Buffer, addend: Buffer): void {
  let carry = 1
  for (let at = number.length - 1; at >= 0; at--) {
    carry += number[at]! + addend[at]!
    number[at] = carry & 0xff
    carry >>= 8
  }
}
