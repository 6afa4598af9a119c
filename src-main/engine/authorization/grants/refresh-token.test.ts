import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openLevelState } from '../../state'
import { application, domain, keyPair, startTestServer, TRACE_HEADER, user, type TestServer } from '../testing'
import { createTestBrowser, type TestBrowser } from '../testing-browser'
import { askForTokens, getTokens, publicApplication, refresh, webApplication } from '../testing-tokens'

const SHOP = webApplication()
const PAGE = publicApplication()
const KEPT = webApplication({ id: 'application-kept', name: 'Kept', clientId: 'kept', rotatesRefreshTokens: false })
const GATEWAY = application({ id: 'application-gateway', name: 'Gateway', clientId: 'gateway' })
const ORDERS = domain({ applications: [SHOP, PAGE, KEPT, GATEWAY], users: [user()], keys: [keyPair('ES256')] })

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
const login = (of = SHOP, scope = 'openid read write') => getTokens(server, browser, of, { scope, nonce: 'n-1' })

async function isActive(token: string): Promise<unknown> {
  const response = await server.post('/orders/oauth/introspect', { token }, GATEWAY)
  return ((await response.json()) as { active: unknown }).active
}

describe('a refresh token (RFC 6749 §6)', () => {
  it('gives new tokens, itself anew, and an ID token without nonce (OpenID Connect Core §12.2)', async () => {
    const first = await login()
    const answer = await refresh(server, SHOP, first.refresh_token)
    expect(answer).toEqual({ ...first, status: 200, access_token: expect.any(String), refresh_token: expect.any(String), id_token: expect.any(String) }) // prettier-ignore
    expect(answer.access_token).not.toBe(first.access_token)
    expect(answer.refresh_token).not.toBe(first.refresh_token)
    const [before, after] = [decodeJwt(first.id_token!), decodeJwt(answer.id_token!)]
    expect(before.nonce).toBe('n-1')
    expect(after).not.toHaveProperty('nonce')
    for (const claim of ['iss', 'sub', 'aud', 'auth_time'])
      expect([claim, after[claim]]).toEqual([claim, before[claim]])
    expect(after.at_hash).not.toBe(before.at_hash)
    // Of one family.
    const [was, is] = [decodeJwt(first.access_token).jti!, decodeJwt(answer.access_token).jti!]
    expect(is.split('.')[0]).toBe(was.split('.')[0])
    expect(await isActive(first.access_token)).toBe(true)
    expect(await isActive(answer.access_token)).toBe(true)
  })

  it('goes on and on, each for its own time', async () => {
    const now = Date.now()
    let { refresh_token } = await login()
    vi.useFakeTimers({ toFake: ['Date'], now })
    for (let round = 1; round <= 5; round++) {
      vi.setSystemTime(now + round * 14_000_000)
      const answer = await refresh(server, SHOP, refresh_token)
      expect([round, answer.status]).toEqual([round, 200])
      refresh_token = answer.refresh_token
    }
    vi.setSystemTime(now + 5 * 14_000_000 + 14_400_001)
    expect(await refresh(server, SHOP, refresh_token)).toMatchObject(invalidGrant)
    expect(reason()).toMatchObject({ key: 'REFRESH_TOKEN_UNKNOWN', sentence: expect.stringContaining('expired') })
  })

  it('gives fewer scopes when fewer are asked for, and all again the next time', async () => {
    const { refresh_token } = await login()
    const less = await refresh(server, SHOP, refresh_token, { scope: 'read' })
    expect(less).toMatchObject({ status: 200, scope: 'read' })
    expect(less).not.toHaveProperty('id_token')
    expect(decodeJwt(less.access_token).scope).toBe('read')
    const again = await refresh(server, SHOP, less.refresh_token)
    expect(again).toMatchObject({ scope: 'openid read write', id_token: expect.any(String) })
  })

  it.each([
    ['one that was not granted', 'read email', 'SCOPE_NOT_GRANTED'],
    ['one that nobody has', 'nonsense', 'SCOPE_NOT_GRANTED'],
    ['what is no list of scopes', 'a"b', 'SCOPE_MALFORMED'],
  ])('never gives more scopes: %s; and is not spent by asking', async (_name, scope, key) => {
    const { refresh_token } = await login()
    expect(await refresh(server, SHOP, refresh_token, { scope })).toMatchObject({ status: 400, error: 'invalid_scope' })
    expect(reason()?.key).toBe(key)
    expect((await refresh(server, SHOP, refresh_token)).status).toBe(200)
  })

  it('gives no scope that the application has lost, nor may it be asked for', async () => {
    const { refresh_token } = await login()
    const less = { ...SHOP, scopeSettings: [{ scope: 'read', defaultScope: false }] }
    await server.apply({ ...ORDERS, applications: [less] })
    const answer = await askForTokens(server, SHOP, { grant_type: 'refresh_token', refresh_token: refresh_token! }, TRACE_HEADER) // prettier-ignore
    expect(answer.scope).toBe('openid read')
    const step = server.records.at(-1)?.trace?.find(({ title }) => title === 'Scopes')
    expect(step?.sentence).toContain('no longer write, which the application may not have any more')
    const asked = await refresh(server, SHOP, answer.refresh_token, { scope: 'write' })
    expect([asked.error, reason()?.key]).toEqual(['invalid_scope', 'SCOPE_NOT_ALLOWED'])
  })

  it('is bound to its client, and nobody else can spend it', async () => {
    const { refresh_token } = await login()
    expect(await refresh(server, KEPT, refresh_token)).toMatchObject(invalidGrant)
    expect(reason()).toMatchObject({ key: 'TOKEN_OF_ANOTHER_CLIENT', evidence: [expect.anything(), { value: 'shop' }] })
    expect(await refresh(server, PAGE, refresh_token)).toMatchObject(invalidGrant)
    expect((await refresh(server, SHOP, refresh_token)).status).toBe(200)
  })

  it.each([
    ['missing', '', 'invalid_request', 'REFRESH_TOKEN_MISSING'],
    ['made up', 'x'.repeat(43), 'invalid_grant', 'REFRESH_TOKEN_UNKNOWN'],
    ['a path', '../../code/domain-1/x', 'invalid_grant', 'REFRESH_TOKEN_UNKNOWN'],
  ])('is refused when it is %s', async (_name, token, error, key) => {
    expect(await refresh(server, SHOP, token)).toMatchObject({ status: 400, error })
    expect(reason()?.key).toBe(key)
  })

  it('is refused in another domain', async () => {
    const { refresh_token } = await login()
    await server.apply({ ...ORDERS, id: 'domain-2' })
    expect(await refresh(server, SHOP, refresh_token)).toMatchObject(invalidGrant)
  })

  it.each([
    ['deleted', { users: [] }, 'USER_GONE'],
    ['disabled', { users: [user({ mayLogIn: false })] }, 'USER_MAY_NOT_LOG_IN'],
  ])('is refused while its user is %s', async (_name, changes, key) => {
    const { refresh_token } = await login()
    await server.apply({ ...ORDERS, ...changes })
    expect(await refresh(server, SHOP, refresh_token)).toMatchObject(invalidGrant)
    expect(reason()?.key).toBe(key)
    await server.apply(ORDERS)
    expect((await refresh(server, SHOP, refresh_token)).status).toBe(200)
  })

  it('is refused once the application may not use the grant any more, and none is given then', async () => {
    const { refresh_token } = await login()
    await server.apply({ ...ORDERS, applications: [{ ...SHOP, grantTypes: ['authorization_code'] }] })
    expect((await refresh(server, SHOP, refresh_token)).error).toBe('unauthorized_client')
    expect(await login()).not.toHaveProperty('refresh_token')
  })

  it('is nowhere on the disk, nor in a record', async () => {
    const own = await startTestServer()
    await own.apply(ORDERS)
    const { refresh_token } = await getTokens(own, createTestBrowser(own), SHOP)
    const next = await refresh(own, SHOP, refresh_token)
    await refresh(own, SHOP, refresh_token)
    await own.closeState()
    const state = await openLevelState(`${own.folder}/state`)
    let kept = ''
    for await (const { key, value } of state.entries('')) kept += `${key} ${value}\n`
    await state.close()
    expect(kept).toContain('refresh/domain-1/')
    for (const token of [refresh_token!, next.refresh_token!, next.access_token])
      expect(kept + JSON.stringify(own.records)).not.toContain(token)
    await own.stop()
  })
})

