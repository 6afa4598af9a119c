import { hash } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose'
import { describe, expect, it } from 'vitest'
import type { SigningAlgorithm } from '@shared/signing-key'
import { compileDomains } from '../compiled-domain'
import type { UserGrant } from '../grants/user-grant'
import type { DomainSnapshot } from '../../snapshot'
import { application, domain, newKey, secretKey, startTestServer, user, type TestApplication } from '../testing'
import { issueIdToken, sidOf } from './id-token'
import { verifyIdTokenHint } from './id-token-hint'

const ISSUER = 'http://127.0.0.1:8092/orders/oidc'
const NOW = Date.now()
const LONG_SECRET = 'a secret of more than thirty-two bytes: with % and ü'
const SHOP = application({ clientId: 'shop', name: 'Shop', type: 'web', clientSecret: LONG_SECRET })
const PAGE = application({
  clientId: 'page',
  name: 'Page',
  type: 'browser',
  secrets: [],
  authenticationMethods: ['none'],
})
const GRANT: UserGrant = {
  grantId: 'grant-1',
  clientId: 'shop',
  userId: 'user-1',
  scopes: ['openid'],
  resources: [],
  authTime: Math.floor(NOW / 1000) - 60,
  amr: ['pwd'],
}

function compiled(changes: Partial<DomainSnapshot>) {
  const [orders] = compileDomains(
    [domain({ users: [user()], applications: [SHOP, PAGE], ...changes })],
    new Map(),
  ).values()
  return orders!
}

function issue(changes: Partial<DomainSnapshot>, grant: UserGrant = GRANT, accessToken?: string) {
  const orders = compiled(changes)
  const client = orders.applications.get(grant.clientId)!
  return issueIdToken(orders, client, grant, { issuer: ISSUER, now: NOW, ...(accessToken ? { accessToken } : {}) })
}

/** The claims, as jose finds them with the domain's published keys. */
async function verified(token: string, changes: Partial<DomainSnapshot>) {
  const server = await startTestServer()
  await server.apply(domain(changes))
  const response = await fetch(`${server.address}/orders/oidc/.well-known/jwks.json`)
  const jwks = (await response.json()) as JSONWebKeySet
  await server.stop()
  return (await jwtVerify(token, createLocalJWKSet(jwks), { issuer: ISSUER, audience: 'shop' })).payload
}

