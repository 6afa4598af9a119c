import { request } from 'node:http'
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  application,
  basic,
  domain,
  keyPair,
  scopeSettings,
  startTestServer,
  user,
  type TestServer,
} from '../../testing'
import { authorizeAddress, createTestBrowser } from '../../testing-browser'

const REGISTERED = ['https://shop.example/callback', 'https://shop.example/with?query=1', 'http://127.0.0.1/native']
const SHOP = application({
  name: 'Shop',
  type: 'native',
  clientId: 'shop',
  grantTypes: ['authorization_code'],
  redirectUris: REGISTERED,
  postLogoutRedirectUris: ['https://shop.example/bye'],
  allowedResources: ['https://api.example/'],
  scopeSettings: scopeSettings(['read', 'write'], ['read']),
})
const ORDERS = domain({ applications: [SHOP], users: [user()], keys: [keyPair('ES256')], maxLoginAttempts: 1000 })

let server: TestServer
/** Cookies of somebody who is logged in, and a transaction of theirs. */
let cookie: string
let transaction: string
beforeAll(async () => {
  server = await startTestServer()
  await server.apply(ORDERS)
  const browser = createTestBrowser(server)
  const login = await browser.open(authorizeAddress(SHOP))
  transaction = login.forms[0]!.fields.transaction!
  await browser.press(login, 'log-in', { username: 'ada', password: 'correct horse' })
  cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ')
})
afterAll(() => server.stop())

interface Sent {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
}

/** As it is, unlike fetch, which tidies some of it up. */
function send({ method, path, headers, body }: Sent) {
  return new Promise<{ status: number; location: string | undefined; text: string }>((resolve, reject) => {
    const sent = request(server.address + path, { method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, location: response.headers.location, text }))
    })
    sent.on('error', reject).end(body)
  })
}

/** Values that lead deep into the endpoint, and such as nobody sends by mistake. */
const GOOD: Readonly<Record<string, readonly string[]>> = {
  client_id: ['shop'],
  redirect_uri: [...REGISTERED, 'http://127.0.0.1:51004/native', 'https://evil.example/', 'javascript:alert(1)'],
  response_type: ['code', 'token', 'code id_token'],
  response_mode: ['query', 'fragment', 'form_post', 'x'],
  scope: ['read', 'openid read', 'admin', ' '],
  state: ['xyz', 'a b&c', '\r\nSet-Cookie: a=b', '</script>'],
  nonce: ['n'],
  prompt: ['none', 'login', 'consent', 'select_account', 'none login'],
  max_age: ['0', '3600', '-1', '1e9', '99999999999'],
  code_challenge: ['E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', 'short'],
  code_challenge_method: ['S256', 'plain', 'x'],
  claims: [
    '{"id_token":{"sub":{"value":"user-1"}}}',
    '{"__proto__":{"a":1}}',
    '[[[[',
    '{"userinfo":{"__proto__":null}}',
  ],
  login_hint: ['ada', '"><b>'],
  id_token_hint: ['a.b.c', 'e30.e30.', '..'],
  resource: ['https://api.example/', 'x'],
  request: ['e30.e30.'],
  request_uri: ['urn:ietf:params:oauth:request_uri:x', 'https://shop.example/r', 'file:///etc/passwd'],
  post_logout_redirect_uri: ['https://shop.example/bye', 'https://evil.example/'],
  transaction: ['x'],
  csrf: ['x'],
  action: ['log-in', 'cancel', 'continue', 'other', 'allow', 'deny', '__proto__'],
  username: ['ada', 'nobody'],
  password: ['correct horse', 'wrong'],
  __proto__: ['x'],
}
const wild = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, ''))),
  fc.string({
    unit: fc.constantFrom('%', '+', '&', '=', '0', 'f', 'z', '.', '/', '\\', '@', '#', ':', '%00'),
    maxLength: 12,
  }),
  fc.constantFrom('', '%', '%zz', '%ff', '%00', '%0d%0a', '%ed%a0%80', 'a'.repeat(5000)),
)
const names = Object.keys(GOOD)
const parameter = fc
  .constantFrom(...names)
  .chain((name) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...GOOD[name]!).map((value) => `${name}=${encodeURIComponent(value)}`) },
      { weight: 1, arbitrary: wild.map((value) => `${name}=${value}`) },
      { weight: 1, arbitrary: wild },
    ),
  )
/** Often what a good request begins with, so that the rest of it is looked at. */
const parameters = fc
  .tuple(
    fc.constantFrom(
      '',
      'client_id=shop&redirect_uri=https://shop.example/callback&response_type=code',
      'client_id=shop',
    ),
    fc.array(parameter, { maxLength: 6 }),
    fc.boolean(),
  )
  .map(([start, more, last]) =>
    [...more, start, ...(last ? [`transaction=${transaction}`] : [])].filter((each) => each !== '').join('&'),
  )

