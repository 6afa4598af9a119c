import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { application, domain, passwordHash, scopeSettings, startTestServer, user, type TestServer } from '../testing'
import {
  authorizeAddress,
  createTestBrowser,
  hasButton,
  passThrough,
  type Page,
  type TestBrowser,
} from '../testing-browser'

const SHOP = application({
  name: 'Shop',
  type: 'web',
  clientId: 'shop',
  grantTypes: ['authorization_code'],
  redirectUris: ['https://shop.example/callback'],
  scopeSettings: scopeSettings(['read']),
})
const LOCKED = user({ id: 'user-2', username: 'locked', mayLogIn: false })
const ORDERS = domain({ applications: [SHOP], users: [user(), LOCKED], maxLoginAttempts: 3, accountBlockedSeconds: 90 })
const ADDRESS = authorizeAddress(SHOP, { scope: 'read', state: 'xyz' })

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

const logIn = (page: Page, username = 'ada', password = 'correct horse') =>
  browser.press(page, 'log-in', { username, password })
const problemOf = ({ text }: Page) => /role="alert">(.*?)<\/p>/s.exec(text)?.[1]
const keyOf = () => server.records.at(-1)?.refusal?.key
const titleOf = ({ text }: Page) => /<h1>(.*?)<\/h1>/s.exec(text)?.[1]

describe('a login', () => {
  it('that fails tells neither whether the user exists nor what is wrong, and keeps what was typed', async () => {
    const page = await browser.open(ADDRESS)
    const attempts = [
      ['ada', 'battery staple', 'PASSWORD_WRONG'],
      ['<nobody>', 'correct horse', 'USER_UNKNOWN'],
      ['locked', 'correct horse', 'USER_MAY_NOT_LOG_IN'],
    ] as const
    for (const [username, password, key] of attempts) {
      const failed = await logIn(page, username, password)
      expect([failed.status, problemOf(failed)]).toEqual([403, 'Username or password is wrong.'])
      expect(failed.text).toContain(`value="${username.replace('<', '&lt;').replace('>', '&gt;')}"`)
      expect(failed.text).not.toContain(password)
      expect(keyOf()).toBe(key)
      expect(browser.cookies.size).toBe(1)
    }
    expect(hasButton(await logIn(page), 'allow')).toBe(true)
  })

  it('tells in its records who it was for, but never a name that nobody has: it may be a password', async () => {
    const page = await browser.open(ADDRESS)
    await logIn(page, 'my password', 'x')
    await logIn(page, 'ada', 'not the password')
    expect(server.records.at(-2)).toMatchObject({ endpoint: 'login', status: 403, clientId: 'shop' })
    expect(server.records.at(-2)?.username).toBeUndefined()
    expect(server.records.at(-1)).toMatchObject({ username: 'ada', userId: 'user-1', outcome: 'refused' })
    const told = JSON.stringify(server.records)
    for (const secret of ['my password', 'not the password']) expect(told).not.toContain(secret)
  })

  it('of a blocked account tells until when, and lets in afterwards', async () => {
    const now = Math.floor(Date.now() / 1000) * 1000
    vi.useFakeTimers({ toFake: ['Date'], now })
    const page = await browser.open(ADDRESS)
    const until = new Date(now + 90_000).toISOString()
    const message = `Too many wrong attempts. Try again in 2 minutes, at <time datetime="${until}">${until.slice(11, 19)} UTC</time>.`
    for (const password of ['1', '2']) expect((await logIn(page, 'ada', password)).status).toBe(403)
    const third = await logIn(page, 'ada', '3')
    expect([third.status, problemOf(third), keyOf()]).toEqual([429, message, 'PASSWORD_WRONG'])
    const blocked = await logIn(page)
    expect([blocked.status, problemOf(blocked), keyOf()]).toEqual([429, message, 'ACCOUNT_BLOCKED'])
    expect(blocked.headers.get('retry-after')).toBe('90')
    vi.setSystemTime(now + 90_000)
    expect(hasButton(await logIn(page), 'allow')).toBe(true)
  })

  it('without a name or a password says what is missing, and is no attempt', async () => {
    const page = await browser.open(ADDRESS)
    for (const [username, password] of [
      ['', 'x'],
      ['ada', ''],
      ['ada', ''],
      ['ada', ''],
    ] as const) {
      expect(problemOf(await logIn(page, username, password))).toBe('Enter your username and your password.')
    }
    expect(hasButton(await logIn(page), 'allow')).toBe(true)
  })

  it('can be cancelled: the application is told access_denied (RFC 6749 §4.1.2.1)', async () => {
    const { leftTo } = await browser.press(await browser.open(ADDRESS), 'cancel')
    expect(Object.fromEntries(leftTo!.searchParams)).toEqual({
      error: 'access_denied',
      error_description: 'The user did not log in',
      state: 'xyz',
      iss: `${server.address}/orders/oidc`,
    })
    expect(server.records.at(-1)).toMatchObject({ endpoint: 'login', refusal: { key: 'LOGIN_CANCELLED' } })
  })
})

