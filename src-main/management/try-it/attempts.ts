import { ProblemError } from '@shared/problem'

/** A login that an application has begun, and what it has of it so far. */
export interface Attempt {
  readonly id: string
  readonly domainId: string
  readonly applicationId: string
  readonly redirectUri: string
  readonly codeVerifier: string
  readonly state: string
  readonly nonce: string | undefined
  /** Where the browser is sent; undefined when the request was pushed and refused. */
  readonly address: string | undefined
  /** From an answer that was believed until it is changed for tokens. */
  readonly code?: string
  readonly accessToken?: string
  readonly refreshToken?: string
  /** The user, by the ID token. */
  readonly subject?: string
}

/** Attempts of people are few; older ones are forgotten. */
const MOST_ATTEMPTS = 50

/** The attempts since the workspace was opened. They are kept in memory alone: they hold tokens. */
export interface Attempts {
  /** @throws ProblemError TRY_IT_OVER */
  find(id: string): Attempt
  put(attempt: Attempt): void
}

export function createAttempts(): Attempts {
  const attempts = new Map<string, Attempt>()
  return {
    find(id) {
      const attempt = attempts.get(id)
      if (attempt !== undefined) return attempt
      throw new ProblemError({
        key: 'TRY_IT_OVER',
        status: 404,
        title: 'Nothing is known of this attempt any more',
        detail: 'Attempts are kept in memory, the newest ones only, until the workspace is closed.',
        remedy: 'Start anew.',
      })
    },
    put(attempt) {
      attempts.delete(attempt.id)
      attempts.set(attempt.id, attempt)
      for (const oldest of attempts.keys()) {
        if (attempts.size <= MOST_ATTEMPTS) break
        attempts.delete(oldest)
      }
    },
  }
}
