import { createHmac, createPublicKey, generateKeyPairSync, randomUUID, type JsonWebKey } from 'node:crypto'
import { UnsecuredJWT } from 'jose'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { DomainRefusal } from '../index'
import { basic, domain, TRACE_HEADER } from '../testing'
import {
  TOKEN,
  LONG_SECRET,
  ASSERTION_TYPE,
  clientKey,
  EC,
  RSA,
  SIGNER,
  MAC,
  type Jwk,
  type AssertionChanges,
  withClients,
} from './testing'

const { server, restart, apply, issuer, assertionOf, present, reason } = withClients()

describe('real clients authenticate by assertion (RFC 7523 §2.2)', () => {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const metadata = () => ({ issuer: issuer(), token_endpoint: `${server().address}${TOKEN}` })
  const client = { client_id: SIGNER.clientId }

  async function byOauth4webapi(authenticate: oauth.ClientAuth) {
    const response = await oauth.clientCredentialsGrantRequest(metadata(), client, authenticate, {}, insecure)
    return oauth.processClientCredentialsResponse(metadata(), client, response)
  }
  async function byOpenidClient(authenticate: openid.ClientAuth) {
    const config = new openid.Configuration(metadata(), SIGNER.clientId, {}, authenticate)
    openid.allowInsecureRequests(config)
    return openid.clientCredentialsGrant(config)
  }

  it.each(['ES256', 'RS256', 'PS256', 'ES384', 'Ed25519'])('private_key_jwt with %s', async (alg) => {
    const { privateKey, publicKey } = await oauth.generateKeyPair(alg, { extractable: true })
    const publicJwk = (await crypto.subtle.exportKey('jwk', publicKey)) as Jwk
    await apply({ ...SIGNER, jwks: [{ ...publicJwk, kid: 'mine' }] })
    const key = { key: privateKey, kid: 'mine' }
    expect(await byOauth4webapi(oauth.PrivateKeyJwt(key))).toHaveProperty('access_token')
    expect(await byOpenidClient(openid.PrivateKeyJwt(privateKey))).toHaveProperty('access_token')
  })

  it('client_secret_jwt', async () => {
    await apply(MAC)
    expect(await byOauth4webapi(oauth.ClientSecretJwt(LONG_SECRET))).toHaveProperty('access_token')
    expect(await byOpenidClient(openid.ClientSecretJwt(LONG_SECRET))).toHaveProperty('access_token')
  })
})

describe('an assertion is taken', () => {
  beforeEach(() => apply(SIGNER))

  it.each<[string, () => AssertionChanges]>([
    ['for the issuer', () => ({})],
    ['for the token endpoint', () => ({ claims: { aud: `${server().address}${TOKEN}` } })],
    ['for both of them', () => ({ claims: { aud: [issuer(), `${server().address}${TOKEN}`] } })],
    ['for the endpoint of RFC 9126', () => ({ claims: { aud: `${server().address}/orders/oauth/par` } })],
    ['with a type', () => ({ header: { typ: 'JWT' } })],
    ['with the type of its own', () => ({ header: { typ: 'client-authentication+jwt' } })],
    ['without iat', () => ({ claims: { iat: undefined } })],
    ['with clocks that differ by 4 s', () => ({ claims: { iat: Date.now() / 1000 + 4, nbf: Date.now() / 1000 + 4 } })],
    ['that expired 4 s ago', () => ({ claims: { exp: Date.now() / 1000 - 4 } })],
    ['without kid, by whichever key fits', () => ({ header: { kid: undefined } })],
    ['by the key that kid names', () => ({ key: RSA.privateJwk, header: { alg: 'RS512', kid: 'rsa' } })],
  ])('%s', async (_name, changes) => {
    const response = await present(await assertionOf(changes()), {}, TRACE_HEADER)
    expect([response.status, reason()]).toEqual([200, undefined])
    expect(server().records.at(-1)?.trace?.[1]?.sentence).toBe('Application Orders service, by private_key_jwt')
  })

  it('with the client id beside it, when it is the same (RFC 7521 §4.2)', async () => {
    expect((await present(await assertionOf(), { client_id: SIGNER.clientId })).status).toBe(200)
    const other = await present(await assertionOf(), { client_id: 'another' })
    expect([other.status, reason()?.key]).toEqual([400, 'CLIENT_ID_CONTRADICTS'])
  })

  it.each(['introspect', 'revoke'])('at /oauth/%s too', async (endpoint) => {
    const form = { client_assertion_type: ASSERTION_TYPE, client_assertion: await assertionOf(), token: 'x' }
    expect((await server().post(`/orders/oauth/${endpoint}`, form)).status).toBe(200)
    expect((await server().post(`/orders/oauth/${endpoint}`, form)).status).toBe(401)
  })

  it('with a secret that is to expire, which the trace names', async () => {
    const soon = { id: 'secret-2', name: 'Rotated', secret: `${LONG_SECRET}2`, expiresAt: Date.now() + 60_000 }
    await apply({ ...MAC, secrets: [...MAC.secrets, soon] })
    await present(await assertionOf({ key: soon.secret }), {}, TRACE_HEADER)
    expect(server().records.at(-1)?.trace?.[1]?.evidence).toContainEqual({ label: 'Secret', value: 'Rotated' })
    vi.useFakeTimers({ toFake: ['Date'], now: soon.expiresAt })
    expect((await present(await assertionOf({ key: soon.secret }))).status).toBe(401)
    expect(reason()?.key).toBe('CLIENT_SECRET_EXPIRED')
  })
})

