import type { RequestRecord } from '@shared/traffic'
import { RequestRecord as RequestRecordSchema } from '@shared/traffic'
import { Compile } from 'typebox/compile'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { application, domain, scopeSettings, startTestServer, TRACE_HEADER, type TestServer } from './testing'

const CLIENT = application({ scopeSettings: scopeSettings(['read'], ['read']) })
const ORDERS = domain({ applications: [CLIENT] })
const GRANT = { grant_type: 'client_credentials' }
const TOKEN = '/orders/oauth/token'
const validator = Compile(RequestRecordSchema)

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.apply(ORDERS)
})
beforeEach(() => void server.records.splice(0))
afterAll(() => server.stop())

const stationsOf = (record: RequestRecord | undefined) =>
  record?.trace?.map(({ title, decision }) => `${title}: ${decision}`)

describe('the record of a request', () => {
  it('tells which endpoint, domain and client, and how it ended', async () => {
    const before = Date.now()
    await server.post(`${TOKEN}?harmless=1`, GRANT, CLIENT)
    expect(server.records).toEqual([
      {
        id: expect.any(String),
        server: 'authorization',
        at: expect.any(Number),
        method: 'POST',
        path: TOKEN,
        status: 200,
        durationMs: expect.any(Number),
        outcome: 'answered',
        proven: true,
        domainPath: 'orders',
        clientId: 'orders-service',
        endpoint: 'token',
        grantType: 'client_credentials',
        summary: 'A token for Orders service, with read',
      },
    ])
    expect(server.records[0]!.at).toBeGreaterThanOrEqual(before)
  })

  it('tells a refusal with its reason, rule, evidence and remedy', async () => {
    await server.post(TOKEN, GRANT, { ...CLIENT, clientSecret: 'wrong' })
    expect(server.records[0]).toMatchObject({
      status: 401,
      outcome: 'refused',
      clientId: 'orders-service',
      refusal: {
        key: 'CLIENT_SECRET_WRONG',
        status: 401,
        sentence: 'The secret is not that of application Orders service',
        source: 'RFC 6749 §5.2',
        remedies: [{ action: 'open-application', domainPath: 'orders', clientId: 'orders-service' }],
      },
    })
  })

  it('shows at most 64 characters of a client id that nobody has', async () => {
    await server.post(TOKEN, GRANT, { clientId: 'x'.repeat(5000), clientSecret: 'y' })
    expect(server.records[0]?.clientId).toBe('x'.repeat(64))
    expect(JSON.stringify(server.records)).not.toContain('x'.repeat(65))
  })

  it('always fits the contract, and never holds a secret or a token', async () => {
    const traced = TRACE_HEADER
    const token = await server.token(ORDERS)
    for (const path of [
      TOKEN,
      '/orders/oauth/introspect',
      '/orders/oauth/revoke',
      `/nowhere/oauth/token`,
      '/%zz',
      '/x',
    ]) {
      const credentials = { client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret }
      await server.post(path, { ...GRANT, token }, CLIENT, traced)
      await server.post(path, { ...GRANT, token, ...credentials })
      await server.post(path, { ...GRANT, token, ...credentials }, CLIENT, traced)
      await server.post(
        path,
        { grant_type: 'x', token: `${token}x` },
        { ...CLIENT, clientSecret: 'not-the-secret' },
        traced,
      )
      await server.post(`${path}?token=${token}`, {}, CLIENT, traced)
    }
    expect(server.records.length).toBe(31)
    for (const record of server.records) expect(validator.Errors(record)).toEqual([])
    const told = JSON.stringify(server.records)
    for (const secret of [CLIENT.clientSecret, 'not-the-secret', token, token.split('.')[2]!]) {
      expect(told).not.toContain(secret)
    }
  })
})

describe('the id of a record', () => {
  const named = { 'x-gravitee-transaction-id': 'call-of-the-console' }

  it('is the transaction id that the console gives, also for what never reaches an endpoint', async () => {
    await server.post(TOKEN, GRANT, CLIENT, { ...TRACE_HEADER, ...named })
    await server.post('/orders/nowhere', GRANT, CLIENT, { ...TRACE_HEADER, ...named })
    expect(server.records.map(({ id }) => id)).toEqual(['call-of-the-console', 'call-of-the-console'])
  })

  it('is ours for every other caller, and for what is no plain name', async () => {
    await server.post(TOKEN, GRANT, CLIENT, named)
    await server.post(TOKEN, GRANT, CLIENT, { ...TRACE_HEADER, 'x-gravitee-transaction-id': 'a b' })
    const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/)
    expect(server.records.map(({ id }) => id)).toEqual([uuid, uuid])
  })
})

describe('the trace of a request', () => {
  it('is only made when the request carries the trace key', async () => {
    await server.post(TOKEN, GRANT, CLIENT)
    await server.post(TOKEN, GRANT, CLIENT, { 'x-gatehouse-trace': 'guessed' })
    expect(server.records.map(({ trace }) => trace)).toEqual([undefined, undefined])
  })

  it('shows every station of a token request with what was decided there', async () => {
    await server.post(TOKEN, GRANT, CLIENT, TRACE_HEADER)
    expect(stationsOf(server.records[0])).toEqual([
      'Arrival: passed',
      'Client authentication: passed',
      'Grant type: passed',
      'Scopes: passed',
      'Token: passed',
      'Answer: passed',
    ])
    expect(server.records[0]?.trace?.[3]).toMatchObject({
      sentence: 'None asked for: the defaults read',
      evidence: [
        { label: 'Asked for', value: 'none' },
        { label: 'Granted', value: 'read' },
      ],
      durationMs: expect.any(Number),
    })
  })

  it('does not swell with the list of scopes that is asked for', async () => {
    await server.post(TOKEN, { ...GRANT, scope: 'read '.repeat(10_000) }, CLIENT, TRACE_HEADER)
    expect(server.records[0]?.outcome).toBe('answered')
    expect(JSON.stringify(server.records[0]).length).toBeLessThan(5000)
  })

  it('stops at the station that refused, and shows what was not reached', async () => {
    await server.post(TOKEN, { ...GRANT, scope: 'admin' }, CLIENT, TRACE_HEADER)
    expect(stationsOf(server.records[0])).toEqual([
      'Arrival: passed',
      'Client authentication: passed',
      'Grant type: passed',
      'Scopes: refused',
      'Token: not-reached',
      'Answer: refused',
    ])
    expect(server.records[0]?.trace?.[3]?.refusal?.key).toBe('SCOPE_NOT_ALLOWED')
  })

  it('refuses at the arrival what is not formed rightly', async () => {
    await server.post(TOKEN, 'a=1&a=2', CLIENT, TRACE_HEADER)
    expect(stationsOf(server.records[0])?.slice(0, 2)).toEqual([
      'Arrival: refused',
      'Client authentication: not-reached',
    ])
  })

  it('says why a token is not active', async () => {
    await server.post('/orders/oauth/introspect', { token: 'nonsense' }, CLIENT, TRACE_HEADER)
    expect(stationsOf(server.records[0])).toEqual([
      'Arrival: passed',
      'Client authentication: passed',
      'Token: refused',
      'Answer: passed',
    ])
    expect(server.records[0]?.trace?.[2]?.sentence).toBe('The token is not active: It is not a JWT')
  })
})
