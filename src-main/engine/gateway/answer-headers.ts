import type { Call } from './call'
import type { Headers } from './exchange'
import { hopByHop } from './hop-by-hop'

/** As a flat list, which node writes as it is. */
export function answerHeaders(call: Call, headers: Headers): string[] {
  const isHopByHop = hopByHop(headers)
  const list: string[] = []
  const own = call.exchange?.answerHeaders
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined || isHopByHop(name)) continue
    if (own !== undefined && isAmong(own, name)) continue
    if (name === 'x-gravitee-transaction-id' || name === 'x-gravitee-request-id') continue
    if (typeof value === 'string') list.push(name, value)
    else for (const each of value) list.push(name, each)
  }
  for (const name in own) list.push(name, own[name]!)
  list.push('X-Gravitee-Transaction-Id', call.transactionId, 'X-Gravitee-Request-Id', call.requestId)
  return list
}

/** They are few, and seldom as long as another: no set of their names in lower case is made for each answer. */
function isAmong(own: Readonly<Record<string, string>>, name: string): boolean {
  for (const each in own) if (each.length === name.length && each.toLowerCase() === name) return true
  return false
}
