import {
  compactVerify,
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  importJWK,
  jwtVerify,
  SignJWT,
  type JWK,
} from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { signingAlgorithms, type SigningAlgorithm } from '@shared/signing-key'
import type { KeySnapshot } from '../../snapshot'
import { DomainRefusal } from '../index'
import { application, domain, newKey, startTestServer, type TestServer } from '../testing'

const ALGORITHMS = Object.keys(signingAlgorithms) as SigningAlgorithm[]
const PAIRS = ALGORITHMS.filter((algorithm) => signingAlgorithms[algorithm].kty !== 'oct')

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterEach(() => void vi.useRealTimers())
afterAll(() => server.stop())

const retired = (key: KeySnapshot, expiresAt?: number): KeySnapshot => ({
  ...key,
  status: 'retired',
  ...(expiresAt === undefined ? {} : { expiresAt }),
})
const kidOf = async (keys: readonly KeySnapshot[]) =>
  decodeProtectedHeader(await server.token(domain({ keys: [...keys] }))).kid

async function introspect(token: string): Promise<{ active: boolean }> {
  const response = await server.post('/orders/oauth/introspect', { token }, application())
  return (await response.json()) as { active: boolean }
}
/** Why a token is not taken, as the person at the window is told. */
const reasonOf = (token: string) => {
  const found = server.authorization.local.introspect('orders', application(), token)
  return 'reason' in found ? found.reason : undefined
}
async function publishedKids(): Promise<unknown[]> {
  const response = await fetch(`${server.address}/orders/oidc/.well-known/jwks.json`)
  return ((await response.json()) as { keys: { kid: unknown }[] }).keys.map(({ kid }) => kid)
}
/** The key as another library would hold it. */
const joseKey = ({ algorithm, material }: KeySnapshot) =>
  'secret' in material
    ? Buffer.from(material.secret, 'base64url')
    : importJWK(material.privateJwk as unknown as JWK, algorithm)

describe('every algorithm (RFC 7518 §3.1, RFC 8037 §3.1)', () => {
  it.each(ALGORITHMS)('%s: jose takes our signature, and we take the one that jose made', async (algorithm) => {
    const key = newKey(algorithm)
    await server.apply(domain({ keys: [key] }))
    const token = await server.token(domain())
    expect(decodeProtectedHeader(token)).toEqual({ kid: key.kid, alg: algorithm })
    if ('secret' in key.material) await compactVerify(token, Buffer.from(key.material.secret, 'base64url'))
    else {
      const jwks = createRemoteJWKSet(new URL(`${server.address}/orders/oidc/.well-known/jwks.json`))
      const issuer = `${server.address}/orders/oidc`
      const { payload } = await jwtVerify(token, jwks, { issuer, algorithms: [algorithm] })
      expect(payload.sub).toBe('orders-service')
    }
    const theirs = await new SignJWT({ ...decodeJwt(token), jti: 'made-by-jose' })
      .setProtectedHeader({ alg: algorithm, kid: key.kid })
      .sign(await joseKey(key))
    expect(await introspect(theirs)).toMatchObject({ active: true, jti: 'made-by-jose' })
  })

  it.each(PAIRS)('%s: the JWK set says what the key is for (RFC 7517 §4.2, §4.4)', async (algorithm) => {
    await server.apply(domain({ keys: [newKey(algorithm)] }))
    const response = await fetch(`${server.address}/orders/oidc/.well-known/jwks.json`)
    const { kty, crv } = { crv: undefined, ...signingAlgorithms[algorithm] }
    expect(await response.json()).toMatchObject({
      keys: [{ kid: `${algorithm}-key`, use: 'sig', alg: algorithm, kty, ...(crv === undefined ? {} : { crv }) }],
    })
  })

  it('a key of the same kind never verifies for another algorithm (RFC 8725 §3.1)', async () => {
    const key = newKey('PS256')
    await server.apply(domain({ keys: [key] }))
    const claims = decodeJwt(await server.token(domain()))
    for (const alg of ['RS256', 'PS384', 'PS512', 'RS512']) {
      const forged = await new SignJWT({ ...claims })
        .setProtectedHeader({ alg, kid: key.kid })
        .sign(await importJWK('privateJwk' in key.material ? { ...key.material.privateJwk } : {}, alg))
      expect(await introspect(forged)).toEqual({ active: false })
      // Under the key's own name, with the other's signature.
      const [, payload, signature] = forged.split('.')
      const header = Buffer.from(JSON.stringify({ kid: key.kid, alg: 'PS256' })).toString('base64url')
      expect(await introspect(`${header}.${payload}.${signature}`)).toEqual({ active: false })
    }
  })

  it.each([
    ['HS384', newKey('HS256'), /a secret of 48 bytes or more/],
    ['HS512', newKey('HS384'), /a secret of 64 bytes or more/],
    ['RS512', newKey('ES512'), /an RSA key of 2048 bits or more/],
    ['PS256', newKey('EdDSA'), /an RSA key of 2048 bits or more/],
    ['ES384', newKey('ES256'), /a P-384 key/],
    ['ES512', newKey('ES384'), /a P-521 key/],
    ['EdDSA', newKey('ES256'), /an Ed25519 key/],
  ] as const)(
    '%s takes no key that is too small or of another kind (RFC 7518 §3.2 to §3.5)',
    async (algorithm, key, says) => {
      const error: unknown = await server.authorization
        .prepare([domain({ keys: [{ ...key, algorithm }] })])
        .catch((refusal: unknown) => refusal)
      expect(error).toBeInstanceOf(DomainRefusal)
      expect(error).toMatchObject({ field: '/keys/0/material', message: expect.stringMatching(says) })
    },
  )
})

