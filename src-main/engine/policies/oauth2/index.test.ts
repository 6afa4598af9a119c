import { afterEach, describe, expect, it } from 'vitest'
import type { ChallengeStyle } from '@shared/api-definition'
import { api, securedApi, startBackend, startGateway, TRACE_KEY, type TestGateway } from '../../gateway/testing'
import type { LocalIntrospection } from '../../resources/resource'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function gatewayWith(introspect?: (token: string) => LocalIntrospection): Promise<TestGateway> {
  const gateway = await startGateway(introspect)
  closers.push(() => gateway.close())
  return gateway
}

const active = (claims: Record<string, unknown> = {}): LocalIntrospection => ({
  status: 200,
  active: true,
  claims: { active: true, client_id: 'client', sub: 'user', scope: 'write', ...claims },
})
const call = (gateway: TestGateway, headers: Record<string, string> = {}) =>
  fetch(`${gateway.address}/echo`, { headers })
const bearer = { authorization: 'Bearer good' }

describe("the quick start's exchanges", () => {
  it('refuses a call without a token, word for word', async () => {
    const gateway = await gatewayWith()
    gateway.deploy(securedApi())
    const response = await call(gateway)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer realm=gravitee.io - No OAuth authorization header was supplied',
    )
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.text()).toBe(
      '{"message":"No OAuth authorization header was supplied","http_status_code":401}',
    )
    const record = await gateway.recordOf(response)
    expect(record).toMatchObject({ outcome: 'refused', refusal: { key: 'OAUTH2_MISSING_HEADER' } })
    expect(record.trace).toBeUndefined()
  })

  it('echoes what the backend received when the token is good', async () => {
    const gateway = await gatewayWith(() => active())
    gateway.deploy(securedApi())
    const response = await call(gateway, { ...bearer, 'x-gatehouse-trace': TRACE_KEY })
    expect(response.status).toBe(200)
    const { headers } = (await response.json()) as { headers: Record<string, string> }
    expect(headers).toMatchObject({
      Authorization: 'Bearer good',
      'X-Forwarded-For': '127.0.0.1',
      'X-Forwarded-Host': gateway.address.slice(7),
      'X-Forwarded-Proto': 'http',
      'X-Gravitee-Transaction-Id': response.headers.get('x-gravitee-transaction-id'),
    })
    expect(headers['X-Forwarded-Server']).toBeTruthy()
    expect(headers).not.toHaveProperty('X-Gatehouse-Trace')
    const { trace, clientId, introspections } = await gateway.recordOf(response)
    expect(clientId).toBe('client')
    expect(introspections).toMatchObject([{ domainPath: 'demo' }])
    expect(trace?.map(({ kind }) => kind)).toEqual(['arrival', 'api', 'flow', 'policy', 'backend', 'answer'])
  })

  it('asks a real introspection server over HTTP, with Basic and the token in the form', async () => {
    const asked: string[] = []
    const server = await startBackend((request, response) => {
      request.setEncoding('utf8').on('data', (body: string) => {
        asked.push(`${request.method} ${request.url} ${request.headers.authorization} ${body}`)
        response.end(JSON.stringify({ active: body === 'token=good', scope: 'read' }))
      })
    })
    closers.push(server.close)
    const gateway = await gatewayWith()
    gateway.deploy(securedApi({}, { serverURL: server.address }))
    expect((await call(gateway, bearer)).status).toBe(200)
    expect((await call(gateway, { authorization: 'Bearer bad' })).status).toBe(401)
    const basic = Buffer.from('client:secret').toString('base64')
    expect(asked[0]).toBe(`POST /demo/oauth/introspect Basic ${basic} token=good`)
  })
})

const RFC = (rest: string) => `Bearer realm="gravitee.io"${rest}`
const missingHeader = 'No OAuth authorization header was supplied'
const privileges = 'The request requires higher privileges than provided by the access token.'
const unreadable = 'Invalid response from authorization server'
const noToken = 'No OAuth access token was supplied'
const noServer = 'No OAuth authorization server has been configured'

/** key, what happens, status and challenge of quickstart, then of rfc6750. */
const table = [
  ['OAUTH2_MISSING_SERVER', { oauthResource: 'gone' }, bearer, 401, noServer, 401, ''],
  ['OAUTH2_MISSING_HEADER', {}, {}, 401, missingHeader, 401, ''],
  ['OAUTH2_MISSING_HEADER', {}, { authorization: 'Basic Zm9v' }, 401, missingHeader, 401, ''],
  ['OAUTH2_MISSING_ACCESS_TOKEN', {}, { authorization: 'Bearer' }, 401, noToken, 400, `, error="invalid_request", error_description="${noToken}"`], // prettier-ignore
  ['OAUTH2_INVALID_ACCESS_TOKEN', {}, { authorization: 'bearer bad' }, 401, 'invalid_token', 401, ', error="invalid_token", error_description="The access token is not active"'], // prettier-ignore
  ['OAUTH2_INSUFFICIENT_SCOPE', { checkRequiredScopes: true, requiredScopes: ['read'] }, bearer, 401, privileges, 403, `, error="insufficient_scope", error_description="${privileges}", scope="read"`], // prettier-ignore
  ['OAUTH2_INVALID_SERVER_RESPONSE', {}, bearer, 401, unreadable, 401, `, error="invalid_token", error_description="${unreadable}"`], // prettier-ignore
] as const

