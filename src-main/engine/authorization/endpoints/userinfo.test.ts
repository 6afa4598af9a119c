import { randomUUID } from 'node:crypto'
import { createRemoteJWKSet, decodeProtectedHeader, importJWK, jwtVerify, SignJWT, type JWK } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SigningAlgorithm } from '@shared/signing-key'
import type { DomainSnapshot } from '../../snapshot'
import { application, domain, newKey, scopeSettings, startTestServer, user, type TestServer } from '../testing'

const LONG_SECRET = 'a secret of more than thirty-two bytes: with % and ü'
const KEYS = [newKey('ES256'), newKey('RS256'), newKey('PS256'), newKey('EdDSA')]
const SHOP = application({
  clientId: 'shop',
  name: 'Shop',
  clientSecret: LONG_SECRET,
  allowedOrigins: ['https://shop.example'],
  grantTypes: ['password', 'client_credentials'],
  allowedResources: ['https://api.example/orders'],
  scopeSettings: scopeSettings(['openid', 'profile', 'email', 'phone', 'address', 'roles', 'groups', 'full_profile']),
})
const ADA = user({
  claims: {
    name: 'Ada Lovelace',
    email: 'ada@example.org',
    email_verified: true,
    phone_number: '+44 1',
    address: { country: 'GB' },
    iss: 'http://elsewhere',
  },
  roles: ['admin'],
  groups: ['staff'],
})
const ORDERS = domain({ keys: KEYS, applications: [SHOP], users: [ADA] })

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
beforeEach(() => server.apply(ORDERS))
afterAll(() => server.stop())

const PATH = '/orders/oidc/userinfo'
const reason = () => server.records.at(-1)?.refusal

/** An access token of Ada's, by the password grant. */
async function userToken(scope: string, ...resources: string[]): Promise<string> {
  const login = new URLSearchParams({ grant_type: 'password', username: 'ada', password: 'correct horse', scope })
  for (const resource of resources) login.append('resource', resource)
  const response = await server.post('/orders/oauth/token', login.toString(), SHOP)
  return ((await response.json()) as { access_token: string }).access_token
}

/** One as the server could have made it, but in other circumstances. */
async function madeToken({ exp = '1h', aud = 'shop' }: { exp?: string; aud?: string }): Promise<string> {
  const [key] = KEYS
  const { privateJwk } = key!.material as { privateJwk: JWK }
  const claims = { sub: 'user-1', aud, domain: 'domain-1', scope: 'openid', iss: `${server.address}/orders/oidc` }
  return new SignJWT({ jti: `grant-1.${randomUUID()}`, ...claims })
    .setProtectedHeader({ kid: key!.kid, alg: 'ES256' })
    .setIssuedAt()
    .setExpirationTime(exp)
    .sign(await importJWK(privateJwk, 'ES256'))
}

const get = (token?: string, headers: Record<string, string> = {}) =>
  fetch(`${server.address}${PATH}`, {
    headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
  })
const told = async (scope: string) => (await get(await userToken(scope))).json()