describe('a refresh token that was used before (RFC 9700 §4.14.2)', () => {
  it('takes back all tokens of the grant, and those of no other, also after a restart', async () => {
    const first = await login()
    const other = await login()
    const second = await refresh(server, SHOP, first.refresh_token)
    const third = await refresh(server, SHOP, second.refresh_token)
    expect(await refresh(server, SHOP, first.refresh_token)).toMatchObject(invalidGrant)
    expect(reason()).toMatchObject({
      key: 'REFRESH_TOKEN_REUSED',
      sentence: expect.stringMatching(/exchanged \d+ ms before.*All tokens of the grant are revoked now/),
    })
    const whose = { userId: 'user-1', username: 'ada' }
    expect(server.records.at(-1)).toMatchObject({ summary: 'All tokens of the grant were revoked', ...whose })
    const check = async () => {
      for (const { access_token } of [first, second, third]) expect(await isActive(access_token)).toBe(false)
      expect(await refresh(server, SHOP, third.refresh_token)).toMatchObject(invalidGrant)
      expect(reason()?.sentence).toContain('was presented again')
      expect(await isActive(other.access_token)).toBe(true)
    }
    await check()
    server = await server.restart()
    await server.apply(ORDERS)
    browser = createTestBrowser(server)
    await check()
    expect((await refresh(server, SHOP, other.refresh_token)).status).toBe(200)
  })

  it.each([SHOP, PAGE])('also when both come at the same time: one wins, and its tokens are taken back', async (of) => {
    for (let round = 0; round < 5; round++) {
      const { refresh_token } = await login(of)
      const answers = await Promise.all([1, 2].map(() => refresh(server, of, refresh_token)))
      const [won, lost] = answers.sort((a, b) => a.status - b.status)
      expect([won?.status, lost?.status]).toEqual([200, 400])
      expect(await isActive(won!.access_token)).toBe(false)
      expect(await refresh(server, of, won!.refresh_token)).toMatchObject(invalidGrant)
    }
  })

  it('is no reuse when another client presents it', async () => {
    const { refresh_token } = await login()
    const next = await refresh(server, SHOP, refresh_token)
    expect(await refresh(server, KEPT, refresh_token)).toMatchObject(invalidGrant)
    expect(await isActive(next.access_token)).toBe(true)
  })

  it('is refused without being taken for unspent, when the disk fails in between', async () => {
    const own = await startTestServer()
    await own.apply(ORDERS)
    const { refresh_token } = await getTokens(own, createTestBrowser(own), SHOP)
    await own.closeState()
    const answer = await refresh(own, SHOP, refresh_token)
    expect(answer).toMatchObject({ status: 503, error: 'temporarily_unavailable' })
    expect(answer).not.toHaveProperty('access_token')
    await own.stop()
  })
})

