import { Type } from 'typebox'
import { Name, ScopeKey } from '../domain'
import { GroupDetails, RoleDetails } from '../users'
import { Empty, id, input, type OperationList } from './parts'

const Description = Type.String({ maxLength: 1024 })

/** What users of a domain may have: roles, and groups that have them. */
export const roleOperations = {
  'roles.list': {
    summary: 'The roles of a domain and how many have them',
    input: input({ domainId: id('domain') }),
    output: Type.Array(RoleDetails),
  },
  'roles.create': {
    summary: 'A new role: a name for scopes',
    input: input({
      domainId: id('domain'),
      name: Name,
      description: Type.Optional(Description),
      oauthScopes: Type.Optional(Type.Array(ScopeKey)),
    }),
    output: RoleDetails,
  },
  'roles.update': {
    summary: 'Change a role',
    input: input({
      domainId: id('domain'),
      roleId: id('role'),
      name: Type.Optional(Name),
      description: Type.Optional(Description),
      oauthScopes: Type.Optional(Type.Array(ScopeKey)),
    }),
    output: RoleDetails,
  },
  'roles.delete': {
    summary: 'Delete a role; users and groups that had it lose its scopes',
    input: input({ domainId: id('domain'), roleId: id('role') }),
    output: Empty,
  },
  'groups.list': {
    summary: 'The groups of a domain and how many members they have',
    input: input({ domainId: id('domain') }),
    output: Type.Array(GroupDetails),
  },
  'groups.create': {
    summary: 'A new group, whose members have its roles',
    input: input({
      domainId: id('domain'),
      name: Name,
      description: Type.Optional(Description),
      roles: Type.Optional(Type.Array(id('role'))),
    }),
    output: GroupDetails,
  },
  'groups.update': {
    summary: 'Change a group',
    input: input({
      domainId: id('domain'),
      groupId: id('group'),
      name: Type.Optional(Name),
      description: Type.Optional(Description),
      roles: Type.Optional(Type.Array(id('role'))),
    }),
    output: GroupDetails,
  },
  'groups.addMembers': {
    summary: 'Put users into a group',
    input: input({ domainId: id('domain'), groupId: id('group'), userIds: Type.Array(id('user'), { minItems: 1 }) }),
    output: GroupDetails,
  },
  'groups.removeMembers': {
    summary: 'Take users out of a group',
    input: input({ domainId: id('domain'), groupId: id('group'), userIds: Type.Array(id('user'), { minItems: 1 }) }),
    output: GroupDetails,
  },
  'groups.delete': {
    summary: 'Delete a group; its members lose its roles',
    input: input({ domainId: id('domain'), groupId: id('group') }),
    output: Empty,
  },
} as const satisfies OperationList