describe('userinfo (OpenID Connect Core §5.3)', () => {
  it('tells the claims of the scopes, and what has no scope not (§5.4)', async () => {
    expect(await told('openid')).toEqual({ sub: 'user-1' })
    expect(await told('openid profile email')).toEqual({
      sub: 'user-1',
      name: 'Ada Lovelace',
      email: 'ada@example.org',
      email_verified: true,
    })
    expect(await told('openid phone address')).toEqual({
      sub: 'user-1',
      phone_number: '+44 1',
      address: { country: 'GB' },
    })
    expect(await told('openid roles groups')).toEqual({ sub: 'user-1', roles: ['admin'], groups: ['staff'] })
    expect(await told('openid full_profile')).toMatchObject({ name: 'Ada Lovelace', phone_number: '+44 1' })
  })

  it('takes the token in the body of a POST too, and a POST without a body (RFC 6750 §2.1, §2.2)', async () => {
    const token = await userToken('openid')
    const inBody = await server.post(PATH, { access_token: token })
    expect([inBody.status, await inBody.json()]).toEqual([200, { sub: 'user-1' }])
    const headers = { authorization: `bearer ${token}` }
    const inHeader = await fetch(`${server.address}${PATH}`, { method: 'POST', headers })
    expect([inHeader.status, await inHeader.json()]).toEqual([200, { sub: 'user-1' }])
  })

  it('is kept by no cache (RFC 6750 §5.3), and its record names the user', async () => {
    const response = await get(await userToken('openid'))
    expect(response.headers.get('cache-control')).toContain('no-store')
    expect(server.records.at(-1)).toMatchObject({
      endpoint: 'userinfo',
      outcome: 'answered',
      clientId: 'shop',
      userId: 'user-1',
      username: 'ada',
      summary: 'Told sub',
    })
  })

  it.each<SigningAlgorithm>(['RS256', 'PS256', 'ES256', 'EdDSA'])(
    'is signed with %s where wanted (§5.3.2)',
    async (alg) => {
      await server.apply({ ...ORDERS, applications: [{ ...SHOP, userinfoSigningAlgorithm: alg }] })
      const token = await userToken('openid full_profile')
      const response = await get(token)
      expect(response.headers.get('content-type')).toBe('application/jwt')
      const body = await response.text()
      expect(decodeProtectedHeader(body)).toEqual({ kid: `${alg}-key`, alg, typ: 'JWT' })
      const keys = createRemoteJWKSet(new URL(`${server.address}/orders/oidc/.well-known/jwks.json`))
      const { payload } = await jwtVerify(body, keys, { issuer: `${server.address}/orders/oidc`, audience: 'shop' })
      expect(payload).toMatchObject({ sub: 'user-1', name: 'Ada Lovelace' })
      // It can stand neither for an access token nor for an ID token.
      const asked = await server.post('/orders/oauth/introspect', { token: body }, SHOP)
      expect(await asked.json()).toEqual({ active: false })
    },
  )

  it("is signed with the client's secret for HS256 (§10.1)", async () => {
    await server.apply({ ...ORDERS, applications: [{ ...SHOP, userinfoSigningAlgorithm: 'HS256' }] })
    const body = await (await get(await userToken('openid'))).text()
    const { payload } = await jwtVerify(body, new TextEncoder().encode(LONG_SECRET))
    expect(payload.sub).toBe('user-1')
  })

  it('says which key is missing where it cannot be signed as wanted', async () => {
    await server.apply({ ...ORDERS, applications: [{ ...SHOP, userinfoSigningAlgorithm: 'ES512' }] })
    const response = await get(await userToken('openid'))
    expect([response.status, await response.json()]).toMatchObject([500, { error: 'server_error' }])
    expect(reason()).toMatchObject({ key: 'USERINFO_KEY_MISSING', remedies: [{ action: 'open-keys' }, {}] })
  })
})