describe('without rotation', () => {
  it('the same token stays good, up to its own end', async () => {
    const now = Date.now()
    const first = await login(KEPT)
    vi.useFakeTimers({ toFake: ['Date'], now: now + 14_000_000 })
    for (const round of [1, 2]) {
      const answer = await refresh(server, KEPT, first.refresh_token)
      expect([round, answer.status, answer.refresh_token]).toEqual([round, 200, first.refresh_token])
      expect(await isActive(answer.access_token)).toBe(true)
    }
    vi.setSystemTime(now + 14_500_000)
    expect(await refresh(server, KEPT, first.refresh_token)).toMatchObject(invalidGrant)
  })

  it('access tokens of later are taken back too', async () => {
    const { refresh_token } = await login(KEPT)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10_000_000 })
    const { access_token } = await refresh(server, KEPT, refresh_token)
    await server.post('/orders/oauth/revoke', { token: refresh_token! }, KEPT)
    expect(await isActive(access_token)).toBe(false)
    server = await server.restart()
    await server.apply(ORDERS)
    browser = createTestBrowser(server)
    expect(await isActive(access_token)).toBe(false)
  })

  it('a public client is rotated all the same: nothing else would show that somebody else has its token', async () => {
    const never = { ...PAGE, rotatesRefreshTokens: false }
    await server.apply({ ...ORDERS, applications: [never, GATEWAY] })
    const first = await login(never)
    const next = await refresh(server, never, first.refresh_token)
    expect(next.refresh_token).not.toBe(first.refresh_token)
    expect(await refresh(server, never, first.refresh_token)).toMatchObject(invalidGrant)
  })

  it('turned on meanwhile, the next use rotates', async () => {
    const { refresh_token } = await login(KEPT)
    await server.apply({ ...ORDERS, applications: [{ ...KEPT, rotatesRefreshTokens: true }, GATEWAY] })
    expect((await refresh(server, KEPT, refresh_token)).refresh_token).not.toBe(refresh_token)
  })
})

