import type { RequestRecord } from '@shared/traffic'

/** A batch of records as it crosses the thread: JSON, each record on a line of its own. */
export interface RecordLines {
  readonly records: readonly RequestRecord[]
  /** Each record as JSON, so that whoever writes it down need not make it anew. */
  readonly lines: readonly string[]
}

/** Within a JSON text a line end is always escaped: it separates, whatever the records hold. */
const SEPARATOR = ',\n'

export function packRecords(records: readonly RequestRecord[]): string {
  return records.map(recordLine).join(SEPARATOR)
}

/** @param packed by `packRecords` */
export function unpackRecords(packed: string): RecordLines {
  return { records: JSON.parse(`[${packed}]`) as RequestRecord[], lines: packed.split(SEPARATOR) }
}

/**
 * As JSON.stringify. Most records are an answered request of the gateway with nothing to explain: those are put together by hand, at
 * a third of its cost.
 */
export function recordLine(record: RequestRecord): string {
  const { apiId, apiName, revision, clientId, introspections } = record
  if (!isPlain(record) || apiId === undefined || apiName === undefined || revision === undefined)
    return JSON.stringify(record)
  const { id, at, method, path, status, durationMs, outcome } = record
  const client = clientId === undefined ? '' : `,"clientId":${quoted(clientId)}`
  const asked =
    introspections === undefined ? '' : `,"introspections":[${introspections.map(introspectionOf).join(',')}]`
  return `{"id":${quoted(id)},"server":"gateway","at":${at},"method":${quoted(method)},"path":${quoted(path)},"status":${status},"durationMs":${durationMs},"outcome":"${outcome}","apiId":${quoted(apiId)},"apiName":${quoted(apiName)},"revision":${revision}${client}${asked}}`
}

const introspectionOf = ({ domainPath, durationMs }: NonNullable<RequestRecord['introspections']>[number]): string =>
  `{"domainPath":${quoted(domainPath)},"durationMs":${durationMs}}`

/** Whether it has no member but those of an answered request of the gateway. */
function isPlain(record: RequestRecord): boolean {
  const { server, refusal, trace, carried, seq, domainPath, endpoint, inProcess, grantType, userId, username, proven, summary } = record // prettier-ignore
  return (
    server === 'gateway' &&
    (refusal ?? trace ?? carried ?? seq ?? domainPath ?? endpoint) === undefined &&
    (inProcess ?? grantType ?? userId ?? username ?? proven ?? summary) === undefined
  )
}

/** What stands in JSON otherwise than in the text. */
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/

const quoted = (text: string): string => (ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`)
