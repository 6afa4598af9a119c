import { randomUUID } from 'node:crypto'
import type { Domain } from '@shared/domain'
import type { AuditLog } from './audit-log'

/** Writes down that somebody revoked something in Gatehouse. It stands nowhere else: the engine records requests only. */
export function noteByHand(
  audit: AuditLog,
  domain: Domain,
  sentence: string,
  { clientId, userId }: { readonly clientId?: string | undefined; readonly userId?: string | undefined },
): void {
  const username = domain.users?.find(({ id }) => id === userId)?.username
  audit.note(domain.id, {
    id: randomUUID(),
    at: Date.now(),
    event: 'revocation',
    outcome: 'succeeded',
    status: 200,
    sentence,
    ...(clientId === undefined ? {} : { clientId }),
    ...(userId === undefined ? {} : { userId }),
    ...(username === undefined ? {} : { username }),
  })
}