describe.each(['quickstart', 'rfc6750', 'terse'] satisfies ChallengeStyle[])(
  'failures in the style %s',
  (challengeStyle) => {
    it.each(table)('%s with %j and %j', async (key, configuration, headers, status, message, rfcStatus, rfcRest) => {
      const gateway = await gatewayWith((token) =>
        token === 'good' ? active() : { status: 200, active: false, reason: 'The token expired', evidence: [] },
      )
      let serverURL: string | undefined
      if (key === 'OAUTH2_INVALID_SERVER_RESPONSE') {
        const server = await startBackend((_request, response) => void response.end('<html>'))
        closers.push(server.close)
        serverURL = server.address
      }
      gateway.deploy(
        securedApi(configuration, { gatehouse: { challengeStyle }, ...(serverURL === undefined ? {} : { serverURL }) }),
      )
      const response = await call(gateway, headers)
      const expected = {
        quickstart: [status, message, `Bearer realm=gravitee.io - ${message}`],
        rfc6750: [rfcStatus, message === 'invalid_token' ? 'The access token is not active' : message, RFC(rfcRest)],
        terse: [status, 'Unauthorized', RFC('')],
      }[challengeStyle]
      const body = (await response.json()) as { message: string; http_status_code: number }
      expect([response.status, body.message, response.headers.get('www-authenticate')]).toEqual(expected)
      expect(body.http_status_code).toBe(response.status)
      const { refusal } = await gateway.recordOf(response)
      expect(refusal?.key).toBe(key)
      expect(JSON.stringify(refusal)).not.toContain('good')
    })

    it.each([['refusing'], ['failing'], ['silent'], ['not accepting our credentials']])(
      'answers 503 when the server is %s',
      async (how) => {
        const server = await startBackend((_request, response) => {
          if (how === 'silent') return
          response.statusCode = how === 'failing' ? 500 : 401
          response.end()
        })
        if (how === 'refusing') await server.close()
        else closers.push(server.close)
        const gateway = await gatewayWith()
        gateway.deploy(
          securedApi({}, { serverURL: server.address, resource: { readTimeout: 100 }, gatehouse: { challengeStyle } }),
        )
        const response = await call(gateway, bearer)
        expect(response.status).toBe(503)
        expect(response.headers.get('www-authenticate')).toBeNull()
        expect(await response.json()).toEqual({ message: 'temporarily_unavailable', http_status_code: 503 })
        expect(await gateway.recordOf(response)).toMatchObject({
          outcome: 'failed',
          refusal: { key: 'OAUTH2_SERVER_UNAVAILABLE' },
        })
      },
    )
  },
)

describe('scopes', () => {
  it.each([
    [{ scope: 'read write' }, true, 200],
    [{ scope: 'read' }, true, 401],
    [{ scope: 'read' }, false, 200],
    [{ scope: 'other' }, false, 401],
    [{ scope: undefined, scp: ['read', 'write'] }, true, 200],
  ])('%j with modeStrict %s is answered %i', async (claims, modeStrict, status) => {
    const gateway = await gatewayWith(() => active(claims))
    gateway.deploy(securedApi({ checkRequiredScopes: true, requiredScopes: ['read', 'write'], modeStrict }))
    expect((await call(gateway, bearer)).status).toBe(status)
  })

  it('says which scope lacks, and offers to give it to the application', async () => {
    const gateway = await gatewayWith(() => active())
    gateway.deploy(securedApi({ checkRequiredScopes: true, requiredScopes: ['read'] }))
    const { refusal } = await gateway.recordOf(await call(gateway, bearer))
    expect(refusal?.sentence).toBe('scope read is required; the token has write')
    expect(refusal?.remedies[0]).toMatchObject({
      action: 'add-scopes',
      domainPath: 'demo',
      clientId: 'client',
      scopes: ['read'],
    })
  })
})

it('removes the token before the backend when it is not to be passed on', async () => {
  const gateway = await gatewayWith(() => active())
  gateway.deploy(securedApi({ propagateAuthHeader: false }))
  const { headers } = (await (await call(gateway, bearer)).json()) as { headers: object }
  expect(headers).not.toHaveProperty('Authorization')
})

it('remembers good tokens in the cache, and never bad ones', async () => {
  const asked: string[] = []
  const gateway = await gatewayWith((token) => {
    asked.push(token)
    return token === 'good' ? active() : { status: 200, active: false, reason: 'no', evidence: [] }
  })
  gateway.deploy(securedApi({ oauthCacheResource: 'memory' }))
  for (const token of ['good', 'good', 'bad', 'bad']) await call(gateway, { authorization: `Bearer ${token}` })
  expect(asked).toEqual(['good', 'bad', 'bad'])
})

it('does not deploy an expression that does not parse', async () => {
  const gateway = await gatewayWith()
  const problems = gateway.gateway.check([securedApi({ oauthResource: '{#request.nothing}' })])
  expect(problems).toMatchObject([{ errors: [{ field: '/flows/0/request/0/configuration/oauthResource' }] }])
  expect(gateway.gateway.check([api()])).toEqual([])
})