describe('an assertion is refused, each time with its reason', () => {
  beforeEach(() => apply(SIGNER))
  const now = () => Date.now() / 1000
  const otherKey = clientKey('ES256').privateJwk

  it.each<[string, string, () => AssertionChanges]>([
    ['of another client that is not here', 'CLIENT_UNKNOWN', () => ({ claims: { sub: 'nobody', iss: 'nobody' } })],
    ['without sub', 'ASSERTION_SUBJECT_MISSING', () => ({ claims: { sub: undefined } })],
    ['whose sub is no text', 'ASSERTION_SUBJECT_MISSING', () => ({ claims: { sub: 7 } })],
    ['that another one issued', 'ASSERTION_ISSUER_WRONG', () => ({ claims: { iss: 'another' } })],
    ['without audience', 'ASSERTION_AUDIENCE_WRONG', () => ({ claims: { aud: undefined } })],
    ['for nobody', 'ASSERTION_AUDIENCE_WRONG', () => ({ claims: { aud: [] } })],
    ['for another server', 'ASSERTION_AUDIENCE_WRONG', () => ({ claims: { aud: 'https://example.org' } })],
    ['for another server too', 'ASSERTION_AUDIENCE_WRONG', () => ({ claims: { aud: [issuer(), 'https://evil'] } })],
    ['without expiry', 'ASSERTION_WITHOUT_EXPIRY', () => ({ claims: { exp: undefined } })],
    ['whose expiry is a text', 'ASSERTION_WITHOUT_EXPIRY', () => ({ claims: { exp: String(now() + 60) } })],
    ['whose expiry is no date', 'ASSERTION_WITHOUT_EXPIRY', () => ({ claims: { exp: 1e300 } })],
    ['that expired 6 s ago', 'ASSERTION_EXPIRED', () => ({ claims: { exp: now() - 6 } })],
    ['for longer than ten minutes', 'ASSERTION_TOO_LONG', () => ({ claims: { exp: now() + 610 } })],
    ['made 7 s in the future', 'ASSERTION_NOT_YET_VALID', () => ({ claims: { iat: now() + 7 } })],
    ['not good yet', 'ASSERTION_NOT_YET_VALID', () => ({ claims: { nbf: now() + 7 } })],
    ['whose nbf is a text', 'ASSERTION_NOT_YET_VALID', () => ({ claims: { nbf: '1' } })],
    ['without id', 'ASSERTION_WITHOUT_ID', () => ({ claims: { jti: undefined } })],
    ['whose id is a number', 'ASSERTION_WITHOUT_ID', () => ({ claims: { jti: 7 } })],
    ['signed with another key', 'ASSERTION_SIGNATURE_WRONG', () => ({ key: otherKey })],
    [
      'signed with another key, none named',
      'ASSERTION_SIGNATURE_WRONG',
      () => ({ key: otherKey, header: { kid: undefined } }),
    ],
    ['signed with a key that is not here', 'ASSERTION_KEY_UNKNOWN', () => ({ header: { kid: '../../etc/passwd' } })],
    ['whose kid is no text', 'ASSERTION_KEY_UNKNOWN', () => ({ header: { kid: 7 } })],
    ['by another algorithm than the key has', 'ASSERTION_ALGORITHM_WRONG', () => ({ header: { kid: 'rsa' } })],
    ['with an address of keys', 'ASSERTION_HEADER_REFUSED', () => ({ header: { jku: 'https://evil/jwks' } })],
    ['with a key in it', 'ASSERTION_HEADER_REFUSED', () => ({ key: otherKey, header: { jwk: { kty: 'EC' } } })],
    ['with the address of a certificate', 'ASSERTION_HEADER_REFUSED', () => ({ header: { x5u: 'https://evil' } })],
    [
      'with something critical',
      'ASSERTION_HEADER_REFUSED',
      () => ({ header: { crit: ['https://example.org/crit'], 'https://example.org/crit': 1 } }),
    ],
    ['of another type', 'ASSERTION_TYPE_WRONG', () => ({ header: { typ: 'dpop+jwt' } })],
  ])('%s: %s', async (_name, key, changes) => {
    const assertion = await assertionOf(changes())
    const response = await present(assertion)
    expect([response.status, await response.json()]).toEqual([
      401,
      { error: 'invalid_client', error_description: 'Client authentication failed' },
    ])
    expect(reason()?.key).toBe(key)
    expect(JSON.stringify(server().records)).not.toContain(assertion)
  })

  it.each([
    ['no JWT', 'nonsense'],
    ['of five parts', 'a.b.c.d.e'],
    ['with a header that is no JSON', 'YQ.YQ.YQ'],
    ['with a list as claims', `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.W10.YQ`],
  ])('%s', async (_name, assertion) => {
    expect((await present(assertion)).status).toBe(401)
    expect(reason()?.key).toBe('ASSERTION_UNREADABLE')
  })

  it.each(['none', 'None', 'HS1', '__proto__', 'RSA-OAEP'])('that says alg %s (RFC 8725 §3.2)', async (alg) => {
    const [, payload] = (await assertionOf()).split('.')
    const header = Buffer.from(JSON.stringify({ alg, kid: 'ec' })).toString('base64url')
    for (const signature of ['', 'AAAA']) {
      expect((await present(`${header}.${payload}.${signature}`)).status).toBe(401)
      expect(reason()?.key).toBe('ASSERTION_ALGORITHM_UNSUPPORTED')
    }
  })

  it('that is not signed at all, as a library would make it', async () => {
    const claims = { iss: SIGNER.clientId, sub: SIGNER.clientId, aud: issuer(), exp: now() + 60, jti: 'x' }
    expect((await present(new UnsecuredJWT(claims).encode())).status).toBe(401)
  })

  it('whose MAC was made with the public key, which everybody has (RFC 8725 §2.1)', async () => {
    for (const form of ['pem', 'jwk'] as const) {
      const exported = createPublicKey({ key: RSA.publicJwk as JsonWebKey, format: 'jwk' })
      const secret =
        form === 'pem' ? exported.export({ format: 'pem', type: 'spki' }).toString() : JSON.stringify(RSA.publicJwk)
      const [, payload] = (await assertionOf()).split('.')
      const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: 'rsa' })).toString('base64url')
      const mac = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')
      // Also where both methods are open, and where a secret is there.
      for (const authenticationMethods of [['private_key_jwt'], ['private_key_jwt', 'client_secret_jwt']] as const) {
        await apply({ ...SIGNER, authenticationMethods, secrets: MAC.secrets })
        expect((await present(`${header}.${payload}.${mac}`)).status).toBe(401)
      }
    }
  })

  it('that was changed', async () => {
    const [header, , signature] = (await assertionOf()).split('.')
    const [, payload] = (await assertionOf()).split('.')
    expect((await present(`${header}.${payload}.${signature}`)).status).toBe(401)
    expect(reason()?.key).toBe('ASSERTION_SIGNATURE_WRONG')
  })

  it('whose secret is another, or too short (RFC 7518 §3.2)', async () => {
    await apply(MAC)
    await present(await assertionOf({ key: `${LONG_SECRET}x` }))
    expect(reason()?.key).toBe('ASSERTION_SIGNATURE_WRONG')
    const short = 'x'.repeat(31)
    await apply({ ...MAC, secrets: [{ id: 'secret-1', secret: short }] })
    await present(await assertionOf({ key: short }))
    expect(reason()).toMatchObject({
      key: 'ASSERTION_SECRET_TOO_SHORT',
      sentence: expect.stringContaining('HS256 needs a secret of 32 bytes or more'),
      remedies: [{ label: 'Renew its secret' }],
    })
    await apply({ ...MAC, secrets: [{ id: 'secret-1', secret: `${short}x` }] })
    expect((await present(await assertionOf({ key: `${short}x` }))).status).toBe(200)
  })

  it('of a disabled application, and of one without keys', async () => {
    await apply({ ...SIGNER, enabled: false })
    await present(await assertionOf())
    expect(reason()?.key).toBe('APPLICATION_DISABLED')
    await apply({ ...SIGNER, jwks: [] })
    await present(await assertionOf())
    expect(reason()?.key).toBe('ASSERTION_KEY_UNKNOWN')
  })

  it('beside another way to authenticate, and half (RFC 6749 §2.3, RFC 7521 §4.2)', async () => {
    const assertion = await assertionOf()
    const attempts: [Record<string, string>, Record<string, string>, string][] = [
      [{}, { authorization: basic('a', 'b') }, 'CLIENT_AUTHENTICATED_TWICE'],
      [{ client_id: SIGNER.clientId, client_secret: 'x' }, {}, 'CLIENT_AUTHENTICATED_TWICE'],
      [{ client_assertion: '' }, {}, 'CLIENT_ASSERTION_INCOMPLETE'],
      [{ client_assertion_type: '' }, {}, 'CLIENT_ASSERTION_INCOMPLETE'],
      [{ client_assertion_type: 'saml' }, {}, 'CLIENT_ASSERTION_TYPE_UNSUPPORTED'],
    ]
    for (const [form, headers, key] of attempts) {
      const response = await present(assertion, form, headers)
      expect([response.status, reason()?.key]).toEqual([400, key])
    }
    expect((await present(assertion)).status).toBe(200)
  })
})

