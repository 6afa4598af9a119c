import { decodeJwt, importJWK, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DomainSnapshot, KeySnapshot } from '../../snapshot'
import { application, domain, keyPair, scopeSettings, secretKey, startTestServer, type TestServer } from '../testing'

const CLIENT = application({ scopeSettings: scopeSettings(['read', 'write'], ['read']) })
const READER = application({
  id: 'application-2',
  name: 'Gateway',
  clientId: 'gateway',
  clientSecret: 'gateway-secret',
})
const ORDERS = domain({ applications: [CLIENT, READER] })

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
beforeEach(() => server.apply(ORDERS))
afterEach(() => void vi.useRealTimers())
afterAll(() => server.stop())

async function introspect(token: string, path = '/orders/oauth/introspect'): Promise<Record<string, unknown>> {
  const response = await server.post(path, { token }, READER)
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toContain('no-store')
  return (await response.json()) as Record<string, unknown>
}

/** The token is inactive: the caller gets no reason, the record and the in-process way get this one. */
async function expectInactive(token: string, reason: RegExp, domainPath = 'orders'): Promise<void> {
  expect(await introspect(token, `/${domainPath}/oauth/introspect`)).toEqual({ active: false })
  expect(server.records.at(-1)).toMatchObject({ outcome: 'answered', endpoint: 'introspect' })
  expect(server.records.at(-1)?.trace?.[0]).toMatchObject({
    decision: 'refused',
    sentence: expect.stringMatching(reason),
  })
  const local = await server.authorization.local.introspect(domainPath, READER, token)
  expect(local).toMatchObject({ status: 200, active: false, reason: expect.stringMatching(reason) })
}

/** Signs whatever one likes with a key of the domain. */
async function forge(key: KeySnapshot, claims: Record<string, unknown>, alg: string = key.algorithm): Promise<string> {
  const material =
    'secret' in key.material
      ? Buffer.from(key.material.secret, 'base64url')
      : await importJWK(key.material.privateJwk, alg)
  return new SignJWT(claims).setProtectedHeader({ kid: key.kid, alg }).sign(material)
}

const claimsOf = (of: DomainSnapshot, changes: Record<string, unknown> = {}) => {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    sub: 'orders-service',
    aud: 'orders-service',
    domain: of.id,
    iss: 'x',
    exp: now + 60,
    iat: now,
    jti: 'j',
  }
  return { ...claims, ...changes }
}

describe('an active token (RFC 7662 §2.2)', () => {
  it.each(['introspect', 'check_token'])(
    'is told by /oauth/%s with the members of Access Management',
    async (endpoint) => {
      const token = await server.token(ORDERS, 'read write')
      const { exp, iat, jti } = decodeJwt(token)
      expect(await introspect(token, `/orders/oauth/${endpoint}`)).toEqual({
        active: true,
        client_id: 'orders-service',
        sub: 'orders-service',
        aud: 'orders-service',
        iss: `${server.address}/orders/oidc`,
        exp,
        iat,
        jti,
        scope: 'read write',
        token_type: 'bearer',
        domain: 'domain-1',
      })
    },
  )

  it('is told the same in process', async () => {
    const token = await server.token(ORDERS)
    const claims = await introspect(token)
    expect(await server.authorization.local.introspect('orders', READER, token)).toEqual({
      status: 200,
      active: true,
      claims,
    })
    // The record of the gateway's request tells of it.
    expect(server.records.filter(({ inProcess }) => inProcess)).toEqual([])
    await server.authorization.local.introspect('orders', READER, `${token}x`)
    expect(server.records.at(-1)).toMatchObject({ inProcess: true, endpoint: 'introspect', clientId: 'gateway' })
  })

  it('stays active when its key is retired, and after a change of something else', async () => {
    const token = await server.token(ORDERS)
    const old = ORDERS.keys[0]!
    await server.apply({ ...ORDERS, name: 'New name', keys: [{ ...old, status: 'retired' }, keyPair('ES256')] })
    expect(await introspect(token)).toMatchObject({ active: true })
  })
})

