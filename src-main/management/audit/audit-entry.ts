import type { AuditEntry, AuditEvent } from '@shared/audit'
import type { RequestRecord } from '@shared/traffic'

/** The endpoints whose requests stand in the audit log. Introspections and metadata do not: they change nothing, and are many. */
const events: Readonly<Record<string, AuditEvent>> = {
  authorize: 'authorization',
  par: 'authorization',
  login: 'login',
  consent: 'consent',
  token: 'token',
  revoke: 'revocation',
  logout: 'logout',
}

const happened: Readonly<Record<AuditEvent, string>> = {
  authorization: 'Asked for a login',
  login: 'A login page was shown',
  consent: 'A consent page was shown',
  token: 'A token was given',
  revocation: 'There was nothing to revoke',
  logout: 'A logout page was shown',
}

/** What of a request is kept in the audit log; undefined when nothing is: a page that was only shown is none of its business. */
export function auditEntryOf(record: RequestRecord): Omit<AuditEntry, 'seq'> | undefined {
  const { id, at, status, endpoint = '', outcome, clientId, grantType, userId, username, summary, refusal } = record
  const event = record.server === 'authorization' ? events[endpoint] : undefined
  if (event === undefined || outcome === 'aborted') return undefined
  if (refusal === undefined && summary === undefined && record.method !== 'POST') return undefined
  return {
    id,
    at,
    event,
    outcome: outcome === 'answered' ? 'succeeded' : outcome,
    status,
    sentence: refusal?.sentence ?? summary ?? happened[event],
    ...(clientId === undefined ? {} : { clientId }),
    ...(grantType === undefined ? {} : { grantType }),
    ...(userId === undefined ? {} : { userId }),
    ...(username === undefined ? {} : { username }),
    ...(refusal === undefined ? {} : { refusal }),
  }
}
