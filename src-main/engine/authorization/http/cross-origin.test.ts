import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { application, domain, keyPair, startTestServer, type TestServer } from '../testing'

const SHOP = 'https://shop.example'
const BACK_OFFICE = 'http://localhost:5173'
const PAGE = application({ clientId: 'page', name: 'Page', type: 'browser', allowedOrigins: [SHOP] })
const OFFICE = application({ clientId: 'office', name: 'Office', allowedOrigins: [BACK_OFFICE] })
const ORDERS = domain({ keys: [keyPair('ES256')], applications: [PAGE, OFFICE] })

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
beforeEach(() => server.apply(ORDERS))
afterAll(() => server.stop())

const preflight = (path: string, origin: string, headers: Record<string, string> = {}) =>
  fetch(`${server.address}${path}`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', ...headers },
  })
const ask = (client: typeof PAGE, origin: string, headers: Record<string, string> = {}) =>
  server.post('/orders/oauth/token', { grant_type: 'client_credentials' }, client, { origin, ...headers })
const sharing = ({ status, headers }: Response) => [
  status,
  headers.get('access-control-allow-origin'),
  headers.get('vary'),
]
const PRIVATE_PATHS = ['/orders/oauth/token', '/orders/oauth/introspect', '/orders/oauth/revoke']
const PUBLIC_PATHS = ['/orders/oidc/.well-known/openid-configuration', '/orders/oidc/.well-known/jwks.json']

describe('a preflight (Fetch Standard §3.3)', () => {
  it.each(PRIVATE_PATHS)('at %s is passed for an origin of any enabled application', async (path) => {
    const headers = { 'access-control-request-headers': 'authorization,x-requested-with' }
    for (const origin of [SHOP, BACK_OFFICE]) {
      const response = await preflight(path, origin, headers)
      expect(sharing(response)).toEqual([204, origin, 'Origin'])
      expect(response.headers.get('access-control-allow-methods')).toBe('POST')
      expect(response.headers.get('access-control-allow-headers')).toBe('authorization,x-requested-with')
      expect(response.headers.get('access-control-max-age')).toBe('600')
      expect(response.headers.has('access-control-allow-credentials')).toBe(false)
    }
  })

  it('is refused for another origin, and the record says why and where to allow it', async () => {
    const response = await preflight('/orders/oauth/token', 'https://elsewhere.example')
    expect(sharing(response)).toEqual([403, null, 'Origin'])
    expect(server.records.at(-1)).toMatchObject({
      method: 'OPTIONS',
      outcome: 'refused',
      refusal: {
        key: 'ORIGIN_NOT_ALLOWED',
        sentence: expect.stringContaining('Origin https://elsewhere.example is not allowed by any application'),
        remedies: [{ action: 'open-application', clientId: 'page', domainPath: 'orders' }],
      },
    })
  })

  it('is refused for the origin of a disabled application, and for none', async () => {
    await server.apply({ ...ORDERS, applications: [{ ...PAGE, enabled: false }, OFFICE] })
    expect((await preflight('/orders/oauth/token', SHOP)).status).toBe(403)
    expect((await preflight('/orders/oauth/token', 'null')).status).toBe(403)
  })

  it.each(PUBLIC_PATHS)('at %s is passed for everybody', async (path) => {
    const response = await preflight(path, 'https://elsewhere.example', { 'access-control-request-method': 'GET' })
    expect(sharing(response)).toEqual([204, '*', null])
    expect(response.headers.get('access-control-allow-methods')).toBe('GET, HEAD')
  })

  it('repeats no header list that is not one', async () => {
    const wild = { 'access-control-request-headers': 'a'.repeat(2000) }
    const response = await preflight('/orders/oauth/token', SHOP, wild)
    expect(response.headers.has('access-control-allow-headers')).toBe(false)
  })

  it('of a domain that is not there is refused', async () => {
    expect((await preflight('/nowhere/oauth/token', SHOP)).status).toBe(404)
  })
})

describe('an actual answer (Fetch Standard §3.3)', () => {
  it('is readable for the origin of the application that asks, errors too', async () => {
    const granted = await ask(PAGE, SHOP)
    expect(sharing(granted)).toEqual([200, SHOP, 'Origin'])
    expect(granted.headers.get('access-control-expose-headers')).toBe('WWW-Authenticate')
    const wrong = await ask({ ...PAGE, secrets: [{ id: 'secret-1', secret: 'wrong' }], clientSecret: 'wrong' }, SHOP)
    expect(sharing(wrong)).toEqual([401, SHOP, 'Origin'])
    expect(server.records.at(-1)?.refusal?.key).toBe('CLIENT_SECRET_WRONG')
  })

  it('is kept from the origin of another application, and the record says why', async () => {
    const response = await ask(OFFICE, SHOP)
    expect(sharing(response)).toEqual([200, null, 'Origin'])
    const record = server.records.at(-1)
    expect(record).toMatchObject({
      status: 200,
      outcome: 'refused',
      clientId: 'office',
      refusal: {
        key: 'ORIGIN_NOT_ALLOWED',
        sentence: expect.stringContaining(`origin ${SHOP} is not allowed by application Office`),
        remedies: [{ action: 'open-application', clientId: 'office', domainPath: 'orders' }],
      },
    })
    expect(record?.trace).toMatchObject([{ title: 'Cross-origin', decision: 'refused' }])
  })

  it('has its own refusal in the record, and the origin beside it', async () => {
    await ask({ ...OFFICE, secrets: [{ id: 'secret-1', secret: 'wrong' }], clientSecret: 'wrong' }, SHOP)
    const record = server.records.at(-1)
    expect(record?.refusal?.key).toBe('CLIENT_SECRET_WRONG')
    expect(record?.trace).toMatchObject([{ refusal: { key: 'ORIGIN_NOT_ALLOWED' } }])
  })

  it('says nothing to who sends no origin, and is no refusal for the own origin', async () => {
    const plain = await server.post('/orders/oauth/token', { grant_type: 'client_credentials' }, OFFICE)
    expect(sharing(plain)).toEqual([200, null, null])
    for (const [origin, site] of [
      [server.address, 'none'],
      ['http://localhost:3000', 'same-origin'], // a page behind a proxy of its own, which passes the header on
    ] as const) {
      expect((await ask(OFFICE, origin, { 'sec-fetch-site': site })).status).toBe(200)
      expect(server.records.at(-1)?.outcome).toBe('answered')
    }
  })

  it('that names no client is readable for an origin of any application', async () => {
    const bare = (origin: string) => server.post('/orders/oauth/token', 'grant_type=x', undefined, { origin })
    expect(sharing(await bare(SHOP))).toEqual([401, SHOP, 'Origin'])
    expect(sharing(await bare('https://elsewhere.example'))).toEqual([401, null, 'Origin'])
    const json = { origin: SHOP, 'content-type': 'application/json' }
    expect(sharing(await server.post('/orders/oauth/token', '{}', undefined, json))).toEqual([400, SHOP, 'Origin'])
  })

  it.each(PUBLIC_PATHS)('of %s is readable for everybody', async (path) => {
    expect(sharing(await fetch(`${server.address}${path}`))).toEqual([200, '*', null])
  })

  it('follows the settings at once', async () => {
    const changed = { ...ORDERS, applications: [{ ...PAGE, allowedOrigins: [] }, OFFICE] }
    await server.apply(changed)
    expect(sharing(await ask(PAGE, SHOP))).toEqual([200, null, 'Origin'])
  })
})
