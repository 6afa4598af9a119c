import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** A client may name its own transaction, so that it can follow it; anything but a plain name is not taken. */
export function isTransactionId(text: string): boolean {
  return /^[A-Za-z0-9_-]{8,64}$/.test(text)
}

/** What the request's `X-Gravitee-Transaction-Id` names it; undefined when there is none that can be taken. */
export function givenTransactionId(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['x-gravitee-transaction-id']
  return typeof given === 'string' && isTransactionId(given) ? given : undefined
}

/** Whether the request carries the engine's trace key in `X-Gatehouse-Trace`: then it is the console's own. */
export function carriesTraceKey(headers: IncomingHttpHeaders, traceKey: string): boolean {
  const given = headers['x-gatehouse-trace']
  if (given === undefined) return false
  const [a, b] = [Buffer.from(String(given)), Buffer.from(traceKey)]
  return a.length === b.length && timingSafeEqual(a, b)
}