describe('whoever comes back to a page', () => {
  it('after it was done is told so, and can go on once more', async () => {
    const login = await browser.open(ADDRESS)
    const consent = await logIn(login)
    const { leftTo } = await browser.press(consent, 'allow')
    for (const page of [
      await browser.open(login.url),
      await browser.open(consent.url),
      await logIn(login),
      await browser.press(consent, 'allow'),
      await browser.press(consent, 'deny'),
    ]) {
      expect([page.status, titleOf(page)]).toEqual([200, 'You have been here already'])
    }
    const again = await browser.press(await browser.open(login.url), 'continue')
    expect(again.leftTo?.searchParams.get('state')).toBe('xyz')
    expect(again.leftTo?.searchParams.get('code')).not.toBe(leftTo?.searchParams.get('code'))
  })

  it('with a double click gets one code, and a page that says so', async () => {
    const consent = await logIn(await browser.open(ADDRESS))
    const pages = await Promise.all([browser.press(consent, 'allow'), browser.press(consent, 'allow')])
    expect(pages.filter(({ leftTo }) => leftTo?.searchParams.has('code'))).toHaveLength(1)
    expect(pages.map(titleOf)).toContain('You have been here already')

    await server.apply({ ...ORDERS, applications: [{ ...SHOP, skipConsent: true }] })
    const other = createTestBrowser(server)
    const page = await other.open(ADDRESS)
    const send = () => other.press(page, 'log-in', { username: 'ada', password: 'correct horse' })
    const logins = await Promise.all([send(), send()])
    expect(logins.filter(({ leftTo }) => leftTo?.searchParams.has('code'))).toHaveLength(1)
  })

  it('after logging in in another window is let through', async () => {
    const waiting = await browser.open(ADDRESS)
    await passThrough(browser, ADDRESS)
    const { leftTo } = await browser.open(waiting.url)
    expect(leftTo?.searchParams.has('code')).toBe(true)
  })

  it('too late is told to start again', async () => {
    const page = await browser.open(ADDRESS)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31 * 60_000 })
    for (const late of [await browser.open(page.url), await logIn(page)]) {
      expect([late.status, titleOf(late), keyOf()]).toEqual([400, 'This page is too old', 'LOGIN_EXPIRED'])
    }
  })

  it('without a request is told where to start', async () => {
    for (const path of ['/orders/login', '/orders/oauth/consent']) {
      const page = await browser.open(path)
      expect([page.status, titleOf(page)]).toEqual([400, 'Start at your application'])
    }
  })

  it('after the application was removed, disabled, or lost its address is sent nowhere', async () => {
    const page = await browser.open(ADDRESS)
    for (const applications of [
      [],
      [{ ...SHOP, enabled: false }],
      [{ ...SHOP, redirectUris: ['https://x.example/'] }],
    ]) {
      await server.apply({ ...ORDERS, applications })
      const refused = await logIn(page)
      expect([refused.status, refused.leftTo]).toEqual([400, undefined])
      expect(browser.cookies.size).toBe(1)
    }
  })

  it('after a restart goes on where it was', async () => {
    const page = await browser.open(ADDRESS)
    server = await server.restart()
    await server.apply(ORDERS)
    const moved = createTestBrowser(server)
    for (const [name, cookie] of browser.cookies) moved.cookies.set(name, cookie)
    const again = await moved.open(page.url.pathname + page.url.search)
    expect(hasButton(await moved.press(again, 'log-in', { username: 'ada', password: 'correct horse' }), 'allow')).toBe(
      true,
    )
  })
})

