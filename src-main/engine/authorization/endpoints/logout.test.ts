import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compileDomains } from '../compiled-domain'
import {
  application,
  domain,
  keyPair,
  passwordHash,
  scopeSettings,
  startTestServer,
  TRACE_HEADER,
  user,
  type TestServer,
} from '../testing'
import {
  authorizeAddress,
  createTestBrowser,
  hasButton,
  passThrough,
  type Page,
  type TestBrowser,
} from '../testing-browser'
import { getTokens } from '../testing-tokens'
import { issueIdToken } from '../tokens/id-token'

const BYE = 'https://shop.example/bye'
const SHOP = application({
  id: 'application-shop',
  name: 'Shop',
  type: 'web',
  clientId: 'shop',
  grantTypes: ['authorization_code'],
  redirectUris: ['https://shop.example/callback'],
  postLogoutRedirectUris: [BYE, 'https://shop.example/bye?a=b', 'javascript:alert(1)'],
  scopeSettings: scopeSettings(['read']),
})
const OTHER = application({ ...SHOP, id: 'application-other', clientId: 'other', postLogoutRedirectUris: [] })
const BOB = user({ id: 'user-2', username: 'bob', passwordHash: passwordHash('battery staple'), claims: {} })
const ORDERS = domain({ applications: [SHOP, OTHER], users: [user(), BOB], keys: [keyPair('ES256')] })

let server: TestServer
let browser: TestBrowser
beforeEach(async () => {
  server = await startTestServer()
  await server.apply(ORDERS)
  browser = createTestBrowser(server)
  await passThrough(browser, authorizeAddress(SHOP))
})
afterEach(() => server.stop())

async function idTokenOf(userId = 'user-1', issuer = `${server.address}/orders/oidc`): Promise<string> {
  const compiled = compileDomains([ORDERS], new Map()).get('orders')!
  const grant = { grantId: 'g', clientId: 'shop', scopes: ['openid'], resources: [], userId, authTime: 1, amr: ['pwd'] }
  return issueIdToken(compiled, compiled.applications.get('shop')!, grant, { issuer, now: Date.now() - 86_400_000 })
}

const addressOf = (parameters: Record<string, string> = {}) =>
  `/orders/logout?${new URLSearchParams(parameters).toString()}`
const logOut = (parameters?: Record<string, string>) => browser.open(addressOf(parameters))
const isLoggedIn = async () => !hasButton(await browser.open(authorizeAddress(SHOP)), 'log-in')
const titleOf = ({ text }: Page) => /<h1>(.*?)<\/h1>/s.exec(text)?.[1]
const keyOf = () => server.records.at(-1)?.refusal?.key
/** The form of the page that asks has a button without a name. */
const confirm = (page: Page, changes: Record<string, string> = {}) =>
  browser.post(page.forms[0]!.action, { ...page.forms[0]!.fields, ...changes })

