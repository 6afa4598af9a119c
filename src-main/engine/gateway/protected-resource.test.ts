import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ApiSnapshot } from '../snapshot'
import { apiWith, startGateway, type TestGateway } from './testing'

let gateway: TestGateway
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(() => gateway.close())

const jwt = (issuers: readonly string[], scopes: readonly string[] = []) => ({
  signature: 'HMAC_HS256',
  publicKeyResolver: 'GIVEN_KEY',
  resolverParameter: 'a-secret-of-more-than-thirty-two-bytes!',
  checkRequiredScopes: scopes.length > 0,
  requiredScopes: scopes,
  protectedResourceMetadata: { authorizationServers: issuers },
})
function deploy(configuration: Record<string, unknown>, changes: object = {}, policy = 'jwt'): ApiSnapshot {
  const snapshot = apiWith(policy, configuration)
  const changed = { ...snapshot, definition: { ...snapshot.definition, ...changes } }
  gateway.deploy(changed)
  return changed
}
const styled = (challengeStyle: string) => ({ gatehouse: { challengeStyle } })
const metadata = (path: string, init?: RequestInit) =>
  fetch(`${gateway.address}/.well-known/oauth-protected-resource${path}`, init)

describe('the metadata of a protected resource', () => {
  it('tells who issues tokens and which scopes there are (RFC 9728 §3)', async () => {
    deploy(jwt(['https://login.example', ' '], ['read', 'write']))
    const answer = await metadata('/echo')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json'])
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(await answer.json()).toEqual({
      resource: `${gateway.address}/echo`,
      authorization_servers: ['https://login.example'],
      scopes_supported: ['read', 'write'],
      bearer_methods_supported: ['header'],
    })
    expect(await (await metadata('/echo/a/b')).json()).toMatchObject({ resource: `${gateway.address}/echo/a/b` })
    const posted = await metadata('/echo', { method: 'POST' })
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect((await metadata('/other')).status).toBe(404)
    expect((await fetch(`${gateway.address}/echo`)).status).toBe(401)
  })

  it.each(['rfc6750', 'terse'])('is named by the challenge in the style %s (RFC 9728 §5.1)', async (style) => {
    deploy(jwt(['https://login.example']), styled(style))
    const refused = await fetch(`${gateway.address}/echo/a?b=c`)
    const [, address] = /resource_metadata="([^"]*)"/.exec(refused.headers.get('www-authenticate') ?? '') ?? []
    expect(address).toBe(`${gateway.address}/.well-known/oauth-protected-resource/echo/a`)
    // RFC 9728 §3.3: it must be the resource that was called.
    expect(await (await fetch(address!)).json()).toMatchObject({ resource: `${gateway.address}/echo/a` })
  })

  it("is not named in the quick start's style, whose header is what it is", async () => {
    deploy(jwt(['https://login.example']))
    const refused = await fetch(`${gateway.address}/echo`)
    expect(refused.headers.get('www-authenticate')).not.toContain('resource_metadata')
  })

  it('names the domain of the resource that an OAuth2 policy or plan asks, where the API says so', async () => {
    const snapshot = apiWith('oauth2', { oauthResource: 'am' })
    const am = { serverURL: 'http://127.0.0.1:8092/', securityDomain: 'demo', clientId: 'a', clientSecret: 'b' }
    const gatehouse = { resourceMetadata: true }
    const resources = [{ name: 'am', type: 'oauth2-am-resource', enabled: true, configuration: am }]
    gateway.deploy({ ...snapshot, definition: { ...snapshot.definition, resources } })
    expect((await metadata('/echo')).status).toBe(404)
    gateway.deploy({ ...snapshot, revision: 4, definition: { ...snapshot.definition, gatehouse, resources } })
    expect(await (await metadata('/echo')).json()).toMatchObject({
      authorization_servers: ['http://127.0.0.1:8092/demo/oidc'],
    })
    const plan = { id: 'p', name: 'P', security: { type: 'OAUTH2', configuration: { oauthResource: 'am' } }, status: 'PUBLISHED' } // prettier-ignore
    gateway.deploy({
      ...snapshot,
      revision: 2,
      definition: { ...snapshot.definition, gatehouse, resources, flows: [], plans: [plan] },
    })
    expect((await metadata('/echo')).status).toBe(200)
    gateway.deploy({ ...snapshot, revision: 3, definition: { ...snapshot.definition, gatehouse, resources, flows: [], plans: [{ ...plan, status: 'STAGING' }, { id: 'k', name: 'K', security: { type: 'KEY_LESS' }, status: 'PUBLISHED' }] } }) // prettier-ignore
    expect((await metadata('/echo')).status).toBe(404)
  })

  it('is not there where no server is named', async () => {
    deploy(jwt([]), styled('terse'))
    expect((await metadata('/echo')).status).toBe(404)
    expect((await fetch(`${gateway.address}/echo`)).headers.get('www-authenticate')).not.toContain('resource_metadata')
  })
})
