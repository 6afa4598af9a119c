import type { AuditEntry, AuditEvent } from '@shared/audit'
import type { RequestRecord } from '@shared/traffic'

/** The endpoints whose requests stand in the audit log. Metadata and keys do not: anybody may have them. */
const events: Readonly<Record<string, AuditEvent>> = {
  authorize: 'authorization',
  par: 'authorization',
  login: 'login',
  consent: 'consent',
  token: 'token',
  revoke: 'revocation',
  logout: 'logout',
  introspect: 'introspection',
  userinfo: 'userinfo',
}

const happened: Readonly<Record<Exclude<AuditEvent, 'introspection' | 'userinfo'>, string>> = {
  authorization: 'Asked for a login',
  login: 'A login page was shown',
  consent: 'A consent page was shown',
  token: 'A token was given',
  revocation: 'There was nothing to revoke',
  logout: 'A logout page was shown',
}

/** What of a request is kept in the audit log; undefined when nothing is: a page that was only shown is none of its business. */
export function auditEntryOf(record: RequestRecord): Omit<AuditEntry, 'seq'> | undefined {
  const { id, at, status, endpoint = '', outcome, clientId, grantType, userId, username, refusal } = record
  const event = record.server === 'authorization' ? events[endpoint] : undefined
  if (event === undefined || outcome === 'aborted') return undefined
  const sentence = refusal?.sentence ?? sentenceOf(event, record)
  if (sentence === undefined) return undefined
  return {
    id,
    at,
    event,
    outcome: outcome === 'answered' ? 'succeeded' : outcome,
    status,
    sentence,
    ...(clientId === undefined ? {} : { clientId }),
    ...(grantType === undefined ? {} : { grantType }),
    ...(userId === undefined ? {} : { userId }),
    ...(username === undefined ? {} : { username }),
    ...(refusal === undefined ? {} : { refusal }),
    ...(record.proven === undefined ? { anonymous: true as const } : {}),
  }
}

/** What is told of a request that was answered; undefined for one that is not written down. */
function sentenceOf(event: AuditEvent, { summary, method }: RequestRecord): string | undefined {
  // They change nothing, and are thousands a second.
  if (event === 'introspection' || event === 'userinfo') return undefined
  return summary ?? (method === 'POST' ? happened[event] : undefined)
}
