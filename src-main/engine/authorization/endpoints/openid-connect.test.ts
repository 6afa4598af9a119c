import { jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signingAlgorithms, type SigningAlgorithm } from '@shared/signing-key'
import type { ApplicationSnapshot } from '../../snapshot'
import {
  application,
  domain,
  newKey,
  scopeSettings,
  secretKey,
  startTestServer,
  user,
  type TestServer,
} from '../testing'
import { createTestBrowser, passThrough } from '../testing-browser'
import { PASSWORD_ACR } from '../users/authentication-context'

const ALL = Object.keys(signingAlgorithms) as SigningAlgorithm[]
const PAIRS = ALL.filter((algorithm) => signingAlgorithms[algorithm].kty !== 'oct')
const CALLBACK = 'https://shop.example/callback'
/** Long enough for HS512. */
const SECRET = 'a secret of sixty-four bytes and more, as the MACs of RFC 7518 §3.2 want it'
const SHOP = application({
  name: 'Shop',
  type: 'web',
  clientId: 'shop',
  clientSecret: SECRET,
  grantTypes: ['authorization_code', 'refresh_token'],
  redirectUris: [CALLBACK],
  scopeSettings: scopeSettings(['profile', 'email']),
  skipConsent: true,
})
const ADA = user({ claims: { name: 'Ada Lovelace', email: 'ada@example.org', team: 'Engines' }, roles: ['admin'] })
/** The default key is a secret, as in a new domain. */
const ORDERS = domain({ keys: [secretKey(), ...PAIRS.map((algorithm) => newKey(algorithm))], users: [ADA] })

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

/** openid-client, set up by discovery for the one application of the domain, and checking every signature. */
async function clientOf(changes: Partial<ApplicationSnapshot> = {}, metadata: Partial<openid.ClientMetadata> = {}) {
  await server.apply({ ...ORDERS, applications: [{ ...SHOP, ...changes }] })
  return openid.discovery(
    new URL(`${server.address}/orders/oidc`),
    'shop',
    metadata,
    openid.ClientSecretBasic(SECRET),
    { execute: [openid.allowInsecureRequests] },
  )
}

async function logIn(config: openid.Configuration, parameters: Record<string, string> = {}) {
  const [pkceCodeVerifier, expectedNonce] = [openid.randomPKCECodeVerifier(), openid.randomNonce()]
  const address = openid.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid',
    nonce: expectedNonce,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...parameters,
  })
  const { leftTo } = await passThrough(createTestBrowser(server), address)
  return openid.authorizationCodeGrant(config, leftTo!, { pkceCodeVerifier, expectedNonce, idTokenExpected: true })
}

describe('openid-client checks the signature', () => {
  it.each(PAIRS)('of an ID token by %s (OpenID Connect Core §3.1.3.7)', async (signingAlgorithm) => {
    const config = await clientOf({ signingAlgorithm }, { id_token_signed_response_alg: signingAlgorithm })
    openid.enableNonRepudiationChecks(config)
    const tokens = await logIn(config)
    const { acr_values_supported: [acr] = [] } = config.serverMetadata()
    expect(acr).toBe(PASSWORD_ACR)
    expect(tokens.claims()).toMatchObject({ sub: 'user-1', aud: 'shop', amr: ['pwd'], acr })
    const fresh = await openid.refreshTokenGrant(config, tokens.refresh_token!)
    expect(fresh.claims()).toMatchObject({ sub: 'user-1', acr, auth_time: tokens.claims()?.auth_time })
    expect(fresh.claims()).not.toHaveProperty('nonce')
  })

  it.each(PAIRS)('of userinfo by %s (§5.3.2)', async (userinfoSigningAlgorithm) => {
    const config = await clientOf(
      { userinfoSigningAlgorithm },
      { userinfo_signed_response_alg: userinfoSigningAlgorithm },
    )
    openid.enableNonRepudiationChecks(config)
    const { access_token } = await logIn(config, { scope: 'openid profile' })
    expect(await openid.fetchUserInfo(config, access_token, 'user-1')).toMatchObject({ name: 'Ada Lovelace' })
  })
})

