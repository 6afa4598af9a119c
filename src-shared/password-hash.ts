/**
 * How the hash of a password is written: `$scrypt$ln=15,r=8,p=1$<salt>$<hash>` (the PHC string format), salt and hash in Base64
 * without padding. The cost stands in it, so that it can be raised later and old hashes still verify.
 */
export interface PasswordHash {
  /** Base-2 logarithm of scrypt's N (RFC 7914 §2). */
  readonly logN: number
  readonly r: number
  readonly p: number
  readonly salt: string
  readonly hash: string
}

/** N = 2^15, r = 8, p = 1: 32 MiB and some 60 ms a password on two cores of 2026. */
export const SCRYPT_COST = { logN: 15, r: 8, p: 1 } as const
/** What a hash read from elsewhere may ask for at the most: 128 MiB. */
const MOST_LOG_N = 17

const form = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43,86})$/

/** Undefined when the text is not a hash, or one whose cost nobody should pay. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const [, logN, r, p, salt, hash] = form.exec(text) ?? []
  if (salt === undefined || hash === undefined) return undefined
  const parsed = { logN: Number(logN), r: Number(r), p: Number(p), salt, hash }
  return parsed.logN >= 10 && parsed.logN <= MOST_LOG_N && parsed.r === 8 && parsed.p >= 1 && parsed.p <= 4
    ? parsed
    : undefined
}

/**
 * What of a typed password is hashed, when it is set as when it is verified: keyboards and systems compose the same letter in
 * different ways (RFC 8265 §4.2.2, NFC).
 */
export function passwordText(typed: string): string {
  return typed.normalize('NFC')
}

export function formatPasswordHash({ logN, r, p, salt, hash }: PasswordHash): string {
  return `$scrypt$ln=${logN},r=${r},p=${p}$${salt}$${hash}`
}
