import { randomBytes, randomInt, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { formatPasswordHash, passwordText, SCRYPT_COST } from '@shared/password-hash'

const scryptAsync = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
)
/** Without letters and digits that look like another. 32 of them: five bits each. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'

/** Hashes a password in the thread pool, some 60 ms of one core. */
export async function hashPassword(password: string): Promise<string> {
  const { logN, r, p } = SCRYPT_COST
  const salt = randomBytes(16)
  const N = 2 ** logN
  // Node's own limit is exactly what this takes (128·N·r), and wants more than that.
  const hash = await scryptAsync(passwordText(password), salt, 32, { N, r, p, maxmem: 256 * N * r })
  return formatPasswordHash({ logN, r, p, salt: unpadded(salt), hash: unpadded(hash) })
}

/** 100 random bits that can be read out over the telephone, e.g. `k7mqp-x3v9d-…`. */
export function generatePassword(): string {
  const part = () => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return [part(), part(), part(), part()].join('-')
}

const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
