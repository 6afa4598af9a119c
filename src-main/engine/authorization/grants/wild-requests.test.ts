import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { basic, domain, keyPair, startTestServer, user, type TestServer } from '../testing'
import { createTestBrowser, type TestBrowser } from '../testing-browser'
import { askForTokens, getCode, newPkce, webApplication } from '../testing-tokens'

const SECRET = 'a secret of more than thirty-two bytes'
const API = 'https://api.example/orders'
const SHOP = webApplication({
  clientSecret: SECRET,
  authenticationMethods: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'],
  grantTypes: ['authorization_code', 'refresh_token', 'client_credentials', 'password'],
  allowedResources: [API],
})
const { verifier, challenge } = newPkce()

let server: TestServer
let browser: TestBrowser
beforeAll(async () => {
  server = await startTestServer()
  await server.apply(
    domain({ applications: [SHOP], users: [user()], keys: [keyPair('ES256')], maxLoginAttempts: 1000 }),
  )
  browser = createTestBrowser(server)
})
afterAll(() => server.stop())

const ADA = { username: 'ada', password: 'correct horse', scope: 'openid read' }
/** A good request of each grant, with what it presents got for it alone. */
const GOOD: Readonly<Record<string, () => Promise<Record<string, string>>>> = {
  client_credentials: () => Promise.resolve({ scope: 'read', resource: API }),
  password: () => Promise.resolve({ ...ADA }),
  authorization_code: async () => ({
    code: await getCode(browser, SHOP, { scope: 'openid read', ...challenge }),
    code_verifier: verifier,
    redirect_uri: SHOP.redirectUris[0]!,
  }),
  refresh_token: async () => {
    const { refresh_token = '' } = await askForTokens(server, SHOP, { grant_type: 'password', ...ADA })
    return { refresh_token, scope: 'read' }
  },
}

function assertion(header: unknown, claims: unknown): string {
  const now = Math.floor(Date.now() / 1000)
  const { clientId } = SHOP
  const whole = { iss: clientId, sub: clientId, aud: `${server.address}/orders/oidc`, jti: String(Math.random()), exp: now + 60 } // prettier-ignore
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const merged = (good: object, wild: unknown) => (typeof wild === 'object' ? { ...good, ...wild } : wild)
  const input = `${encode(merged({ alg: 'HS256' }, header))}.${encode(merged(whole, claims))}`
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`
}

const parameter = fc.constantFrom(
  'grant_type', 'code', 'code_verifier', 'redirect_uri', 'refresh_token', 'scope', 'username', 'password', 'resource',
  'client_id', 'client_secret', 'client_assertion', 'client_assertion_type', 'token', '__proto__', 'constructor',
) // prettier-ignore
const wildText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('', ' ', 'x'.repeat(43), 'x'.repeat(9000), 'a.b', 'a.b.c', '../x', 'openid', 'read write', API, `${API}#`, 'null', '\0'), // prettier-ignore
)
const raw = fc.oneof(
  wildText.map((text) => encodeURIComponent(text.replace(/[\ud800-\udfff]/g, '?'))),
  fc.constantFrom('%', '%zz', '%00', '%ff%fe', '+', '=', '=='),
)
/** What is done to a good request: a parameter is left out, given once more, or is something else. */
const change = fc.record({ parameter, kind: fc.constantFrom('missing', 'again', 'other'), value: raw })
const members = fc.dictionary(
  fc.constantFrom('alg', 'kid', 'typ', 'jku', 'crit', 'iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti', 'x'),
  fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('HS256', 'HS512', 'ES256', 'none', 'shop', -1, 1e300, 0)),
  { maxKeys: 3 },
)
const authentication = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ how: 'basic' as const }) },
  { weight: 1, arbitrary: fc.record({ how: fc.constant('assertion' as const), header: members, claims: members }) },
  { weight: 1, arbitrary: fc.record({ how: fc.constant('assertion' as const), header: fc.jsonValue(), claims: fc.jsonValue() }) }, // prettier-ignore
  { weight: 1, arbitrary: fc.constant({ how: 'none' as const }) },
)

it(
  'the token endpoint answers thousands of broken requests of every grant with a refusal, never with a fault',
  { timeout: 180_000 },
  async () => {
    const seen = new Map<number, number>()
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(GOOD)),
        fc.array(change, { maxLength: 3 }),
        authentication,
        async (grantType, changes, proof) => {
          const form = new URLSearchParams({ grant_type: grantType, ...(await GOOD[grantType]!()) })
          if (proof.how === 'assertion') {
            form.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
            form.set('client_assertion', assertion(proof.header, proof.claims))
          }
          let body = form.toString()
          for (const { parameter, kind, value } of changes) {
            if (kind !== 'again') body = body.split('&').filter((pair) => !pair.startsWith(`${parameter}=`)).join('&') // prettier-ignore
            if (kind !== 'missing') body += `&${parameter}=${value}`
          }
          const headers = proof.how === 'basic' ? { authorization: basic(SHOP.clientId, SECRET) } : {}
          const response = await server.post('/orders/oauth/token', body, undefined, headers as Record<string, string>)
          const answer = (await response.json()) as Record<string, unknown>
          seen.set(response.status, (seen.get(response.status) ?? 0) + 1)
          expect([200, 400, 401]).toContain(response.status)
          if (response.status === 200) expect(answer).toHaveProperty('access_token')
          else expect(answer).toMatchObject({ error: expect.stringMatching(/^(invalid|unauthorized|unsupported)_/) })
          expect(String(answer.error_description ?? 'x')).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
        },
      ),
      { numRuns: 2000 },
    )
    // All kinds of answers came, so the requests were neither all broken nor all good.
    for (const status of [200, 400, 401]) expect(seen.get(status) ?? 0).toBeGreaterThan(20)
    expect(server.records.filter(({ outcome }) => outcome === 'failed' || outcome === 'aborted')).toEqual([])
  },
)
