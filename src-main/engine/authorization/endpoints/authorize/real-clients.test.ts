import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { application, domain, keyPair, scopeSettings, startTestServer, user, type TestServer } from '../../testing'
import { createTestBrowser, hasButton, passThrough, type TestBrowser } from '../../testing-browser'

const CALLBACK = 'https://shop.example/callback'
const BYE = 'https://shop.example/bye'
const WEB = application({
  id: 'application-web',
  name: 'Web shop',
  type: 'web',
  clientId: 'web',
  grantTypes: ['authorization_code', 'refresh_token'],
  redirectUris: [CALLBACK],
  postLogoutRedirectUris: [BYE],
  allowedResources: ['https://api.example/orders'],
  scopeSettings: scopeSettings(['read', 'profile', 'email']),
})
const PAGE = application({
  ...WEB,
  id: 'application-page',
  name: 'Single page',
  type: 'browser',
  clientId: 'page',
  secrets: [],
  authenticationMethods: ['none'],
  demandsPkce: true,
})
const ORDERS = domain({ applications: [WEB, PAGE], users: [user()], keys: [keyPair('ES256')] })

let server: TestServer
let browser: TestBrowser
beforeAll(async () => {
  server = await startTestServer()
  await server.apply(ORDERS, { ...ORDERS, id: 'domain-2', path: 'other' })
})
beforeEach(() => {
  browser = createTestBrowser(server)
})
afterAll(() => server.stop())

const issuer = (path = 'orders') => new URL(`${server.address}/${path}/oidc`)
const clients = [
  ['a confidential client', WEB.clientId, openid.ClientSecretBasic(WEB.clientSecret)],
  ['a public client', PAGE.clientId, openid.None()],
] as const

describe.each(clients)('openid-client, as %s,', (_what, clientId, authentication) => {
  const discover = (path?: string) =>
    openid.discovery(issuer(path), clientId, {}, authentication, { execute: [openid.allowInsecureRequests] })

  /** The parameters of a login, and what its answer is checked with. */
  async function begin(more: Record<string, string> = {}) {
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const expected = { pkceCodeVerifier, expectedState: openid.randomState(), expectedNonce: openid.randomNonce() }
    const parameters = {
      redirect_uri: CALLBACK,
      scope: 'openid read profile',
      state: expected.expectedState,
      nonce: expected.expectedNonce,
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      ...more,
    }
    return { parameters, expected }
  }

  it('logs a user in, and learns who it is', async () => {
    const config = await discover()
    const { parameters, expected } = await begin({ max_age: '3600' })
    const { leftTo } = await passThrough(browser, openid.buildAuthorizationUrl(config, parameters))
    const tokens = await openid.authorizationCodeGrant(config, leftTo!, { ...expected, maxAge: 3600 })
    expect(tokens.claims()).toMatchObject({ sub: 'user-1', aud: clientId, name: 'Ada Lovelace', amr: ['pwd'] })
    expect(await openid.fetchUserInfo(config, tokens.access_token, 'user-1')).toMatchObject({ name: 'Ada Lovelace' })
    const fresh = await openid.refreshTokenGrant(config, tokens.refresh_token!)
    expect(fresh.scope).toBe('openid read profile')
  })

  it('logs a user in by a pushed request (RFC 9126)', async () => {
    const config = await discover()
    const { parameters, expected } = await begin()
    const { leftTo } = await passThrough(browser, await openid.buildAuthorizationUrlWithPAR(config, parameters))
    const tokens = await openid.authorizationCodeGrant(config, leftTo!, expected)
    expect(tokens.claims()?.sub).toBe('user-1')
  })

  it('takes the answer from a form that is posted to it', async () => {
    const config = await discover()
    const { parameters, expected } = await begin({ response_mode: 'form_post' })
    const page = await passThrough(browser, openid.buildAuthorizationUrl(config, parameters))
    const [form] = page.forms
    const posted = new Request(form!.action, { method: 'POST', body: new URLSearchParams(form!.fields) })
    const tokens = await openid.authorizationCodeGrant(config, posted, expected)
    expect(tokens.claims()?.sub).toBe('user-1')
  })

  it('gets a token for the resource that it named (RFC 8707)', async () => {
    const config = await discover()
    const { parameters, expected } = await begin({ resource: 'https://api.example/orders' })
    const { leftTo } = await passThrough(browser, openid.buildAuthorizationUrl(config, parameters))
    const tokens = await openid.authorizationCodeGrant(config, leftTo!, expected)
    const [, payload = ''] = tokens.access_token.split('.')
    const { aud } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { aud: unknown }
    expect([aud].flat()).toContain('https://api.example/orders')
  })

  it('understands an error, and takes none of another issuer (RFC 9207)', async () => {
    const config = await discover()
    const { parameters, expected } = await begin({ prompt: 'none' })
    const { leftTo } = await browser.open(openid.buildAuthorizationUrl(config, parameters))
    await expect(openid.authorizationCodeGrant(config, leftTo!, expected)).rejects.toMatchObject({
      error: 'login_required',
    })
    const other = await passThrough(
      browser,
      openid.buildAuthorizationUrl(await discover('other'), (await begin()).parameters),
    )
    await expect(openid.authorizationCodeGrant(config, other.leftTo!, expected)).rejects.toHaveProperty(
      'cause.message',
      expect.stringContaining('"iss" (issuer)'),
    )
  })

  it('gets no token with another verifier (RFC 7636 §4.6)', async () => {
    const config = await discover()
    const { parameters, expected } = await begin()
    const { leftTo } = await passThrough(browser, openid.buildAuthorizationUrl(config, parameters))
    const wrong = { ...expected, pkceCodeVerifier: openid.randomPKCECodeVerifier() }
    await expect(openid.authorizationCodeGrant(config, leftTo!, wrong)).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })

  it('logs the user out (RP-Initiated Logout)', async () => {
    const config = await discover()
    const { parameters, expected } = await begin()
    const { leftTo } = await passThrough(browser, openid.buildAuthorizationUrl(config, parameters))
    const { id_token } = await openid.authorizationCodeGrant(config, leftTo!, expected)
    const to = { post_logout_redirect_uri: BYE, id_token_hint: id_token!, state: 'xyz' }
    const left = await browser.open(openid.buildEndSessionUrl(config, to))
    expect(left.leftTo?.href).toBe(`${BYE}?state=xyz`)
    const again = await browser.open(openid.buildAuthorizationUrl(config, (await begin()).parameters))
    expect(hasButton(again, 'log-in')).toBe(true)
  })

  it('finds the user again by the ID token, without a page', async () => {
    const config = await discover()
    const { parameters, expected } = await begin()
    const { leftTo } = await passThrough(browser, openid.buildAuthorizationUrl(config, parameters))
    const { id_token } = await openid.authorizationCodeGrant(config, leftTo!, expected)
    const silent = await begin({ prompt: 'none', id_token_hint: id_token! })
    const again = await browser.open(openid.buildAuthorizationUrl(config, silent.parameters))
    const tokens = await openid.authorizationCodeGrant(config, again.leftTo!, silent.expected)
    expect(tokens.claims()).toMatchObject({ sub: 'user-1', nonce: silent.expected.expectedNonce })
  })
})

