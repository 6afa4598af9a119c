import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { application, domain, keyPair, startTestServer, user, type TestServer } from '../testing'
import { authorizeAddress, createTestBrowser, type Page, type TestBrowser } from '../testing-browser'
import { getTokens, webApplication, type TokenAnswer } from '../testing-tokens'

const SECRET = 'a secret of more than thirty-two bytes'
const SHOP = webApplication({ grantTypes: ['authorization_code', 'refresh_token', 'password'] })
const SIGNER = application({
  id: 'application-signer',
  clientId: 'signer',
  clientSecret: SECRET,
  authenticationMethods: ['client_secret_jwt'],
})
const ORDERS = domain({ applications: [SHOP, SIGNER], users: [user()], keys: [keyPair('ES256')] })

let server: TestServer
let visitor: TestBrowser
let tokens: TokenAnswer
let loginPage: Page
beforeAll(async () => {
  server = await startTestServer()
  await server.apply(ORDERS)
  tokens = await getTokens(server, createTestBrowser(server), SHOP)
  visitor = createTestBrowser(server)
  loginPage = await visitor.open(authorizeAddress(SHOP))
  await server.closeState()
})
afterAll(() => server.stop())

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
function assertion(): Record<string, string> {
  const [aud, exp] = [`${server.address}/orders/oidc`, Math.floor(Date.now() / 1000) + 60]
  const input = `${encode({ alg: 'HS256' })}.${encode({ iss: 'signer', sub: 'signer', aud, exp, jti: 'once' })}`
  return {
    client_assertion: `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  }
}

it.each<[string, () => Promise<Response>]>([
  ['a password', () => server.post('/orders/oauth/token', { grant_type: 'password', username: 'ada', password: 'correct horse' }, SHOP)],
  ['an assertion', () => server.post('/orders/oauth/token', { grant_type: 'client_credentials', ...assertion() })],
  ['a pushed request', () => server.post('/orders/oauth/par', { response_type: 'code' }, SHOP)],
  ['the introspection of a refresh token', () => server.post('/orders/oauth/introspect', { token: tokens.refresh_token! }, SHOP)],
])('%s is answered with 503 when the disk fails, and the record does not call it a fault of Gatehouse', async (_what, ask) => {
  const response = await ask()
  expect([response.status, await response.json()]).toMatchObject([503, { error: 'temporarily_unavailable' }])
  expect(server.records.at(-1)).toMatchObject({ outcome: 'failed', refusal: { key: 'STATE_UNAVAILABLE' } })
}) // prettier-ignore

it('a login is answered with a page that says to try again', async () => {
  const page = await visitor.press(loginPage, 'log-in', { username: 'ada', password: 'correct horse' })
  expect([page.status, page.text]).toEqual([503, expect.stringContaining('Try again in a moment')])
  expect(server.records.at(-1)?.refusal?.key).toBe('STATE_UNAVAILABLE')
})