describe('introspection wants', () => {
  it('client authentication (RFC 7662 §2.1)', async () => {
    const token = await server.token(ORDERS)
    for (const client of [undefined, { clientId: 'gateway', clientSecret: 'wrong' }]) {
      const response = await server.post('/orders/oauth/introspect', { token }, client)
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toMatch(/^Basic /)
      expect(await response.json()).toMatchObject({ error: 'invalid_client' })
    }
    const local = await server.authorization.local.introspect('orders', { ...READER, clientSecret: 'wrong' }, token)
    expect(local).toEqual({ status: 401, reason: 'The secret is not that of application Gateway' })
    expect(await server.authorization.local.introspect('nowhere', READER, token)).toMatchObject({ status: 404 })
  })

  it('a token (RFC 7662 §2.1)', async () => {
    const response = await server.post('/orders/oauth/introspect', { token_type_hint: 'access_token' }, READER)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: 'invalid_request' })
  })
})

describe('a token is inactive, with the reason told to the person only,', () => {
  it('when it has expired, to the second', async () => {
    const token = await server.token(ORDERS)
    expect(await introspect(token)).toMatchObject({ active: true })
    const exp = decodeJwt(token).exp! * 1000
    vi.useFakeTimers({ toFake: ['Date'], now: exp - 1 })
    expect(await introspect(token)).toMatchObject({ active: true })
    vi.setSystemTime(exp)
    await expectInactive(token, /It expired 0 s ago/)
    vi.setSystemTime(exp + 12_000)
    await expectInactive(token, /It expired 12 s ago/)
  })

  it('when it is no JWT at all', async () => {
    for (const token of ['x', 'a.b', 'a.b.c.d', '..', 'ä.ö.ü', 'a.b.c', '\u0001']) {
      await expectInactive(token, /It is not a JWT/)
    }
  })

  it('when its signature or payload was changed', async () => {
    const [header, payload, signature] = (await server.token(ORDERS)).split('.') as [string, string, string]
    const changed = Buffer.from(JSON.stringify(claimsOf(ORDERS, { scope: 'admin' }))).toString('base64url')
    await expectInactive(`${header}.${changed}.${signature}`, /signature is not that of key/)
    await expectInactive(`${header}.${payload}.${signature.slice(0, -2)}`, /signature is not that of key/)
    await expectInactive(`${header}.${payload}.`, /signature is not that of key/)
  })

  it('when its key was replaced under the same name, although it was verified before', async () => {
    const token = await server.token(ORDERS)
    expect(await introspect(token)).toMatchObject({ active: true })
    await server.apply({ ...ORDERS, keys: [secretKey()] })
    await expectInactive(token, /signature is not that of key default-gravitee-AM-key/)
  })

  it('when its key was removed', async () => {
    const token = await server.token(ORDERS)
    expect(await introspect(token)).toMatchObject({ active: true })
    await server.apply({ ...ORDERS, keys: [keyPair('EdDSA')] })
    await expectInactive(token, /key default-gravitee-AM-key, which domain Orders does not have/)
  })

  it('when it is of another domain, also with a key of the same name or the very same key', async () => {
    const shared = { ...ORDERS, id: 'domain-2', name: 'Billing', path: 'billing' }
    const other = { ...shared, keys: [secretKey()] }
    for (const billing of [other, shared]) {
      await server.apply(ORDERS, billing)
      const token = await server.token(ORDERS)
      expect(await introspect(token)).toMatchObject({ active: true })
      await expectInactive(token, /token of domain Orders, and this is domain Billing/, 'billing')
    }
  })

  it('when its domain was made anew under the same path with the same key', async () => {
    const token = await server.token(ORDERS)
    expect(await introspect(token)).toMatchObject({ active: true })
    await server.apply({ ...ORDERS, id: 'domain-3' })
    await expectInactive(token, /token of a domain that is not here/)
  })

  it('when its application is deleted or disabled', async () => {
    const token = await server.token(ORDERS)
    await server.apply({ ...ORDERS, applications: [{ ...CLIENT, enabled: false }, READER] })
    await expectInactive(token, /Application Orders service, which it was issued to, is disabled/)
    await server.apply({ ...ORDERS, applications: [READER] })
    await expectInactive(token, /application that it was issued to no longer exists/)
  })

  it('when it is signed rightly but no access token', async () => {
    const key = ORDERS.keys[0]!
    await expectInactive(await forge(key, { sub: 'x' }), /it is not an access token/)
    await expectInactive(await forge(key, claimsOf(ORDERS, { exp: 1e300 })), /it is not an access token/)
    expect(await introspect(await forge(key, claimsOf(ORDERS)))).toMatchObject({ active: true })
  })
})