describe('revoking a refresh token (RFC 7009 §2.1)', () => {
  const revoke = (token: string | undefined, of = SHOP, hint = 'refresh_token') =>
    server.post('/orders/oauth/revoke', { token: token ?? '', token_type_hint: hint }, of)

  it.each(['refresh_token', 'access_token', 'nonsense'])(
    'takes all tokens of the grant back, whatever the hint says: %s',
    async (hint) => {
      const first = await login()
      const next = await refresh(server, SHOP, first.refresh_token)
      expect((await revoke(next.refresh_token, SHOP, hint)).status).toBe(200)
      expect(await isActive(first.access_token)).toBe(false)
      expect(await isActive(next.access_token)).toBe(false)
      expect(await refresh(server, SHOP, next.refresh_token)).toMatchObject(invalidGrant)
      expect(reason()?.sentence).toContain('Application Shop revoked its refresh token')
      expect((await revoke(next.refresh_token)).status).toBe(200)
    },
  )

  it('with one that was spent does the same', async () => {
    const first = await login()
    const next = await refresh(server, SHOP, first.refresh_token)
    expect((await revoke(first.refresh_token)).status).toBe(200)
    expect(await isActive(next.access_token)).toBe(false)
  })

  it('is for its client only; and public clients may', async () => {
    const { refresh_token, access_token } = await login()
    const response = await revoke(refresh_token, KEPT)
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_grant' }])
    expect(await isActive(access_token)).toBe(true)
    const page = await login(PAGE)
    await server.post('/orders/oauth/revoke', { token: page.refresh_token!, client_id: PAGE.clientId })
    expect(await isActive(page.access_token)).toBe(false)
  })

  it('an access token alone leaves the rest of its family', async () => {
    const first = await login()
    await revoke(first.access_token)
    expect(await isActive(first.access_token)).toBe(false)
    expect((await refresh(server, SHOP, first.refresh_token)).status).toBe(200)
  })

  it('is on the disk before it is answered', async () => {
    const own = await startTestServer()
    await own.apply(ORDERS)
    const { refresh_token } = await getTokens(own, createTestBrowser(own), SHOP)
    await own.closeState()
    const response = await own.post('/orders/oauth/revoke', { token: refresh_token! }, SHOP)
    expect(response.status).toBe(503)
    await own.stop()
  })
})

describe('introspecting a refresh token (RFC 7662 §2.2)', () => {
  const introspect = async (token: string | undefined, of = SHOP, hint = 'refresh_token') => {
    const form = { token: token ?? '', token_type_hint: hint }
    return (await (await server.post('/orders/oauth/introspect', form, of)).json()) as Record<string, unknown>
  }
  const why = () => server.records.at(-1)?.trace?.at(-1)?.sentence

  it.each(['refresh_token', 'access_token', 'nonsense'])('tells its client all of it; the hint is %s', async (hint) => {
    const { refresh_token } = await login()
    const told = await introspect(refresh_token, SHOP, hint)
    expect(told).toEqual({
      active: true,
      client_id: 'shop',
      sub: 'user-1',
      username: 'ada',
      aud: 'shop',
      iss: `${server.address}/orders/oidc`,
      iat: expect.any(Number),
      exp: (told.iat as number) + 14_400,
      scope: 'openid read write',
      token_type: 'refresh_token',
      domain: 'domain-1',
    })
  })

  it('tells nobody else that there is one: an API would take it for an access token', async () => {
    const { refresh_token } = await login()
    expect(await introspect(refresh_token, GATEWAY)).toEqual({ active: false })
    expect(why()).toContain('APIs take access tokens')
    expect(await server.authorization.local.introspect('orders', SHOP, refresh_token!)).toMatchObject({
      active: false,
      reason: 'It is a refresh token, and APIs take access tokens',
    })
    expect(await server.authorization.local.introspect('orders', SHOP, 'x'.repeat(43))).toMatchObject({
      active: false,
      reason: 'It is not a JWT',
    })
  })

  it('tells that it is not active, and the person why', async () => {
    const first = await login()
    const next = await refresh(server, SHOP, first.refresh_token)
    expect(await introspect(first.refresh_token)).toEqual({ active: false })
    expect(why()).toContain('It is a refresh token that was exchanged for another one at')
    // Asking is no use of it.
    expect(await introspect(next.refresh_token)).toMatchObject({ active: true })
    await server.apply({ ...ORDERS, users: [user({ mayLogIn: false })] })
    expect(await introspect(next.refresh_token)).toEqual({ active: false })
    expect(why()).toContain('User ada')
    await server.apply(ORDERS)
    await server.post('/orders/oauth/revoke', { token: next.refresh_token! }, SHOP)
    expect(await introspect(next.refresh_token)).toEqual({ active: false })
    expect(why()).toContain('Application Shop revoked its refresh token')
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 14_400_000 })
    expect(await introspect(next.refresh_token)).toEqual({ active: false })
  })
})
