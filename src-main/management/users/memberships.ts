import type { Domain, Group, Role, User } from '@shared/domain'

/** What a user has by roles and groups. */
export interface Memberships {
  readonly groups: readonly Group[]
  /** The user's own and those of the groups, in the domain's order. */
  readonly roles: readonly Role[]
  /** Of the roles, each once. */
  readonly scopes: readonly string[]
}

/** Tells the memberships of the users given. Looks at each group once, however many users there are. */
export function membershipsOf(
  { groups = [], roles = [] }: Pick<Domain, 'groups' | 'roles'>,
  users: readonly User[],
): (user: User) => Memberships {
  const groupsOf = new Map<string, Group[]>(users.map(({ id }) => [id, []]))
  for (const group of groups) for (const member of new Set(group.members)) groupsOf.get(member)?.push(group)
  return (user) => {
    const own = groupsOf.get(user.id) ?? []
    const roleIds = new Set([...(user.roles ?? []), ...own.flatMap((group) => group.roles)])
    const granted = roles.filter(({ id }) => roleIds.has(id))
    return { groups: own, roles: granted, scopes: [...new Set(granted.flatMap(({ oauthScopes }) => oauthScopes))] }
  }
}
