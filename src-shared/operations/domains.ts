import { Type } from 'typebox'
import {
  AccessTokenFormat,
  Branding,
  DomainOverview,
  DomainPath,
  LoginSettings,
  Name,
  Scope,
  ScopeKey,
} from '../domain'
import { SigningAlgorithm } from '../signing-key'
import { Empty, id, input, type OperationList } from './parts'

/** Security domains and their scopes. */
export const domainOperations = {
  'domains.list': { summary: 'Every domain', input: Empty, output: Type.Array(DomainOverview) },
  'domains.get': { summary: 'One domain', input: input({ domainId: id('domain') }), output: DomainOverview },
  'domains.create': {
    summary:
      'A new security domain. It signs with an HS256 secret of its own, and ID tokens with an RS256 key, unless another algorithm is chosen',
    input: input({
      name: Name,
      path: Type.Optional(DomainPath),
      description: Type.Optional(Type.String()),
      signingAlgorithm: Type.Optional(SigningAlgorithm),
    }),
    output: DomainOverview,
  },
  'domains.update': {
    summary: 'Change a domain',
    input: input({
      domainId: id('domain'),
      name: Type.Optional(Name),
      path: Type.Optional(DomainPath),
      description: Type.Optional(Type.String()),
      enabled: Type.Optional(Type.Boolean()),
      branding: Type.Optional(Branding),
      loginSettings: Type.Optional(LoginSettings),
      accessTokenFormat: Type.Optional(AccessTokenFormat),
    }),
    output: DomainOverview,
  },
  'domains.delete': {
    summary: 'Delete a domain with its applications; its name confirms it',
    input: input({ domainId: id('domain'), confirmName: Type.String() }),
    output: Empty,
  },
  'domains.saveScope': {
    summary: 'Add a scope to a domain, or change it',
    input: input({ domainId: id('domain'), scope: Scope }),
    output: DomainOverview,
  },
  'domains.removeScope': {
    summary: 'Remove a scope from a domain and its applications',
    input: input({ domainId: id('domain'), key: ScopeKey }),
    output: DomainOverview,
  },
} as const satisfies OperationList