describe('attacks on the signature', () => {
  const rsa = keyPair('RS256')
  const RSA_DOMAIN = { ...ORDERS, keys: [rsa] }
  beforeEach(() => server.apply(RSA_DOMAIN))

  it.each([secretKey(), keyPair('RS256'), keyPair('ES256'), keyPair('EdDSA')])(
    'a signature of $algorithm that is cut, longer, empty, zero or changed',
    async (key) => {
      const own = { ...ORDERS, keys: [key] }
      await server.apply(own)
      const token = await server.token(own)
      const [header, payload, signature] = token.split('.') as [string, string, string]
      const bytes = Buffer.from(signature, 'base64url')
      const changed = Buffer.from(bytes)
      changed[10]! ^= 1
      const zero = Buffer.alloc(bytes.length)
      for (const forged of [bytes.subarray(1), Buffer.concat([bytes, bytes]), Buffer.alloc(0), zero, changed]) {
        await expectInactive(`${header}.${payload}.${forged.toString('base64url')}`, /signature is not that of key/)
      }
      expect(await introspect(token)).toMatchObject({ active: true })
    },
  )

  it('alg none, in any case (RFC 8725 §3.2)', async () => {
    for (const alg of ['none', 'None', 'NONE']) {
      const header = Buffer.from(JSON.stringify({ alg, kid: rsa.kid })).toString('base64url')
      const payload = Buffer.from(JSON.stringify(claimsOf(RSA_DOMAIN))).toString('base64url')
      await expectInactive(`${header}.${payload}.`, /alg none/)
    }
  })

  it('the public RSA key used as an HS256 secret (RFC 8725 §2.1)', async () => {
    const response = await fetch(`${server.address}/orders/oidc/.well-known/jwks.json`)
    const { keys } = (await response.json()) as { keys: Record<string, string>[] }
    for (const secret of [JSON.stringify(keys[0]), keys[0]!.n!]) {
      const token = await new SignJWT(claimsOf(RSA_DOMAIN))
        .setProtectedHeader({ alg: 'HS256', kid: rsa.kid })
        .sign(Buffer.from(secret))
      await expectInactive(token, /another algorithm than key RS256-key/)
    }
  })

  it('another algorithm of the same key', async () => {
    const token = await forge(rsa, claimsOf(RSA_DOMAIN), 'RS512')
    await expectInactive(token, /another algorithm than key RS256-key/)
  })

  it.each([
    ['crit', { crit: ['exp'], exp: 1 }],
    ['jku', { jku: 'http://evil.example/jwks.json' }],
    ['x5u', { x5u: 'http://evil.example/key.pem' }],
    ['jwk', { jwk: { kty: 'oct', k: 'AA' } }],
  ])('the header member %s (RFC 8725 §3.10), although the signature is right', async (member, header) => {
    const privateJwk = 'privateJwk' in rsa.material ? rsa.material.privateJwk : {}
    const token = await new SignJWT(claimsOf(RSA_DOMAIN))
      .setProtectedHeader({ alg: 'RS256', kid: rsa.kid, ...header })
      .sign(await importJWK(privateJwk, 'RS256'), { crit: { exp: true } })
    await expectInactive(token, new RegExp(`Its header carries ${member}`))
  })

  it('the kid of another domain, or none, or something that is no name', async () => {
    const foreign = secretKey('billing-key')
    const billing = { ...ORDERS, id: 'domain-2', name: 'Billing', path: 'billing', keys: [foreign] }
    await server.apply(RSA_DOMAIN, billing)
    await expectInactive(
      await forge(foreign, claimsOf(RSA_DOMAIN)),
      /key billing-key, which domain Orders does not have/,
    )
    for (const kid of [undefined, 1, null, {}, ['RS256-key'], '__proto__', '../key']) {
      const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid })).toString('base64url')
      await expectInactive(`${header}.e30.AA`, /names no key|does not have/)
    }
  })
})
