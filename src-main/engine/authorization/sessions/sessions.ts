import type { UserSnapshot } from '../../snapshot'
import { createTurns, type State } from '../../state'
import type { CompiledDomain } from '../compiled-domain'
import { digestOf, newSecret } from './secrets'

/** A login that lasts, in one browser. */
export interface Session {
  /** Digest of the cookie's value: opens nothing. */
  readonly id: string
  readonly user: UserSnapshot
  /** Seconds since the epoch (`auth_time`). */
  readonly authTime: number
  /** Methods that were used (RFC 8176). */
  readonly amr: readonly string[]
}

/** What the state keeps of a session. */
export interface StoredSession {
  readonly userId: string
  /** Seconds since the epoch. */
  readonly authTime: number
  readonly amr: readonly string[]
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly lastSeen: number
  /** What the browser calls itself, its first 160 characters. */
  readonly userAgent?: string
  /** Digest of the user's password hash: a session ends when the password is changed. */
  readonly credential: string
}

export interface Sessions {
  /**
   * Begins a session under an id that is always new, so that nobody can know it before (session fixation). It is on the disk when this
   * resolves.
   */
  begin(
    domain: CompiledDomain,
    user: UserSnapshot,
    login: { readonly amr: readonly string[]; readonly now: number; readonly userAgent: string | undefined },
  ): Promise<{ readonly session: Session; readonly cookie: string }>
  /** The living session of a cookie; undefined when it is over, or its user may not log in any more. */
  find(domain: CompiledDomain, cookie: string, now: number): Promise<Session | undefined>
  /** The sessions that live, with the time at which they end by themselves (milliseconds since the epoch). */
  list(
    domain: CompiledDomain,
    now: number,
  ): AsyncIterable<{ readonly id: string; readonly stored: StoredSession; readonly until: number }>
  /** Ends a session; on the disk when this resolves. Fine when there is none. */
  end(domainId: string, sessionId: string): Promise<void>
  /** Ends the sessions of users, also those that are over. */
  forget(domainId: string, ofUser: (userId: string) => boolean): Promise<void>
}

/** How exactly `lastSeen` is kept, milliseconds: not every request writes. */
const SEEN_EXACTNESS_MS = 60_000

export function createSessions(state: State): Sessions {
  const inTurn = createTurns()

  /** Not after the session was ended: it must not come back. */
  function see(key: string, domain: CompiledDomain, now: number): Promise<void> {
    return inTurn(key, async () => {
      const stored = await read(key)
      if (stored === undefined) return
      await state.putLazily(key, JSON.stringify({ ...stored, lastSeen: now }), { expiresAt: endOf(domain, stored) })
    })
  }

  async function read(key: string): Promise<StoredSession | undefined> {
    const text = await state.get(key)
    return text === undefined ? undefined : (JSON.parse(text) as StoredSession) // written by this module alone
  }

  const remove = (key: string) => inTurn(key, () => state.delete(key))

  return {
    async begin(domain, user, { amr, now, userAgent }) {
      const cookie = newSecret()
      const id = digestOf(cookie)
      const stored: StoredSession = {
        userId: user.id,
        authTime: Math.floor(now / 1000),
        amr,
        createdAt: now,
        lastSeen: now,
        ...(userAgent === undefined ? {} : { userAgent: userAgent.slice(0, 160) }),
        credential: credentialOf(user),
      }
      const expiresAt = endOf(domain, stored)
      await state.put(keyOf(domain.snapshot.id, id), JSON.stringify(stored), { expiresAt })
      return { session: { id, user, authTime: stored.authTime, amr }, cookie }
    },

    async find(domain, cookie, now) {
      const id = digestOf(cookie)
      const key = keyOf(domain.snapshot.id, id)
      const stored = await read(key)
      const user = stored && livingUser(domain, stored, now)
      if (stored === undefined || user === undefined) return undefined
      if (now - stored.lastSeen >= SEEN_EXACTNESS_MS) await see(key, domain, now)
      return { id, user, authTime: stored.authTime, amr: stored.amr }
    },

    async *list(domain, now) {
      const prefix = keyOf(domain.snapshot.id, '')
      for await (const { key, value } of state.entries(prefix)) {
        const stored = JSON.parse(value) as StoredSession // written by this module alone
        if (livingUser(domain, stored, now) === undefined) continue
        yield { id: key.slice(prefix.length), stored, until: endOf(domain, stored) }
      }
    },

    end: (domainId, sessionId) => remove(keyOf(domainId, sessionId)),

    async forget(domainId, ofUser) {
      for await (const { key, value } of state.entries(keyOf(domainId, ''))) {
        const { userId } = JSON.parse(value) as StoredSession // written by this module alone
        if (ofUser(userId)) await remove(key)
      }
    },
  }
}

/** The user of a session that is not over. */
function livingUser(domain: CompiledDomain, stored: StoredSession, now: number): UserSnapshot | undefined {
  // The domain may have made its sessions shorter meanwhile.
  if (now >= endOf(domain, stored)) return undefined
  const user = domain.users.get(stored.userId)
  return user?.mayLogIn === true && credentialOf(user) === stored.credential ? user : undefined
}

function endOf({ snapshot }: CompiledDomain, { createdAt }: StoredSession): number {
  return createdAt + snapshot.sessionSeconds * 1000
}

function credentialOf({ passwordHash = '' }: UserSnapshot): string {
  return digestOf(passwordHash)
}

function keyOf(domainId: string, sessionId: string): string {
  return `session/${domainId}/${sessionId}`
}
