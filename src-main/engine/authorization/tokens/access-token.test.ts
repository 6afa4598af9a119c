import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, importJWK, jwtVerify, SignJWT, type JWK } from 'jose'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TokenCustomClaim } from '@shared/domain'
import type { DomainSnapshot } from '../../snapshot'
import { DomainRefusal } from '../index'
import {
  application,
  domain,
  keyPair,
  scopeSettings,
  secretKey,
  startTestServer,
  user,
  type TestServer,
} from '../testing'
import { createTestBrowser, type TestBrowser } from '../testing-browser'
import { askForTokens, getCode, getTokens, redeemCode, refresh, webApplication } from '../testing-tokens'
import { PASSWORD_ACR } from '../users/authentication-context'

const ORDERS_API = 'https://api.example/orders'
const STOCK_API = 'https://api.example/stock'
const SERVICE = application({ scopeSettings: scopeSettings(['read']), allowedResources: [ORDERS_API, STOCK_API] })
const SHOP = webApplication({ allowedResources: [ORDERS_API, STOCK_API] })
const ADA = user({
  claims: { given_name: 'Ada', email: 'ada@example.org', department: 'engines', address: { country: 'GB' } },
  roles: ['admin'],
  scopes: ['audit'],
})
const KEYS = [keyPair('ES256'), keyPair('RS256'), secretKey()]
const ORDERS = domain({ applications: [SERVICE, SHOP], users: [ADA], keys: KEYS })

let server: TestServer
let browser: TestBrowser
beforeAll(async () => {
  server = await startTestServer()
  await server.apply(ORDERS)
  browser = createTestBrowser(server)
})
beforeEach(() => server.apply(ORDERS))
afterAll(() => server.stop())

const issuer = () => `${server.address}/orders/oidc`
const reason = () => server.records.findLast(({ endpoint }) => endpoint === 'token')?.refusal
const ofService = (form: string | Record<string, string> = {}) =>
  askForTokens(server, SERVICE, new URLSearchParams([['grant_type', 'client_credentials'], ...new URLSearchParams(form)]).toString()) // prettier-ignore
const ofUser = () => getTokens(server, browser, SHOP, { scope: 'openid read' })
async function introspect(token: string): Promise<Record<string, unknown>> {
  const response = await server.post('/orders/oauth/introspect', { token }, SERVICE)
  return (await response.json()) as Record<string, unknown>
}

