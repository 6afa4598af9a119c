import { hash } from 'node:crypto'
import type { TokenKey } from '../keys/token-key'
import type { AccessTokenClaims } from './access-token'

/** A token whose signature was found right with this very key. */
export interface VerifiedToken {
  readonly key: TokenKey
  readonly claims: AccessTokenClaims
}

/**
 * Remembers verified tokens by their SHA-256, so that the signature is checked once a token. It answers nothing about
 * revocation, expiry, applications or keys: those are checked at every use.
 */
export interface VerifiedTokens {
  get(digest: string): VerifiedToken | undefined
  set(digest: string, verified: VerifiedToken): void
  clear(): void
}

/** SHA-256 in base64url. A token is remembered by it, and not kept itself. */
export function tokenDigest(token: string): string {
  return hash('sha256', token, 'base64url')
}

/**
 * @param capacity entries (about half a kilobyte each); those that have not been used for longest make room, half of them at a
 *   time. Putting each anew at the end of a Map when it is used would make that Map grow its table again and again, and V8's
 *   tables, once old, keep all that came after them from being collected young.
 */
export function createVerifiedTokens(capacity = 10_000): VerifiedTokens {
  let recent = new Map<string, VerifiedToken>()
  let older = new Map<string, VerifiedToken>()

  function keep(digest: string, verified: VerifiedToken): void {
    if (recent.size >= capacity / 2) {
      older = recent
      recent = new Map()
    }
    recent.set(digest, verified)
  }

  return {
    get(digest) {
      const found = recent.get(digest)
      if (found !== undefined) return found
      const entry = older.get(digest)
      if (entry !== undefined) keep(digest, entry)
      return entry
    },
    set: keep,
    clear() {
      recent = new Map()
      older = new Map()
    },
  }
}
