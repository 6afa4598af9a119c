import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { application, domain, scopeSettings, startTestServer, user, type TestServer } from '../testing'
import { createTestBrowser, hasButton, passThrough, type TestBrowser } from '../testing-browser'

const SHOP = application({
  id: 'application-shop',
  name: 'Shop',
  type: 'web',
  clientId: 'shop',
  grantTypes: ['authorization_code'],
  redirectUris: ['https://shop.example/callback', 'https://shop.example/other'],
  scopeSettings: scopeSettings(['read']),
  requireParRequest: true,
})
const OTHER = application({ ...SHOP, id: 'application-other', name: 'Other', clientId: 'other' })
const ORDERS = domain({ applications: [SHOP, OTHER], users: [user()] })
const REQUEST = {
  response_type: 'code',
  client_id: 'shop',
  redirect_uri: 'https://shop.example/callback',
  scope: 'read',
  state: 'xyz',
}

let server: TestServer
let browser: TestBrowser
beforeEach(async () => {
  server = await startTestServer()
  await server.apply(ORDERS)
  browser = createTestBrowser(server)
})
afterEach(async () => {
  vi.useRealTimers()
  await server.stop()
})

const push = (changes: Record<string, string> = {}, client = SHOP) =>
  server.post('/orders/oauth/par', { ...REQUEST, ...changes }, client)
async function pushed(changes: Record<string, string> = {}): Promise<string> {
  const response = await push(changes)
  expect(response.status).toBe(201)
  return ((await response.json()) as { request_uri: string }).request_uri
}
const addressOf = (requestUri: string, more: Record<string, string> = {}) =>
  `/orders/oauth/authorize?${new URLSearchParams({ client_id: 'shop', request_uri: requestUri, ...more }).toString()}`
const keyOf = () => server.records.at(-1)?.refusal?.key

describe('a pushed request (RFC 9126)', () => {
  it('is answered with 201, a request_uri and its 60 seconds (§2.2)', async () => {
    const response = await push()
    expect([response.status, response.headers.get('cache-control')]).toEqual([201, expect.stringContaining('no-store')])
    expect(await response.json()).toEqual({
      request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:[\w-]{43}$/),
      expires_in: 60,
    })
  })

  it('is what counts, whatever stands beside it in the address (§4)', async () => {
    const address = addressOf(await pushed(), {
      state: 'another',
      redirect_uri: 'https://shop.example/other',
      scope: 'admin',
      response_type: 'token',
    })
    const { leftTo } = await passThrough(browser, address)
    expect(leftTo?.href.split('?')[0]).toBe('https://shop.example/callback')
    expect(leftTo?.searchParams.get('state')).toBe('xyz')
    expect(leftTo?.searchParams.has('code')).toBe(true)
  })

  it('can be used once (§7.3), also by many at the same time, and is not lost by a restart before', async () => {
    const requestUri = await pushed()
    server = await server.restart()
    await server.apply(ORDERS)
    const ask = () => fetch(server.address + addressOf(requestUri), { redirect: 'manual' })
    const statuses = (await Promise.all([ask(), ask(), ask(), ask()])).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual([303, 400, 400, 400])
    expect(keyOf()).toBe('REQUEST_URI_UNKNOWN')
  })

  it('is still there after a HEAD of its address, which has to be safe (RFC 9110 §9.2.1)', async () => {
    const address = addressOf(await pushed())
    const head = await fetch(server.address + address, { method: 'HEAD', redirect: 'manual' })
    expect([head.status, head.headers.get('allow'), keyOf()]).toEqual([405, 'GET, POST, OPTIONS', 'METHOD_NOT_ALLOWED'])
    expect(hasButton(await browser.open(address), 'log-in')).toBe(true)
  })

  it('has gone after 60 seconds (§2.2)', async () => {
    const requestUri = await pushed()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
    const page = await browser.open(addressOf(requestUri))
    expect([page.status, keyOf()]).toEqual([400, 'REQUEST_URI_UNKNOWN'])
  })

  it('is that of its client alone (§2.2)', async () => {
    const page = await browser.open(addressOf(await pushed(), { client_id: 'other' }))
    expect([page.status, page.leftTo, keyOf()]).toEqual([400, undefined, 'REQUEST_URI_OF_ANOTHER_CLIENT'])
  })

  it('is told to the user when it is not known, since the way back is not (§4)', async () => {
    for (const query of [
      addressOf('urn:ietf:params:oauth:request_uri:x'),
      addressOf(await pushed()).replace('client_id=shop&', ''),
    ]) {
      const page = await browser.open(query)
      expect([page.status, page.leftTo]).toEqual([400, undefined])
    }
  })

  it('is demanded of an application that has to push (§5)', async () => {
    const page = await browser.open(`/orders/oauth/authorize?${new URLSearchParams(REQUEST).toString()}`)
    expect(page.leftTo?.searchParams.get('error')).toBe('invalid_request')
    expect(keyOf()).toBe('PUSHED_REQUEST_REQUIRED')
    expect(hasButton(await browser.open(addressOf(await pushed())), 'log-in')).toBe(true)
  })

  it('keeps what the user went through before, when its redirect address was taken away meanwhile', async () => {
    const requestUri = await pushed()
    await server.apply({ ...ORDERS, applications: [{ ...SHOP, redirectUris: ['https://x.example/'] }] })
    const page = await browser.open(addressOf(requestUri))
    expect([page.status, page.leftTo, keyOf()]).toEqual([400, undefined, 'REDIRECT_URI_NOT_REGISTERED'])
  })
})

