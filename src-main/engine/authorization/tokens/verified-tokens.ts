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

/** The cache's key of a token; the token itself is not kept. */
export function tokenDigest(token: string): string {
  return hash('sha256', token, 'base64')
}

/** @param capacity entries (about half a kilobyte each); the longest unused one makes room. */
export function createVerifiedTokens(capacity = 10_000): VerifiedTokens {
  // A Map keeps the order of insertion: what is used is put in anew, so the first is the longest unused.
  const entries = new Map<string, VerifiedToken>()
  return {
    get(digest) {
      const entry = entries.get(digest)
      if (entry === undefined) return undefined
      entries.delete(digest)
      if (entry.claims.exp * 1000 > Date.now()) entries.set(digest, entry)
      return entry
    },
    set(digest, verified) {
      entries.set(digest, verified)
      if (entries.size <= capacity) return
      const oldest = entries.keys().next()
      if (!oldest.done) entries.delete(oldest.value)
    },
    clear: () => entries.clear(),
  }
}
