import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { application, domain, keyPair, scopeSettings, startTestServer, user, type TestServer } from '../../testing'
import { authorizeAddress, createTestBrowser, hasButton, passThrough, type TestBrowser } from '../../testing-browser'

const SHOP = application({
  id: 'application-shop',
  name: 'Shop',
  type: 'web',
  clientId: 'shop',
  grantTypes: ['authorization_code'],
  redirectUris: ['https://shop.example/callback'],
  scopeSettings: scopeSettings(['read', 'write'], ['read']),
})
const ORDERS = domain({ applications: [SHOP], users: [user()], keys: [keyPair('ES256')] })

let server: TestServer
let browser: TestBrowser
beforeAll(async () => {
  server = await startTestServer()
  await server.apply(ORDERS)
})
beforeEach(() => {
  browser = createTestBrowser(server)
  server.records.splice(0)
})
afterAll(() => server.stop())

const CODE = expect.stringMatching(/^[\w-]{43}$/)

describe('the code flow', () => {
  it('leads over login and consent back to the application, with code, state and issuer (RFC 6749 §4.1.2, RFC 9207 §2)', async () => {
    const login = await browser.open(authorizeAddress(SHOP, { scope: 'openid read', state: 'a b&c=ü' }))
    expect([login.status, login.url.pathname]).toEqual([200, '/orders/login'])
    const consent = await browser.press(login, 'log-in', { username: 'Ada', password: 'correct horse' })
    expect([consent.status, consent.url.pathname]).toEqual([200, '/orders/oauth/consent'])
    const { leftTo } = await browser.press(consent, 'allow')
    expect(leftTo?.origin).toBe('https://shop.example')
    expect(Object.fromEntries(leftTo!.searchParams)).toEqual({
      code: CODE,
      state: 'a b&c=ü',
      iss: `${server.address}/orders/oidc`,
    })
  })

  it('asks neither for a login nor for consent again, in the same browser', async () => {
    const first = await passThrough(browser, authorizeAddress(SHOP, { scope: 'openid read' }))
    const second = await browser.open(authorizeAddress(SHOP, { scope: 'read' }))
    expect(second.leftTo?.searchParams.get('code')).toEqual(CODE)
    expect(second.leftTo?.searchParams.get('code')).not.toBe(first.leftTo?.searchParams.get('code'))
    const another = await createTestBrowser(server).open(authorizeAddress(SHOP, { scope: 'read' }))
    expect(hasButton(another, 'log-in')).toBe(true)
  })

  it('tells in its records who logged in and what was allowed', async () => {
    await passThrough(createTestBrowser(server), authorizeAddress(SHOP, { scope: 'openid read', prompt: 'consent' }))
    const told = server.records.map(({ endpoint, status, clientId, username, summary }) => ({
      endpoint,
      status,
      clientId,
      username,
      summary,
    }))
    const page = { status: 200, clientId: 'shop', summary: undefined }
    const done = { status: 303, clientId: 'shop', username: 'ada' }
    expect(told).toEqual([
      { ...page, endpoint: 'authorize', status: 303, username: undefined },
      { ...page, endpoint: 'login', username: undefined },
      { ...done, endpoint: 'login', summary: 'Logged in to Shop with a password' },
      { ...page, endpoint: 'consent', username: 'ada' },
      { ...done, endpoint: 'consent', summary: 'Allowed Shop the scopes openid read' },
    ])
    expect(JSON.stringify(server.records)).not.toContain('correct horse')
  })
})