describe('oauth4webapi', () => {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const client = { client_id: WEB.clientId }
  const authenticate = oauth.ClientSecretPost(WEB.clientSecret)

  async function discover(path?: string) {
    const response = await oauth.discoveryRequest(issuer(path), { algorithm: 'oidc', ...insecure })
    return oauth.processDiscoveryResponse(issuer(path), response)
  }

  async function answerOf(as: oauth.AuthorizationServer, challenge: string, state: string): Promise<URL> {
    const address = new URL(as.authorization_endpoint!)
    const parameters = { client_id: 'web', redirect_uri: CALLBACK, response_type: 'code', scope: 'openid email', state }
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value)
    address.searchParams.set('code_challenge', challenge)
    address.searchParams.set('code_challenge_method', 'S256')
    return (await passThrough(browser, address)).leftTo!
  }

  it('goes through the code flow, and checks all of it', async () => {
    const as = await discover()
    const [verifier, state] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState()]
    const answer = await answerOf(as, await oauth.calculatePKCECodeChallenge(verifier), state)
    const parameters = oauth.validateAuthResponse(as, client, answer, state)
    const response = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      authenticate,
      parameters,
      CALLBACK,
      verifier,
      insecure,
    )
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, { requireIdToken: true })
    expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ sub: 'user-1', email: 'ada@example.org' })
  })

  it('refuses the answer of another domain (mix-up, RFC 9207 §2.4)', async () => {
    const [here, there] = [await discover(), await discover('other')]
    const state = oauth.generateRandomState()
    const challenge = await oauth.calculatePKCECodeChallenge(oauth.generateRandomCodeVerifier())
    const answer = await answerOf(there, challenge, state)
    expect(() => oauth.validateAuthResponse(here, client, answer, state)).toThrow('"iss" (issuer)')
    expect(oauth.validateAuthResponse(there, client, answer, state).has('code')).toBe(true)
  })
})
