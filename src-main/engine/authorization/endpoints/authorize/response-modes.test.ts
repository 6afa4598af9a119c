import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { application, domain, scopeSettings, startTestServer, user, type TestServer } from '../../testing'
import { authorizeAddress, createTestBrowser, passThrough, type TestBrowser } from '../../testing-browser'

const SHOP = application({
  name: 'Shop',
  type: 'web',
  clientId: 'shop',
  grantTypes: ['authorization_code'],
  redirectUris: [
    'https://shop.example/callback',
    'https://shop.example/callback?tenant=a%20b&x',
    'https://shop.example/?',
  ],
  scopeSettings: scopeSettings(['read']),
  skipConsent: true,
})
const STATE = `a b+c&d=e%20"<'>ü€\r\n${'s'.repeat(4000)}`

let server: TestServer
let browser: TestBrowser
beforeAll(async () => {
  server = await startTestServer()
  await server.apply(domain({ applications: [SHOP], users: [user()] }))
})
beforeEach(() => {
  browser = createTestBrowser(server)
})
afterAll(() => server.stop())

const answer = { code: expect.stringMatching(/^[\w-]{43}$/), state: STATE }

describe('the response mode', () => {
  it.each([{}, { response_mode: 'query' }])(
    'query adds to the query, whose own part stays as it is: %j',
    async (mode) => {
      for (const redirectUri of SHOP.redirectUris) {
        const address = authorizeAddress(SHOP, { ...mode, redirect_uri: redirectUri, state: STATE })
        const { leftTo } = await passThrough(createTestBrowser(server), address)
        const start = redirectUri.includes('?')
          ? `${redirectUri}${redirectUri.endsWith('?') ? '' : '&'}`
          : `${redirectUri}?`
        expect(leftTo?.href.startsWith(`${start}code=`)).toBe(true)
        expect(Object.fromEntries(leftTo!.searchParams)).toMatchObject({
          ...answer,
          iss: `${server.address}/orders/oidc`,
        })
        expect(leftTo?.hash).toBe('')
      }
    },
  )

  it('fragment puts all of it behind the #', async () => {
    const address = authorizeAddress(SHOP, { response_mode: 'fragment', state: STATE })
    const { leftTo } = await passThrough(browser, address)
    expect(leftTo?.search).toBe('')
    const parameters = new URLSearchParams(leftTo?.hash.slice(1))
    expect(Object.fromEntries(parameters)).toEqual({ ...answer, iss: `${server.address}/orders/oidc` })
  })

  it('form_post gives a page whose form holds all of it, with a script and a button (Form Post Response Mode §2)', async () => {
    const address = authorizeAddress(SHOP, { response_mode: 'form_post', state: STATE })
    const page = await passThrough(browser, address)
    expect([page.status, page.leftTo]).toEqual([200, undefined])
    expect(page.forms).toEqual([
      {
        action: 'https://shop.example/callback',
        fields: { ...answer, iss: `${server.address}/orders/oidc` },
        buttons: [],
      },
    ])
    expect(page.text).toContain('<button class="main">Continue</button>')
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/script-src 'sha256-[A-Za-z0-9+/]{43}='/)
    expect(policy).toContain("form-action 'self' https://shop.example:* https://*.shop.example:*;")
  })

  it.each(['query', 'fragment', 'form_post'])(
    '%s carries errors too, with state and issuer (RFC 9207 §2)',
    async (mode) => {
      const address = authorizeAddress(SHOP, { response_mode: mode, state: STATE, scope: 'admin' })
      const { leftTo, forms } = await browser.open(address)
      const parameters =
        mode === 'form_post'
          ? forms[0]?.fields
          : Object.fromEntries(mode === 'query' ? leftTo!.searchParams : new URLSearchParams(leftTo?.hash.slice(1)))
      expect(parameters).toEqual({
        error: 'invalid_scope',
        error_description: 'The client may not have the scope admin',
        state: STATE,
        iss: `${server.address}/orders/oidc`,
      })
    },
  )

  it('of a request that is wrong in something else is heeded all the same', async () => {
    const { leftTo } = await browser.open(authorizeAddress(SHOP, { response_mode: 'fragment', prompt: 'none' }))
    expect(leftTo?.hash).toMatch(/^#error=login_required&/)
  })
})

it('is never kept, framed or referred to, be it a code or an error', async () => {
  const code = await passThrough(browser, authorizeAddress(SHOP))
  const error = await browser.open(authorizeAddress(SHOP, { scope: 'admin' }))
  const form = await browser.open(authorizeAddress(SHOP, { response_mode: 'form_post' }))
  for (const { headers } of [code, error, form]) {
    expect(headers.get('cache-control')).toContain('no-store')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-frame-options')).toBe('DENY')
  }
})