describe('pushing (RFC 9126 §2.1, §2.3)', () => {
  it('wants client authentication', async () => {
    const response = await server.post('/orders/oauth/par', REQUEST)
    expect([response.status, await response.json()]).toMatchObject([401, { error: 'invalid_client' }])
  })

  it('wants no client_id beside Basic, and no other one', async () => {
    const { client_id: _own, ...rest } = REQUEST
    expect((await server.post('/orders/oauth/par', rest, SHOP)).status).toBe(201)
    expect((await push({ client_id: 'other' })).status).toBe(400)
  })

  it.each([
    ['request_uri', 'urn:ietf:params:oauth:request_uri:x', 'invalid_request', 'REQUEST_URI_PUSHED'],
    ['request', 'e30.e30.', 'request_not_supported', 'REQUEST_OBJECT_UNSUPPORTED'],
    ['redirect_uri', 'https://evil.example/', 'invalid_request', 'REDIRECT_URI_NOT_REGISTERED'],
    ['redirect_uri', '', 'invalid_request', 'REDIRECT_URI_MISSING'],
    ['response_type', 'token', 'unsupported_response_type', 'RESPONSE_TYPE_UNSUPPORTED'],
    ['scope', 'admin', 'invalid_scope', 'SCOPE_NOT_ALLOWED'],
    ['resource', 'https://api.example/', 'invalid_target', 'RESOURCE_NOT_ALLOWED'],
    ['prompt', 'none login', 'invalid_request', 'PROMPT_NONE_WITH_OTHERS'],
    ['code_challenge', 'x', 'invalid_request', 'CODE_CHALLENGE_PLAIN'],
  ])('checks as the authorization endpoint does: %s=%s', async (name, value, error, key) => {
    const response = await push({ [name]: value })
    expect([response.status, await response.json()]).toMatchObject([400, { error }])
    expect([server.records.at(-1)?.endpoint, server.records.at(-1)?.clientId, keyOf()]).toEqual(['par', 'shop', key])
  })

  it('refuses a parameter that stands twice', async () => {
    const response = await server.post(
      '/orders/oauth/par',
      `${new URLSearchParams(REQUEST).toString()}&scope=read`,
      SHOP,
    )
    expect([response.status, keyOf()]).toEqual([400, 'PARAMETER_REPEATED'])
  })

  it('is in the body alone', async () => {
    const response = await server.post('/orders/oauth/par?scope=read', REQUEST, SHOP)
    expect([response.status, keyOf()]).toEqual([400, 'PARAMETER_IN_ADDRESS'])
  })
})