describe('several active keys', () => {
  it('the first active one signs, whatever stands before it, and every one verifies', async () => {
    const keys = [retired(newKey('RS256', 'old')), newKey('ES256', 'first'), newKey('HS256', 'second')]
    await server.apply(domain({ keys }))
    expect(await kidOf(keys)).toBe('first')
    const token = await server.token(domain())
    await server.apply(domain({ keys: [keys[2]!, keys[1]!, keys[0]!] }))
    expect(await kidOf(keys)).toBe('second')
    expect(await introspect(token)).toMatchObject({ active: true })
    expect(await publishedKids()).toEqual(['first', 'old'])
  })
})

describe('a retired key with an end', () => {
  it('verifies and is published until then, and from that millisecond on neither, although nobody removed it', async () => {
    const old = newKey('ES256', 'old')
    await server.apply(domain({ keys: [old] }))
    const [seen, unseen] = [await server.token(domain()), await server.token(domain())]
    const end = Date.now() + 60_000
    await server.apply(domain({ keys: [newKey('RS256', 'new'), retired(old, end)] }))
    expect(await introspect(seen)).toMatchObject({ active: true })
    expect(await publishedKids()).toEqual(['new', 'old'])

    vi.useFakeTimers({ toFake: ['Date'], now: end - 1 })
    expect(await introspect(seen)).toMatchObject({ active: true })
    vi.setSystemTime(end)
    for (const token of [seen, unseen]) {
      expect(await introspect(token)).toEqual({ active: false })
      expect(reasonOf(token)).toBe(
        `It is signed by key old, which was retired and has been over since ${new Date(end).toISOString()}`,
      )
    }
    expect(await publishedKids()).toEqual(['new'])
  })

  it('ends at once when its end is put in the past, also for a token that was verified before', async () => {
    const old = newKey('HS256', 'old')
    await server.apply(domain({ keys: [old] }))
    const token = await server.token(domain())
    expect(await introspect(token)).toMatchObject({ active: true })
    await server.apply(domain({ keys: [newKey('ES256'), retired(old, Date.now())] }))
    expect(await introspect(token)).toEqual({ active: false })
    await server.apply(domain({ keys: [newKey('ES256'), retired(old)] }))
    expect(await introspect(token)).toMatchObject({ active: true })
  })
})
