import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { application, domain, keyPair, scopeSettings, startTestServer, user, type TestServer } from '../../testing'

const CALLBACK = 'https://shop.example/callback'
const SHOP = application({
  id: 'application-shop',
  name: 'Shop',
  type: 'web',
  clientId: 'shop',
  grantTypes: ['authorization_code'],
  redirectUris: [CALLBACK],
  allowedResources: ['https://api.example/orders', 'https://api.example/stock'],
  scopeSettings: scopeSettings(['read', 'write'], ['read']),
})
const like = (clientId: string, changes: Partial<typeof SHOP>) =>
  application({ ...SHOP, id: `application-${clientId}`, name: clientId, clientId, ...changes })
const ORDERS = domain({
  applications: [
    SHOP,
    like('two', { redirectUris: [CALLBACK, 'https://shop.example/other'] }),
    like('none', { redirectUris: [] }),
    like('public', { type: 'browser', secrets: [], authenticationMethods: ['none'], demandsPkce: true }),
    like('plain', { demandsPkce: true, allowsPlainPkce: true }),
    like('pushing', { requireParRequest: true }),
    like('off', { enabled: false }),
    like('service', { type: 'service', grantTypes: ['client_credentials'] }),
    like('keyless', { secrets: [] }),
  ],
  users: [user()],
})

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.apply({ ...ORDERS, keys: [keyPair('ES256')] }, { ...ORDERS, id: 'domain-2', path: 'macs' })
})
beforeEach(() => void server.records.splice(0))
afterAll(() => server.stop())

type Query = string | Record<string, string | undefined>

/** The parameters of a good request with these changes; undefined leaves one out. */
function queryOf(changes: Query): string {
  if (typeof changes === 'string') return changes
  const all = { response_type: 'code', client_id: 'shop', redirect_uri: CALLBACK, state: 'xyz', ...changes }
  const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return new URLSearchParams(given).toString()
}

async function ask(changes: Query, path = 'orders') {
  const response = await fetch(`${server.address}/${path}/oauth/authorize?${queryOf(changes)}`, { redirect: 'manual' })
  return { status: response.status, location: response.headers.get('location'), text: await response.text() }
}