describe('a logout with an ID token of the user (RP-Initiated Logout §2)', () => {
  it('ends the session at once and leads back, with the state; also when the token has expired', async () => {
    const state = 'a b&c=ü'
    const { leftTo } = await logOut({ id_token_hint: await idTokenOf(), post_logout_redirect_uri: BYE, state })
    expect(leftTo?.href).toBe(`${BYE}?${new URLSearchParams({ state }).toString()}`)
    expect([...browser.cookies.keys()].filter((name) => name.includes('session'))).toEqual([])
    expect(await isLoggedIn()).toBe(false)
    expect(server.records.find(({ endpoint }) => endpoint === 'logout')).toMatchObject({
      status: 303,
      outcome: 'answered',
      clientId: 'shop',
      username: 'ada',
      summary: 'Logged out',
    })
  })

  it('keeps the own query of the address, and adds nothing without a state', async () => {
    const to = 'https://shop.example/bye?a=b'
    const hint = await idTokenOf()
    expect((await logOut({ id_token_hint: hint, post_logout_redirect_uri: to })).leftTo?.href).toBe(to)
    const again = await logOut({ id_token_hint: hint, post_logout_redirect_uri: to, state: 'x' })
    expect(again.leftTo?.href).toBe(`${to}&state=x`)
  })

  it('shows that it is done where it is to lead nowhere', async () => {
    const page = await logOut({ id_token_hint: await idTokenOf() })
    expect([page.status, titleOf(page), await isLoggedIn()]).toEqual([200, 'You are logged out', false])
  })

  it('makes the cookie of the session worthless, also where somebody has kept it', async () => {
    const kept = new Map(browser.cookies)
    await logOut({ id_token_hint: await idTokenOf() })
    for (const [name, cookie] of kept) browser.cookies.set(name, cookie)
    expect(await isLoggedIn()).toBe(false)
    server = await server.restart()
    await server.apply(ORDERS)
    browser = createTestBrowser(server)
    for (const [name, cookie] of kept) browser.cookies.set(name, cookie)
    expect(await isLoggedIn()).toBe(false)
  })

  it('works by POST too, as a form of the application sends it: without cookies', async () => {
    const form = { id_token_hint: await idTokenOf(), post_logout_redirect_uri: BYE, state: 'x' }
    const body = new URLSearchParams(form)
    const posted = await fetch(`${server.address}/orders/logout`, { method: 'POST', redirect: 'manual', body })
    expect(posted.status).toBe(303)
    const { leftTo } = await browser.open(posted.headers.get('location')!)
    expect([leftTo?.href, await isLoggedIn()]).toEqual([`${BYE}?state=x`, false])
  })
})

describe('a logout that nobody vouches for asks the user first:', () => {
  it.each<[string, () => Promise<Record<string, string>>]>([
    ['without parameters', async () => ({})],
    ['with a client_id alone', async () => ({ client_id: 'shop', post_logout_redirect_uri: BYE, state: 'x' })],
    ['with the ID token of another user', async () => ({ id_token_hint: await idTokenOf('user-2') })],
    [
      'with the ID token of an earlier login',
      async () => {
        const { id_token: earlier = '' } = await getTokens(server, browser, SHOP, { scope: 'openid' })
        browser.cookies.clear()
        await passThrough(browser, authorizeAddress(SHOP))
        return { id_token_hint: earlier }
      },
    ],
    [
      'with the ID token of another issuer',
      async () => ({ id_token_hint: await idTokenOf('user-1', 'https://x.example') }),
    ],
    ['with what is no ID token', async () => ({ id_token_hint: 'a.b.c' })],
  ])('%s', async (_what, parameters) => {
    const page = await logOut(await parameters())
    expect([page.status, titleOf(page), await isLoggedIn()]).toEqual([200, 'Log out?', true])
    expect(page.text).toContain('<strong>Ada Lovelace</strong> (ada)')
    const done = await confirm(page)
    expect(await isLoggedIn()).toBe(false)
    if (done.leftTo === undefined) expect(titleOf(done)).toBe('You are logged out')
    else expect(done.leftTo.href).toBe(`${BYE}?state=x`)
  })

  it('and takes the answer from its own page alone (CSRF)', async () => {
    const page = await logOut()
    const { csrf } = page.forms[0]!.fields
    for (const forged of [
      { csrf: 'x' },
      { csrf: csrf!.slice(1) },
      { client_id: 'shop', post_logout_redirect_uri: BYE },
    ]) {
      const answer = await confirm(page, forged)
      expect([answer.status, titleOf(answer), keyOf()]).toEqual([403, 'Log out?', 'FORM_TOKEN_WRONG'])
    }
    const foreign = await browser.post('/orders/logout', page.forms[0]!.fields, { 'sec-fetch-site': 'cross-site' })
    expect([foreign.status, keyOf()]).toEqual([403, 'FORM_OF_ANOTHER_SITE'])
    expect(await isLoggedIn()).toBe(true)
  })

  it('and its record says why the ID token was not taken', async () => {
    await logOut({ id_token_hint: 'a.b.c' })
    expect(server.records.at(-1)?.summary).toMatch(/^Asked whether to log out, since the id_token_hint is not taken: /)
  })
})