describe('an access token by the profile of RFC 9068', () => {
  const PROFILED: DomainSnapshot = { ...ORDERS, accessTokenFormat: 'rfc9068' }
  beforeEach(() => server.apply(PROFILED))

  it('of a user has its type, its claims and those of the login (§2.1, §2.2)', async () => {
    const { access_token } = await ofUser()
    expect(decodeProtectedHeader(access_token)).toEqual({ typ: 'at+jwt', kid: 'ES256-key', alg: 'ES256' })
    const claims = decodeJwt(access_token)
    expect(claims).toEqual({
      iss: issuer(),
      sub: 'user-1',
      aud: issuer(),
      client_id: 'shop',
      domain: 'domain-1',
      scope: 'openid read',
      iat: expect.any(Number),
      exp: claims.iat! + 7200,
      jti: expect.stringContaining('.'),
      auth_time: expect.any(Number),
      amr: ['pwd'],
      acr: PASSWORD_ACR,
    })
  })

  it('of an application has its client id as subject, and nothing of a login (§2.2, §5)', async () => {
    const claims = decodeJwt((await ofService()).access_token)
    expect(claims).toMatchObject({ sub: 'orders-service', client_id: 'orders-service', aud: issuer() })
    for (const member of ['auth_time', 'amr', 'acr']) expect(claims).not.toHaveProperty(member)
  })

  it('is what a resource server takes that reads RFC 9068', async () => {
    const jwks_uri = `${issuer()}/.well-known/jwks.json`
    for (const { access_token } of [await ofUser(), await ofService({ resource: ORDERS_API })]) {
      const [audience] = [decodeJwt(access_token).aud as string]
      const request = new Request('https://api.example/orders', {
        headers: { authorization: `Bearer ${access_token}` },
      })
      const checked = await oauth.validateJwtAccessToken({ issuer: issuer(), jwks_uri }, request, audience, {
        [oauth.allowInsecureRequests]: true,
      })
      expect(checked.client_id).toBe(audience === ORDERS_API ? 'orders-service' : 'shop')
    }
  })

  it('is introspected, revoked and asked about like the others', async () => {
    const { access_token } = await ofUser()
    expect(await introspect(access_token)).toMatchObject({
      active: true,
      client_id: 'shop',
      aud: issuer(),
      username: 'ada',
    })
    const userinfo = await fetch(`${issuer()}/userinfo`, { headers: { authorization: `Bearer ${access_token}` } })
    expect([userinfo.status, await userinfo.json()]).toEqual([200, { sub: 'user-1' }])
    await server.post('/orders/oauth/revoke', { token: access_token }, SHOP)
    expect(await introspect(access_token)).toEqual({ active: false })
  })

  it('stays good when the domain goes back to the claims of Access Management, and the other way round', async () => {
    const profiled = await ofService()
    await server.apply(ORDERS)
    const plain = await ofService()
    expect(decodeProtectedHeader(plain.access_token)).not.toHaveProperty('typ')
    expect(await introspect(profiled.access_token)).toMatchObject({ active: true, client_id: 'orders-service' })
    await server.apply(PROFILED)
    expect(await introspect(plain.access_token)).toMatchObject({ active: true, client_id: 'orders-service' })
  })

  it.each(['JWT', 'dpop+jwt', 'at+JWT ', 7])('and a JWT of the type %j is none (§4)', async (typ) => {
    const claims = decodeJwt((await ofService()).access_token)
    const { privateJwk } = KEYS[0]!.material as { privateJwk: JWK }
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ typ: typ as string, kid: 'ES256-key', alg: 'ES256' })
      .sign(await importJWK(privateJwk, 'ES256'))
    expect(await introspect(forged)).toEqual({ active: false })
  })

  it('and an ID token is none, though the same key signed it', async () => {
    const { id_token } = await ofUser()
    expect(await introspect(id_token!)).toEqual({ active: false })
  })
})

describe('the algorithm of an application', () => {
  it.each(['RS256', 'HS256', 'ES256'] as const)('%s signs its access tokens, by the active key of it', async (alg) => {
    await server.apply({ ...ORDERS, applications: [{ ...SERVICE, signingAlgorithm: alg }, SHOP] })
    const { access_token } = await ofService()
    expect(decodeProtectedHeader(access_token).alg).toBe(alg)
    expect(await introspect(access_token)).toMatchObject({ active: true })
    expect(decodeProtectedHeader((await ofUser()).access_token).alg).toBe('ES256')
  })

  it('without an active key of it, the first one signs', async () => {
    await server.apply({ ...ORDERS, applications: [{ ...SERVICE, signingAlgorithm: 'PS256' }] })
    expect(decodeProtectedHeader((await ofService()).access_token).alg).toBe('ES256')
  })

  it('is checked by everybody with the published keys', async () => {
    await server.apply({ ...ORDERS, applications: [SERVICE, { ...SHOP, signingAlgorithm: 'RS256' }] })
    const { access_token, id_token } = await ofUser()
    const jwks = createRemoteJWKSet(new URL(`${issuer()}/.well-known/jwks.json`))
    for (const token of [access_token, id_token!]) {
      expect((await jwtVerify(token, jwks, { issuer: issuer() })).protectedHeader.alg).toBe('RS256')
    }
  })
})

