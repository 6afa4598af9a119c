import type { State, StateChange } from '../../state'
import { clientIdOf, grantIdOf, type AccessTokenClaims } from './access-token'

/** An access token that was given out, as a person may know of it: it cannot be made from this. Times in seconds since the epoch. */
export interface IssuedToken {
  readonly jti: string
  readonly clientId: string
  /** The user on whose behalf the application acts; undefined: it acts for itself. */
  readonly userId?: string
  /** Of the family, where there is a user. */
  readonly grantId?: string
  readonly scopes: readonly string[]
  readonly iat: number
  readonly exp: number
}

/** Where a page of the list ended. */
export type IssuedCursor = string

/**
 * Which access tokens were given out, for people to look at. Nothing is decided by it: it is written a moment later and not durably, so that
 * giving out tokens is as quick as without.
 */
export interface IssuedTokens {
  add(domainId: string, claims: AccessTokenClaims): void
  /**
   * Those of a domain that have not expired, the newest first.
   *
   * @param after the cursor of the page before
   */
  entries(domainId: string, after?: IssuedCursor): AsyncIterable<IssuedToken & { readonly cursor: IssuedCursor }>
  /** Writes what is left. */
  close(): Promise<void>
}

/** A token as it is kept. */
type Noted = readonly [jti: string, clientId: string, userId: string | 0, scope: string, iat: number, exp: number]

const FLUSH_MS = 200
/** Tokens in one entry of the state. */
const MOST_IN_ENTRY = 1000

/**
 * Tokens are kept by the hundred, in one entry of the state for all that came within a moment: measured, that costs a tenth of an entry each. The keys
 * grow with time, so that the newest are found first.
 */
export function createIssuedTokens(state: State): IssuedTokens {
  const pending = new Map<string, Noted[]>()
  let timer: NodeJS.Timeout | undefined
  let sequence = 0
  let written: Promise<void> = Promise.resolve()

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const changes = [...pending].flatMap(([domainId, tokens]) => entriesOf(domainId, tokens))
    pending.clear()
    // What cannot be written is missing from a list, and nothing else.
    if (changes.length > 0) written = written.then(() => state.batchLazily(changes)).catch(() => undefined)
    return written
  }

  function entriesOf(domainId: string, tokens: readonly Noted[]): StateChange[] {
    const changes: StateChange[] = []
    for (let start = 0; start < tokens.length; start += MOST_IN_ENTRY) {
      const some = tokens.slice(start, start + MOST_IN_ENTRY)
      const key = `${prefixOf(domainId)}${timeKey(Date.now())}-${timeKey(sequence++)}`
      const expiresAt = Math.max(...some.map(([, , , , , exp]) => exp)) * 1000
      changes.push({ type: 'put', key, value: JSON.stringify(some), expiresAt })
    }
    return changes
  }

  return {
    add(domainId, claims) {
      const { jti, sub, scope = '', iat, exp } = claims
      const noted: Noted = [jti, clientIdOf(claims), grantIdOf(claims) === undefined ? 0 : sub, scope, iat, exp]
      const tokens = pending.get(domainId)
      if (tokens === undefined) pending.set(domainId, [noted])
      else tokens.push(noted)
      timer ??= setTimeout(() => void flush(), FLUSH_MS).unref()
    },

    async *entries(domainId, after) {
      await flush()
      const now = Math.floor(Date.now() / 1000)
      const [key, place] = after?.split('#') ?? []
      for await (const entry of entriesUpTo(state, domainId, key)) {
        const tokens = JSON.parse(entry.value) as Noted[] // written by this module alone
        const end = entry.key === key ? Number(place) : tokens.length
        for (let index = end - 1; index >= 0; index--) {
          const token = tokens[index]
          if (token !== undefined && token[5] > now) yield { ...issuedOf(token), cursor: `${entry.key}#${index}` }
        }
      }
    },

    close: flush,
  }
}

function entriesUpTo(state: State, domainId: string, key: string | undefined) {
  // The key itself too: a page may end within it.
  return state.entries(prefixOf(domainId), { reverse: true, ...(key === undefined ? {} : { before: `${key}\0` }) })
}

function issuedOf([jti, clientId, userId, scope, iat, exp]: Noted): IssuedToken {
  const grantId = grantIdOf({ jti })
  return {
    jti,
    clientId,
    ...(userId === 0 ? {} : { userId }),
    ...(grantId === undefined ? {} : { grantId }),
    scopes: scope === '' ? [] : scope.split(' '),
    iat,
    exp,
  }
}

/** Digits of one length, so that their order is that of the numbers. */
function timeKey(value: number): string {
  return String(value).padStart(15, '0')
}

function prefixOf(domainId: string): string {
  return `issued/${domainId}/`
}
