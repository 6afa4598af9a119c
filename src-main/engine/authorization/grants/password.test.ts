import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { domain, keyPair, startTestServer, TRACE_HEADER, user, type TestServer } from '../testing'
import { authorizeAddress, createTestBrowser } from '../testing-browser'
import { askForTokens, publicApplication, refresh, webApplication } from '../testing-tokens'
import { PASSWORD_ACR } from '../users/authentication-context'

const LEGACY = webApplication({ grantTypes: ['password', 'authorization_code', 'refresh_token'] })
const NATIVE = publicApplication({ type: 'native', grantTypes: ['password'] })
const ORDERS = domain({
  applications: [LEGACY, NATIVE],
  users: [user()],
  keys: [keyPair('ES256')],
  maxLoginAttempts: 3,
  accountBlockedSeconds: 60,
})
const ADA = { grant_type: 'password', username: 'ada', password: 'correct horse' }

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
beforeEach(async () => {
  await server.apply(ORDERS)
  server.records.splice(0)
})
afterEach(() => void vi.useRealTimers())
afterAll(() => server.stop())

const reason = () => server.records.at(-1)?.refusal
const wrong = { status: 400, error: 'invalid_grant', error_description: 'The user name or the password is wrong' }

describe('the password grant (RFC 6749 §4.3)', () => {
  it('gives tokens for the user, with all that the code flow gives', async () => {
    const answer = await askForTokens(server, LEGACY, { ...ADA, scope: 'openid read' }, TRACE_HEADER)
    expect(answer).toMatchObject({ status: 200, token_type: 'bearer', expires_in: 7199, scope: 'openid read' })
    const claims = decodeJwt(answer.access_token)
    expect(claims).toMatchObject({ sub: 'user-1', aud: 'shop', jti: expect.stringContaining('.') })
    expect(decodeJwt(answer.id_token!)).toMatchObject({
      sub: 'user-1',
      amr: ['pwd'],
      acr: PASSWORD_ACR,
      auth_time: claims.iat,
    })
    expect((await refresh(server, LEGACY, answer.refresh_token)).status).toBe(200)
    expect(server.records[0]).toMatchObject({ grantType: 'password', username: 'ada' })
    expect(server.records[0]?.trace?.map(({ title }) => title)).toEqual([
      'Arrival',
      'Client authentication',
      'Grant type',
      'User',
      'Scopes',
      'Token',
      'Answer',
    ])
    expect(JSON.stringify(server.records)).not.toContain(ADA.password)
  })

  it('gives the scopes of the user’s roles too, where the application is set so', async () => {
    const enhanced = { ...LEGACY, enhanceScopesWithUserPermissions: true }
    await server.apply({ ...ORDERS, applications: [enhanced], users: [user({ scopes: ['audit', 'read'] })] })
    expect((await askForTokens(server, LEGACY, { ...ADA, scope: 'read' })).scope).toBe('read audit')
    await server.apply({ ...ORDERS, users: [user({ scopes: ['audit'] })] })
    expect((await askForTokens(server, LEGACY, { ...ADA, scope: 'read' })).scope).toBe('read')
    expect(await askForTokens(server, LEGACY, { ...ADA, scope: 'audit' })).toMatchObject({ error: 'invalid_scope' })
  })

  it('is there for public clients that list it, and for nobody who does not', async () => {
    expect((await askForTokens(server, NATIVE, ADA)).status).toBe(200)
    await server.apply({ ...ORDERS, applications: [{ ...LEGACY, grantTypes: ['authorization_code'] }] })
    expect(await askForTokens(server, LEGACY, ADA)).toMatchObject({ status: 400, error: 'unauthorized_client' })
  })

  it.each([
    ['the password is wrong', { ...ADA, password: 'x' }, 'PASSWORD_WRONG', 'ada'],
    // It may be a password in the wrong field.
    ['nobody has the name', { ...ADA, username: 'nobody' }, 'USER_UNKNOWN', undefined],
  ])('tells the caller the same whether %s, and records whose name it was', async (_name, form, key, username) => {
    expect(await askForTokens(server, LEGACY, form)).toEqual(wrong)
    expect(reason()?.key).toBe(key)
    expect(server.records.at(-1)?.username).toBe(username)
    expect(server.records.at(-1)?.userId).toBe(username && 'user-1')
  })

  it.each(['username', 'password'])('wants a %s', async (name) => {
    expect(await askForTokens(server, LEGACY, { ...ADA, [name]: '' })).toMatchObject({ error: 'invalid_request' })
  })

  it('gives nothing to a user who may not log in, however right the password is', async () => {
    await server.apply({ ...ORDERS, users: [user({ mayLogIn: false })] })
    expect(await askForTokens(server, LEGACY, ADA)).toEqual(wrong)
    expect(reason()?.key).toBe('USER_MAY_NOT_LOG_IN')
  })
})

describe('guessing by the password grant', () => {
  it('is stopped together with that at the login page, and told until when; a restart forgives nothing', async () => {
    const now = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now })
    expect((await askForTokens(server, LEGACY, ADA)).status).toBe(200)
    for (const password of ['1', '2']) {
      expect(await askForTokens(server, LEGACY, { ...ADA, password })).toEqual(wrong)
    }
    // The third one at the page.
    const page = createTestBrowser(server)
    await page.press(await page.open(authorizeAddress(LEGACY)), 'log-in', { username: 'ada', password: '3' })
    server = await server.restart()
    await server.apply(ORDERS)
    const response = await server.post('/orders/oauth/token', ADA, LEGACY)
    expect(response.headers.get('retry-after')).toBe('60')
    expect(await response.json()).toEqual({
      error: 'invalid_grant',
      error_description: `Too many wrong passwords: none is taken until ${new Date(now + 60_000).toISOString()}`,
    })
    expect(reason()?.key).toBe('ACCOUNT_BLOCKED')
    vi.setSystemTime(now + 60_000)
    expect((await askForTokens(server, LEGACY, ADA)).status).toBe(200)
  })

  it('gets no more tries by asking for many at the same time', async () => {
    await server.apply({ ...ORDERS, users: [user({ id: 'user-2', username: 'eve' })] })
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, guess) =>
        askForTokens(server, LEGACY, { ...ADA, username: 'eve', password: String(guess) }),
      ),
    )
    const keys = server.records.map(({ refusal }) => refusal?.key)
    expect(keys.filter((key) => key === 'PASSWORD_WRONG')).toHaveLength(3)
    expect(answers.every(({ error }) => error === 'invalid_grant')).toBe(true)
  })
})
