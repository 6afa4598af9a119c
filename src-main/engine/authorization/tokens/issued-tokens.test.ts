import { decodeJwt } from 'jose'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { application, domain, keyPair, startTestServer, user, type TestServer } from '../testing'
import { createTestBrowser } from '../testing-browser'
import { getTokens, refresh, webApplication } from '../testing-tokens'

const SHOP = webApplication()
const SERVICE = application()
const ORDERS = domain({ applications: [SERVICE, SHOP], users: [user()], keys: [keyPair('ES256')] })
const STOCK = domain({ id: 'domain-2', path: 'stock', applications: [SERVICE] })

let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
  await server.apply(ORDERS, STOCK)
})
afterEach(async () => {
  vi.useRealTimers()
  await server.stop()
})

type Asked = Partial<{ userId: string; clientId: string; limit: number; after: string; domainId: string }>
const list = (asked: Asked = {}) =>
  server.authorization.administration.accessTokens({ domainId: 'domain-1', limit: 100, ...asked })
const idsOf = async (asked: Asked = {}) => (await list(asked)).tokens.map(({ jti }) => jti)
const idOf = (token: string) => decodeJwt(token).jti!
const isActive = async (token: string) =>
  ((await (await server.post('/orders/oauth/introspect', { token }, SERVICE)).json()) as { active: boolean }).active

it('tells the living access tokens of a domain, the newest first, by application and user', async () => {
  const own = idOf(await server.token(ORDERS))
  await server.token(STOCK)
  const first = await getTokens(server, createTestBrowser(server), SHOP, { scope: 'read write' })
  const next = await refresh(server, SHOP, first.refresh_token)
  const [a, b] = [idOf(first.access_token), idOf(next.access_token)]
  expect(await idsOf()).toEqual([b, a, own])
  expect(await idsOf({ clientId: 'shop' })).toEqual([b, a])
  expect(await idsOf({ userId: 'user-1' })).toEqual([b, a])
  expect(await idsOf({ clientId: 'orders-service' })).toEqual([own])
  expect(await idsOf({ userId: 'user-2' })).toEqual([])
  const { iat, exp } = decodeJwt(first.access_token)
  expect((await list()).tokens[1]).toEqual({
    jti: a,
    clientId: 'shop',
    userId: 'user-1',
    username: 'ada',
    grantId: a.split('.')[0],
    scopes: ['read', 'write'],
    issuedAt: iat! * 1000,
    expiresAt: exp! * 1000,
  })
  expect((await list()).tokens[2]).toEqual({
    jti: own,
    clientId: 'orders-service',
    scopes: [],
    issuedAt: expect.any(Number),
    expiresAt: expect.any(Number),
  })
  server = await server.restart()
  await server.apply(ORDERS)
  expect(await idsOf()).toEqual([b, a, own])
})

it('tells neither what was revoked, in whichever way, nor what has expired', async () => {
  const { administration } = server.authorization
  const [one, two] = [await server.token(ORDERS), await server.token(ORDERS)]
  const login = await getTokens(server, createTestBrowser(server), SHOP)
  const [found] = (await list({ clientId: 'orders-service' })).tokens
  expect(found?.jti).toBe(idOf(two))
  await administration.revokeAccessToken({ domainId: 'domain-1', ...found! })
  expect([await isActive(one), await isActive(two)]).toEqual([true, false])
  expect(await idsOf()).toEqual([idOf(login.access_token), idOf(one)])
  await server.post('/orders/oauth/revoke', { token: login.refresh_token! }, SHOP)
  expect(await idsOf()).toEqual([idOf(one)])
  await administration.revokeAll({ domainId: 'domain-1', clientId: 'orders-service' })
  expect(await idsOf()).toEqual([])
  await server.token(ORDERS)
  expect(await idsOf()).toHaveLength(1)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 7_200_000 })
  expect(await idsOf()).toEqual([])
})

it('tells them by the page', async () => {
  const tokens: string[] = []
  // Some of them in entries of the state of their own, since each list writes what is pending.
  for (let index = 0; index < 7; index++) {
    tokens.unshift(idOf(await server.token(ORDERS)))
    if (index === 2) await list()
  }
  const pages: string[][] = []
  let after: string | undefined
  do {
    const page = await list({ limit: 2, ...(after === undefined ? {} : { after }) })
    pages.push(page.tokens.map(({ jti }) => jti))
    after = page.next
  } while (after !== undefined)
  expect(pages.map((page) => page.length)).toEqual([2, 2, 2, 1])
  expect(pages.flat()).toEqual(tokens)
  expect((await list({ limit: 7 })).next).toBeUndefined()
  for (const nonsense of ['', 'x', 'zzz#1', 'issued/domain-2/#0']) {
    expect([nonsense, (await list({ after: nonsense, domainId: 'domain-3' })).tokens]).toEqual([nonsense, []])
  }
})
