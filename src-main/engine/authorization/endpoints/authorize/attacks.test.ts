import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  application,
  domain,
  keyPair,
  scopeSettings,
  startTestServer,
  TRACE_HEADER,
  user,
  type TestServer,
} from '../../testing'
import {
  authorizeAddress,
  createTestBrowser,
  hasButton,
  passThrough,
  type Page,
  type TestBrowser,
} from '../../testing-browser'

/** Closes attributes, text, comments, scripts and styles alike. */
const XSS = `"'><script>alert(1)</script><img src=x onerror=alert(1)>--></style>{{7*7}}\${7*7}`

const SHOP = application({
  name: `Shop ${XSS}`,
  type: 'web',
  clientId: 'shop',
  grantTypes: ['authorization_code'],
  redirectUris: ['https://shop.example/callback', `https://shop.example/a?b='><script>alert(1)</script>`],
  postLogoutRedirectUris: ['https://shop.example/bye'],
  scopeSettings: scopeSettings(['read', 'write']),
})
const ADA = user({ username: 'ada', claims: { name: XSS } })
const ORDERS = domain({
  name: `Orders ${XSS}`,
  applications: [SHOP],
  users: [ADA],
  keys: [keyPair('ES256')],
  scopes: [{ key: 'read', name: XSS, description: XSS }],
  branding: { color: '#123456', logo: 'data:image/png;base64,AAAA' },
})
const LOGIN = { username: 'ada', password: 'correct horse' }

let server: TestServer
let victim: TestBrowser
let attacker: TestBrowser
beforeEach(async () => {
  server = await startTestServer()
  await server.apply(ORDERS)
  victim = createTestBrowser(server)
  attacker = createTestBrowser(server)
})
afterEach(() => server.stop())

const open = (browser: TestBrowser, parameters: Record<string, string> = {}) =>
  browser.open(authorizeAddress(SHOP, parameters))
const keyOf = () => server.records.at(-1)?.refusal?.key
const isLoggedIn = (browser: TestBrowser) => [...browser.cookies.keys()].some((name) => name.includes('session'))

/** Every page that there is, reached as users reach them. */
async function everyPage(): Promise<Record<string, Page>> {
  const hints = { login_hint: XSS, state: XSS, nonce: XSS, claims: JSON.stringify({ userinfo: { [XSS]: null } }) }
  const login = await open(victim, { ...hints, scope: 'openid read' })
  const wrong = await victim.press(login, 'log-in', { username: XSS, password: XSS })
  const consent = await victim.press(login, 'log-in', LOGIN)
  const account = await open(victim, { ...hints, prompt: 'select_account' })
  const toForm = { ...hints, response_mode: 'form_post', redirect_uri: SHOP.redirectUris[1]! }
  const formPostPage = await open(victim, toForm)
  const formPost = await victim.press(formPostPage, 'allow')
  const finished = await victim.open(`/orders/login?transaction=${formPostPage.forms[0]!.fields.transaction!}`)
  return {
    login,
    wrong,
    consent,
    account,
    formPost,
    finished,
    logout: await victim.open(`/orders/logout?${new URLSearchParams({ state: XSS, client_id: 'shop' }).toString()}`),
    loggedOut: await createTestBrowser(server).open('/orders/logout'),
    error: await victim.open(`/orders/oauth/authorize?${new URLSearchParams({ client_id: XSS }).toString()}`),
    redirect: await open(victim, { redirect_uri: `https://shop.example/${XSS}` }),
    expired: await victim.open(`/orders/login?transaction=${encodeURIComponent(XSS)}`),
    nowhere: await victim.open(`/${encodeURIComponent(XSS)}/login`),
  }
}

