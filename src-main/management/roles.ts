import { randomUUID } from 'node:crypto'
import type { Domain, Role } from '@shared/domain'
import type { RoleDetails } from '@shared/users'
import type { Context, HandlersOf } from './context'
import { saveDomain } from './domains'
import { domainOf, roleOf } from './lookup'
import { conflict } from './problems'
import { refuseUnknownScopes } from './unknown-scopes'

/** Roles of a domain: names for scopes, which users get by them. */
export function roleHandlers(context: Context): HandlersOf<'roles'> {
  const { store, exclusive } = context

  async function save(domain: Domain, role: Role): Promise<RoleDetails> {
    const { roles = [] } = domain
    const known = roles.some(({ id }) => id === role.id)
    const changed = {
      ...domain,
      roles: known ? roles.map((each) => (each.id === role.id ? role : each)) : [...roles, role],
    }
    await saveDomain(context, changed)
    return roleDetails(changed, [role])[0]!
  }

  return {
    'roles.list': async ({ domainId }) => {
      const domain = domainOf(store, domainId)
      return roleDetails(domain, domain.roles ?? [])
    },

    'roles.create': ({ domainId, name, description, oauthScopes = [] }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        refuseTakenName(domain, name)
        refuseUnknownScopes(domain, oauthScopes, (index) => `/oauthScopes/${index}`)
        const role = { id: randomUUID(), name: name.trim(), ...described(description), oauthScopes }
        return save(domain, role)
      }),

    'roles.update': ({ domainId, roleId, name, description, oauthScopes }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        const { description: before, ...role } = roleOf(domain, roleId)
        if (name !== undefined) refuseTakenName(domain, name, roleId)
        if (oauthScopes !== undefined) refuseUnknownScopes(domain, oauthScopes, (index) => `/oauthScopes/${index}`)
        return save(domain, {
          ...role,
          ...described(description ?? before),
          ...(name === undefined ? {} : { name: name.trim() }),
          ...(oauthScopes === undefined ? {} : { oauthScopes }),
        })
      }),

    'roles.delete': ({ domainId, roleId }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        roleOf(domain, roleId)
        await saveDomain(context, withoutRole(domain, roleId))
        return {}
      }),
  }
}

function roleDetails({ users = [], groups = [] }: Domain, roles: readonly Role[]): RoleDetails[] {
  const userCounts = new Map<string, number>()
  for (const user of users) for (const id of user.roles ?? []) userCounts.set(id, (userCounts.get(id) ?? 0) + 1)
  return roles.map((role) => ({
    ...role,
    userCount: userCounts.get(role.id) ?? 0,
    groupCount: groups.filter((group) => group.roles.includes(role.id)).length,
  }))
}

/** The domain without a role, also where users and groups name it. */
function withoutRole({ users, groups, roles = [], ...domain }: Domain, roleId: string): Domain {
  const others = (ids: readonly string[]) => ids.filter((id) => id !== roleId)
  return {
    ...domain,
    roles: roles.filter(({ id }) => id !== roleId),
    ...(users === undefined
      ? {}
      : { users: users.map((user) => (user.roles?.includes(roleId) ? { ...user, roles: others(user.roles) } : user)) }),
    ...(groups === undefined ? {} : { groups: groups.map((group) => ({ ...group, roles: others(group.roles) })) }),
  }
}

/** An empty description is none. */
export function described(description: string | undefined): { description?: string } {
  return description === undefined || description.trim() === '' ? {} : { description: description.trim() }
}

function refuseTakenName({ name: domainName, roles = [] }: Domain, name: string, except?: string): void {
  if (!roles.some((role) => role.name === name.trim() && role.id !== except)) return
  throw conflict(
    'ROLE_NAME_TAKEN',
    `The domain ${domainName} has a role called ${name.trim()} already`,
    'Choose another name.',
    {
      field: '/name',
    },
  )
}
