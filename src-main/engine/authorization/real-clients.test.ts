import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { application, domain, keyPair, scopeSettings, startTestServer, type TestServer } from './testing'

const CLIENT = application({ scopeSettings: scopeSettings(['read', 'write'], ['read']) })
const ORDERS = domain({ applications: [CLIENT], keys: [keyPair('ES256')] })

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.apply(ORDERS)
})
afterAll(() => server.stop())
const issuer = () => new URL(`${server.address}/orders/oidc`)

describe.each(['oidc', 'oauth2'] as const)('openid-client, discovering by %s,', (algorithm) => {
  it.each([openid.ClientSecretBasic, openid.ClientSecretPost])(
    'gets, introspects and revokes a token',
    async (method) => {
      const config = await openid.discovery(issuer(), CLIENT.clientId, {}, method(CLIENT.clientSecret), {
        algorithm,
        execute: [openid.allowInsecureRequests],
      })
      const token = await openid.clientCredentialsGrant(config, { scope: 'read write' })
      expect(token).toMatchObject({ token_type: 'bearer', expires_in: 7199, scope: 'read write' })
      const introspection = await openid.tokenIntrospection(config, token.access_token)
      expect(introspection).toMatchObject({ active: true, client_id: CLIENT.clientId, scope: 'read write' })
      await openid.tokenRevocation(config, token.access_token)
      expect(await openid.tokenIntrospection(config, token.access_token)).toEqual({ active: false })
    },
  )

  it('understands the refusal of a scope', async () => {
    const config = await openid.discovery(issuer(), CLIENT.clientId, CLIENT.clientSecret, undefined, {
      algorithm,
      execute: [openid.allowInsecureRequests],
    })
    await expect(openid.clientCredentialsGrant(config, { scope: 'admin' })).rejects.toMatchObject({
      error: 'invalid_scope',
      status: 400,
    })
  })
})

describe.each(['oidc', 'oauth2'] as const)('oauth4webapi, discovering by %s,', (algorithm) => {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const client = { client_id: CLIENT.clientId }

  async function discover() {
    const response = await oauth.discoveryRequest(issuer(), { algorithm, ...insecure })
    return oauth.processDiscoveryResponse(issuer(), response)
  }

  it.each([oauth.ClientSecretBasic, oauth.ClientSecretPost])(
    'gets, introspects and revokes a token',
    async (method) => {
      const as = await discover()
      const authenticate = method(CLIENT.clientSecret)
      const granted = await oauth.clientCredentialsGrantRequest(as, client, authenticate, { scope: 'write' }, insecure)
      const { access_token } = await oauth.processClientCredentialsResponse(as, client, granted)
      const ask = async () => {
        const response = await oauth.introspectionRequest(as, client, authenticate, access_token, insecure)
        return oauth.processIntrospectionResponse(as, client, response)
      }
      expect(await ask()).toMatchObject({ active: true, scope: 'write', iss: as.issuer })
      const revoked = await oauth.revocationRequest(as, client, authenticate, access_token, insecure)
      expect(await oauth.processRevocationResponse(revoked)).toBeUndefined()
      expect(await ask()).toEqual({ active: false })
    },
  )

  it('understands the challenge of a refused client (RFC 6749 §5.2)', async () => {
    const as = await discover()
    const wrong = oauth.ClientSecretBasic('wrong')
    const response = await oauth.clientCredentialsGrantRequest(as, client, wrong, {}, insecure)
    await expect(oauth.processClientCredentialsResponse(as, client, response)).rejects.toMatchObject({
      status: 401,
      cause: [{ scheme: 'basic', parameters: { realm: 'gravitee-io' } }],
    })
  })
})
