import type { Domain, User } from '@shared/domain'
import type { OperationInput } from '@shared/operations'
import { fullName, userStatus, type UserDetails } from '@shared/users'
import type { Secrets } from '../../workspace/store'
import { membershipsOf } from './memberships'

/** Where the hash of a user's password is sealed. */
export function userSecretId(userId: string): string {
  return `user/${userId}`
}

/** Users as operations answer them. */
export function userDetails(domain: Domain, users: readonly User[], secrets: Pick<Secrets, 'get'>): UserDetails[] {
  const membershipOf = membershipsOf(domain, users)
  return users.map((user) => {
    const { groups, scopes } = membershipOf(user)
    return {
      ...user,
      hasPassword: hasPassword(secrets, user.id),
      groups: groups.map(({ id }) => id),
      scopes: [...scopes],
    }
  })
}

type Wanted = Omit<OperationInput<'users.list'>, 'domainId'>

/** Default size of a page. */
const PAGE = 50

/** A page of the users that are wanted, by name. */
export function listUsers(
  domain: Domain,
  { search = '', status, roleId, groupId, offset = 0, limit = PAGE }: Wanted,
  secrets: Pick<Secrets, 'get'>,
): { users: UserDetails[]; total: number } {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const members = groupId === undefined ? undefined : new Set(groupOf(domain, groupId))
  const wanted = (domain.users ?? []).filter(
    (user) =>
      (members?.has(user.id) ?? true) &&
      (roleId === undefined || user.roles?.includes(roleId) === true) &&
      (status === undefined ||
        userStatus({ hasPassword: hasPassword(secrets, user.id), ...standing(user) }) === status) &&
      isFound(user, words),
  )
  const byName = wanted.sort((one, other) => collator.compare(one.username, other.username))
  return { users: userDetails(domain, byName.slice(offset, offset + limit), secrets), total: wanted.length }
}

const collator = new Intl.Collator('en', { numeric: true })

/** Whether every word stands somewhere in what a person would look for. */
function isFound(user: User, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const { id, username, email = '', firstName = '', lastName = '' } = user
  const text = [username, email, fullName(user), firstName, lastName].join('\n').toLowerCase()
  return words.every((word) => text.includes(word) || word === id)
}

function standing({ enabled, accountNonLocked }: User) {
  return { enabled, ...(accountNonLocked === undefined ? {} : { accountNonLocked }) }
}

function groupOf({ groups = [] }: Domain, groupId: string): readonly string[] {
  return groups.find(({ id }) => id === groupId)?.members ?? []
}

function hasPassword(secrets: Pick<Secrets, 'get'>, userId: string): boolean {
  return secrets.get(userSecretId(userId)) !== undefined
}
