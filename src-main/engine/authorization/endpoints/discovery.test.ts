import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { domain, keyPair, secretKey, startTestServer, type TestServer } from '../testing'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
beforeEach(() => server.apply(domain()))
afterAll(() => server.stop())

const get = (path: string, init?: RequestInit) => fetch(`${server.address}${path}`, init)

describe('metadata (RFC 8414, OpenID Connect Discovery)', () => {
  it.each(['/orders/oidc/.well-known/openid-configuration', '/.well-known/oauth-authorization-server/orders/oidc'])(
    'at %s tells what works, and nothing else',
    async (path) => {
      const response = await get(path)
      expect(response.headers.get('content-type')).toBe('application/json;charset=UTF-8')
      const base = `${server.address}/orders`
      expect(await response.json()).toEqual({
        issuer: `${base}/oidc`,
        token_endpoint: `${base}/oauth/token`,
        introspection_endpoint: `${base}/oauth/introspect`,
        revocation_endpoint: `${base}/oauth/revoke`,
        jwks_uri: `${base}/oidc/.well-known/jwks.json`,
        scopes_supported: ['read', 'write'],
        response_types_supported: [],
        grant_types_supported: ['client_credentials'],
        subject_types_supported: ['public'],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
        introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
        revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      })
    },
  )

  it('leaves scopes_supported out when there are none (RFC 8414 §3.2)', async () => {
    await server.apply(domain({ scopes: [] }))
    const metadata = await (await get('/orders/oidc/.well-known/openid-configuration')).json()
    expect(metadata).not.toHaveProperty('scopes_supported')
  })

  it('is not there for a domain that is not', async () => {
    const response = await get('/nowhere/oidc/.well-known/openid-configuration')
    expect([response.status, await response.json()]).toMatchObject([404, { error: 'not_found' }])
  })

  it('answers HEAD like GET without the body, and other methods with 405 (RFC 9110 §9.3.2)', async () => {
    const path = '/orders/oidc/.well-known/openid-configuration'
    const [head, whole] = [await get(path, { method: 'HEAD' }), await get(path)]
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect(head.headers.get('content-length')).toBe(whole.headers.get('content-length'))
    const post = await get(path, { method: 'POST' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    const options = await get(path, { method: 'OPTIONS' })
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS'])
  })
})

describe('the JWK set (RFC 7517 §5)', () => {
  const jwks = async () => {
    const response = await get('/orders/oidc/.well-known/jwks.json')
    return ((await response.json()) as { keys: Record<string, unknown>[] }).keys
  }

  it('holds the public parts of the key pairs, active and retired, and nothing private', async () => {
    const retired = { ...keyPair('RS256', 'old'), status: 'retired' as const }
    const also = { ...keyPair('EdDSA', 'older'), status: 'retired' as const }
    await server.apply(domain({ keys: [keyPair('ES256', 'new'), retired, also] }))
    const keys = await jwks()
    expect(keys).toMatchObject([
      { kid: 'new', kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' },
      { kid: 'old', kty: 'RSA', alg: 'RS256', use: 'sig' },
      { kid: 'older', kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' },
    ])
    for (const key of keys)
      for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(member)
  })

  it('never holds an HS256 secret', async () => {
    await server.apply(domain({ keys: [secretKey()] }))
    expect(await jwks()).toEqual([])
  })
})
