import type { Call } from '../http/endpoint'
import { readCookie } from './cookies'
import type { Session, Sessions } from './sessions'

/** Who comes with a request: a browser that was here before, and who is logged in with it. */
export interface Visit {
  /** Value of the cookie that names the browser; undefined at its first visit. */
  readonly browser: string | undefined
  readonly session: Session | undefined
}

export async function readVisit(call: Call, sessions: Sessions): Promise<Visit> {
  const cookie = readCookie(call, 'session')
  const session = cookie === undefined ? undefined : await sessions.find(call.domain, cookie, call.now)
  return { browser: readCookie(call, 'browser'), session }
}