describe('resource indicators at the token endpoint (RFC 8707 §2.2)', () => {
  it.each([
    ['one', `resource=${ORDERS_API}`, ORDERS_API],
    ['several', `resource=${ORDERS_API}&resource=${STOCK_API}`, [ORDERS_API, STOCK_API]],
    ['the same twice', `resource=${ORDERS_API}&resource=${ORDERS_API}`, ORDERS_API],
    ['an empty one', 'resource=', 'orders-service'],
    ['none', '', 'orders-service'],
  ])('of client credentials: %s', async (_name, form, aud) => {
    const { access_token } = await ofService(form)
    expect(decodeJwt(access_token).aud).toEqual(aud)
    expect(await introspect(access_token)).toMatchObject({ active: true, aud, client_id: 'orders-service' })
    expect((await server.post('/orders/oauth/revoke', { token: access_token }, SERVICE)).status).toBe(200)
    expect(await introspect(access_token)).toEqual({ active: false })
  })

  it.each([
    ['that the application may not ask for', 'resource=https://api.example/payroll', 'RESOURCE_NOT_ALLOWED'],
    ['that is no address', 'resource=orders', 'RESOURCE_MALFORMED'],
    ['with a fragment', `resource=${encodeURIComponent(`${ORDERS_API}#x`)}`, 'RESOURCE_MALFORMED'],
    ['among good ones', `resource=${ORDERS_API}&resource=https://evil.example`, 'RESOURCE_NOT_ALLOWED'],
  ])('refuses one %s', async (_name, form, key) => {
    expect(await ofService(form)).toMatchObject({ status: 400, error: 'invalid_target' })
    expect(reason()).toMatchObject({ key, remedies: [{ action: 'open-application' }] })
  })

  it('refuses more than twenty, and no other parameter may be repeated', async () => {
    const many = Array.from({ length: 21 }, () => `resource=${ORDERS_API}`).join('&')
    expect(await ofService(many)).toMatchObject({ status: 400, error: 'invalid_request' })
    expect(await ofService('scope=read&scope=read')).toMatchObject({ status: 400, error: 'invalid_request' })
  })

  it('of a code: all that the user granted, or some of them, and no other', async () => {
    const code = async (...resources: string[]) => {
      const address = new URLSearchParams(resources.map((resource) => ['resource', resource]))
      const page = await browser.open(`/orders/oauth/authorize?response_type=code&client_id=shop&redirect_uri=${encodeURIComponent(SHOP.redirectUris[0]!)}&${address.toString()}`) // prettier-ignore
      return page.leftTo!.searchParams.get('code')!
    }
    await getCode(browser, SHOP)
    const audience = async (granted: string[], resource: string) => {
      const answer = await redeemCode(server, SHOP, await code(...granted), { resource })
      return answer.status === 200 ? decodeJwt(answer.access_token).aud : reason()?.key
    }
    expect(await audience([ORDERS_API, STOCK_API], '')).toEqual([ORDERS_API, STOCK_API])
    expect(await audience([ORDERS_API, STOCK_API], STOCK_API)).toBe(STOCK_API)
    expect(await audience([ORDERS_API], STOCK_API)).toBe('RESOURCE_NOT_GRANTED')
    expect(await audience([], STOCK_API)).toBe('RESOURCE_NOT_GRANTED')
    expect(await audience([], '')).toBe('shop')
    expect(await audience([STOCK_API, issuer()], '')).toEqual([STOCK_API, issuer()])
    expect(await audience([STOCK_API], issuer())).toBe('RESOURCE_NOT_GRANTED')
  })

  it('of a refresh token: another one each time; one that the application has lost never, nor one without bounds', async () => {
    const form = `/orders/oauth/authorize?response_type=code&client_id=shop&redirect_uri=${encodeURIComponent(SHOP.redirectUris[0]!)}&resource=${ORDERS_API}&resource=${STOCK_API}` // prettier-ignore
    const page = await browser.open(form)
    const first = await redeemCode(server, SHOP, page.leftTo!.searchParams.get('code')!, { resource: ORDERS_API })
    const second = await refresh(server, SHOP, first.refresh_token, { resource: STOCK_API })
    expect(decodeJwt(second.access_token).aud).toBe(STOCK_API)
    await server.apply({ ...ORDERS, applications: [SERVICE, { ...SHOP, allowedResources: [STOCK_API] }] })
    const third = await refresh(server, SHOP, second.refresh_token)
    expect(decodeJwt(third.access_token).aud).toBe(STOCK_API)
    await server.apply({ ...ORDERS, applications: [SERVICE, { ...SHOP, allowedResources: [] }] })
    expect(await refresh(server, SHOP, third.refresh_token)).toMatchObject({ status: 400, error: 'invalid_target' })
  })
})

describe('claims that an application adds', () => {
  const claim = (claimName: string, claimValue: string, tokenType: TokenCustomClaim['tokenType'] = 'ACCESS_TOKEN') => ({
    tokenType,
    claimName,
    claimValue,
  })
  const withClaims = (...customClaims: TokenCustomClaim[]): DomainSnapshot => ({
    ...ORDERS,
    applications: [
      { ...SERVICE, customClaims },
      { ...SHOP, customClaims },
    ],
  })

  it('as texts and expressions over user, client, scopes and grant', async () => {
    await server.apply(
      withClaims(
        claim('tenant', 'blue'),
        claim('mail', "{#context.attributes['user'].email}"),
        claim('greeting', "Hello {#context.attributes['user'].firstName} of {#context.attributes['client'].name}"),
        claim('address', "{#context.attributes['user']['additionalInformation'].address}"),
        claim('is_admin', "{#context.attributes['user'].roles.contains('admin')}"),
        claim('may_write', "{#context.attributes['scopes'].contains('write')}"),
        claim('how', "{#context.attributes['grant'].amr[0]}"),
        claim('nothing', "{#context.attributes['user'].nickname}"),
        claim('proto', "{#context.attributes['user'].constructor}"),
        claim('https://example.org/department', "{#context.attributes['user'].department}"),
        claim('only_id', 'x', 'ID_TOKEN'),
      ),
    )
    const { access_token, id_token } = await ofUser()
    const claims = decodeJwt(access_token)
    expect(claims).toMatchObject({
      sub: 'user-1',
      tenant: 'blue',
      mail: 'ada@example.org',
      greeting: 'Hello Ada of Shop',
      address: { country: 'GB' },
      is_admin: true,
      may_write: false,
      how: 'pwd',
      'https://example.org/department': 'engines',
    })
    for (const missing of ['nothing', 'proto', 'only_id']) expect(claims).not.toHaveProperty(missing)
    expect(decodeJwt(id_token!)).toMatchObject({ only_id: 'x', sub: 'user-1' })
    expect(decodeJwt(id_token!)).not.toHaveProperty('tenant')
    // Whoever asks about the token is told them too.
    expect(await introspect(access_token)).toMatchObject({ tenant: 'blue', is_admin: true })
  })

  it('also where there is no user', async () => {
    await server.apply(
      withClaims(
        claim('mail', "{#context.attributes['user'].email}"),
        claim('who', "{#context.attributes['client'].clientId}"),
      ),
    )
    const claims = decodeJwt((await ofService()).access_token)
    expect(claims.who).toBe('orders-service')
    expect(claims).not.toHaveProperty('mail')
  })

  it('never say that a token is active, whose it is, or of which kind', async () => {
    await server.apply(withClaims(claim('active', 'false'), claim('username', 'root'), claim('token_type', 'x')))
    const told = { active: true, token_type: 'bearer' }
    const ofNobody = await introspect((await ofService()).access_token)
    expect(ofNobody).toMatchObject(told)
    expect(ofNobody).not.toHaveProperty('username')
    expect(await introspect((await ofUser()).access_token)).toMatchObject({ ...told, username: 'ada' })
  })

  it.each<[TokenCustomClaim, string]>([
    [claim('sub', 'root'), '/claimName'],
    [claim('domain', 'other'), '/claimName'],
    [claim('client_id', 'other'), '/claimName'],
    [claim('scope', 'admin'), '/claimName'],
    [claim('nonce', 'x', 'ID_TOKEN'), '/claimName'],
    [claim('a', '{#context.attributes['), '/claimValue'],
    [claim('a', '{#request.headers}'), '/claimValue'],
    [claim('a', '{#context.session}'), '/claimValue'],
  ])('refuse the domain when they cannot be: %j', async (broken, field) => {
    const refused = withClaims(claim('fine', 'x'), broken)
    const error: unknown = await server.authorization.prepare([refused]).catch((each: unknown) => each)
    expect(error).toBeInstanceOf(DomainRefusal)
    expect(error).toMatchObject({
      field: `/applications/0/customClaims/1${field}`,
      message: expect.stringContaining('claim 2 of application Orders service'),
      remedy: expect.stringMatching(/\.$/),
    })
  })
})