/** The error that the application is told, with the state it gets back, and the reason for the person at the window. */
async function toldToApplication(changes: Query, path?: string) {
  const { status, location } = await ask(changes, path)
  expect([status, location?.split(/[?#]/)[0]]).toEqual([303, CALLBACK])
  const parameters = new URL(location!).searchParams
  expect(parameters.get('code')).toBeNull()
  expect(parameters.get('iss')).toBe(`${server.address}/${path ?? 'orders'}/oidc`)
  return [parameters.get('error'), server.records.at(-1)?.refusal?.key, parameters.get('state')]
}

/** The reason why a page is shown and nobody is redirected. */
async function toldToUser(changes: Query, path?: string) {
  const { status, location, text } = await ask(changes, path)
  expect(location).toBeNull()
  expect(text).toContain('This request cannot be answered')
  return [status, server.records.at(-1)?.refusal?.key]
}

const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

describe('a request that is good', () => {
  it.each<[string, Query]>([
    ['with nothing but what it must have', { state: undefined }],
    ['without redirect_uri, when one is registered (RFC 6749 §3.1.2.3)', { redirect_uri: undefined }],
    ['with a code challenge by S256', { code_challenge: CHALLENGE, code_challenge_method: 'S256' }],
    ['of a client that may use plain', { client_id: 'plain', code_challenge: 'a'.repeat(128) }],
    ['with openid, which every application may ask for', { scope: 'openid', nonce: 'n'.repeat(4096) }],
    ['with a state of 4096 characters', { state: 's'.repeat(4096) }],
    ['with several prompts', { prompt: 'login consent select_account' }],
    ['with parameters that nobody knows', { display: 'popup', ui_locales: 'de fr', acr_values: '1 2', foo: 'bar' }],
    ['with an empty parameter, which counts as left out', `${queryOf({})}&scope=&prompt=&request=`],
    ['with two resources', `${queryOf({})}&resource=https://api.example/orders&resource=https://api.example/stock`],
    ['with a max_age of 0', { max_age: '0' }],
    ['with claims', { scope: 'openid', claims: '{"id_token":{"email":{"essential":true}},"userinfo":{"name":null}}' }],
  ])('%s leads to the login page', async (_what, query) => {
    const { status, location } = await ask(query)
    expect([status, location]).toEqual([303, expect.stringMatching(/^\/orders\/login\?transaction=[\w-]{43}$/)])
    expect(server.records.at(-1)).toMatchObject({ outcome: 'answered', endpoint: 'authorize' })
  })
})

describe('what is wrong with client or redirect address is told to the user, never by a redirect (RFC 6749 §4.1.2.1):', () => {
  it.each<[string, Query, string]>([
    ['no client', { client_id: undefined }, 'CLIENT_ID_MISSING'],
    ['nothing at all', '', 'CLIENT_ID_MISSING'],
    ['an unknown client', { client_id: 'nobody' }, 'CLIENT_UNKNOWN'],
    ['a client by the name of a property', { client_id: '__proto__' }, 'CLIENT_UNKNOWN'],
    ['a disabled client', { client_id: 'off' }, 'APPLICATION_DISABLED'],
    ['the client twice', `${queryOf({})}&client_id=two`, 'PARAMETER_REPEATED'],
    ['the same client twice', `${queryOf({})}&client_id=shop`, 'PARAMETER_REPEATED'],
    ['a client that is wrongly encoded', `${queryOf({ client_id: undefined })}&client_id=%zz`, 'FORM_ENCODING_BROKEN'],
    [
      'no redirect address where two are registered',
      { client_id: 'two', redirect_uri: undefined },
      'REDIRECT_URI_MISSING',
    ],
    [
      'no redirect address where none is registered',
      { client_id: 'none', redirect_uri: undefined },
      'REDIRECT_URI_MISSING',
    ],
    [
      'an empty redirect address where two are registered',
      { client_id: 'two', redirect_uri: '' },
      'REDIRECT_URI_MISSING',
    ],
    ['another redirect address', { redirect_uri: 'https://evil.example/' }, 'REDIRECT_URI_NOT_REGISTERED'],
    ['two redirect addresses', `${queryOf({})}&redirect_uri=https://evil.example/`, 'PARAMETER_REPEATED'],
    ['the registered one twice', `${queryOf({})}&redirect_uri=${CALLBACK}`, 'PARAMETER_REPEATED'],
    ['a broken one beside a good one', `redirect_uri=%zz&${queryOf({})}`, 'FORM_ENCODING_BROKEN'],
    ['a NUL in the redirect address', { redirect_uri: `${CALLBACK}\0` }, 'FORM_HAS_NUL'],
  ])('%s', async (_what, query, key) => {
    expect(await toldToUser(query)).toEqual([400, key])
  })

  it('a domain that is not there', async () => {
    const { status, text } = await ask({}, 'nowhere')
    expect(status).toBe(404)
    expect(text).toContain('There is nothing here')
    expect(server.records.at(-1)).toMatchObject({ endpoint: 'authorize', refusal: { key: 'DOMAIN_UNKNOWN' } })
  })
})

describe('everything else is told to the application, with its state and our issuer (RFC 6749 §4.1.2.1, RFC 9207 §2):', () => {
  it.each<[string, Query, string, string]>([
    ['no response_type', { response_type: undefined }, 'invalid_request', 'RESPONSE_TYPE_MISSING'],
    ['another response type', { response_type: 'none' }, 'unsupported_response_type', 'RESPONSE_TYPE_UNSUPPORTED'],
    ['a client without the grant', { client_id: 'service' }, 'unauthorized_client', 'GRANT_TYPE_NOT_ALLOWED'],
    ['a client that has to push', { client_id: 'pushing' }, 'invalid_request', 'PUSHED_REQUEST_REQUIRED'],
    ['an unknown response mode', { response_mode: 'query.jwt' }, 'invalid_request', 'RESPONSE_MODE_UNSUPPORTED'],
    ['a scope of another application', { scope: 'read admin' }, 'invalid_scope', 'SCOPE_NOT_ALLOWED'],
    ['a scope with a quote', { scope: 're"ad' }, 'invalid_scope', 'SCOPE_MALFORMED'],
    [
      'a scope twice as a parameter',
      `${queryOf({ scope: 'read' })}&scope=write`,
      'invalid_request',
      'PARAMETER_REPEATED',
    ],
    ['an overlong scope', { scope: 'a'.repeat(4097) }, 'invalid_request', 'PARAMETER_TOO_LONG'],
    ['an overlong nonce', { nonce: 'n'.repeat(4097) }, 'invalid_request', 'PARAMETER_TOO_LONG'],
    ['an overlong login_hint', { login_hint: 'n'.repeat(321) }, 'invalid_request', 'PARAMETER_TOO_LONG'],
    ['a broken encoding', `${queryOf({})}&nonce=%zz`, 'invalid_request', 'FORM_ENCODING_BROKEN'],
    ['a broken encoding of a name', `${queryOf({})}&%ff=1`, 'invalid_request', 'FORM_ENCODING_BROKEN'],
    ['a NUL', { nonce: 'a\0b' }, 'invalid_request', 'FORM_HAS_NUL'],
    ['a request object', { request: 'e30.e30.' }, 'request_not_supported', 'REQUEST_OBJECT_UNSUPPORTED'],
    [
      'a request_uri elsewhere',
      { request_uri: 'https://shop.example/r' },
      'request_uri_not_supported',
      'REQUEST_URI_UNSUPPORTED',
    ],
    ['a registration', { registration: '{}' }, 'registration_not_supported', 'REGISTRATION_UNSUPPORTED'],
    ['no code challenge of a public client', { client_id: 'public' }, 'invalid_request', 'CODE_CHALLENGE_REQUIRED'],
    [
      'a code challenge by plain',
      { code_challenge: CHALLENGE, code_challenge_method: 'plain' },
      'invalid_request',
      'CODE_CHALLENGE_PLAIN',
    ],
    [
      'a code challenge without method, which is plain',
      { code_challenge: CHALLENGE },
      'invalid_request',
      'CODE_CHALLENGE_PLAIN',
    ],
    [
      'a code challenge by another method',
      { code_challenge: CHALLENGE, code_challenge_method: 's256' },
      'invalid_request',
      'CODE_CHALLENGE_METHOD_UNSUPPORTED',
    ],
    ['a method without challenge', { code_challenge_method: 'S256' }, 'invalid_request', 'CODE_CHALLENGE_MISSING'],
    [
      'a short code challenge',
      { code_challenge: CHALLENGE.slice(1), code_challenge_method: 'S256' },
      'invalid_request',
      'CODE_CHALLENGE_MALFORMED',
    ],
    [
      'a code challenge with padding',
      { code_challenge: `${CHALLENGE}=`, code_challenge_method: 'S256' },
      'invalid_request',
      'CODE_CHALLENGE_MALFORMED',
    ],
    [
      'a short plain code challenge',
      { client_id: 'plain', code_challenge: 'a'.repeat(42) },
      'invalid_request',
      'CODE_CHALLENGE_MALFORMED',
    ],
    [
      'a long plain code challenge',
      { client_id: 'plain', code_challenge: 'a'.repeat(129) },
      'invalid_request',
      'CODE_CHALLENGE_MALFORMED',
    ],
    ['an unknown prompt', { prompt: 'create' }, 'invalid_request', 'PROMPT_UNKNOWN'],
    ['the prompt none with another one', { prompt: 'none login' }, 'invalid_request', 'PROMPT_NONE_WITH_OTHERS'],
    ['a negative max_age', { max_age: '-1' }, 'invalid_request', 'MAX_AGE_MALFORMED'],
    ['a max_age that is no number', { max_age: '1e3' }, 'invalid_request', 'MAX_AGE_MALFORMED'],
    ['claims that are no JSON', { scope: 'openid', claims: '{' }, 'invalid_request', 'CLAIMS_NOT_JSON'],
    ['claims that are a list', { scope: 'openid', claims: '[]' }, 'invalid_request', 'CLAIMS_NOT_AN_OBJECT'],
    [
      'claims with a wrong member',
      { scope: 'openid', claims: '{"id_token":[]}' },
      'invalid_request',
      'CLAIMS_MEMBER_WRONG',
    ],
    [
      'claims with a wrong request',
      { scope: 'openid', claims: '{"userinfo":{"name":true}}' },
      'invalid_request',
      'CLAIMS_REQUEST_WRONG',
    ],
    [
      'claims with a wrong essential',
      { scope: 'openid', claims: '{"userinfo":{"name":{"essential":"yes"}}}' },
      'invalid_request',
      'CLAIMS_ESSENTIAL_WRONG',
    ],
    [
      'claims with wrong values',
      { scope: 'openid', claims: '{"userinfo":{"name":{"values":"Ada"}}}' },
      'invalid_request',
      'CLAIMS_VALUES_WRONG',
    ],
    [
      'claims without bottom',
      { scope: 'openid', claims: `{"userinfo":{"a":{"value":${'['.repeat(2000)}${']'.repeat(2000)}}}}` },
      'invalid_request',
      'CLAIMS_TOO_DEEP',
    ],
    [
      'a resource of another application',
      { resource: 'https://api.example/orders/' },
      'invalid_target',
      'RESOURCE_NOT_ALLOWED',
    ],
    ['a resource that is no address', { resource: 'orders' }, 'invalid_target', 'RESOURCE_MALFORMED'],
    [
      'a good resource and a bad one',
      `${queryOf({})}&resource=https://api.example/orders&resource=urn:x`,
      'invalid_target',
      'RESOURCE_NOT_ALLOWED',
    ],
    [
      'an id_token_hint that is none',
      { scope: 'openid', id_token_hint: 'a.b.c' },
      'invalid_request',
      'ID_TOKEN_HINT_INVALID',
    ],
    ['nobody logged in and the prompt none', { prompt: 'none' }, 'login_required', 'LOGIN_REQUIRED'],
  ])('%s', async (_what, query, error, key) => {
    expect(await toldToApplication(query)).toEqual([error, key, 'xyz'])
    expect(server.records.at(-1)).toMatchObject({ status: 303, outcome: 'refused', domainPath: 'orders' })
  })

  it('openid where nothing can sign an ID token that the client could check', async () => {
    const query = { client_id: 'keyless', scope: 'openid' }
    expect(await toldToApplication(query, 'macs')).toEqual(['unauthorized_client', 'ID_TOKEN_KEY_MISSING', 'xyz'])
  })

  it('never a state that stands twice, is broken or overlong, since which one is meant is not known', async () => {
    const twice = `${queryOf({})}&state=abc`
    expect(await toldToApplication(twice)).toEqual(['invalid_request', 'PARAMETER_REPEATED', null])
    const broken = `${queryOf({ state: undefined })}&state=%zz`
    expect(await toldToApplication(broken)).toEqual(['invalid_request', 'FORM_ENCODING_BROKEN', null])
    const overlong = { state: 's'.repeat(4097) }
    expect(await toldToApplication(overlong)).toEqual(['invalid_request', 'PARAMETER_TOO_LONG', null])
  })

  it('in the fragment, where a client that asks for a token looks for it', async () => {
    for (const responseType of ['token', 'id_token', 'id_token token']) {
      const { location } = await ask({ response_type: responseType })
      expect(location).toMatch(/^https:\/\/shop\.example\/callback#error=unsupported_response_type&/)
    }
  })

  it('and the client learns nothing that is for the person at the window', async () => {
    const { location } = await ask({ scope: 'admin' })
    const { error_description } = Object.fromEntries(new URL(location!).searchParams)
    expect(error_description).toBe('The client may not have the scope admin')
    expect(server.records.at(-1)?.refusal).toMatchObject({
      sentence: 'Application Shop may not have scope admin; it has read, write',
      remedies: [{ action: 'add-scopes', clientId: 'shop', scopes: ['admin'] }],
    })
  })
})

describe('a disk that fails', () => {
  it('is told to the application as temporarily_unavailable (RFC 6749 §4.1.2.1), and recorded as a failure', async () => {
    const failing = await startTestServer()
    await failing.apply(ORDERS)
    const query = queryOf({ response_mode: 'fragment' })
    await failing.closeState()
    const response = await fetch(`${failing.address}/orders/oauth/authorize?${query}`, { redirect: 'manual' })
    const parameters = new URL(response.headers.get('location')!).hash.slice(1)
    expect(Object.fromEntries(new URLSearchParams(parameters))).toEqual({
      error: 'temporarily_unavailable',
      error_description: 'The state of the server cannot be reached; try again',
      state: 'xyz',
      iss: `${failing.address}/orders/oidc`,
    })
    expect(failing.records.at(-1)).toMatchObject({
      status: 303,
      outcome: 'failed',
      refusal: { key: 'STATE_UNAVAILABLE' },
    })
    const page = await fetch(`${failing.address}/orders/login?transaction=x`)
    expect([page.status, await page.text()]).toEqual([503, expect.stringContaining('Something went wrong here')])
    await failing.stop()
  })
})

describe('the address', () => {
  it('takes GET and POST alone', async () => {
    const response = await fetch(`${server.address}/orders/oauth/authorize`, { method: 'PUT' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST, OPTIONS'])
  })

  it('takes a POST only as a form', async () => {
    const headers = { 'content-type': 'application/json' }
    const address = `${server.address}/orders/oauth/authorize`
    const response = await fetch(address, { method: 'POST', headers, body: '{}' })
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'text/html;charset=UTF-8'])
  })

  it('reads a POST from its body alone, and has the browser come again with its cookies', async () => {
    const nothing = await server.post(`/orders/oauth/authorize?${queryOf({})}`, '')
    expect(nothing.status).toBe(400)
    const response = await fetch(`${server.address}/orders/oauth/authorize`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams(queryOf({ scope: 'read' })),
    })
    const location = response.headers.get('location')
    expect([response.status, location]).toEqual([
      303,
      expect.stringMatching(/^\/orders\/oauth\/authorize\?client_id=shop&request_uri=urn/),
    ])
    expect(response.headers.getSetCookie()).toEqual([])
    const again = await fetch(server.address + location!, { redirect: 'manual' })
    expect(again.headers.get('location')).toContain('/orders/login?transaction=')
    const twice = await fetch(server.address + location!, { redirect: 'manual' })
    expect(twice.status).toBe(400)
  })
})
