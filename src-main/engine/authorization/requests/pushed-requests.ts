import { createTurns, type State } from '../../state'
import { digestOf, newSecret } from '../sessions/secrets'
import type { KeptRequest } from './kept-request'

/** RFC 9126 §2.2 */
export const REQUEST_URI_PREFIX = 'urn:ietf:params:oauth:request_uri:'
/** How long a pushed request waits for its browser, seconds (RFC 9126 §2.2: between 5 and 600). */
export const PUSHED_REQUEST_SECONDS = 60

/** Authorization requests that are waiting for their browser. */
export interface PushedRequests {
  /** Answers the `request_uri`; the request is on the disk when this resolves. */
  push(domainId: string, request: KeptRequest): Promise<string>
  /** Takes the request out, so that it is found once (RFC 9126 §7.3); undefined when it is not there (any more). */
  take(domainId: string, requestUri: string): Promise<KeptRequest | undefined>
}

export function createPushedRequests(state: State): PushedRequests {
  const inTurn = createTurns()
  return {
    async push(domainId, request) {
      const requestUri = REQUEST_URI_PREFIX + newSecret()
      const expiresAt = Date.now() + PUSHED_REQUEST_SECONDS * 1000
      await state.put(keyOf(domainId, requestUri), JSON.stringify(request), { expiresAt })
      return requestUri
    },
    take(domainId, requestUri) {
      const key = keyOf(domainId, requestUri)
      return inTurn(key, async () => {
        const text = await state.get(key)
        if (text === undefined) return undefined
        await state.delete(key)
        return JSON.parse(text) as KeptRequest // written by this module alone
      })
    },
  }
}

function keyOf(domainId: string, requestUri: string): string {
  return `pushed/${domainId}/${digestOf(requestUri)}`
}
