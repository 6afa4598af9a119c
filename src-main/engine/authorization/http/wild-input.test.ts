import { request } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { application, basic, domain, scopeSettings, startTestServer, type TestServer } from '../testing'
import { readBody } from './form'

const CLIENT = application({ scopeSettings: scopeSettings(['read']) })
let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.apply(domain({ applications: [CLIENT] }))
})
afterAll(() => server.stop())

/** Bytes on the wire as they are: fetch would tidy some of them up. */
function send(path: string, headers: Record<string, string>, body: Buffer) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(`${server.address}/orders/oauth/${path}`, { method: 'POST', headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.on('error', reject).end(body)
  })
}

/** Lone surrogates have no UTF-8. */
const isWellFormed = (text: string) => !/\p{Surrogate}/u.test(text)
const name = fc.constantFrom(
  'grant_type',
  'client_id',
  'client_secret',
  'scope',
  'token',
  '__proto__',
  '',
  'a',
  '%67',
  '%zz',
)
const value = fc.oneof(
  fc.constantFrom(
    'client_credentials',
    'read',
    CLIENT.clientId,
    encodeURIComponent(CLIENT.clientSecret),
    '%00',
    '%ff',
    '+',
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('%', '+', '&', '=', '0', 'f', 'F', 'z', '.', '\0', 'ü'), maxLength: 20 }),
)
const form = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(
        fc.tuple(name, value).map((pair) => pair.join('=')),
        { maxLength: 6 },
      )
      .map((all) => Buffer.from(all.join('&'))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
)
const credentials = fc.oneof(
  fc.constant(basic(CLIENT.clientId, CLIENT.clientSecret)),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => `Basic ${Buffer.from(bytes).toString('base64')}`),
  value.map((text) => `Basic ${Buffer.from(text).toString('base64')}`),
  fc.string({ unit: fc.constantFrom('B', 'a', 's', 'i', 'c', ' ', '=', ':', '-', '/'), maxLength: 20 }),
)

it(
  'answers thousands of wild requests with 200 or a refusal in JSON, never with a fault',
  { timeout: 60_000 },
  async () => {
    const endpoint = fc.constantFrom('token', 'introspect', 'check_token', 'revoke')
    await fc.assert(
      fc.asyncProperty(endpoint, credentials, form, async (path, authorization, body) => {
        const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
        const { status, text } = await send(path, headers, body)
        expect([200, 400, 401]).toContain(status)
        if (status !== 200)
          expect(JSON.parse(text)).toMatchObject({ error: expect.stringMatching(/^(invalid|un)[a-z_]+$/) })
      }),
      { numRuns: 3000 },
    )
    expect(server.records.filter(({ outcome }) => outcome !== 'answered' && outcome !== 'refused')).toEqual([])
  },
)

it('reads back every form that a client encodes by the rules (RFC 6749 appendix B)', () => {
  const wellFormed = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((text) => isWellFormed(text) && !text.includes('\0'))
  fc.assert(
    fc.property(fc.dictionary(wellFormed, wellFormed), (parameters) => {
      const encoded = new URLSearchParams(Object.entries(parameters)).toString()
      expect([...readBody(Buffer.from(encoded)).form]).toEqual(Object.entries(parameters))
    }),
    { numRuns: 2000 },
  )
})

it('takes every id and secret in Basic credentials, form-encoded (RFC 6749 §2.3.1)', async () => {
  const id = fc.string({ minLength: 1, maxLength: 40 }).map((text) => text.replaceAll(' ', '_'))
  const secret = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => isWellFormed(text))
  await fc.assert(
    fc.asyncProperty(id, secret, async (clientId, clientSecret) => {
      await server.apply(domain({ applications: [application({ clientId, clientSecret })] }))
      const response = await server.post('/orders/oauth/token', 'grant_type=client_credentials', {
        clientId,
        clientSecret,
      })
      expect(response.status).toBe(200)
    }),
    { numRuns: 200 },
  )
})