const wildRequest: fc.Arbitrary<Sent> = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'POST', 'HEAD'),
    endpoint: fc.constantFrom(
      'oauth/authorize',
      'oauth/authorize',
      'oauth/authorize',
      'login',
      'oauth/consent',
      'logout',
      'oauth/par',
    ),
    parameters,
    cookies: fc.constantFrom('none', 'logged in', 'broken'),
    site: fc.constantFrom(undefined, 'same-origin', 'cross-site'),
  })
  .map(({ method, endpoint, parameters: text, cookies, site }) => {
    const isPost = method === 'POST' || endpoint === 'oauth/par'
    return {
      method: isPost ? 'POST' : method,
      path: `/orders/${endpoint}${isPost ? '' : `?${text.replaceAll('#', '%23')}`}`,
      headers: {
        ...(isPost ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        ...(cookies === 'none'
          ? {}
          : { cookie: cookies === 'broken' ? `${cookie.replaceAll('=', '=;')}=;;,` : cookie }),
        ...(site === undefined ? {} : { 'sec-fetch-site': site }),
        ...(endpoint === 'oauth/par' ? { authorization: basic('shop', SHOP.clientSecret) } : {}),
      },
      body: isPost ? text : '',
    }
  })

/** Where an answer may lead: a page of ours, or what the application registered. */
function isOurs(location: string): boolean {
  if (/^\/orders\/(login|oauth\/consent|oauth\/authorize|logout)\?/.test(location)) return true
  if (location.startsWith('https://shop.example/bye')) return /^(\?|$)/.test(location.slice(24))
  if (/^http:\/\/127\.0\.0\.1(:\d+)?\/native[?#]/.test(location)) return true
  return REGISTERED.some((address) => location.startsWith(address) && /^[?#&]/.test(location.slice(address.length)))
}

describe('thousands of wild requests', () => {
  it(
    'are answered without a fault, and never by a redirect to an address that is not registered',
    { timeout: 180_000 },
    async () => {
      const statuses = new Map<number, number>()
      await fc.assert(
        fc.asyncProperty(fc.array(wildRequest, { minLength: 8, maxLength: 8 }), async (requests) => {
          // Eight at once, as browsers come.
          for (const { status, location, text } of await Promise.all(requests.map(send))) {
            statuses.set(status, (statuses.get(status) ?? 0) + 1)
            expect([200, 201, 303, 400, 403, 405, 413, 429]).toContain(status)
            if (location !== undefined) {
              expect(isOurs(location), location).toBe(true)
              expect(location).toMatch(/^[\x21-\x7e]+$/)
            }
            expect(text).not.toMatch(/\n\s+at .+:\d+:\d+|node:internal|TypeError|undefined/)
          }
        }),
        { numRuns: 600 },
      )
      expect(server.records.filter(({ outcome }) => outcome !== 'answered' && outcome !== 'refused')).toEqual([])
      // It got everywhere: to pages, to the application, to errors.
      for (const status of [200, 201, 303, 400, 403])
        expect([status, statuses.get(status) ?? 0]).not.toEqual([status, 0])
    },
  )

  it('among them such as no client library sends: raw bytes, no path, an absolute address', async () => {
    const { port } = new URL(server.address)
    const raw = (bytes: Buffer) =>
      new Promise<string>((resolve, reject) => {
        let answer = ''
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes))
        socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk))
        socket.on('end', () => resolve(answer.split('\r\n')[0] ?? '')).on('error', reject)
      })
    const get = (target: Buffer | string) =>
      raw(
        Buffer.concat([
          Buffer.from('GET '),
          Buffer.from(target),
          Buffer.from(' HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
        ]),
      )
    const base = '/orders/oauth/authorize?client_id=shop&redirect_uri=https://shop.example/callback&response_type=code'
    for (const bytes of [Buffer.from([0xff, 0xfe]), Buffer.from('ü'), Buffer.from([0])]) {
      expect(await get(Buffer.concat([Buffer.from(`${base}&state=`), bytes]))).toContain('400')
    }
    expect(await get(`http://evil.example${base}`)).toContain('303')
    expect(await get(`${base}#fragment`)).toMatch(/303|400/)
    expect(await get('//evil.example/oauth/authorize')).toMatch(/40[04]/)
    expect(await get('/orders/oauth/authorize?')).toContain('400')
    expect(await get(`/orders/oauth/authorize?${'a'.repeat(20_000)}`)).toContain('431')
  })
})
