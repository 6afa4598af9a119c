import { STATUS_CODES } from 'node:http'
import type { RequestRecord } from '@shared/traffic'

/** Where the servers can be reached: http://127.0.0.1:8082. */
export type Addresses = Readonly<Record<RequestRecord['server'], string>>

/**
 * Requests as an HTTP archive (HAR 1.2, https://w3c.github.io/web-performance/specs/HAR/Overview.html). What a record does not
 * hold is given as the format says for what is not known: no headers, no query, sizes of -1. What HAR has no place for stands
 * in `_gatehouse`, and the reason of a refusal in `comment`.
 *
 * @param records newest first
 */
export function harOf(records: readonly RequestRecord[], addresses: Addresses, version: string): unknown {
  const creator = { name: 'Gatehouse', version }
  return { log: { version: '1.2', creator, entries: records.toReversed().map((record) => entryOf(record, addresses)) } }
}

function entryOf(record: RequestRecord, addresses: Addresses) {
  const { server, at, method, path, status, durationMs, refusal, trace } = record
  const backendMs = trace?.find(({ kind }) => kind === 'backend')?.durationMs
  const unknownParts = { httpVersion: 'unknown', cookies: [], headers: [], headersSize: -1, bodySize: -1 }
  return {
    startedDateTime: new Date(at).toISOString(),
    time: durationMs,
    request: { method, url: addresses[server] + path, queryString: [], ...unknownParts },
    response: {
      status,
      statusText: STATUS_CODES[status] ?? '',
      ...unknownParts,
      content: { size: -1, mimeType: 'x-unknown' },
      redirectURL: '',
    },
    cache: {},
    // To the backend and back is waiting; what the server itself took comes before it.
    timings: { send: Math.max(0, durationMs - (backendMs ?? durationMs)), wait: backendMs ?? durationMs, receive: 0 },
    ...(refusal === undefined ? {} : { comment: `${refusal.key}: ${refusal.sentence}` }),
    _gatehouse: record,
  }
}
