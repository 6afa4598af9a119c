import { request } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { application, basic, domain, keyPair, startTestServer, user, type TestServer } from '../testing'
import { createTestBrowser } from '../testing-browser'
import { getTokens, webApplication } from '../testing-tokens'

const SHOP = webApplication({ allowedOrigins: ['https://shop.example'] })
const GATEWAY = application({ id: 'application-gateway', name: 'Gateway', clientId: 'gateway' })
const ORDERS = domain({ applications: [SHOP, GATEWAY], users: [user()], keys: [keyPair('ES256')] })

let server: TestServer
/** Good ones: of a user, one that is no access token, and one to refresh with. */
let tokens: readonly string[]
beforeAll(async () => {
  server = await startTestServer()
  await server.apply(ORDERS)
  const answer = await getTokens(server, createTestBrowser(server), SHOP, { scope: 'openid email' })
  tokens = [answer.access_token, answer.id_token!, answer.refresh_token!]
})
afterAll(() => server.stop())

interface Sent {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
}

function send({ method, path, headers, body }: Sent) {
  return new Promise<{ status: number; type: string; text: string }>((resolve, reject) => {
    const sent = request(server.address + path, { method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      const type = response.headers['content-type'] ?? ''
      response.on('end', () => resolve({ status: response.statusCode ?? 0, type, text }))
    })
    sent.on('error', reject).end(['POST', 'PUT', 'PROPFIND'].includes(method) ? body : '')
  })
}

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
/** Header and claims that somebody makes up, with the signature of a good token or none. */
const madeUp = fc.tuple(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 }), fc.boolean())
const changed = fc.record({
  which: fc.nat({ max: 2 }),
  at: fc.nat({ max: 600 }),
  character: fc.constantFrom('A', '.', '=', '-', '', ' ', '%', '\u00e9'),
})
const token: fc.Arbitrary<() => string> = fc.oneof(
  { weight: 2, arbitrary: fc.nat({ max: 2 }).map((which) => () => tokens[which]!) },
  {
    weight: 2,
    arbitrary: changed.map(({ which, at, character }) => () => {
      const good = tokens[which]!
      const place = at % good.length
      return good.slice(0, place) + character + good.slice(place + 1)
    }),
  },
  {
    weight: 2,
    arbitrary: madeUp.map(([header, claims, signed]) => () => {
      const signature = signed ? tokens[0]!.split('.')[2]! : ''
      return `${encode(header)}.${encode(claims)}.${signature}`
    }),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }).map((text) => () => text) },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '..', '...', 'x'.repeat(9000), '__proto__').map((text) => () => text) }, // prettier-ignore
)
/** What a header can hold. */
const inHeader = (text: string) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?')
const inForm = (text: string) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '?'))

const WELL_KNOWN = ['/orders/oidc/.well-known/openid-configuration', '/orders/oidc/.well-known/oauth-authorization-server', '/.well-known/openid-configuration/orders/oidc', '/.well-known/oauth-authorization-server/orders/oidc', '/orders/oidc/.well-known/jwks.json'] // prettier-ignore
const PATHS = ['/orders/oidc/userinfo', '/orders/oidc/userinfo', '/orders/oauth/introspect', '/orders/oauth/revoke', ...WELL_KNOWN] // prettier-ignore

