import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DomainRefusal } from './index'
import { application, domain, keyPair, secretKey, startTestServer, type TestServer } from './testing'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

describe('domains come and go while the server runs', () => {
  it('at once and whole, also under load', async () => {
    const first = domain({ applications: [application({ clientSecret: 'one' })], keys: [secretKey('one')] })
    const second = domain({ applications: [application({ clientSecret: 'one' })], keys: [keyPair('ES256', 'two')] })
    await server.apply(first)
    let swapping = true
    const swaps = (async () => {
      for (let round = 0; round < 300; round++) {
        await server.apply(round % 2 === 0 ? second : first)
        await nextTurn()
      }
      swapping = false
    })()
    const kids = new Set<string>()
    const algorithmOf = { one: 'HS256', two: 'ES256' }
    const client = async () => {
      do {
        const token = await server.token(first)
        const header = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as {
          kid: 'one'
          alg: string
        }
        expect(header.alg).toBe(algorithmOf[header.kid])
        kids.add(header.kid)
      } while (swapping)
    }
    await Promise.all([swaps, ...Array.from({ length: 8 }, client)])
    expect([...kids].sort()).toEqual(['one', 'two'])
  })

  it('and a prepared set that is never taken changes nothing', async () => {
    await server.apply(domain())
    await server.authorization.prepare([])
    expect((await server.post('/orders/oauth/token', 'grant_type=client_credentials', application())).status).toBe(200)
    await server.apply()
    expect((await server.post('/orders/oauth/token', 'grant_type=client_credentials', application())).status).toBe(404)
  })
})

describe('a domain that cannot work is refused with its field and a remedy', () => {
  const short = { ...secretKey(), material: { secret: 'c2hvcnQ' } }
  const broken = { ...keyPair('RS256'), material: { privateJwk: { kty: 'RSA', d: 'very-private' } } }
  const misfit = { ...keyPair('ES256'), algorithm: 'RS256' as const }
  const retired = { ...secretKey(), status: 'retired' as const }
  it.each([
    ['a short secret', [domain({ keys: [short] })], '/keys/0/material'],
    ['a broken private key', [domain({ keys: [broken] })], '/keys/0/material'],
    ['a key of another algorithm', [domain({ keys: [misfit] })], '/keys/0/material'],
    ['no active key', [domain({ keys: [retired] })], '/keys'],
    ['two active keys of one algorithm', [domain({ keys: [secretKey('a'), secretKey('b')] })], '/keys/1/status'],
    ['two keys of one name', [domain({ keys: [secretKey(), secretKey()] })], '/keys/1/kid'],
    ['two clients of one id', [domain({ applications: [application(), application()] })], '/applications/1/clientId'],
    ['two domains of one path', [domain(), domain({ id: 'domain-2' })], '/path'],
  ])('%s', async (_name, domains, field) => {
    const error: unknown = await server.authorization.prepare(domains).catch((refusal: unknown) => refusal)
    expect(error).toBeInstanceOf(DomainRefusal)
    expect(error).toMatchObject({ domainPath: 'orders', field, remedy: expect.stringMatching(/\.$/) })
    expect(String(error)).not.toContain('very-private')
  })
})

describe('the server knows its own address', () => {
  it.each([
    ['127.0.0.1', true],
    ['localhost', true],
    ['example.org', false],
  ])('as %s: %s', (host, own) => {
    const { port } = new URL(server.address)
    expect(server.authorization.local.serves(new URL(`http://${host}:${port}/orders`))).toBe(own)
    expect(server.authorization.local.serves(new URL(`http://${host}:1/orders`))).toBe(false)
    expect(server.authorization.local.serves(new URL(`https://${host}:${port}/orders`))).toBe(false)
  })
})
