import type { Failure } from '../policies/policy'
import type { CompiledApi } from './compiled-api'

/** What this gateway calls itself in `Via` (RFC 9110 §7.6.3). */
export const PSEUDONYM = 'gatehouse'

/** APIs may call each other through the gateway; nobody means to have it done so often for one request. */
const MOST_PASSES = 10

/** Why a request goes no further: it has been here again and again, since a backend leads back to the gateway (RFC 9110 §7.6.3). */
export function loopOf(api: CompiledApi, via: string): Failure | undefined {
  const passes = via.split(PSEUDONYM).length - 1
  if (passes < MOST_PASSES) return undefined
  return {
    key: 'GATEWAY_LOOP',
    status: 508,
    message: 'The request goes round in a loop',
    sentence: `The request has passed a gateway like this ${passes} times: a backend of ${api.name} leads back to the gateway`,
    source: 'RFC 5842 §7.2',
    evidence: [{ label: 'Via', value: via.slice(0, 200) }],
    remedies: [{ action: 'open-endpoints', label: "Open the API's backend", apiId: api.id }],
  }
}
