import type { UserSnapshot } from '../../snapshot'
import type { Call } from '../http/endpoint'
import { OAuthRefusal, type Reason } from '../http/oauth-refusal'

/** 400 `invalid_grant`: what was presented is not, or no longer, good for tokens. */
export function invalidGrant(description: string, reason: Reason): OAuthRefusal {
  return new OAuthRefusal(400, 'invalid_grant', description, { source: 'RFC 6749 §5.2', ...reason })
}

/** Takes note that all of a grant was revoked, and whose it was. */
export function reportRevokedGrant({ domain, report }: Pick<Call, 'domain' | 'report'>, userId: string): void {
  report.proved()
  const username = domain.users.get(userId)?.username
  const whose = { userId, ...(username === undefined ? {} : { username }) }
  report.about({ ...whose, summary: 'All tokens of the grant were revoked' })
}

/**
 * The user of a grant, who may have been deleted, disabled or locked since.
 *
 * @throws OAuthRefusal 400 `invalid_grant`
 */
export function requireGrantUser({ domain, report }: Pick<Call, 'domain' | 'report'>, userId: string): UserSnapshot {
  const user = domain.users.get(userId)
  const description = 'The user can no longer log in'
  if (user === undefined) {
    throw invalidGrant(description, {
      key: 'USER_GONE',
      sentence: `The user who granted this is none of domain ${domain.snapshot.name} any more`,
      evidence: [{ label: 'User id', value: userId }],
    })
  }
  report.about({ userId, username: user.username })
  if (user.mayLogIn) return user
  throw invalidGrant(description, {
    key: 'USER_MAY_NOT_LOG_IN',
    sentence: `User ${user.username}, who granted this, is disabled or locked: enable or unlock the user`,
    evidence: [{ label: 'User', value: user.username }],
  })
}