describe('a client that shares a secret with the server', () => {
  it.each(['HS256', 'HS384', 'HS512'] as const)('gets its ID token by %s (§10.1)', async (signingAlgorithm) => {
    const config = await clientOf({ signingAlgorithm }, { id_token_signed_response_alg: signingAlgorithm })
    const tokens = await logIn(config)
    expect(tokens.claims()?.sub).toBe('user-1')
    const key = new TextEncoder().encode(SECRET)
    const { protectedHeader } = await jwtVerify(tokens.id_token!, key, { audience: 'shop' })
    expect(protectedHeader).toEqual({ alg: signingAlgorithm, typ: 'JWT' })
  })

  it('and knows nothing of algorithms gets RS256, though the domain signs access tokens with a secret', async () => {
    const config = await clientOf()
    openid.enableNonRepudiationChecks(config)
    const tokens = await logIn(config)
    const [header = ''] = tokens.id_token!.split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ alg: 'RS256' })
  })
})

describe('the parameter claims (OpenID Connect Core §5.5)', () => {
  it('brings claims to where they are asked for, and only there', async () => {
    const config = await clientOf()
    const claims = { id_token: { team: null }, userinfo: { email: { essential: true }, roles: null, nickname: null } }
    const tokens = await logIn(config, { claims: JSON.stringify(claims) })
    expect(tokens.claims()).toMatchObject({ sub: 'user-1', team: 'Engines' })
    expect(tokens.claims()).not.toHaveProperty('email')
    const told = await openid.fetchUserInfo(config, tokens.access_token, 'user-1')
    expect(told).toEqual({ sub: 'user-1', email: 'ada@example.org', roles: ['admin'] })
  })

  it('holds after a refresh and a restart', async () => {
    const config = await clientOf()
    const tokens = await logIn(config, { claims: JSON.stringify({ userinfo: { team: null } }) })
    const fresh = await openid.refreshTokenGrant(config, tokens.refresh_token!)
    server = await server.restart()
    const again = await clientOf()
    expect(await openid.fetchUserInfo(again, fresh.access_token, 'user-1')).toEqual({ sub: 'user-1', team: 'Engines' })
  })

  it('never gets a token for another user than the one that sub names (§5.5.1)', async () => {
    const config = await clientOf()
    const claims = JSON.stringify({ id_token: { sub: { value: 'user-2' } } })
    await expect(logIn(config, { claims })).rejects.toMatchObject({ error: 'login_required' })
  })
})

describe('the scope offline_access (OpenID Connect Core §11)', () => {
  it('is granted to an application that may use refresh tokens', async () => {
    const tokens = await logIn(await clientOf(), { scope: 'openid offline_access' })
    expect(tokens.scope).toBe('openid offline_access')
    expect(tokens.refresh_token).toBeDefined()
  })

  it('is ignored where the application may not', async () => {
    const config = await clientOf({ grantTypes: ['authorization_code'] })
    const tokens = await logIn(config, { scope: 'openid offline_access' })
    expect(tokens.scope).toBe('openid')
    expect(tokens.refresh_token).toBeUndefined()
  })
})

describe('oauth4webapi', () => {
  it('takes userinfo, and understands its challenges (RFC 6750 §3)', async () => {
    const config = await clientOf()
    const tokens = await logIn(config, { scope: 'openid email' })
    const insecure = { [oauth.allowInsecureRequests]: true }
    const as = config.serverMetadata()
    const client = { client_id: 'shop' }
    const response = await oauth.userInfoRequest(as, client, tokens.access_token, insecure)
    const told = await oauth.processUserInfoResponse(as, client, 'user-1', response)
    expect(told).toEqual({ sub: 'user-1', email: 'ada@example.org' })
    await oauth.revocationRequest(as, client, oauth.ClientSecretBasic(SECRET), tokens.access_token, insecure)
    const refused = await oauth.userInfoRequest(as, client, tokens.access_token, insecure)
    await expect(oauth.processUserInfoResponse(as, client, 'user-1', refused)).rejects.toMatchObject({
      cause: [{ scheme: 'bearer', parameters: { error: 'invalid_token' } }],
    })
  })
})
