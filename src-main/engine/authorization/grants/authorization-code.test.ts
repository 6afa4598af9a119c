import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { application, domain, keyPair, startTestServer, TRACE_HEADER, user, type TestServer } from '../testing'
import { createTestBrowser, type TestBrowser } from '../testing-browser'
import {
  askForTokens,
  getCode,
  getTokens,
  newPkce,
  publicApplication,
  redeemCode,
  refresh,
  webApplication,
  type TokenAnswer,
} from '../testing-tokens'

const SHOP = webApplication()
const PAGE = publicApplication()
const GATEWAY = application({ id: 'application-gateway', name: 'Gateway', clientId: 'gateway' })
const ORDERS = domain({ applications: [SHOP, PAGE, GATEWAY], users: [user()], keys: [keyPair('ES256')] })
const CALLBACK = { redirect_uri: SHOP.redirectUris[0]! }

let server: TestServer
let browser: TestBrowser
beforeAll(async () => {
  server = await startTestServer()
  await server.apply(ORDERS)
  browser = createTestBrowser(server)
})
beforeEach(async () => {
  await server.apply(ORDERS)
  server.records.splice(0)
})
afterEach(() => void vi.useRealTimers())
afterAll(() => server.stop())

const reason = () => server.records.findLast(({ endpoint }) => endpoint === 'token')?.refusal
const invalidGrant = { status: 400, error: 'invalid_grant' }

async function introspect(token: string): Promise<Record<string, unknown>> {
  const response = await server.post('/orders/oauth/introspect', { token }, GATEWAY)
  return (await response.json()) as Record<string, unknown>
}

describe('a code is exchanged for tokens (RFC 6749 §4.1.3, §4.1.4)', () => {
  it('with an access token for the user, a refresh token, and an ID token when openid was granted', async () => {
    const answer = await redeemCode(server, SHOP, await getCode(browser, SHOP, { scope: 'openid read', nonce: 'n-1' }))
    expect(answer).toEqual({
      status: 200,
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 7199,
      refresh_token: expect.stringMatching(/^[\w-]{43}$/),
      scope: 'openid read',
      id_token: expect.any(String),
    })
    const claims = decodeJwt(answer.access_token)
    expect(claims).toEqual({
      sub: 'user-1',
      aud: 'shop',
      domain: 'domain-1',
      scope: 'openid read',
      iss: `${server.address}/orders/oidc`,
      exp: claims.iat! + 7200,
      iat: expect.any(Number),
      jti: expect.stringMatching(/^[\w-]{22}\.[\w-]{22}$/),
    })
    expect(decodeJwt(answer.id_token!)).toMatchObject({
      sub: 'user-1',
      aud: 'shop',
      nonce: 'n-1',
      at_hash: expect.any(String),
    })
    expect(await introspect(answer.access_token)).toEqual({
      ...claims,
      active: true,
      client_id: 'shop',
      username: 'ada',
      token_type: 'bearer',
    })
  })

  it('without what was not granted', async () => {
    await server.apply({ ...ORDERS, applications: [{ ...SHOP, grantTypes: ['authorization_code'] }] })
    const answer = await redeemCode(server, SHOP, await getCode(browser, SHOP))
    expect(Object.keys(answer)).toEqual(['status', 'access_token', 'token_type', 'expires_in', 'scope'])
  })

  it('of a public client, with PKCE', async () => {
    const { access_token } = await getTokens(server, browser, PAGE)
    expect(decodeJwt(access_token)).toMatchObject({ aud: 'page', sub: 'user-1' })
  })

  it('and its record tells for whom, and every station of its way', async () => {
    const { verifier, challenge } = newPkce()
    const code = await getCode(browser, SHOP, { scope: 'openid write', ...challenge })
    const form = { grant_type: 'authorization_code', code, code_verifier: verifier, ...CALLBACK }
    const answer = await askForTokens(server, SHOP, form, TRACE_HEADER)
    const record = server.records.at(-1)!
    expect(record).toMatchObject({
      grantType: 'authorization_code',
      userId: 'user-1',
      username: 'ada',
      summary: 'An access token, an ID token and a refresh token for ada, with openid write',
    })
    expect(record.trace?.map(({ title, decision }) => `${title}: ${decision}`)).toEqual([
      'Arrival: passed',
      'Client authentication: passed',
      'Grant type: passed',
      'Code: passed',
      'PKCE: passed',
      'User: passed',
      'Scopes: passed',
      'Token: passed',
      'Answer: passed',
    ])
    const told = JSON.stringify(server.records)
    for (const secret of [code, verifier, answer.access_token, answer.refresh_token!, answer.id_token!])
      expect(told).not.toContain(secret)
  })
})

