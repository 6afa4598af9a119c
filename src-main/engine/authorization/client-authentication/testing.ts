import { createPublicKey, randomUUID, type JsonWebKey } from 'node:crypto'
import { CompactSign, importJWK, type CompactJWSHeaderParameters } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest'
import { application, domain, keyPair, startTestServer, type TestApplication, type TestServer } from '../testing'

export const TOKEN = '/orders/oauth/token'
export const GRANT = { grant_type: 'client_credentials' }
export const LONG_SECRET = 'a secret of sixty-four bytes and more, as HMAC with SHA-512 wants: ä'
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export type Jwk = Readonly<Record<string, unknown>>
/** The private and the public key of a client. */
export function clientKey(algorithm: 'ES256' | 'RS256' | 'EdDSA', kid?: string): { privateJwk: Jwk; publicJwk: Jwk } {
  const { material } = keyPair(algorithm)
  if (!('privateJwk' in material)) throw new Error('A key pair has a private key')
  const privateJwk = material.privateJwk
  const publicJwk = createPublicKey({ key: privateJwk as JsonWebKey, format: 'jwk' }).export({ format: 'jwk' })
  return { privateJwk, publicJwk: { ...publicJwk, ...(kid === undefined ? {} : { kid }) } }
}
export const EC = clientKey('ES256', 'ec')
export const RSA = clientKey('RS256', 'rsa')
export const SIGNER = application({
  authenticationMethods: ['private_key_jwt'],
  secrets: [],
  jwks: [EC.publicJwk, RSA.publicJwk],
})
export const MAC = application({ authenticationMethods: ['client_secret_jwt'], clientSecret: LONG_SECRET })
export const PUBLIC = application({ authenticationMethods: ['none'], secrets: [] })

export interface AssertionChanges {
  readonly claims?: Record<string, unknown>
  readonly header?: Record<string, unknown>
  readonly key?: Jwk | string
}

/** One server for the tests of a file, and assertions that are presented to it. To be called once in a file. */
export function withClients() {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer()
  })
  beforeEach(() => void server.records.splice(0))
  afterEach(() => void vi.useRealTimers())
  afterAll(() => server.stop())

  const apply = (of: TestApplication) => server.apply(domain({ applications: [of] }))
  const issuer = () => `${server.address}/orders/oidc`

  /** An assertion of the application, good but for the changes; a text as key is a secret. */
  async function assertionOf({ claims, header, key = EC.privateJwk }: AssertionChanges = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const { clientId } = SIGNER
    const payload = {
      iss: clientId,
      sub: clientId,
      aud: issuer(),
      jti: randomUUID(),
      iat: now,
      exp: now + 60,
      ...claims,
    }
    const alg = typeof key === 'string' ? 'HS256' : 'ES256'
    const kid = typeof key === 'string' ? {} : { kid: 'ec' }
    const protectedHeader = { alg, ...kid, ...header } as CompactJWSHeaderParameters
    const jws = new CompactSign(Buffer.from(JSON.stringify(payload))).setProtectedHeader(protectedHeader)
    return jws.sign(typeof key === 'string' ? Buffer.from(key) : await importJWK(key, protectedHeader.alg), {
      crit: { 'https://example.org/crit': true },
    })
  }
  const present = (assertion: string, form: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    server.post(
      TOKEN,
      { ...GRANT, client_assertion_type: ASSERTION_TYPE, client_assertion: assertion, ...form },
      undefined,
      headers,
    )
  const reason = () => server.records.at(-1)?.refusal

  /** On the same state folder, without domains. */
  const restart = async () => {
    server = await server.restart()
  }

  return { server: () => server, restart, apply, issuer, assertionOf, present, reason }
}