describe('an assertion is good once (RFC 7523 §3, item 7)', () => {
  beforeEach(() => apply(SIGNER))

  it('also by many at the same time, in another wrapping, and after a restart', async () => {
    const assertion = await assertionOf()
    const together = await Promise.all(Array.from({ length: 20 }, () => present(assertion)))
    expect(together.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(reason()?.key).toBe('ASSERTION_REPLAYED')
    const jti = (JSON.parse(Buffer.from(assertion.split('.')[1]!, 'base64url').toString()) as { jti: string }).jti
    expect((await present(await assertionOf({ claims: { jti } }))).status).toBe(401)
    await restart()
    await apply(SIGNER)
    // The port is another one, and the issuer with it.
    expect((await present(await assertionOf({ claims: { jti } }))).status).toBe(401)
    expect(reason()?.key).toBe('ASSERTION_REPLAYED')
    expect((await present(await assertionOf())).status).toBe(200)
  })

  it('and what is refused for another reason is not used up', async () => {
    const jti = randomUUID()
    expect((await present(await assertionOf({ claims: { jti, aud: 'https://example.org' } }))).status).toBe(401)
    expect((await present(await assertionOf({ claims: { jti }, key: clientKey('ES256').privateJwk }))).status).toBe(401)
    expect((await present(await assertionOf({ claims: { jti } }))).status).toBe(200)
  })

  it('up to the last moment that it is good', async () => {
    const assertion = await assertionOf()
    expect((await present(assertion)).status).toBe(200)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 64_000 })
    expect((await present(assertion)).status).toBe(401)
    expect(reason()?.key).toBe('ASSERTION_REPLAYED')
  })
})

describe('a public key that cannot be used refuses the domain, with its field and a remedy', () => {
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
  it.each<[string, Jwk]>([
    ['a private key', EC.privateJwk],
    ['a secret', { kty: 'oct', k: 'AAAA' }],
    ['nonsense', { kty: 'EC' }],
    ['a key that is too short', { ...small }],
    ['a key of another algorithm', { ...EC.publicJwk, alg: 'RS256' }],
    ['a key to encrypt with', { ...EC.publicJwk, use: 'enc' }],
  ])('%s', async (_name, jwk) => {
    const applications = [{ ...SIGNER, jwks: [RSA.publicJwk, jwk] }]
    const error: unknown = await server()
      .authorization.prepare([domain({ applications })])
      .catch((each: unknown) => each)
    expect(error).toBeInstanceOf(DomainRefusal)
    expect(error).toMatchObject({ field: '/applications/0/jwks/1', remedy: expect.stringMatching(/\.$/) })
  })
})
