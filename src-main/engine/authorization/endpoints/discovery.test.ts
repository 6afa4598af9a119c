import type { ApplicationSnapshot, DomainSnapshot } from '../../snapshot'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { application, domain, keyPair, newKey, secretKey, startTestServer, type TestServer } from '../testing'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
beforeEach(() => server.apply(domain()))
afterAll(() => server.stop())

const get = (path: string, init?: RequestInit) => fetch(`${server.address}${path}`, init)

async function metadataOf(changes: Partial<DomainSnapshot>): Promise<Record<string, unknown>> {
  await server.apply(domain(changes))
  return (await (await get('/orders/oidc/.well-known/openid-configuration')).json()) as Record<string, unknown>
}

describe('metadata (RFC 8414, OpenID Connect Discovery)', () => {
  it.each([
    '/orders/oidc/.well-known/openid-configuration',
    '/.well-known/openid-configuration/orders/oidc',
    '/orders/oidc/.well-known/oauth-authorization-server',
    '/.well-known/oauth-authorization-server/orders/oidc',
  ])('at %s tells what works, and nothing else (RFC 8414 §3.1, §5)', async (path) => {
    const response = await get(path)
    expect(response.headers.get('content-type')).toBe('application/json;charset=UTF-8')
    const base = `${server.address}/orders`
    expect(await response.json()).toEqual({
      issuer: `${base}/oidc`,
      authorization_endpoint: `${base}/oauth/authorize`,
      pushed_authorization_request_endpoint: `${base}/oauth/par`,
      token_endpoint: `${base}/oauth/token`,
      introspection_endpoint: `${base}/oauth/introspect`,
      revocation_endpoint: `${base}/oauth/revoke`,
      userinfo_endpoint: `${base}/oidc/userinfo`,
      jwks_uri: `${base}/oidc/.well-known/jwks.json`,
      end_session_endpoint: `${base}/logout`,
      scopes_supported: ['read', 'write'],
      response_types_supported: [],
      grant_types_supported: ['client_credentials'],
      subject_types_supported: ['public'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
    })
  })

  it('names only addresses that are there', async () => {
    const metadata = (await (await get('/orders/oidc/.well-known/openid-configuration')).json()) as object
    const addresses = Object.entries(metadata).filter(([name]) => /_endpoint$|_uri$/.test(name))
    expect(addresses).toHaveLength(8)
    for (const [name, address] of addresses) {
      const statuses = await Promise.all(
        ['GET', 'POST'].map(async (method) => (await fetch(address as string, { method })).status),
      )
      expect([name, ...statuses]).not.toContain(404)
    }
  })

  it('changes with the settings of the applications at once: authentication (RFC 8414 §2)', async () => {
    const metadata = (...applications: readonly ApplicationSnapshot[]) => metadataOf({ applications })
    const service = application({ authenticationMethods: ['private_key_jwt'] })
    expect(await metadata(service)).toMatchObject({
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: expect.not.arrayContaining(['HS256', 'none']),
      introspection_endpoint_auth_signing_alg_values_supported: expect.arrayContaining(['RS256', 'EdDSA']),
    })
    const page = application({ clientId: 'page', authenticationMethods: ['none'] })
    const gateway = { ...service, grantTypes: [], authenticationMethods: ['client_secret_jwt'] as const }
    const both = await metadata(gateway, page)
    expect(both).toMatchObject({
      token_endpoint_auth_methods_supported: ['none'],
      introspection_endpoint_auth_methods_supported: ['client_secret_jwt'],
      introspection_endpoint_auth_signing_alg_values_supported: ['HS256', 'HS384', 'HS512'],
      revocation_endpoint_auth_methods_supported: ['client_secret_jwt', 'none'],
    })
    expect(both).not.toHaveProperty('token_endpoint_auth_signing_alg_values_supported')
    const none = await metadata({ ...service, enabled: false })
    expect(none).not.toHaveProperty('grant_types_supported')
    expect(none).not.toHaveProperty('token_endpoint_auth_methods_supported')
  })

  it('leaves scopes_supported out when there are none (RFC 8414 §3.2)', async () => {
    await server.apply(domain({ scopes: [] }))
    const metadata = await (await get('/orders/oidc/.well-known/openid-configuration')).json()
    expect(metadata).not.toHaveProperty('scopes_supported')
  })

  it('changes with the settings at once: the code flow (OpenID Connect Discovery §3)', async () => {
    const shop = application({
      type: 'web',
      grantTypes: ['authorization_code'],
      redirectUris: ['https://shop.example'],
    })
    const keys = [secretKey(), newKey('ES256'), { ...newKey('RS256'), status: 'retired' as const }]
    const told = await metadataOf({ applications: [shop], keys, scopes: [] })
    expect(told).toMatchObject({
      scopes_supported: ['openid'],
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      grant_types_supported: ['authorization_code'],
      code_challenge_methods_supported: ['S256'],
      id_token_signing_alg_values_supported: ['ES256'],
      userinfo_signing_alg_values_supported: ['ES256'],
      claims_parameter_supported: true,
      acr_values_supported: ['urn:oasis:names:tc:SAML:2.0:ac:classes:Password'],
      claims_supported: expect.arrayContaining([
        'sub',
        'auth_time',
        'name',
        'email',
        'phone_number',
        'address',
        'roles',
      ]),
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      authorization_response_iss_parameter_supported: true,
      require_pushed_authorization_requests: false,
      request_parameter_supported: false,
    })
    const pushing = application({ ...shop, clientId: 'pushing', requireParRequest: true, allowsPlainPkce: true })
    const changed = {
      ...shop,
      grantTypes: ['authorization_code', 'refresh_token', 'password'] as const,
      requireParRequest: true,
      signingAlgorithm: 'HS256' as const,
      userinfoSigningAlgorithm: 'HS384' as const,
      clientSecret: 'x'.repeat(64),
      secrets: [{ id: 'secret-1', secret: 'x'.repeat(64) }],
    }
    expect(await metadataOf({ applications: [changed, pushing], keys, scopes: [] })).toMatchObject({
      scopes_supported: ['openid', 'offline_access'],
      grant_types_supported: expect.arrayContaining(['authorization_code', 'refresh_token', 'password']),
      code_challenge_methods_supported: ['S256', 'plain'],
      id_token_signing_alg_values_supported: ['ES256', 'HS256'],
      userinfo_signing_alg_values_supported: ['ES256', 'HS384'],
      require_pushed_authorization_requests: true,
    })
    // HS384 needs 48 bytes (RFC 7518 §3.2): userinfo could not be signed.
    const short = { ...changed, secrets: [{ id: 'secret-1', secret: 'x'.repeat(47) }] }
    expect(await metadataOf({ applications: [short], keys })).toMatchObject({
      userinfo_signing_alg_values_supported: ['ES256'],
    })
    const off = await metadataOf({
      applications: [{ ...changed, enabled: false }, application({ clientId: 'x' })],
      keys,
    })
    expect(off).toMatchObject({ response_types_supported: [], grant_types_supported: ['client_credentials'] })
    for (const name of [
      'id_token_signing_alg_values_supported',
      'claims_supported',
      'acr_values_supported',
      'code_challenge_methods_supported',
    ])
      expect(off).not.toHaveProperty(name)
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
