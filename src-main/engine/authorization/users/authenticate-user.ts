import { hash } from 'node:crypto'
import { usernameKey } from '@shared/users'
import type { UserSnapshot } from '../../snapshot'
import type { CompiledDomain } from '../compiled-domain'
import type { Reason } from '../http/oauth-refusal'
import type { Attempt, GuardedAttempt, LoginAttempts } from './login-attempts'
import { createPasswordVerifier } from './password'

export interface GivenPassword extends Attempt {
  readonly password: string
}

export type UserAuthentication =
  | { readonly outcome: 'authenticated'; readonly user: UserSnapshot }
  /**
   * The reason is for the person at the window. Whoever tries to log in learns only that name or password is wrong, or until when
   * (milliseconds since the epoch) no attempt is taken. `user` is whose name was given; of nobody's name nothing is told.
   */
  | {
      readonly outcome: 'refused'
      readonly reason: Reason
      readonly user: UserSnapshot | undefined
      readonly blockedUntil?: number
    }

/** Finds out who logs in: by the password grant and by the login page alike, with one count of wrong attempts. */
export interface UserAuthenticator {
  /** @throws OAuthRefusal 503 `temporarily_unavailable` when too many passwords are being checked */
  authenticate(domain: CompiledDomain, given: GivenPassword): Promise<UserAuthentication>
}

export function createUserAuthenticator(attempts: LoginAttempts): UserAuthenticator {
  const passwords = createPasswordVerifier()

  return {
    async authenticate(domain, given) {
      const user = domain.usersByName.get(usernameKey(given.username))
      let isRight = false
      const guarded = await attempts.guard(domain.snapshot, given, async () => {
        isRight = await passwords.verify(given.password, user?.passwordHash, decoyOf(domain, given.username))
        return isRight && user?.mayLogIn === true ? user : undefined
      })
      if (guarded.outcome === 'right') return { outcome: 'authenticated', user: guarded.value }
      const { blockedUntil } = guarded
      const reason =
        guarded.outcome === 'blocked' ? blockedReason(domain, user, guarded) : wrongReason(domain, user, isRight)
      return { outcome: 'refused', reason, user, ...(blockedUntil === undefined ? {} : { blockedUntil }) }
    },
  }
}

/** Hashes may differ in cost, and a name that nobody has costs what one of the users' costs: always the same one's. */
function decoyOf({ snapshot: { users } }: CompiledDomain, username: string): string | undefined {
  if (users.length === 0) return undefined
  const index = hash('sha256', usernameKey(username), 'buffer').readUInt32BE(0) % users.length
  return users[index]?.passwordHash
}

function wrongReason(domain: CompiledDomain, user: UserSnapshot | undefined, isRight: boolean): Reason {
  if (user === undefined) {
    return {
      key: 'USER_UNKNOWN',
      // Not the name that was given: people type their password into the wrong field.
      sentence: `No user of domain ${domain.snapshot.name} has the name that was given`,
      evidence: [{ label: 'Users of the domain', value: String(domain.users.size) }],
    }
  }
  const { id: userId, username, passwordHash } = user
  const evidence = [{ label: 'User', value: username }]
  const open = (label: string): Pick<Reason, 'remedies'> => ({
    remedies: [{ action: 'open-user', label, domainPath: domain.snapshot.path, userId }],
  })
  if (passwordHash === undefined) {
    const sentence = `User ${username} has no password and cannot log in: set one`
    return { key: 'USER_WITHOUT_PASSWORD', sentence, evidence, ...open('Set a password') }
  }
  if (!isRight) {
    const sentence = `The password is not that of user ${username}`
    return { key: 'PASSWORD_WRONG', sentence, evidence, ...open('Set another password') }
  }
  const sentence = `The password is right, but user ${username} is disabled or locked: enable or unlock the user`
  return { key: 'USER_MAY_NOT_LOG_IN', sentence, evidence, ...open(`Open ${username}`) }
}

function blockedReason(
  { snapshot: { maxLoginAttempts, path: domainPath } }: CompiledDomain,
  user: UserSnapshot | undefined,
  { what, blockedUntil }: Extract<GuardedAttempt<never>, { outcome: 'blocked' }>,
): Reason {
  const until = new Date(blockedUntil).toISOString()
  const evidence = [
    { label: 'Blocked until', value: until },
    { label: 'Wrong attempts before an account is blocked', value: String(maxLoginAttempts) },
    ...(user === undefined ? [] : [{ label: 'User', value: user.username }]),
  ]
  const whom = user === undefined ? 'a name that nobody has' : `user ${user.username}`
  return what === 'account'
    ? {
        key: 'ACCOUNT_BLOCKED',
        sentence: `Too many wrong passwords were given for ${whom}: no attempt is taken until ${until}`,
        evidence,
        ...(user === undefined
          ? {}
          : { remedies: [{ action: 'open-user', label: `Unblock ${user.username}`, domainPath, userId: user.id }] }),
      }
    : {
        key: 'ADDRESS_BLOCKED',
        sentence: `Too many wrong passwords came from this address: no attempt is taken from it until ${until}`,
        evidence,
      }
}
