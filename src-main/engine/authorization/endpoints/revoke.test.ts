import { afterEach, beforeEach, expect, it } from 'vitest'
import { application, domain, keyPair, startTestServer, type TestServer } from '../testing'

const CLIENT = application()
const OTHER = application({ id: 'application-2', name: 'Other', clientId: 'other', clientSecret: 'other-secret' })
const ORDERS = domain({ applications: [CLIENT, OTHER] })

let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
  await server.apply(ORDERS)
})
afterEach(() => server.stop())

const revoke = (token: string, client = CLIENT) => server.post('/orders/oauth/revoke', { token }, client)
async function isActive(token: string): Promise<unknown> {
  const response = await server.post('/orders/oauth/introspect', { token }, OTHER)
  return ((await response.json()) as { active: unknown }).active
}

it('refuses a revoked token from the next call on, also in process, and tells the person when it was revoked', async () => {
  const [token, kept] = [await server.token(ORDERS), await server.token(ORDERS)]
  expect(await isActive(token)).toBe(true)
  const response = await revoke(token)
  expect([response.status, await response.text()]).toEqual([200, ''])
  expect(response.headers.get('cache-control')).toContain('no-store')
  expect(await isActive(token)).toBe(false)
  expect(await server.authorization.local.introspect('orders', OTHER, token)).toMatchObject({
    active: false,
    reason: expect.stringMatching(/^It was revoked at \d{4}-/),
  })
  expect(await isActive(kept)).toBe(true)
})

it('still refuses it after a restart', async () => {
  const token = await server.token(ORDERS)
  await revoke(token)
  server = await server.restart()
  await server.apply(ORDERS)
  expect(await isActive(token)).toBe(false)
})

it('can be repeated, at once and later', async () => {
  const token = await server.token(ORDERS)
  const statuses = await Promise.all(Array.from({ length: 5 }, async () => (await revoke(token)).status))
  expect(statuses).toEqual([200, 200, 200, 200, 200])
  expect((await revoke(token)).status).toBe(200)
})

it('answers 200 for what is no token of this domain (RFC 7009 §2.2)', async () => {
  const elsewhere = domain({ id: 'domain-2', path: 'elsewhere', keys: [keyPair('ES256')] })
  await server.apply(ORDERS, elsewhere)
  const foreign = await server.token(elsewhere)
  for (const token of ['nonsense', foreign]) expect((await revoke(token)).status).toBe(200)
  const response = await server.post('/elsewhere/oauth/introspect', { token: foreign }, CLIENT)
  expect(await response.json()).toMatchObject({ active: true })
})

it('takes any token_type_hint (RFC 7009 §2.1)', async () => {
  const token = await server.token(ORDERS)
  const form = { token, token_type_hint: 'refresh_token' }
  expect((await server.post('/orders/oauth/revoke', form, CLIENT)).status).toBe(200)
  expect(await isActive(token)).toBe(false)
})

it('does not revoke the token of another client, and says so (RFC 7009 §2.1)', async () => {
  const token = await server.token(ORDERS)
  const response = await revoke(token, OTHER)
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: 'invalid_grant' })
  expect(await isActive(token)).toBe(true)
})

it('wants client authentication and a token', async () => {
  const token = await server.token(ORDERS)
  const unknown = await server.post('/orders/oauth/revoke', { token })
  expect(unknown.status).toBe(401)
  const wrong = await revoke(token, { ...CLIENT, clientSecret: 'wrong' })
  expect(wrong.status).toBe(401)
  expect((await server.post('/orders/oauth/revoke', {}, CLIENT)).status).toBe(400)
  expect(await isActive(token)).toBe(true)
})

it('never answers 200 for what is not on the disk, and refuses the token meanwhile', async () => {
  const token = await server.token(ORDERS)
  await server.closeState()
  for (const attempt of [1, 2]) {
    const response = await revoke(token)
    expect([attempt, response.status, await response.json()]).toMatchObject([
      attempt,
      503,
      { error: 'temporarily_unavailable' },
    ])
  }
  expect(server.records.at(-1)).toMatchObject({ outcome: 'failed', refusal: { key: 'REVOCATION_NOT_STORED' } })
  expect(await isActive(token)).toBe(false)
})
