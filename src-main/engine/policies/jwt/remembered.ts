import type { Verified } from './verify'

/** Tokens kept; the one that was verified first makes room. */
const MOST = 10_000

/** Remembers by their digest which tokens were found to be signed right, and by which key. Their time is checked at every use. */
export function createRemembered() {
  const entries = new Map<string, Verified>()
  return {
    get: (digest: string) => entries.get(digest),
    set(digest: string, verified: Verified): void {
      if (entries.size >= MOST && !entries.has(digest)) {
        const oldest = entries.keys().next()
        if (!oldest.done) entries.delete(oldest.value)
      }
      entries.set(digest, verified)
    },
  }
}
