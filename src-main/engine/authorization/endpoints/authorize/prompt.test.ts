import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { compileDomains } from '../../compiled-domain'
import { PASSWORD_ACR } from '../../users/authentication-context'
import { issueIdToken } from '../../tokens/id-token'
import {
  application,
  domain,
  keyPair,
  passwordHash,
  scopeSettings,
  startTestServer,
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

const SHOP = application({
  name: 'Shop',
  type: 'web',
  clientId: 'shop',
  grantTypes: ['authorization_code'],
  redirectUris: ['https://shop.example/callback'],
  scopeSettings: scopeSettings(['read']),
})
const BOB = user({ id: 'user-2', username: 'bob', passwordHash: passwordHash('battery staple'), claims: {} })
const ORDERS = domain({ applications: [SHOP], users: [user(), BOB], keys: [keyPair('ES256')] })

/** A whole second, since logins are told in seconds. */
const START = Math.floor(Date.now() / 1000) * 1000

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

const open = (parameters: Record<string, string> = {}) =>
  browser.open(authorizeAddress(SHOP, { scope: 'openid', state: 'xyz', ...parameters }))
const logIn = (page: Page, username = 'ada', password = 'correct horse') =>
  browser.press(page, 'log-in', { username, password })
const errorOf = ({ leftTo }: Page) => leftTo?.searchParams.get('error')
const hasCode = ({ leftTo }: Page) => leftTo?.searchParams.has('code') === true
/** Logs in and allows, so that the next request needs nothing. */
const getReady = () => passThrough(browser, authorizeAddress(SHOP, { scope: 'openid read' }))
const setTime = (seconds: number) => vi.useFakeTimers({ toFake: ['Date'], now: START + seconds * 1000 })

async function idTokenOf(userId: string, changes: { issuer?: string } = {}): Promise<string> {
  const compiled = compileDomains([ORDERS], new Map()).get('orders')!
  const grant = { grantId: 'g', clientId: 'shop', scopes: ['openid'], resources: [], userId, authTime: 1, amr: ['pwd'] }
  const issue = { issuer: `${server.address}/orders/oidc`, now: Date.now(), ...changes }
  return issueIdToken(compiled, compiled.applications.get('shop')!, grant, issue)
}

describe('prompt (OpenID Connect Core §3.1.2.1)', () => {
  it('none shows no page: login_required, consent_required, or a code', async () => {
    expect(errorOf(await open({ prompt: 'none' }))).toBe('login_required')
    await logIn(await open())
    expect(errorOf(await open({ prompt: 'none' }))).toBe('consent_required')
    await getReady()
    expect(hasCode(await open({ prompt: 'none' }))).toBe(true)
    expect(errorOf(await open({ prompt: 'none', max_age: '0' }))).toBe('login_required')
  })

  it('login asks for the password again, and takes another user too', async () => {
    await getReady()
    const page = await open({ prompt: 'login' })
    expect(page.text).toContain('Log in again')
    expect(page.text).toContain('value="ada"')
    expect(hasCode(await logIn(page))).toBe(true)
    const other = await logIn(await open({ prompt: 'login' }), 'bob', 'battery staple')
    expect(hasButton(other, 'allow')).toBe(true)
    expect(other.text).toContain('Logged in as <strong>bob</strong>')
  })

  it('login asks once more of whoever goes back to a login that is finished, and on from there', async () => {
    await getReady()
    const page = await open({ prompt: 'login' })
    expect(hasCode(await logIn(page))).toBe(true)
    const back = await browser.open(page.url)
    const again = await browser.press(back, 'continue')
    expect([hasCode(again), hasButton(again, 'log-in')]).toEqual([false, true])
    expect(hasCode(await logIn(again))).toBe(true)
  })

  it('consent asks for consent again', async () => {
    await getReady()
    const page = await open({ prompt: 'consent' })
    expect(hasButton(page, 'allow')).toBe(true)
    expect(hasCode(await browser.press(page, 'allow'))).toBe(true)
  })

  it('select_account asks which account is meant', async () => {
    await getReady()
    const page = await open({ prompt: 'select_account' })
    expect(page.text).toContain('Continue as Ada Lovelace')
    expect(hasCode(await browser.press(page, 'continue'))).toBe(true)
    const other = await browser.press(await open({ prompt: 'select_account' }), 'other')
    expect(hasButton(other, 'log-in')).toBe(true)
    expect(other.text).not.toContain('value="ada"')
    const consent = await logIn(other, 'bob', 'battery staple')
    expect(consent.text).toContain('Logged in as <strong>bob</strong>')
    expect(hasCode(await browser.press(consent, 'allow'))).toBe(true)
  })

  it('select_account asks for nothing more of somebody who has just logged in', async () => {
    const page = await logIn(await open({ prompt: 'select_account' }))
    expect(hasButton(page, 'allow')).toBe(true)
  })

  it('login, consent and select_account can be asked for together', async () => {
    await getReady()
    const consent = await logIn(await open({ prompt: 'login consent select_account' }))
    expect(hasCode(await browser.press(consent, 'allow'))).toBe(true)
  })
})

describe('max_age (OpenID Connect Core §3.1.2.1)', () => {
  it('asks for a login when the last one is longer ago', async () => {
    setTime(0)
    await getReady()
    expect(hasCode(await open({ max_age: '60' }))).toBe(true)
    setTime(60)
    expect(hasCode(await open({ max_age: '60' }))).toBe(true)
    setTime(61)
    const page = await open({ max_age: '60' })
    expect(hasButton(page, 'log-in')).toBe(true)
    expect(hasCode(await logIn(page))).toBe(true)
  })

  it('of 0 is met by the login that it asked for, however long the user takes for the pages', async () => {
    setTime(0)
    const consent = await logIn(await open({ max_age: '0' }))
    setTime(30)
    expect(hasCode(await browser.press(consent, 'allow'))).toBe(true)
  })
})

describe('login_hint (OpenID Connect Core §3.1.2.1)', () => {
  it('stands in the form already', async () => {
    const { text } = await open({ login_hint: 'ada"><script>' })
    expect(text).toContain('value="ada&quot;&gt;&lt;script&gt;"')
  })
})

describe('id_token_hint (OpenID Connect Core §3.1.2.2)', () => {
  it('of the user who is logged in changes nothing, also with prompt none', async () => {
    await getReady()
    const hint = await idTokenOf('user-1')
    expect(hasCode(await open({ id_token_hint: hint, prompt: 'none' }))).toBe(true)
  })

  it('of another user asks for a login, and gives no code to anybody else', async () => {
    await getReady()
    const hint = await idTokenOf('user-2')
    expect(errorOf(await open({ id_token_hint: hint, prompt: 'none' }))).toBe('login_required')
    const wrong = await logIn(await open({ id_token_hint: hint }))
    expect(errorOf(wrong)).toBe('login_required')
    expect(server.records.at(-1)).toMatchObject({ endpoint: 'login', refusal: { key: 'LOGIN_OF_ANOTHER_USER' } })
    const right = await logIn(await open({ id_token_hint: hint }), 'bob', 'battery staple')
    expect(hasCode(await browser.press(right, 'allow'))).toBe(true)
  })

  it('is not kept on the disk while the user logs in', async () => {
    const hint = await idTokenOf('user-1')
    const page = await open({ id_token_hint: hint })
    expect(page.text).not.toContain(hint)
    expect(page.url.href).not.toContain(hint)
  })

  it('of another issuer is refused', async () => {
    const hint = await idTokenOf('user-1', { issuer: 'https://elsewhere.example' })
    expect(errorOf(await open({ id_token_hint: hint }))).toBe('invalid_request')
  })
})

describe('claims (OpenID Connect Core §5.5)', () => {
  const claims = (idToken: unknown) => JSON.stringify({ id_token: idToken })

  it('that name a user by sub give a code for that one alone', async () => {
    await getReady()
    const other = claims({ sub: { value: 'user-2' } })
    expect(errorOf(await open({ claims: other, prompt: 'none' }))).toBe('login_required')
    expect(errorOf(await logIn(await open({ claims: other })))).toBe('login_required')
    const consent = await logIn(await open({ claims: other }), 'bob', 'battery staple')
    expect(hasCode(await browser.press(consent, 'allow'))).toBe(true)
  })

  it('that demand an acr which no login here has give none, and nobody has to log in for that (OpenID Connect Core §5.5.1.1)', async () => {
    const demand = claims({ acr: { essential: true, values: ['urn:gold'] } })
    expect(errorOf(await open({ claims: demand }))).toBe('unmet_authentication_requirements')
    await getReady()
    expect(errorOf(await open({ claims: demand }))).toBe('unmet_authentication_requirements')
  })

  it('that demand the acr of a login by password, or wish for another one, are met by it (OpenID Connect Core §5.5.1.1)', async () => {
    await getReady()
    for (const acr of [
      { essential: true, value: PASSWORD_ACR },
      { essential: true, values: ['urn:gold', PASSWORD_ACR] },
      { essential: true },
      { values: ['urn:gold'] },
      null,
    ]) {
      expect([acr, hasCode(await open({ claims: claims({ acr }) }))]).toEqual([acr, true])
    }
  })

  it('stand on the page for consent, and are allowed once', async () => {
    await getReady()
    const page = await open({ claims: claims({ phone_number: null }) })
    expect(page.text).toContain('phone number')
    expect(hasCode(await browser.press(page, 'allow'))).toBe(true)
    expect(hasCode(await open({ claims: claims({ phone_number: null }) }))).toBe(true)
  })
})
