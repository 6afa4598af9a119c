import type * as Crypto from 'node:crypto'
import { scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { application, domain, keyPair, startTestServer, user, type TestServer } from '../testing'

/** Node's own, but seen: time itself cannot be asserted, only that the same work is done. */
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof Crypto>()
  return { ...real, scrypt: vi.fn(real.scrypt), timingSafeEqual: vi.fn(real.timingSafeEqual) }
})

const SECRET = 'a secret of more than thirty-two bytes'
const SHOP = application({ clientSecret: SECRET, grantTypes: ['client_credentials', 'password'] })
const OTHER = application({ id: 'application-2', name: 'Other', clientId: 'other', clientSecret: 'another secret' })
const LOCKED = user({ id: 'user-2', username: 'grace', mayLogIn: false })

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  const keys = [keyPair('ES256')]
  await server.apply(domain({ applications: [SHOP, OTHER], users: [user(), LOCKED], keys, maxLoginAttempts: 1000 }))
})
afterAll(() => server.stop())

it('a wrong secret is compared as long wherever it is wrong, and also for a client that nobody has (RFC 6749 §10.10)', async () => {
  const comparisons: number[] = []
  for (const [clientId, clientSecret] of [
    [SHOP.clientId, `x${SECRET.slice(1)}`],
    [SHOP.clientId, `${SECRET.slice(0, -1)}x`],
    [SHOP.clientId, `${SECRET}x`],
    [SHOP.clientId, 'x'],
    [SHOP.clientId, OTHER.clientSecret],
    ['nobody', SECRET],
    ['nobody', 'x'],
  ] as const) {
    vi.mocked(timingSafeEqual).mockClear()
    const form = { grant_type: 'client_credentials' }
    const response = await server.post('/orders/oauth/token', form, { clientId, clientSecret })
    expect([response.status, await response.json()]).toMatchObject([401, { error: 'invalid_client' }])
    const { calls } = vi.mocked(timingSafeEqual).mock
    for (const [given, wanted] of calls) expect([given.byteLength, wanted.byteLength]).toEqual([32, 32])
    comparisons.push(calls.length)
  }
  // With its own secret, and with those of all applications, one of which may have been meant.
  expect(new Set(comparisons)).toEqual(new Set([3]))
})

it('a wrong password costs the same as one of a user whom nobody knows, or who may not log in', async () => {
  const costs: (ScryptOptions | undefined)[] = []
  for (const [username, password] of [
    ['ada', 'wrong horse'],
    ['grace', 'correct horse'],
    ['nobody', 'correct horse'],
  ] as const) {
    vi.mocked(scrypt).mockClear()
    const response = await server.post('/orders/oauth/token', { grant_type: 'password', username, password }, SHOP)
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_grant' }])
    const [call, ...more] = vi.mocked(scrypt).mock.calls as unknown as [string, Buffer, number, ScryptOptions][]
    expect(more).toEqual([])
    costs.push(call?.[3])
  }
  expect(costs[0]).toBeDefined()
  expect(costs).toEqual(Array.from({ length: 3 }, () => costs[0]))
})
