import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scopesOf } from '@shared/standard-scopes'
import { application, domain, passwordHash, scopeSettings, startTestServer, user, type TestServer } from '../testing'
import { authorizeAddress, createTestBrowser, hasButton, passThrough, type TestBrowser } from '../testing-browser'

const SHOP = application({
  name: 'Shop',
  type: 'web',
  clientId: 'shop',
  grantTypes: ['authorization_code'],
  redirectUris: ['https://shop.example/callback'],
  allowedResources: ['https://api.example/a', 'https://api.example/b'],
  scopeSettings: scopeSettings(['read', 'write', 'email'], ['read']),
})
const BOB = user({ id: 'user-2', username: 'bob', passwordHash: passwordHash('battery staple') })
const ORDERS = domain({
  applications: [SHOP],
  users: [user({ scopes: ['stock', 'read'] }), BOB],
  scopes: scopesOf({
    scopes: [{ key: 'read', name: 'Read orders', description: 'What was ordered' }, { key: 'write' }],
  }),
})

let server: TestServer
let browser: TestBrowser
beforeEach(async () => {
  server = await startTestServer()
  await server.apply(ORDERS)
  browser = createTestBrowser(server)
})
afterEach(() => server.stop())

const open = (parameters: Record<string, string> = {}) => browser.open(authorizeAddress(SHOP, parameters))
const pass = (parameters: Record<string, string> = {}) => passThrough(browser, authorizeAddress(SHOP, parameters))

describe('the page for consent', () => {
  it('names what is asked for in the words of the domain, who asks, who is asked, and where it leads', async () => {
    const login = await open({ scope: 'read write email', resource: 'https://api.example/a' })
    const page = await browser.press(login, 'log-in', { username: 'ada', password: 'correct horse' })
    for (const shown of [
      '<h1>Allow Shop?</h1>',
      '<li>Read orders<span>What was ordered</span></li>',
      '<li><code>write</code></li>',
      '<li>Your email address</li>',
      '<code>https://api.example/a</code>',
      'Logged in as <strong>Ada Lovelace</strong> (ada)',
      'Either way you go back to shop.example.',
    ]) {
      expect(page.text).toContain(shown)
    }
  })

  it('comes once, also over a restart, and again for what is new', async () => {
    await pass({ scope: 'read' })
    server = await server.restart()
    await server.apply(ORDERS)
    browser = createTestBrowser(server)
    const login = await open({ scope: 'read' })
    const { leftTo } = await browser.press(login, 'log-in', { username: 'ada', password: 'correct horse' })
    expect(leftTo?.searchParams.has('code')).toBe(true)
    for (const more of [{ scope: 'read write' }, { scope: 'read', resource: 'https://api.example/b' }]) {
      const page = await open(more)
      expect([more, hasButton(page, 'allow')]).toEqual([more, true])
      await browser.press(page, 'allow')
      expect((await open(more)).leftTo?.searchParams.has('code')).toBe(true)
    }
    expect((await open({ scope: 'write' })).leftTo?.searchParams.has('code')).toBe(true)
  })

  it('is asked of each user, and of each application', async () => {
    const other = { ...SHOP, id: 'application-2', name: 'Other', clientId: 'other' }
    await server.apply({ ...ORDERS, applications: [SHOP, other] })
    await pass()
    expect(hasButton(await browser.open(authorizeAddress(other)), 'allow')).toBe(true)
    const login = await open({ prompt: 'login' })
    const page = await browser.press(login, 'log-in', { username: 'bob', password: 'battery staple' })
    expect(hasButton(page, 'allow')).toBe(true)
  })

  it('can be denied: the application is told access_denied, and is asked about again', async () => {
    const login = await open({ state: 'xyz' })
    const page = await browser.press(login, 'log-in', { username: 'ada', password: 'correct horse' })
    const { leftTo } = await browser.press(page, 'deny')
    expect(Object.fromEntries(leftTo!.searchParams)).toEqual({
      error: 'access_denied',
      error_description: 'The user did not allow what was asked for',
      state: 'xyz',
      iss: `${server.address}/orders/oidc`,
    })
    expect(server.records.at(-1)).toMatchObject({
      endpoint: 'consent',
      outcome: 'refused',
      username: 'ada',
      refusal: { key: 'CONSENT_DENIED' },
    })
    expect(hasButton(await open(), 'allow')).toBe(true)
  })

  it('lets the user take another account', async () => {
    const login = await open()
    const page = await browser.press(login, 'log-in', { username: 'ada', password: 'correct horse' })
    const again = await browser.press(page, 'other')
    expect(hasButton(again, 'log-in')).toBe(true)
    const ofBob = await browser.press(again, 'log-in', { username: 'bob', password: 'battery staple' })
    expect(ofBob.text).toContain('(bob)')
    expect((await browser.press(ofBob, 'allow')).leftTo?.searchParams.has('code')).toBe(true)
  })

  it('is left out for an application that skips it, but not for a native one whose name anybody may use (RFC 8252 §8.6)', async () => {
    const trusted = { ...SHOP, skipConsent: true }
    await server.apply({ ...ORDERS, applications: [trusted] })
    const login = await open({ prompt: 'login consent' })
    const { leftTo } = await browser.press(login, 'log-in', { username: 'ada', password: 'correct horse' })
    expect(leftTo?.searchParams.has('code')).toBe(true)

    const native = { ...SHOP, type: 'native' as const, redirectUris: ['http://127.0.0.1/callback'] }
    await server.apply({ ...ORDERS, applications: [native] })
    const address = authorizeAddress(native, { redirect_uri: 'http://127.0.0.1:51004/callback' })
    for (const time of ['first', 'second']) {
      const page = await browser.open(address)
      expect([time, hasButton(page, 'allow')]).toEqual([time, true])
      expect(page.text).toContain('Either way you go back to 127.0.0.1:51004 on this device.')
      expect((await browser.press(page, 'allow')).leftTo?.searchParams.has('code')).toBe(true)
    }
    const silent = await browser.open(`${address}&prompt=none`)
    expect(silent.leftTo?.searchParams.get('error')).toBe('consent_required')
  })

  it('names the scopes of the roles too, where tokens get them', async () => {
    await server.apply({ ...ORDERS, applications: [{ ...SHOP, enhanceScopesWithUserPermissions: true }] })
    const login = await open({ scope: 'write' })
    const page = await browser.press(login, 'log-in', { username: 'ada', password: 'correct horse' })
    expect([...page.text.matchAll(/<li>(.*?)<\/li>/g)].map(([, item]) => item)).toEqual([
      '<code>write</code>',
      '<code>stock</code>',
      'Read orders<span>What was ordered</span>',
    ])
  })

  it('asks again when something was added to it while it was open', async () => {
    const login = await open()
    const page = await browser.press(login, 'log-in', { username: 'ada', password: 'correct horse' })
    await server.apply({
      ...ORDERS,
      applications: [{ ...SHOP, scopeSettings: scopeSettings(['read', 'write'], ['read', 'write']) }],
    })
    const again = await browser.press(page, 'allow')
    expect([again.status, again.leftTo]).toEqual([403, undefined])
    expect(again.text).toContain('This page was out of date. Please look at it again.')
    expect(again.text).toContain('<code>write</code>')
    expect((await browser.press(again, 'allow')).leftTo?.searchParams.has('code')).toBe(true)
  })
})