describe('userinfo refuses (RFC 6750 §3)', () => {
  const challenge = (response: Response) => [response.status, response.headers.get('www-authenticate')]

  it('a request without a token, and tells it no error (§3.1)', async () => {
    for (const response of [
      await get(),
      await server.post(PATH, {}),
      await get(undefined, { authorization: 'Basic eA==' }),
    ]) {
      expect(challenge(response)).toEqual([401, 'Bearer realm="gravitee-io"'])
      expect(await response.text()).toBe('')
    }
    expect(reason()?.key).toBe('BEARER_TOKEN_MISSING')
  })

  it('a token that is sent twice, malformed, or in the address (§2, §2.3)', async () => {
    const token = await userToken('openid')
    const twice = await server.post(PATH, { access_token: token }, undefined, { authorization: `Bearer ${token}` })
    const inAddress = await fetch(`${server.address}${PATH}?access_token=${token}`)
    const both = await fetch(`${server.address}${PATH}?access_token=${token}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    for (const response of [twice, inAddress, both, await get('two words'), await get('')]) {
      expect(challenge(response)).toEqual([400, expect.stringContaining('error="invalid_request"')])
    }
  })

  it.each<[string, () => Promise<string>, string]>([
    ['is none', async () => 'nonsense', 'It is not a JWT'],
    ['has expired', () => madeToken({ exp: '-1h' }), 'It expired'],
    ['is of another client that is gone', () => madeToken({ aud: 'gone' }), 'no longer exists'],
  ])('a token that %s, and tells the reason to the person alone', async (_what, make, sentence) => {
    const response = await get(await make())
    expect(challenge(response)).toEqual([401, expect.stringContaining('error="invalid_token"')])
    expect(await response.text()).not.toContain(sentence)
    expect(reason()).toMatchObject({ key: 'TOKEN_INACTIVE', sentence: expect.stringContaining(sentence) })
  })

  it('a token that was revoked', async () => {
    const token = await userToken('openid')
    expect((await get(token)).status).toBe(200)
    expect((await server.post('/orders/oauth/revoke', { token }, SHOP)).status).toBe(200)
    expect(challenge(await get(token))).toEqual([401, expect.stringContaining('error="invalid_token"')])
    expect(reason()?.sentence).toContain('revoked')
  })

  it('a token without the scope openid, and says what it needs (§3.1)', async () => {
    const response = await get(await userToken('profile email'))
    expect(challenge(response)).toEqual([
      403,
      'Bearer realm="gravitee-io", error="insufficient_scope", error_description="The access token needs the scope openid", scope="openid"',
    ])
    expect(reason()?.key).toBe('SCOPE_OPENID_MISSING')
  })

  it('a token that was asked for another API alone, unless it was asked for this server as well (RFC 8707 §2)', async () => {
    const issuer = `${server.address}/orders/oidc`
    for (const accessTokenFormat of ['am', 'rfc9068'] as const) {
      await server.apply({ ...ORDERS, accessTokenFormat })
      const response = await get(await userToken('openid', 'https://api.example/orders'))
      expect(challenge(response)).toEqual([401, expect.stringContaining('error="invalid_token"')])
      expect(reason()).toMatchObject({
        key: 'TOKEN_OF_ANOTHER_API',
        sentence: expect.stringContaining(`name ${issuer} as a resource too`),
        evidence: [{}, { label: 'Audience of the token', value: 'https://api.example/orders' }],
      })
      expect((await get(await userToken('openid', 'https://api.example/orders', issuer))).status).toBe(200)
      expect((await get(await userToken('openid'))).status).toBe(200)
    }
  })

  it('a token of client credentials: it stands for no user', async () => {
    const response = await get(await server.token(ORDERS, 'openid'))
    expect(challenge(response)).toEqual([401, expect.stringContaining('error="invalid_token"')])
    expect(reason()?.key).toBe('TOKEN_WITHOUT_USER')
  })

  it.each<[string, DomainSnapshot, string]>([
    ['is gone', { ...ORDERS, users: [] }, 'that it was issued for is none of domain Orders any more'],
    ['is locked', { ...ORDERS, users: [{ ...ADA, mayLogIn: false }] }, 'whom it was issued for, is disabled or locked'],
  ])('a token whose user %s', async (_what, changed, sentence) => {
    const token = await userToken('openid')
    await server.apply(changed)
    const response = await get(token)
    expect(challenge(response)).toEqual([401, expect.stringContaining('error="invalid_token"')])
    expect(reason()?.sentence).toContain(sentence)
  })

  it('pages of origins that the application does not allow (Fetch Standard §3.3)', async () => {
    const token = await userToken('openid')
    const allowed = await get(token, { origin: 'https://shop.example' })
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    const other = await get(token, { origin: 'https://elsewhere.example' })
    expect(other.headers.get('access-control-allow-origin')).toBeNull()
    expect(reason()?.key).toBe('ORIGIN_NOT_ALLOWED')
  })
})