describe('an address to go to after the logout (RP-Initiated Logout §3)', () => {
  it.each([
    ['https://evil.example/', { client_id: 'shop' }, 'POST_LOGOUT_REDIRECT_URI_NOT_REGISTERED'],
    [`${BYE}/`, { client_id: 'shop' }, 'POST_LOGOUT_REDIRECT_URI_NOT_REGISTERED'],
    ['https://shop.example/callback', { client_id: 'shop' }, 'POST_LOGOUT_REDIRECT_URI_NOT_REGISTERED'],
    ['javascript:alert(1)', { client_id: 'shop' }, 'POST_LOGOUT_REDIRECT_URI_NOT_REGISTERED'],
    [BYE, { client_id: 'other' }, 'POST_LOGOUT_REDIRECT_URI_NOT_REGISTERED'],
    [BYE, {}, 'POST_LOGOUT_CLIENT_MISSING'],
    [BYE, { id_token_hint: 'a.b.c' }, 'POST_LOGOUT_CLIENT_MISSING'],
    [BYE, { client_id: 'nobody' }, 'CLIENT_UNKNOWN'],
    [BYE, { client_id: 'shop', state: 's'.repeat(4097) }, 'PARAMETER_TOO_LONG'],
  ])('%s with %j is not gone to, and the user stays logged in', async (to, parameters, key) => {
    const page = await logOut({ ...parameters, post_logout_redirect_uri: to } as Record<string, string>)
    expect([page.status, page.leftTo, keyOf()]).toEqual([400, undefined, key])
    expect(await isLoggedIn()).toBe(true)
  })

  it('of an application that is turned off is not gone to, and the user is logged out all the same', async () => {
    const hint = await idTokenOf()
    await server.apply({ ...ORDERS, applications: [{ ...SHOP, enabled: false }] })
    const page = await logOut({ id_token_hint: hint, post_logout_redirect_uri: BYE })
    expect([page.leftTo, titleOf(page)]).toEqual([undefined, 'You are logged out'])
    const stranger = createTestBrowser(server)
    const other = await stranger.open(addressOf({ client_id: 'shop', post_logout_redirect_uri: BYE }))
    expect([other.leftTo, titleOf(other)]).toEqual([undefined, 'You are logged out'])
  })

  it('of another application than the ID token is for is not gone to', async () => {
    const page = await logOut({ id_token_hint: await idTokenOf(), client_id: 'other' })
    expect([page.status, keyOf()]).toEqual([400, 'CLIENT_ID_CONTRADICTS'])
  })

  it('that stands twice is not gone to', async () => {
    const page = await browser.open(
      `${addressOf({ client_id: 'shop', post_logout_redirect_uri: BYE })}&post_logout_redirect_uri=${BYE}`,
    )
    expect([page.status, page.leftTo, keyOf()]).toEqual([400, undefined, 'PARAMETER_REPEATED'])
  })
})

it('says that somebody who is not logged in is logged out, or leads back', async () => {
  const stranger = createTestBrowser(server)
  expect(titleOf(await stranger.open(addressOf()))).toBe('You are logged out')
  const { leftTo } = await stranger.open(addressOf({ client_id: 'shop', post_logout_redirect_uri: BYE }))
  expect(leftTo?.href).toBe(BYE)
})

it('tells in its trace what it did', async () => {
  await browser.open(addressOf({ id_token_hint: await idTokenOf() }), TRACE_HEADER)
  expect(server.records.at(-1)?.trace?.map(({ title, sentence }) => `${title}: ${sentence}`)).toEqual([
    'Arrival: GET /orders/logout',
    'Request: Shop',
    'Session: Ended',
    'Answer: Answered 200',
  ])
})