const wildRequest: fc.Arbitrary<() => Sent> = fc
  .record({
    method: fc.constantFrom(
      'GET',
      'GET',
      'GET',
      'POST',
      'POST',
      'POST',
      'POST',
      'HEAD',
      'OPTIONS',
      'PUT',
      'DELETE',
      'PROPFIND',
    ),
    path: fc.constantFrom(...PATHS),
    tail: fc.constantFrom('', '', '', '/', '?', '?access_token=x', '?a=%zz', '?%00=1&%00=1', '/..', '//', '%2f', ';a'),
    token,
    scheme: fc.constantFrom('Bearer ', 'bearer ', 'Bearer', 'DPoP ', 'Basic ', ''),
    where: fc.constantFrom('header', 'header', 'body', 'both', 'nowhere'),
    client: fc.constantFrom('gateway', 'shop', 'wrong', 'none'),
    origin: fc.constantFrom(undefined, 'https://shop.example', 'https://evil.example', 'null', 'x\u00e9'),
    type: fc.constantFrom('application/x-www-form-urlencoded', 'application/x-www-form-urlencoded', 'application/json', ''), // prettier-ignore
    more: fc.constantFrom(
      '',
      '&token=x',
      '&token_type_hint=refresh_token',
      '&access_token=x',
      '&%=%',
      '&client_id=shop',
    ),
  })
  .map(({ method, path, tail, token, scheme, where, client, origin, type, more }) => () => {
    const text = token()
    const isUserinfo = path.endsWith('userinfo')
    const authorization = isUserinfo ? scheme + inHeader(text) : credentialsOf(client)
    return {
      method,
      path: path + tail,
      headers: {
        ...(type === '' ? {} : { 'content-type': type }),
        ...(origin === undefined ? {} : { origin, 'access-control-request-method': 'POST' }),
        ...(authorization === undefined || (isUserinfo && (where === 'body' || where === 'nowhere'))
          ? {}
          : { authorization }),
      },
      body: where === 'nowhere' || (isUserinfo && where === 'header') ? '' : `${isUserinfo ? 'access_token' : 'token'}=${inForm(text)}${more}`, // prettier-ignore
    }
  })

/** One that gets through at each of them. A wild one may revoke the tokens, so that later ones are none any more. */
function tameRequests(): Sent[] {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const authorization = basic(GATEWAY.clientId, GATEWAY.clientSecret)
  return [
    { method: 'GET', path: '/orders/oidc/userinfo', headers: { authorization: `Bearer ${tokens[0]!}` }, body: '' },
    {
      method: 'POST',
      path: '/orders/oauth/introspect',
      headers: { ...form, authorization },
      body: `token=${tokens[0]!}`,
    },
    { method: 'POST', path: '/orders/oauth/revoke', headers: { ...form, authorization }, body: 'token=unknown' },
    ...WELL_KNOWN.map((path) => ({ method: 'GET', path, headers: {}, body: '' })),
  ]
}

function credentialsOf(client: string): string | undefined {
  if (client === 'none') return undefined
  const of = client === 'shop' ? SHOP : GATEWAY
  return basic(of.clientId, client === 'wrong' ? 'wrong' : of.clientSecret)
}

it(
  'userinfo, introspection, revocation, metadata and keys answer thousands of wild requests without a fault',
  { timeout: 120_000 },
  async () => {
    for (const tame of tameRequests()) expect([tame.path, (await send(tame)).status]).toEqual([tame.path, 200])
    const seen = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(fc.array(wildRequest, { minLength: 8, maxLength: 8 }), async (requests) => {
        const sent = requests.map((make) => make())
        const answers = await Promise.all(sent.map(send))
        for (const [index, { status, type, text }] of answers.entries()) {
          const { method, path } = sent[index]!
          const which = `${path.split(/[?;%]/)[0]!} ${status}`
          seen.set(which, (seen.get(which) ?? 0) + 1)
          expect([200, 204, 400, 401, 403, 404, 405, 413, 415, 431], `${method} ${path}`).toContain(status)
          expect(text).not.toMatch(/\n\s+at .+:\d+:\d+|node:internal|TypeError/)
          if (text !== '' && status !== 431) expect(type, text).toMatch(/^application\/(?:json|jwt)/)
          if (status >= 400 && text !== '' && type.includes('json')) {
            expect(JSON.parse(text)).toMatchObject({ error: expect.any(String) })
          }
        }
      }),
      { numRuns: 500 },
    )
    expect(server.records.filter(({ outcome }) => outcome !== 'answered' && outcome !== 'refused')).toEqual([])
    for (const status of [400, 401]) expect(seen.get(`/orders/oidc/userinfo ${status}`) ?? 0).toBeGreaterThan(5)
  },
)
