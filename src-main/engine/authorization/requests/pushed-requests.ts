import { createTurns, type State } from '../../state'
import type { Call } from '../http/endpoint'
import { networkOf } from '../http/network-of'
import { createFairPlaces } from '../sessions/fair-places'
import { digestOf, newSecret } from '../sessions/secrets'
import type { KeptRequest } from './kept-request'

/** RFC 9126 §2.2 */
export const REQUEST_URI_PREFIX = 'urn:ietf:params:oauth:request_uri:'
/** How long a pushed request waits for its browser, seconds (RFC 9126 §2.2: between 5 and 600). */
export const PUSHED_REQUEST_SECONDS = 60

/** Anybody can have one kept, without an account: so no more of them wait at once. */
export const MOST_PUSHED_REQUESTS = 10_000

/** Authorization requests that are waiting for their browser. */
export interface PushedRequests {
  /** Answers the `request_uri`; the request is on the disk when this resolves. */
  push(domainId: string, request: KeptRequest, from: Pick<Call, 'remoteAddress' | 'now'>): Promise<string>
  /** Takes the request out, so that it is found once (RFC 9126 §7.3); undefined when it is not there (any more). */
  take(domainId: string, requestUri: string): Promise<KeptRequest | undefined>
}

/** Those of before a restart take no places: they are over in a minute. */
export function createPushedRequests(state: State, most = MOST_PUSHED_REQUESTS): PushedRequests {
  const inTurn = createTurns()
  const places = createFairPlaces(most, PUSHED_REQUEST_SECONDS * 1000)
  return {
    async push(domainId, request, { remoteAddress, now }) {
      const requestUri = REQUEST_URI_PREFIX + newSecret()
      const key = keyOf(domainId, requestUri)
      const gone = places.take(key, `${domainId} ${networkOf(remoteAddress)}`, now)
      const expiresAt = now + PUSHED_REQUEST_SECONDS * 1000
      await state.batch([
        ...gone.map((each) => ({ type: 'del', key: each }) as const),
        { type: 'put', key, value: JSON.stringify(request), expiresAt },
      ])
      return requestUri
    },
    take(domainId, requestUri) {
      const key = keyOf(domainId, requestUri)
      return inTurn(key, async () => {
        const text = await state.get(key)
        if (text === undefined) return undefined
        await state.delete(key)
        places.leave(key)
        return JSON.parse(text) as KeptRequest // written by this module alone
      })
    },
  }
}

function keyOf(domainId: string, requestUri: string): string {
  return `pushed/${domainId}/${digestOf(requestUri)}`
}