describe('every page', () => {
  it('shows what came from outside as text (XSS)', async () => {
    for (const [name, { text, headers }] of Object.entries(await everyPage())) {
      expect(headers.get('content-type'), name).toBe('text/html;charset=UTF-8')
      const scripts = [...text.matchAll(/<script/gi)].length
      expect([name, scripts]).toEqual([name, name === 'formPost' ? 1 : 0])
      for (const dangerous of ['<img src=x', 'onerror=alert(1)>', '<script>alert', '"\'>']) {
        expect(text, name).not.toContain(dangerous)
      }
      expect([...text.matchAll(/<\/style>/g)], name).toHaveLength(1)
    }
  })

  it('loads and runs nothing, is framed by nobody, kept by no cache and named to no other site', async () => {
    for (const [name, { headers }] of Object.entries(await everyPage())) {
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy, name).toMatch(
        /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; img-src data:; (?:script-src 'sha256-[A-Za-z0-9+/]{43}='; )?form-action 'self'[^;]*; frame-ancestors 'none'; base-uri 'none'$/,
      )
      expect(policy.includes('script-src'), name).toBe(name === 'formPost')
      expect(policy, name).not.toMatch(/unsafe|https?:(?:[ ;]|$)/)
      expect(headers.get('x-frame-options'), name).toBe('DENY')
      expect(headers.get('cache-control'), name).toContain('no-store')
      expect(headers.get('referrer-policy'), name).toBe('no-referrer')
      expect(headers.get('x-content-type-options'), name).toBe('nosniff')
    }
  })

  it('names neither a program nor a version, and shows no stack', async () => {
    for (const [name, { text, headers }] of Object.entries(await everyPage())) {
      for (const told of [headers.get('server'), headers.get('x-powered-by')]) expect(told, name).toBeNull()
      expect(text, name).not.toMatch(/\n\s+at .+:\d+:\d+|node:internal|\.ts\b/)
    }
  })
})

describe('login CSRF: the attacker has the victim log in as the attacker, or as the victim with the attacker’s request', () => {
  it('fails with the form of the attacker’s own browser', async () => {
    const page = await open(attacker)
    await open(victim)
    const forged = await victim.press(page, 'log-in', LOGIN)
    expect([forged.status, forged.leftTo, keyOf()]).toEqual([403, undefined, 'LOGIN_OF_ANOTHER_BROWSER'])
    expect(isLoggedIn(victim)).toBe(false)
    const stranger = createTestBrowser(server)
    expect((await stranger.press(page, 'log-in', LOGIN)).status).toBe(403)
  })

  it('fails when the attacker knows the transaction of the victim, but not the token of its form', async () => {
    const page = await open(victim)
    const { transaction } = page.forms[0]!.fields
    const own = (await open(attacker)).forms[0]!.fields
    for (const csrf of ['', 'x', own.csrf!, transaction!]) {
      const forged = await victim.post('/orders/login', { transaction: transaction!, csrf, ...LOGIN })
      expect([forged.status, keyOf()]).toEqual([403, 'FORM_TOKEN_WRONG'])
      expect(hasButton(forged, 'log-in')).toBe(true)
    }
    expect(isLoggedIn(victim)).toBe(false)
  })

  it('fails when the browser says that another site sent the form', async () => {
    const page = await open(victim)
    for (const site of ['cross-site', 'same-site', 'x']) {
      const forged = await victim.post(
        '/orders/login',
        { ...page.forms[0]!.fields, ...LOGIN },
        { 'sec-fetch-site': site },
      )
      expect([forged.status, keyOf()]).toEqual([403, 'FORM_OF_ANOTHER_SITE'])
    }
    const own = await victim.post(
      '/orders/login',
      { ...page.forms[0]!.fields, ...LOGIN },
      { 'sec-fetch-site': 'same-origin' },
    )
    expect(hasButton(own, 'allow')).toBe(true)
  })

  it('fails with parameters in the address', async () => {
    const page = await open(victim)
    const query = new URLSearchParams({ ...page.forms[0]!.fields, ...LOGIN, action: 'log-in' })
    const shown = await victim.open(`/orders/login?${query.toString()}`)
    expect([shown.status, isLoggedIn(victim)]).toEqual([200, false])
  })
})

