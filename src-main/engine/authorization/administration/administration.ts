import type {
  GivenConsent,
  LiveAccessToken,
  LiveAccessTokenPage,
  LiveGrant,
  LiveSession,
  TokenReport,
} from '@shared/live'

/**
 * What a person may see and take back of what a domain has given out. Everything crosses a thread: one plain object in, plain data out. What
 * is taken back is refused from the answer on, also after a restart.
 */
export interface Administration {
  /** Newest first; of one user or one application when it is named. */
  grants(asked: { domainId: string; userId?: string; clientId?: string; limit: number }): Promise<LiveGrant[]>
  /** One that has not been revoked; undefined when there is none. */
  findGrant(asked: { domainId: string; grantId: string }): Promise<LiveGrant | undefined>
  /** Takes back a grant with all its tokens. */
  revokeGrant(asked: { domainId: string; grantId: string }): Promise<void>
  /**
   * Takes back every token of a user, of an application, or of a user at an application, and the codes that are still to be changed for
   * some; of an application also those tokens that it got for itself. Answers how many grants that were.
   */
  revokeAll(asked: { domainId: string; userId?: string; clientId?: string }): Promise<number>
  /**
   * Takes back every token of users whose passwords were changed, and the codes that are still to be changed for some. Answers how many
   * grants that were.
   */
  revokeUsers(asked: { domainId: string; userIds: readonly string[] }): Promise<number>
  /**
   * Access tokens, newest first; of one user or one application when it is named. They are noted a moment after they were given out: what was
   * given out within the last fifth of a second before a crash is missing.
   *
   * @param asked.after `next` of the page before
   */
  accessTokens(asked: {
    domainId: string
    userId?: string
    clientId?: string
    limit: number
    after?: string
  }): Promise<LiveAccessTokenPage>
  /** One that `accessTokens` would tell; undefined when there is none. */
  findAccessToken(asked: { domainId: string; jti: string }): Promise<LiveAccessToken | undefined>
  /** Takes one of them back. */
  revokeAccessToken(asked: { domainId: string } & Pick<LiveAccessToken, 'jti' | 'expiresAt'>): Promise<void>
  /** Newest first. */
  sessions(asked: { domainId: string; userId?: string; limit: number }): Promise<LiveSession[]>
  findSession(asked: { domainId: string; sessionId: string }): Promise<LiveSession | undefined>
  endSession(asked: { domainId: string; sessionId: string }): Promise<void>
  consents(asked: { domainId: string; userId?: string; limit: number }): Promise<GivenConsent[]>
  /** Forgets what the user allowed, and takes back what came of it. False: there was neither. */
  revokeConsent(asked: { domainId: string; userId: string; clientId: string }): Promise<boolean>
  /** Until when no login is taken for a user after too many wrong passwords, milliseconds since the epoch. */
  blockedUntil(asked: { domainId: string; username: string }): Promise<number | undefined>
  /** Ends such a block, and forgets the wrong passwords. */
  unblock(asked: { domainId: string; username: string }): Promise<void>
  inspect(asked: { domainId: string; token: string }): Promise<TokenReport>
  /** Takes back one token that somebody has: with a refresh token its whole grant. False: it is no token of the domain. */
  revokeToken(asked: { domainId: string; token: string }): Promise<boolean>
  /** Takes back and forgets all that a user had who is deleted: sessions, consents, codes and tokens. */
  forgetUser(asked: { domainId: string; userId: string }): Promise<void>
  /**
   * Takes back and forgets all that an application had which is deleted, so that nothing of it is good for another one that may get
   * its client id.
   */
  forgetApplication(asked: { domainId: string; clientId: string }): Promise<void>
  /** The same for all users and applications that a domain does not have any more: those named are the ones that it has. */
  forgetOthers(asked: { domainId: string; userIds: readonly string[]; clientIds: readonly string[] }): Promise<void>
  /** Forgets everything about a domain that is deleted. */
  forgetDomain(asked: { domainId: string }): Promise<void>
}
