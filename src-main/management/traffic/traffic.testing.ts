import type { TrafficFilter } from '@shared/traffic-filter'
import { expect } from 'vitest'
import type { ServedFolder } from '../served.testing'

/** What makes traffic at the served sample, and looks at what is kept of it; of whichever stands at the time. */
export function trafficOf(
  served: () => ServedFolder,
  sample: () => { readonly clientId: string; readonly clientSecret: string },
) {
  const list = (filter: TrafficFilter = {}, more: { limit?: number; before?: number } = {}) =>
    served().now.call('traffic.list', { filter, ...more })
  return {
    list,
    get: (path: string, init?: RequestInit) => fetch(served().now.gateway + path, init),
    /** Records come from the engine's thread in batches. */
    recorded: (count: number, filter: TrafficFilter = {}) =>
      expect.poll(async () => (await list(filter, { limit: 1000 })).length).toBe(count),
    async askToken(): Promise<string> {
      const { clientId, clientSecret } = sample()
      const response = await fetch(`${served().now.authorization}/demo/oauth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      })
      return ((await response.json()) as { access_token: string }).access_token
    },
  }
}

export const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
