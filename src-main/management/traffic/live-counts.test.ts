import { expect, it } from 'vitest'
import type { RequestRecord } from '@shared/traffic'
import { createLastMinute } from './live-counts'

const now = 1_700_000_000_000
const failed = (key: string): RequestRecord => ({
  id: key,
  server: 'gateway',
  at: now,
  method: 'GET',
  path: '/echo',
  status: 503,
  durationMs: 1,
  outcome: 'failed',
  refusal: { key, status: 503, sentence: 'why', evidence: [], remedies: [] },
})

it('counts what the OAuth2 policy answers as refused, and what the backend did not answer as failed', () => {
  const lastMinute = createLastMinute(() => now)
  for (const key of ['OAUTH2_SERVER_UNAVAILABLE', 'GATEWAY_CLIENT_CONNECTION_ERROR']) lastMinute.add(failed(key))
  expect(lastMinute.read()).toMatchObject({ requests: 2, answered: 0, refused: 1, failed: 1 })
})
