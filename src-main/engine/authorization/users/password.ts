import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { parsePasswordHash, passwordText, SCRYPT_COST, type PasswordHash } from '@shared/password-hash'
import { OAuthRefusal } from '../http/oauth-refusal'

/** Checks passwords against hashes of `password-hash.ts`. */
export interface PasswordVerifier {
  /**
   * Whether the hash was made from the password. Without a hash the answer is no, after as much work as for `decoy`, so that the
   * time taken does not tell which users there are.
   *
   * @param decoy the hash of another user; undefined: the cost of a new one
   * @throws OAuthRefusal 503 `temporarily_unavailable` when too many are waiting
   */
  verify(password: string, hash: string | undefined, decoy?: string): Promise<boolean>
}

/** Of the four threads of Node's pool, which signs tokens and reads the state too. */
const MOST_AT_ONCE = 2
/** Some six seconds of work: who waits longer has given up. */
const MOST_WAITING = 200
/** Bytes: what the dearest hash that is taken needs (128 MiB), and a little over. */
const MOST_MEMORY = 160 * 1024 * 1024

const NOBODY: PasswordHash = { ...SCRYPT_COST, salt: unpadded(randomBytes(16)), hash: unpadded(randomBytes(32)) }

export function createPasswordVerifier(): PasswordVerifier {
  let running = 0
  const waiting: (() => void)[] = []

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= MOST_AT_ONCE) {
      if (waiting.length >= MOST_WAITING) throw overloaded()
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      running++
    }
    try {
      return await work()
    } finally {
      // Who waits takes over the place.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }

  return {
    verify(password, hash, decoy) {
      const known = hash === undefined ? undefined : parsePasswordHash(hash)
      const other = decoy === undefined ? undefined : parsePasswordHash(decoy)
      return inTurn(async () => {
        const same = await isMadeFrom(password, known ?? other ?? NOBODY)
        return same && known !== undefined
      })
    },
  }
}

function isMadeFrom(password: string, { logN, r, p, salt, hash }: PasswordHash): Promise<boolean> {
  const wanted = Buffer.from(hash, 'base64')
  const cost = { N: 2 ** logN, r, p, maxmem: MOST_MEMORY }
  return new Promise((resolve, reject) => {
    scrypt(passwordText(password), Buffer.from(salt, 'base64'), wanted.length, cost, (error, made) => {
      if (error === null) resolve(timingSafeEqual(made, wanted))
      else reject(error)
    })
  })
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}

function overloaded(): OAuthRefusal {
  const description = 'Too many passwords are being checked; try again in a moment'
  const reason = {
    key: 'PASSWORD_CHECKS_OVERLOADED',
    sentence: `${MOST_WAITING} passwords were waiting to be checked already: somebody may be guessing from many addresses`,
  }
  return new OAuthRefusal(503, 'temporarily_unavailable', description, reason, { 'Retry-After': '10' })
}