describe('a session', () => {
  const session = () => [...browser.cookies].find(([name]) => name.includes('session'))?.[1].value

  it('has 256 bits that stand in no record', async () => {
    await passThrough(browser, ADDRESS)
    const cookie = session()!
    expect(Buffer.from(cookie, 'base64url')).toHaveLength(32)
    expect(JSON.stringify(server.records)).not.toContain(cookie)
  })

  it('survives a restart', async () => {
    await passThrough(browser, ADDRESS)
    server = await server.restart()
    await server.apply(ORDERS)
    const moved = createTestBrowser(server)
    for (const [name, cookie] of browser.cookies) moved.cookies.set(name, cookie)
    expect((await moved.open(ADDRESS)).leftTo?.searchParams.has('code')).toBe(true)
  })

  it('has a new id at each login, and the one before is over (session fixation)', async () => {
    await passThrough(browser, ADDRESS)
    const before = session()!
    await logIn(await browser.open(authorizeAddress(SHOP, { prompt: 'login' })))
    expect(session()).not.toBe(before)
    const thief = createTestBrowser(server)
    const name = [...browser.cookies.keys()].find((each) => each.includes('session'))!
    thief.cookies.set(name, { value: before, path: '/orders/', attributes: '' })
    expect(hasButton(await thief.open(ADDRESS), 'log-in')).toBe(true)
  })

  it('is never begun under an id that the browser brought along (session fixation)', async () => {
    await browser.open(ADDRESS)
    const name = [...browser.cookies.keys()][0]!.replace('browser', 'session')
    const planted = 'A'.repeat(43)
    browser.cookies.set(name, { value: planted, path: '/orders/', attributes: '' })
    await passThrough(browser, ADDRESS)
    expect(browser.cookies.get(name)?.value).not.toBe(planted)
    const thief = createTestBrowser(server)
    thief.cookies.set(name, { value: planted, path: '/orders/', attributes: '' })
    expect(hasButton(await thief.open(ADDRESS), 'log-in')).toBe(true)
  })

  it('ends when its time is over, also when the domain has just shortened it', async () => {
    await passThrough(browser, ADDRESS)
    const now = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: now + 600_000 })
    expect((await browser.open(ADDRESS)).leftTo).toBeDefined()
    await server.apply({ ...ORDERS, sessionSeconds: 300 })
    expect(hasButton(await browser.open(ADDRESS), 'log-in')).toBe(true)
    await server.apply(ORDERS)
    vi.setSystemTime(now + 28_801_000)
    expect(hasButton(await browser.open(ADDRESS), 'log-in')).toBe(true)
  })

  it.each([
    ['is locked', [user({ mayLogIn: false })]],
    ['is removed', []],
    ['gets another password', [user({ passwordHash: passwordHash('another one') })]],
  ])('ends when its user %s', async (_what, users) => {
    await passThrough(browser, ADDRESS)
    await server.apply({ ...ORDERS, users })
    expect(hasButton(await browser.open(ADDRESS), 'log-in')).toBe(true)
  })

  it('and its cookie are of one domain: another knows neither (cookies across domains)', async () => {
    const other = { ...ORDERS, id: 'domain-2', path: 'orders-2' }
    const twin = { ...ORDERS, id: 'domain-3', path: 'twin' }
    await server.apply(ORDERS, other, twin)
    await passThrough(browser, ADDRESS)
    for (const { value } of browser.cookies.values()) expect(value).toMatch(/^[\w-]{43}$/)
    for (const { path } of [other, twin]) {
      expect(hasButton(await browser.open(authorizeAddress(SHOP, {}, path)), 'log-in')).toBe(true)
    }
    // Sent there by hand, under any name, it opens nothing either.
    const cookies = [...browser.cookies].map(([name, { value }]) => ({ name, value }))
    const names = cookies.flatMap(({ name }) => [name, name.replace('browser', 'session')])
    const thief = createTestBrowser(server)
    for (const name of names) {
      for (const { value } of cookies) thief.cookies.set(name, { value, path: '/', attributes: '' })
      expect(hasButton(await thief.open(authorizeAddress(SHOP, {}, 'twin')), 'log-in')).toBe(true)
    }
  })

  it('has a cookie for this domain alone that no script reads and no other site sends with a form', async () => {
    await passThrough(browser, ADDRESS)
    for (const { attributes } of browser.cookies.values()) {
      expect(attributes).toBe('Path=/orders/; HttpOnly; SameSite=Lax')
    }
  })
})