describe('a code is bound', () => {
  it('to its client (RFC 6749 §4.1.3), and stays good for it', async () => {
    const other = webApplication({ id: 'application-other', name: 'Other', clientId: 'other' })
    await server.apply({ ...ORDERS, applications: [SHOP, other, GATEWAY] })
    const code = await getCode(browser, SHOP)
    expect(await redeemCode(server, other, code)).toMatchObject(invalidGrant)
    expect(reason()).toMatchObject({ key: 'CODE_OF_ANOTHER_CLIENT', source: 'RFC 6749 §4.1.3' })
    const { access_token } = await redeemCode(server, SHOP, code)
    // A spent code of somebody else's takes nothing back.
    expect(await redeemCode(server, other, code)).toMatchObject(invalidGrant)
    expect(await introspect(access_token)).toMatchObject({ active: true })
  })

  it('to its redirect address, to the letter (RFC 6749 §4.1.3)', async () => {
    const code = await getCode(browser, SHOP)
    const attempts: [Record<string, string>, string][] = [
      [{ redirect_uri: 'https://shop.example/callback/' }, 'REDIRECT_URI_DIFFERS'],
      [{ redirect_uri: 'https://SHOP.example/callback' }, 'REDIRECT_URI_DIFFERS'],
      [{ redirect_uri: '' }, 'REDIRECT_URI_MISSING'],
    ]
    for (const [form, key] of attempts) {
      expect(await redeemCode(server, SHOP, code, form)).toMatchObject(invalidGrant)
      expect(reason()?.key).toBe(key)
    }
    expect(await redeemCode(server, SHOP, code)).toMatchObject({ status: 200 })
  })

  it('to none when the request left it out; the registered one may be named all the same', async () => {
    const without = async (redirect_uri: string) => {
      const code = await getCode(browser, SHOP, { redirect_uri: '' })
      return (await redeemCode(server, SHOP, code, { redirect_uri })).status
    }
    expect(await without('')).toBe(200)
    expect(await without(SHOP.redirectUris[0]!)).toBe(200)
    expect(await without('https://evil.example/')).toBe(400)
  })

  it('to its domain', async () => {
    const code = await getCode(browser, SHOP)
    await server.apply({ ...ORDERS, id: 'domain-2' })
    expect(await redeemCode(server, SHOP, code)).toMatchObject(invalidGrant)
    expect(reason()?.key).toBe('CODE_UNKNOWN')
  })

  it('to its time', async () => {
    const code = await getCode(browser, SHOP)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
    expect(await redeemCode(server, SHOP, code)).toMatchObject(invalidGrant)
    expect(reason()).toMatchObject({ key: 'CODE_UNKNOWN', sentence: expect.stringContaining('60 s') })
  })

  it.each([
    ['missing', '', 'invalid_request', 'CODE_MISSING'],
    ['made up', 'x'.repeat(43), 'invalid_grant', 'CODE_UNKNOWN'],
    ['a path', '../../grant/domain-1/x', 'invalid_grant', 'CODE_UNKNOWN'],
  ])('and not taken when it is %s', async (_name, code, error, key) => {
    expect(await redeemCode(server, SHOP, code)).toMatchObject({ status: 400, error })
    expect(reason()?.key).toBe(key)
  })
})

describe('PKCE (RFC 7636 §4.6)', () => {
  const { verifier, challenge } = newPkce()

  it.each([
    ['another verifier', 'x'.repeat(43), 'invalid_grant', 'CODE_VERIFIER_WRONG'],
    ['the challenge itself', challenge.code_challenge, 'invalid_grant', 'CODE_VERIFIER_WRONG'],
    ['no verifier', '', 'invalid_grant', 'CODE_VERIFIER_MISSING'],
    ['a verifier of 42 characters', 'x'.repeat(42), 'invalid_request', 'CODE_VERIFIER_MALFORMED'],
    ['a verifier of 129 characters', 'x'.repeat(129), 'invalid_request', 'CODE_VERIFIER_MALFORMED'],
    ['a verifier with other characters', `${'x'.repeat(43)}+`, 'invalid_request', 'CODE_VERIFIER_MALFORMED'],
  ])('refuses %s, and the code stays unspent', async (_name, code_verifier, error, key) => {
    for (const of of [SHOP, PAGE]) {
      const code = await getCode(browser, of, challenge)
      expect(await redeemCode(server, of, code, { code_verifier })).toMatchObject({ status: 400, error })
      expect(reason()?.key).toBe(key)
      expect(await redeemCode(server, of, code, { code_verifier: verifier })).toMatchObject({ status: 200 })
    }
  })

  it('refuses a verifier where the request had no challenge: it was taken out on the way (RFC 9700 §4.8.2)', async () => {
    const code = await getCode(browser, SHOP)
    expect(await redeemCode(server, SHOP, code, { code_verifier: verifier })).toMatchObject(invalidGrant)
    expect(reason()?.key).toBe('CODE_VERIFIER_UNEXPECTED')
  })

  it('refuses a code without a challenge when PKCE has been demanded meanwhile', async () => {
    const code = await getCode(browser, SHOP)
    await server.apply({ ...ORDERS, applications: [{ ...SHOP, demandsPkce: true }] })
    expect(await redeemCode(server, SHOP, code)).toMatchObject(invalidGrant)
    expect(reason()?.key).toBe('CODE_WITHOUT_PKCE')
  })

  it('compares as it is where plain is allowed', async () => {
    await server.apply({ ...ORDERS, applications: [{ ...SHOP, allowsPlainPkce: true }] })
    const code = await getCode(browser, SHOP, { code_challenge: verifier, code_challenge_method: 'plain' })
    expect(await redeemCode(server, SHOP, code, { code_verifier: challenge.code_challenge })).toMatchObject(
      invalidGrant,
    )
    expect(await redeemCode(server, SHOP, code, { code_verifier: verifier })).toMatchObject({ status: 200 })
  })
})

