import { Type } from 'typebox'
import { AuditEntry, AuditFilter } from '../audit'
import { Empty, id, input, type OperationList } from './parts'

/** What happened at a domain. */
export const auditOperations = {
  'audit.list': {
    summary:
      'What happened at a domain, newest first: token requests, logins, consents, revocations, with the reason of each refusal',
    input: input({
      domainId: id('domain'),
      filter: Type.Optional(AuditFilter),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
      before: Type.Optional(Type.Integer({ minimum: 1, description: 'Only entries older than the one with this seq' })),
    }),
    output: Type.Array(AuditEntry),
  },
  'audit.clear': {
    summary: "Empty a domain's audit log",
    input: input({ domainId: id('domain') }),
    output: Empty,
  },
} as const satisfies OperationList