describe('consent CSRF', () => {
  it('fails with the attacker’s form, transaction or token', async () => {
    await victim.press(await open(victim), 'log-in', LOGIN)
    const page = await open(victim)
    const own = await attacker.press(await open(attacker), 'log-in', LOGIN)
    const wish = { action: 'allow' }
    const [mine, theirs] = [own.forms[0]!.fields, page.forms[0]!.fields]
    for (const [form, key] of [
      [mine, 'LOGIN_OF_ANOTHER_BROWSER'],
      [{ ...theirs, csrf: mine.csrf! }, 'FORM_TOKEN_WRONG'],
      [{ ...theirs, csrf: '' }, 'FORM_TOKEN_WRONG'],
    ] as const) {
      const forged = await victim.post('/orders/oauth/consent', { ...form, ...wish })
      expect([forged.status, forged.leftTo, keyOf()]).toEqual([403, undefined, key])
    }
    const query = new URLSearchParams({ ...theirs, ...wish })
    expect((await victim.open(`/orders/oauth/consent?${query.toString()}`)).leftTo).toBeUndefined()
    expect(hasButton(await open(victim), 'allow')).toBe(true)
  })

  it('fails with the token of the login page, or of another request of the same browser', async () => {
    const login = await open(victim)
    const consent = await victim.press(login, 'log-in', LOGIN)
    const wider = await open(victim, { scope: 'read write' })
    const { transaction } = wider.forms[0]!.fields
    for (const { forms } of [login, consent]) {
      const form = { transaction: transaction!, csrf: forms[0]!.fields.csrf!, action: 'allow' }
      expect((await victim.post('/orders/oauth/consent', form)).status).toBe(403)
      expect(keyOf()).toBe('FORM_TOKEN_WRONG')
    }
  })
})

describe('a mix-up', () => {
  it('is seen by the issuer in each answer, codes and errors alike (RFC 9207 §2.4)', async () => {
    const other = { ...ORDERS, id: 'domain-2', path: 'other' }
    await server.apply(ORDERS, other)
    const here = await passThrough(victim, authorizeAddress(SHOP))
    const there = await passThrough(victim, authorizeAddress(SHOP, {}, 'other'))
    const wrong = await victim.open(authorizeAddress(SHOP, { scope: 'x' }, 'other'))
    expect(here.leftTo?.searchParams.getAll('iss')).toEqual([`${server.address}/orders/oidc`])
    for (const { leftTo } of [there, wrong]) {
      expect(leftTo?.searchParams.getAll('iss')).toEqual([`${server.address}/other/oidc`])
    }
  })

  it('is not made by an iss of the request', async () => {
    const { leftTo } = await passThrough(victim, authorizeAddress(SHOP, { iss: 'https://evil.example', code: 'x' }))
    expect(leftTo?.searchParams.getAll('iss')).toEqual([`${server.address}/orders/oidc`])
    expect(leftTo?.searchParams.getAll('code')).not.toContain('x')
  })
})

it('no record and no trace holds a code, a cookie, a password, or what a form carries', async () => {
  const seen: string[] = []
  const traced = createTestBrowser(server)
  const login = await traced.open(authorizeAddress(SHOP, { state: 'the-state', nonce: 'the-nonce' }), TRACE_HEADER)
  const form = { ...login.forms[0]!.fields, ...LOGIN }
  const consent = await traced.post('/orders/login', form, TRACE_HEADER)
  const allow = { ...consent.forms.at(-1)!.fields, action: 'allow' }
  const { leftTo } = await traced.post('/orders/oauth/consent', allow, TRACE_HEADER)
  const silent = await traced.open(authorizeAddress(SHOP), TRACE_HEADER)
  for (const page of [leftTo, silent.leftTo]) seen.push(page!.searchParams.get('code')!)
  for (const { value } of traced.cookies.values()) seen.push(value)
  seen.push(...Object.values(login.forms[0]!.fields), ...Object.values(consent.forms[0]!.fields))
  seen.push(LOGIN.password, 'the-state', 'the-nonce')
  const told = JSON.stringify(server.records)
  for (const secret of seen.filter((each) => each !== '')) expect(told).not.toContain(secret)
  expect(server.records.at(-1)?.trace?.map(({ title, decision }) => `${title}: ${decision}`)).toEqual([
    'Arrival: passed',
    'Client: passed',
    'Redirect address: passed',
    'Parameters: passed',
    'Scopes: passed',
    'Login: passed',
    'Consent: passed',
    'Code: passed',
    'Answer: passed',
  ])
})
