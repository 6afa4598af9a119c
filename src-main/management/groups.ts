import { randomUUID } from 'node:crypto'
import type { Domain, Group } from '@shared/domain'
import type { FieldError } from '@shared/problem'
import type { GroupDetails } from '@shared/users'
import type { Context, HandlersOf } from './context'
import { saveDomain } from './domains'
import { domainOf, groupOf } from './lookup'
import { conflict, inputInvalid } from './problems'
import { described } from './roles'
import { unknownIds } from './users/check-user'

/** Groups of a domain: users who have the same roles. */
export function groupHandlers(context: Context): HandlersOf<'groups'> {
  const { store, exclusive } = context

  async function save(domain: Domain, group: Group): Promise<GroupDetails> {
    const { groups = [] } = domain
    const known = groups.some(({ id }) => id === group.id)
    await saveDomain(context, {
      ...domain,
      groups: known ? groups.map((each) => (each.id === group.id ? group : each)) : [...groups, group],
    })
    return groupDetails(group)
  }

  const change = (domainId: string, groupId: string, edit: (group: Group, domain: Domain) => Group) =>
    exclusive(async () => {
      const domain = domainOf(store, domainId)
      return save(domain, edit(groupOf(domain, groupId), domain))
    })

  return {
    'groups.list': async ({ domainId }) => (domainOf(store, domainId).groups ?? []).map(groupDetails),

    'groups.create': ({ domainId, name, description, roles = [] }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        refuseTakenName(domain, name)
        refuseUnknown('role', roles, domain.roles)
        return save(domain, { id: randomUUID(), name: name.trim(), ...described(description), members: [], roles })
      }),

    'groups.update': ({ domainId, groupId, name, description, roles }) =>
      change(domainId, groupId, ({ description: before, ...group }, domain) => {
        if (name !== undefined) refuseTakenName(domain, name, groupId)
        if (roles !== undefined) refuseUnknown('role', roles, domain.roles)
        return {
          ...group,
          ...described(description ?? before),
          ...(name === undefined ? {} : { name: name.trim() }),
          ...(roles === undefined ? {} : { roles }),
        }
      }),

    'groups.addMembers': ({ domainId, groupId, userIds }) =>
      change(domainId, groupId, (group, domain) => {
        refuseUnknown('user', userIds, domain.users)
        return { ...group, members: [...new Set([...group.members, ...userIds])] }
      }),
    'groups.removeMembers': ({ domainId, groupId, userIds }) =>
      change(domainId, groupId, (group) => {
        const removed = new Set(userIds)
        return { ...group, members: group.members.filter((id) => !removed.has(id)) }
      }),

    'groups.delete': ({ domainId, groupId }) =>
      exclusive(async () => {
        const domain = domainOf(store, domainId)
        groupOf(domain, groupId)
        await saveDomain(context, { ...domain, groups: (domain.groups ?? []).filter(({ id }) => id !== groupId) })
        return {}
      }),
  }
}

function groupDetails({ members, ...group }: Group): GroupDetails {
  return { ...group, memberCount: members.length }
}

function refuseUnknown(what: 'role' | 'user', ids: readonly string[], known: readonly { id: string }[] = []): void {
  const errors: FieldError[] = unknownIds(what, ids, known, what === 'user' ? '/userIds' : '/roles')
  if (errors.length > 0) throw inputInvalid(errors)
}

function refuseTakenName({ name: domainName, groups = [] }: Domain, name: string, except?: string): void {
  if (!groups.some((group) => group.name === name.trim() && group.id !== except)) return
  throw conflict(
    'GROUP_NAME_TAKEN',
    `The domain ${domainName} has a group called ${name.trim()} already`,
    'Choose another name.',
    { field: '/name' },
  )
}