describe('an ID token (OpenID Connect Core §2)', () => {
  const keys = [newKey('ES256')]

  it('says who logged in, when, how and for whom', async () => {
    const token = await issue(
      { keys },
      { ...GRANT, nonce: 'n-0S6_WzA2Mj', acr: 'urn:loa:1', sessionId: 'c2Vzc2lvbi1kaWdlc3Qtb2YtNDMtY2hhcmFjdGVycw' },
    )
    const iat = Math.floor(NOW / 1000)
    expect(await verified(token, { keys })).toEqual({
      iss: ISSUER,
      sub: 'user-1',
      aud: 'shop',
      exp: iat + 14_400,
      iat,
      auth_time: iat - 60,
      nonce: 'n-0S6_WzA2Mj',
      acr: 'urn:loa:1',
      amr: ['pwd'],
      sid: sidOf('c2Vzc2lvbi1kaWdlc3Qtb2YtNDMtY2hhcmFjdGVycw'),
    })
  })

  it('leaves out what is not known: nonce, acr, sid, at_hash', async () => {
    const claims = await verified(await issue({ keys }), { keys })
    expect(Object.keys(claims).toSorted()).toEqual(['amr', 'aud', 'auth_time', 'exp', 'iat', 'iss', 'sub'])
  })

  it('has a type, so that it is never taken for an access token (RFC 8725 §3.11)', async () => {
    expect(decodeProtectedHeader(await issue({ keys }))).toEqual({ kid: 'ES256-key', alg: 'ES256', typ: 'JWT' })
    const server = await startTestServer()
    const orders = domain({ keys, applications: [SHOP] })
    await server.apply(orders)
    const claims = { domain: 'domain-1', jti: 'made up', iss: ISSUER, aud: 'shop' }
    const disguised = user({ claims })
    const token = await issue({ keys, users: [disguised] }, { ...GRANT, scopes: ['full_profile'] })
    const answer = await server.post('/orders/oauth/introspect', { token }, SHOP)
    expect(await answer.json()).toEqual({ active: false })
    expect(server.records.at(-1)?.trace?.[0]?.sentence).toContain('It is an ID token')
    await server.stop()
  })

  it.each<[SigningAlgorithm, string]>([
    ['RS256', 'sha256'],
    ['RS384', 'sha384'],
    ['RS512', 'sha512'],
    ['PS256', 'sha256'],
    ['ES256', 'sha256'],
    ['ES384', 'sha384'],
    ['ES512', 'sha512'],
    ['EdDSA', 'sha512'],
  ])('signed with %s carries at_hash by %s (§3.1.3.6), and jose finds it good', async (algorithm, hashName) => {
    const own = [newKey(algorithm)]
    const claims = await verified(await issue({ keys: own }, GRANT, 'the access token'), { keys: own })
    const digest = hash(hashName, 'the access token', 'buffer')
    expect(claims.at_hash).toBe(digest.subarray(0, digest.length / 2).toString('base64url'))
  })

  it('carries the claims of its scopes, as with Access Management, and those asked for of it (§5.4, §5.5)', async () => {
    const claims = { name: 'Ada', email: 'ada@example.org', email_verified: true, address: '1 Main Street', team: 'A' }
    const ada = user({ claims: { ...claims, nickname: '', picture: null }, roles: ['admin'], groups: ['staff'] })
    const told = async (scopes: string[], grant: Partial<UserGrant> = {}) => {
      const token = await issue({ keys, users: [ada] }, { ...GRANT, scopes, ...grant })
      const {
        iss: _1,
        sub: _2,
        aud: _3,
        exp: _4,
        iat: _5,
        auth_time: _6,
        amr: _7,
        ...rest
      } = await verified(token, { keys })
      return rest
    }
    expect(await told(['openid', 'profile', 'email'])).toEqual({
      name: 'Ada',
      email: 'ada@example.org',
      email_verified: true,
    })
    expect(await told(['openid', 'address', 'roles', 'groups'])).toEqual({
      address: { formatted: '1 Main Street' },
      roles: ['admin'],
      groups: ['staff'],
    })
    expect(await told(['openid', 'full_profile'])).toMatchObject({ name: 'Ada', team: 'A' })
    const asked = { id_token: { team: null, name: { essential: true }, toString: null }, userinfo: { email: null } }
    expect(await told(['openid'], { claims: asked })).toEqual({ team: 'A', name: 'Ada' })
  })

  it('never takes from the user what tokens say of themselves', async () => {
    const sly = user({ claims: { nonce: 'x', at_hash: 'x', sid: 'x', acr: 'x', sub: 'user-2', exp: 1, name: 'Sly' } })
    const token = await issue({ keys, users: [sly] }, { ...GRANT, scopes: ['openid', 'full_profile'] })
    const claims = await verified(token, { keys })
    expect(claims).toMatchObject({ sub: 'user-1', name: 'Sly' })
    for (const name of ['nonce', 'at_hash', 'sid', 'acr']) expect(claims).not.toHaveProperty(name)
  })
})

describe('what signs an ID token (OpenID Connect Core §10.1)', () => {
  const alg = async (changes: Partial<DomainSnapshot>, clientId = 'shop') =>
    decodeProtectedHeader(await issue(changes, { ...GRANT, clientId })).alg
  const wanting = (signingAlgorithm: SigningAlgorithm, client: TestApplication = SHOP) => ({
    ...client,
    signingAlgorithm,
  })

  it('is the domain key of the algorithm that the application wants, else the first', async () => {
    const keys = [newKey('ES256'), newKey('PS256')]
    expect(await alg({ keys })).toBe('ES256')
    expect(await alg({ keys, applications: [wanting('PS256')] })).toBe('PS256')
    expect(await alg({ keys, applications: [wanting('RS512')] })).toBe('ES256')
  })

  it('is a key pair of the domain where access tokens are signed with a secret, RS256 before others', async () => {
    const keys = [secretKey(), newKey('EdDSA'), newKey('RS256')]
    expect(await alg({ keys })).toBe('RS256')
    expect(await alg({ keys: keys.slice(0, 2) }, 'page')).toBe('EdDSA')
  })

  it("is the client's secret where there is no key pair, or where the application wants HS256", async () => {
    const token = await issue({})
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'JWT' })
    const { payload } = await jwtVerify(token, new TextEncoder().encode(LONG_SECRET), { audience: 'shop' })
    expect(payload.sub).toBe('user-1')
    expect(await alg({ keys: [newKey('RS256')], applications: [wanting('HS384')] })).toBe('HS384')
  })

  it('is a secret that has not expired and is long enough (RFC 7518 §3.2)', async () => {
    const short = { id: 'short', secret: 'too short' }
    const over = { id: 'over', secret: 'o'.repeat(32), expiresAt: NOW }
    const good = { id: 'good', secret: 'g'.repeat(32) }
    const token = await issue({ applications: [{ ...SHOP, secrets: [short, over, good] }] })
    await expect(jwtVerify(token, new TextEncoder().encode(good.secret))).resolves.toBeDefined()
  })

  it('is missing for a client without a secret in a domain without a key pair: that is said', async () => {
    await expect(issue({}, { ...GRANT, clientId: 'page' })).rejects.toMatchObject({
      status: 400,
      error: 'unauthorized_client',
      reason: { key: 'ID_TOKEN_KEY_MISSING', remedies: [{ action: 'open-keys', domainPath: 'orders' }] },
    })
  })
})

