import { randomUUID } from 'node:crypto'
import type { Domain, User } from '@shared/domain'
import { passwordFault } from '@shared/password-policy'
import type { UserDetails } from '@shared/users'
import type { Context, HandlersOf } from './context'
import { saveDomain, saveDomainWithout } from './domains'
import { domainOf, userOf } from './lookup'
import { conflict, inputInvalid } from './problems'
import { profileErrors, told, usernameErrors } from './users/check-user'
import { endTokens } from './users/end-tokens'
import { withProfile } from './users/profile'
import { previewImport } from './users/import/preview-import'
import { createImports } from './users/import/run-import'
import { generatePassword, hashPassword } from './users/password'
import { listUsers, userDetails, userSecretId } from './users/user-details'

/** Users of a domain. What is saved counts from the next login on. */
export function userHandlers(context: Context): HandlersOf<'users'> {
  const { store, exclusive } = context
  const imports = createImports(context)

  const details = (domain: Domain, user: User): UserDetails => userDetails(domain, [user], store.secrets)[0]!

  /** Puts the user in the place of the one with the id, and saves. */
  async function save(
    domain: Domain,
    user: User,
    { groups, passwordHash }: { groups?: readonly string[] | undefined; passwordHash?: string | undefined } = {},
  ): Promise<UserDetails> {
    const changed = withGroups(withUser(domain, user), user.id, groups)
    await saveDomain(context, changed, passwordHash === undefined ? {} : { [userSecretId(user.id)]: passwordHash })
    return details(changed, user)
  }

  const change = (domainId: string, userId: string, edit: (user: User) => User) =>
    exclusive(async () => {
      const domain = domainOf(store, domainId)
      return save(domain, { ...edit(userOf(domain, userId)), updatedAt: new Date().toISOString() })
    })

  /** Where the engine does not run, a block lasts as long as it was to. */
  const unblock = (domainId: string, { username }: Pick<User, 'username'>) =>
    context.engine.administer('unblock', { domainId, username }).catch(() => undefined)

  return {
    'users.list': async ({ domainId, ...wanted }) => listUsers(domainOf(store, domainId), wanted, store.secrets),
    'users.get': async ({ domainId, userId }) => {
      const domain = domainOf(store, domainId)
      const user = userOf(domain, userId)
      // Where the engine does not run, nobody can log in, and who is blocked is not known.
      const blockedUntil = await context.engine
        .administer('blockedUntil', { domainId, username: user.username })
        .catch(() => undefined)
      return { ...details(domain, user), ...(blockedUntil === undefined ? {} : { blockedUntil }) }
    },

    'users.create': async ({
      domainId,
      username,
      password,
      generatePassword: generate = false,
      groups,
      ...profile
    }) => {
      if (generate && password !== undefined) throw twoPasswords()
      const check = (domain: Domain) => {
        const fault = password === undefined ? undefined : passwordFault(password, username)
        const errors = [
          ...usernameErrors(domain, username),
          ...profileErrors(domain, { ...profile, groups }),
          ...told('/password', fault),
        ]
        if (errors.length > 0) throw inputInvalid(errors)
      }
      check(domainOf(store, domainId))
      const generated = generate ? generatePassword() : undefined
      const set = generated ?? password
      // Other changes do not wait for the hash; what they changed is looked at again.
      const passwordHash = set === undefined ? undefined : await hashPassword(set)
      return exclusive(async () => {
        const domain = domainOf(store, domainId)
        check(domain)
        const now = new Date().toISOString()
        const bare: User = {
          id: randomUUID(),
          username: nameOf(username),
          enabled: true,
          createdAt: now,
          updatedAt: now,
        }
        const user = await save(domain, withProfile(bare, profile), { groups, passwordHash })
        return { user, ...(generated === undefined ? {} : { password: generated }) }
      })
    },

    'users.update': ({ domainId, userId, username, groups, ...profile }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        const user = userOf(domain, userId)
        const errors = [
          ...(username === undefined ? [] : usernameErrors(domain, username, userId)),
          ...profileErrors(domain, { ...profile, groups }),
        ]
        if (errors.length > 0) throw inputInvalid(errors)
        const renamed = username === undefined ? user : { ...user, username: nameOf(username) }
        const changed = { ...withProfile(renamed, profile), updatedAt: new Date().toISOString() }
        return save(domain, changed, { groups })
      }),

    'users.setPassword': async ({ domainId, userId, password, keepTokens = false }) => {
      const { username } = userOf(domainOf(store, domainId), userId)
      const fault = password === undefined ? undefined : passwordFault(password, username)
      if (fault !== undefined) throw inputInvalid(told('/password', fault))
      const generated = password === undefined ? generatePassword() : undefined
      const passwordHash = await hashPassword(password ?? generated!)
      return exclusive(async () => {
        const domain = domainOf(store, domainId)
        const user = { ...userOf(domain, userId), updatedAt: new Date().toISOString() }
        const saved = await save(domain, user, { passwordHash })
        await unblock(domainId, user)
        const why = `The password of ${user.username} was changed by hand`
        const revoked = keepTokens ? 0 : await endTokens(context, domainId, [userId], why)
        return {
          user: saved,
          ...(generated === undefined ? {} : { password: generated }),
          ...(revoked === undefined ? {} : { revoked }),
        }
      })
    },
    'users.removePassword': ({ domainId, userId }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        const user = { ...userOf(domain, userId), updatedAt: new Date().toISOString() }
        const changed = withUser(domain, user)
        await saveDomainWithout(context, changed, [userSecretId(userId)])
        const why = `The password of ${user.username} was removed by hand`
        const revoked = await endTokens(context, domainId, [userId], why)
        return { ...details(changed, user), ...(revoked === undefined ? {} : { revoked }) }
      }),

    'users.lock': ({ domainId, userId }) => change(domainId, userId, (user) => ({ ...user, accountNonLocked: false })),
    'users.unlock': async ({ domainId, userId }) => {
      const unlocked = await change(domainId, userId, ({ accountNonLocked: _locked, ...user }) => user)
      await unblock(domainId, unlocked)
      return unlocked
    },

    'users.delete': ({ domainId, userId }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        userOf(domain, userId)
        const users = (domain.users ?? []).filter(({ id }) => id !== userId)
        await saveDomainWithout(context, withGroups({ ...domain, users }, userId, []), [userSecretId(userId)])
        // Where the engine does not run, it forgets at its next start.
        await context.engine.administer('forgetUser', { domainId, userId }).catch(() => undefined)
        return {}
      }),

    'users.previewImport': async ({ domainId, ...input }) =>
      previewImport(domainOf(store, domainId), store.secrets, input),
    'users.import': (input) => imports.run(input),
    'users.importProgress': async ({ domainId }) => {
      domainOf(store, domainId)
      const progress = imports.progress(domainId)
      return progress === undefined ? {} : { progress }
    },
    'users.cancelImport': async ({ domainId }) => {
      domainOf(store, domainId)
      imports.cancel(domainId)
      return {}
    },
  }
}

function withUser(domain: Domain, user: User): Domain {
  const { users = [] } = domain
  const known = users.some(({ id }) => id === user.id)
  return { ...domain, users: known ? users.map((each) => (each.id === user.id ? user : each)) : [...users, user] }
}

/** The domain with the user in exactly these groups; undefined leaves them as they are. */
function withGroups(domain: Domain, userId: string, groupIds: readonly string[] | undefined): Domain {
  if (groupIds === undefined || domain.groups === undefined) return domain
  const groups = domain.groups.map((group) => {
    const isIn = group.members.includes(userId)
    const shouldBe = groupIds.includes(group.id)
    if (isIn === shouldBe) return group
    return { ...group, members: shouldBe ? [...group.members, userId] : group.members.filter((id) => id !== userId) }
  })
  return { ...domain, groups }
}

/** A username as it is kept: in one form, and without spaces that nobody sees. */
function nameOf(username: string): string {
  return username.trim().normalize('NFC')
}

function twoPasswords() {
  return conflict(
    'TWO_PASSWORDS',
    'A password is given and is to be generated too',
    'Leave one of password and generatePassword out.',
    { field: '/generatePassword' },
  )
}