describe('a code is good once (RFC 6749 §4.1.2, RFC 9700 §2.1.1)', () => {
  async function expectTakenBack({ access_token, refresh_token }: TokenAnswer) {
    expect(await introspect(access_token)).toEqual({ active: false })
    const record = server.records.findLast(({ endpoint }) => endpoint === 'introspect')
    expect(record?.trace?.[0]?.sentence).toContain('It was revoked with all tokens of its grant')
    expect(await refresh(server, SHOP, refresh_token)).toMatchObject(invalidGrant)
    expect(reason()).toMatchObject({ key: 'REFRESH_TOKEN_REVOKED', sentence: expect.stringContaining('Its code') })
  }

  it('and takes back all that came of it when it comes again, also what was refreshed since, and after a restart', async () => {
    const code = await getCode(browser, SHOP)
    const first = await redeemCode(server, SHOP, code)
    const second = await refresh(server, SHOP, first.refresh_token)
    const unconcerned = await getTokens(server, browser, SHOP)
    expect(await redeemCode(server, SHOP, code)).toMatchObject(invalidGrant)
    expect(reason()).toMatchObject({ key: 'CODE_REPLAYED', sentence: expect.stringContaining('are revoked now') })
    const check = async () => {
      await expectTakenBack(second)
      expect(await introspect(first.access_token)).toEqual({ active: false })
      expect(await introspect(unconcerned.access_token)).toMatchObject({ active: true })
      expect(await redeemCode(server, SHOP, code)).toMatchObject(invalidGrant)
    }
    await check()
    server = await server.restart()
    await server.apply(ORDERS)
    browser = createTestBrowser(server)
    await check()
  })

  it('also by many at the same time', async () => {
    const code = await getCode(browser, SHOP)
    const answers = await Promise.all(Array.from({ length: 10 }, () => redeemCode(server, SHOP, code)))
    const good = answers.filter(({ status }) => status === 200)
    expect(good).toHaveLength(1)
    await expectTakenBack(good[0]!)
  })

  it('and is not given out again when the answer was lost with the disk', async () => {
    const own = await startTestServer()
    await own.apply(ORDERS)
    const code = await getCode(createTestBrowser(own), SHOP)
    await own.closeState()
    expect(await redeemCode(own, SHOP, code)).toMatchObject({ status: 503, error: 'temporarily_unavailable' })
    expect(own.records.at(-1)?.refusal?.key).toBe('CODE_USE_NOT_STORED')
    await own.stop()
  })
})

describe('what has changed since the login counts', () => {
  it.each([
    ['deleted', { users: [] }, 'USER_GONE'],
    ['disabled', { users: [user({ mayLogIn: false })] }, 'USER_MAY_NOT_LOG_IN'],
  ])('the user is %s', async (_name, changes, key) => {
    const code = await getCode(browser, SHOP)
    const { access_token } = await getTokens(server, browser, SHOP)
    await server.apply({ ...ORDERS, ...changes })
    expect(await redeemCode(server, SHOP, code)).toMatchObject(invalidGrant)
    expect(reason()?.key).toBe(key)
    expect(await introspect(access_token)).toEqual({ active: false })
    const told = server.records.at(-1)?.trace?.[0]?.sentence
    expect(told).toMatch(/whom it was issued for, is disabled|that it was issued for is none of domain Orders any more/)
    expect(await server.authorization.local.introspect('orders', GATEWAY, access_token)).toMatchObject({
      active: false,
    })
  })

  it('the application has lost a scope, and the user a role', async () => {
    const roles = { ...SHOP, enhanceScopesWithUserPermissions: true }
    const ada = user({ scopes: ['audit', 'admin'] })
    await server.apply({ ...ORDERS, applications: [roles], users: [ada] })
    const code = await getCode(browser, SHOP, { scope: 'openid read write' })
    const all = await getCode(browser, SHOP, { scope: 'openid read write' })
    expect((await redeemCode(server, SHOP, all)).scope).toBe('openid read write audit admin')
    const less = { ...roles, scopeSettings: [{ scope: 'write', defaultScope: false }] }
    await server.apply({ ...ORDERS, applications: [less], users: [user({ scopes: ['audit'] })] })
    expect((await redeemCode(server, SHOP, code)).scope).toBe('openid write audit')
  })
})