describe('an id_token_hint (OpenID Connect Core §3.1.2.1)', () => {
  const keys = [newKey('ES256')]
  const check = (token: string, changes: Partial<DomainSnapshot> = {}, at = { issuer: ISSUER, now: NOW }) =>
    verifyIdTokenHint(compiled({ keys, ...changes }), token, at)
  const session = { ...GRANT, sessionId: 'a'.repeat(43) }

  it('tells the user, the application and the session, also when it has expired', async () => {
    const token = await issue({ keys }, session)
    const later = { issuer: ISSUER, now: NOW + 365 * 86_400_000 }
    const hint = check(token, {}, later)
    expect(hint).toMatchObject({
      userId: 'user-1',
      sid: 'a'.repeat(22),
      application: { snapshot: { clientId: 'shop' } },
    })
  })

  it("is taken when it was signed with the client's secret, and no longer when that has expired", async () => {
    const token = await issue({ keys: [secretKey()] }, session)
    expect(check(token)).toMatchObject({ userId: 'user-1' })
    const expired = { ...SHOP, secrets: [{ id: 'secret-1', secret: LONG_SECRET, expiresAt: NOW }] }
    expect(check(token, { applications: [expired] })).toHaveProperty('reason')
  })

  it('is taken when its key was retired, and no longer when that is over', async () => {
    const token = await issue({ keys })
    const retired = (expiresAt: number) => ({ ...keys[0]!, status: 'retired' as const, expiresAt })
    expect(check(token, { keys: [newKey('RS256'), retired(NOW + 1)] })).toMatchObject({ userId: 'user-1' })
    expect(check(token, { keys: [newKey('RS256'), retired(NOW)] })).toHaveProperty('reason')
  })

  it('is refused when it is not of this domain, with the reason', async () => {
    const token = await issue({ keys })
    const [header, payload] = token.split('.')
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url')
    const jku = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'JWT', jku: 'http://x' })).toString('base64url')
    const reasonOf = (text: string, changes?: Partial<DomainSnapshot>, at?: { issuer: string; now: number }) =>
      (check(text, changes, at) as { reason?: string }).reason
    expect(reasonOf('not a token')).toContain('not a JWT')
    expect(reasonOf(`${none}.${payload}.`)).toContain('not signed')
    expect(reasonOf(`${jku}.${payload}.AAAA`)).toContain('jku')
    expect(reasonOf(`${header}.${payload}.AAAA`)).toContain('not signed by a key of domain Orders')
    expect(reasonOf(token, { keys: [newKey('ES256')] })).toContain('not signed by a key of domain Orders')
    expect(reasonOf(token, { applications: [PAGE] })).toContain('none of this domain')
    expect(reasonOf(token, {}, { issuer: 'http://elsewhere/orders/oidc', now: NOW })).toContain('another address')
  })

  it('is no access token, though one by RFC 9068 tells of the login too', async () => {
    const server = await startTestServer()
    const shop = { ...SHOP, grantTypes: ['password'] as const }
    await server.apply(domain({ keys, applications: [shop], users: [user()], accessTokenFormat: 'rfc9068' }))
    const login = { grant_type: 'password', username: 'ada', password: 'correct horse' }
    const response = await server.post('/orders/oauth/token', login, SHOP)
    const { access_token } = (await response.json()) as { access_token: string }
    await server.stop()
    expect(decodeJwt(access_token)).toHaveProperty('auth_time')
    expect(check(access_token)).toMatchObject({ reason: 'It is no ID token of this server' })
  })
})
