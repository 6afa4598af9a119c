import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClientAuthenticationMethod } from '@shared/domain'
import { domain, keyPair, startTestServer, user, type TestServer } from '../testing'
import { createTestBrowser, passThrough, type TestBrowser } from '../testing-browser'
import { webApplication } from '../testing-tokens'

const SECRET = 'a secret of more than thirty-two bytes: %+ü'
const CALLBACK = 'https://shop.example/callback'
const METHODS: readonly ClientAuthenticationMethod[] = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'none',
]

let server: TestServer
let browser: TestBrowser
let key: CryptoKey
beforeAll(async () => {
  const pair = await oauth.generateKeyPair('PS256', { extractable: true })
  key = pair.privateKey
  const jwk = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as Readonly<Record<string, unknown>>
  const applications = METHODS.map((method) =>
    webApplication({
      id: `application-${method}`,
      name: method,
      clientId: method,
      grantTypes: ['authorization_code', 'refresh_token', 'password'],
      authenticationMethods: [method],
      clientSecret: SECRET,
      ...(method === 'none' || method === 'private_key_jwt' ? { secrets: [] } : {}),
      jwks: method === 'private_key_jwt' ? [jwk] : [],
      demandsPkce: method === 'none',
    }),
  )
  server = await startTestServer()
  await server.apply(domain({ applications, users: [user()], keys: [keyPair('RS256')] }))
  browser = createTestBrowser(server)
})
afterAll(() => server.stop())

const issuer = () => new URL(`${server.address}/orders/oidc`)
const usedBefore = { error: 'invalid_grant', error_description: 'The refresh token was used before' }
const ada = { username: 'ada', password: 'correct horse', scope: 'openid read' }

/** The same names in both libraries. */
function authenticationOf<T>(
  library: {
    ClientSecretBasic(secret: string): T
    ClientSecretPost(secret: string): T
    ClientSecretJwt(secret: string): T
    PrivateKeyJwt(key: CryptoKey): T
    None(): T
  },
  method: ClientAuthenticationMethod,
): T {
  switch (method) {
    case 'client_secret_basic':
      return library.ClientSecretBasic(SECRET)
    case 'client_secret_post':
      return library.ClientSecretPost(SECRET)
    case 'client_secret_jwt':
      return library.ClientSecretJwt(SECRET)
    case 'private_key_jwt':
      return library.PrivateKeyJwt(key)
    case 'none':
      return library.None()
  }
}

describe.each(METHODS)('openid-client, authenticating by %s,', (method) => {
  const discover = () =>
    openid.discovery(issuer(), method, {}, authenticationOf(openid, method), {
      execute: [openid.allowInsecureRequests],
    })

  async function logIn(config: openid.Configuration) {
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const address = openid.buildAuthorizationUrl(config, {
      redirect_uri: CALLBACK,
      scope: 'openid read write',
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    })
    const { leftTo } = await passThrough(browser, address)
    return openid.authorizationCodeGrant(config, leftTo!, { pkceCodeVerifier })
  }

  it('gets tokens for a code, refreshes them, with fewer scopes too, asks about them and takes them back', async () => {
    const config = await discover()
    const first = await logIn(config)
    const second = await openid.refreshTokenGrant(config, first.refresh_token!, { scope: 'read' })
    expect(second).toMatchObject({ token_type: 'bearer', scope: 'read' })
    const third = await openid.refreshTokenGrant(config, second.refresh_token!)
    expect(third.claims()).toMatchObject({ sub: 'user-1', aud: method })
    if (method === 'none') {
      await expect(openid.tokenIntrospection(config, third.access_token)).rejects.toMatchObject({ status: 401 })
    } else {
      expect(await openid.tokenIntrospection(config, third.access_token)).toMatchObject({
        active: true,
        username: 'ada',
      })
      expect(await openid.tokenIntrospection(config, third.refresh_token!)).toMatchObject({ active: true })
    }
    await openid.tokenRevocation(config, third.refresh_token!, { token_type_hint: 'refresh_token' })
    await expect(openid.fetchUserInfo(config, third.access_token, 'user-1')).rejects.toMatchObject({ status: 401 })
    await expect(openid.refreshTokenGrant(config, third.refresh_token!)).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })

  it('is told that a refresh token was used before', async () => {
    const config = await discover()
    const first = await logIn(config)
    await openid.refreshTokenGrant(config, first.refresh_token!)
    await expect(openid.refreshTokenGrant(config, first.refresh_token!)).rejects.toMatchObject(usedBefore)
  })

  it('gets tokens for a password', async () => {
    const tokens = await openid.genericGrantRequest(await discover(), 'password', ada)
    expect(tokens).toMatchObject({ scope: 'openid read', refresh_token: expect.any(String) })
    expect(tokens.claims()?.sub).toBe('user-1')
  })
})

describe.each(METHODS)('oauth4webapi, authenticating by %s,', (method) => {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const client: oauth.Client = { client_id: method }

  async function discover() {
    const response = await oauth.discoveryRequest(issuer(), insecure)
    return oauth.processDiscoveryResponse(issuer(), response)
  }

  it('gets tokens for a code, refreshes them and takes them back', async () => {
    const as = await discover()
    const authenticate = authenticationOf(oauth, method)
    const verifier = oauth.generateRandomCodeVerifier()
    const address = new URL(as.authorization_endpoint!)
    address.search = new URLSearchParams({
      client_id: method,
      redirect_uri: CALLBACK,
      response_type: 'code',
      scope: 'openid read',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString()
    const { leftTo } = await passThrough(browser, address)
    const answer = oauth.validateAuthResponse(as, client, leftTo!)
    const granted = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      authenticate,
      answer,
      CALLBACK,
      verifier,
      insecure,
    )
    const first = await oauth.processAuthorizationCodeResponse(as, client, granted, { requireIdToken: true })
    const refreshed = await oauth.refreshTokenGrantRequest(as, client, authenticate, first.refresh_token!, insecure)
    const second = await oauth.processRefreshTokenResponse(as, client, refreshed)
    expect(oauth.getValidatedIdTokenClaims(second)).toMatchObject({ sub: 'user-1' })
    const userinfo = await oauth.userInfoRequest(as, client, second.access_token, insecure)
    expect(await oauth.processUserInfoResponse(as, client, 'user-1', userinfo)).toEqual({ sub: 'user-1' })
    const revoked = await oauth.revocationRequest(as, client, authenticate, second.refresh_token!, insecure)
    await oauth.processRevocationResponse(revoked)
    const refused = await oauth.userInfoRequest(as, client, second.access_token, insecure)
    await expect(oauth.processUserInfoResponse(as, client, 'user-1', refused)).rejects.toMatchObject({ status: 401 })
  })

  it('is told that a refresh token was used before, and gets tokens for a password', async () => {
    const as = await discover()
    const authenticate = authenticationOf(oauth, method)
    const asked = await oauth.genericTokenEndpointRequest(as, client, authenticate, 'password', ada, insecure)
    const tokens = await oauth.processGenericTokenEndpointResponse(as, client, asked)
    const refresh = async () => {
      const response = await oauth.refreshTokenGrantRequest(as, client, authenticate, tokens.refresh_token!, insecure)
      return oauth.processRefreshTokenResponse(as, client, response)
    }
    expect(await refresh()).toMatchObject({ scope: 'openid read' })
    await expect(refresh()).rejects.toMatchObject(usedBefore)
  })
})
