import { createHash, createHmac, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Plan } from '@shared/api-definition'
import { selfSigned, testCredentials } from '../../../certificates/testing'
import type { LocalIntrospection } from '../../resources/resource'
import type { SubscriptionSnapshot } from '../../snapshot'
import { api, AUTHORIZATION_URL, startBackend, startGateway, TRACE_KEY, type TestGateway } from '../testing'

const SECRET = 'a-secret-of-more-than-thirty-two-bytes!'
let gateway: TestGateway
const closers: (() => Promise<void>)[] = []
/** Of tokens that are no JWTs the text before the dash is the client. */
const introspect = (token: string): LocalIntrospection =>
  token.startsWith('off')
    ? { status: 401, reason: 'The credentials are not accepted' }
    : token.startsWith('bad')
      ? { status: 200, active: false, reason: 'It was revoked', evidence: [] }
      : { status: 200, active: true, claims: { active: true, client_id: token.split('-')[0] } }
beforeEach(async () => {
  gateway = await startGateway(introspect)
  closers.push(() => gateway.close())
})
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const plan = (id: string, type: string, more: Partial<Plan> = {}, configuration?: Record<string, unknown>): Plan => ({
  id,
  name: id,
  status: 'PUBLISHED',
  security: { type, ...(configuration === undefined ? {} : { configuration }) },
  ...more,
})
const keyless = (more: Partial<Plan> = {}) => plan('open', 'KEY_LESS', more)
const keys = (id = 'gold', more: Partial<Plan> = {}) => plan(id, 'API_KEY', more)
const jwtPlan = (id = 'jwt', more: Partial<Plan> = {}) =>
  plan(id, 'JWT', more, { signature: 'HMAC_HS256', publicKeyResolver: 'GIVEN_KEY', resolverParameter: SECRET })
const oauth = (id = 'oauth', more: Partial<Plan> = {}) => plan(id, 'OAUTH2', more, { oauthResource: 'AM' })

const AM = {
  name: 'AM',
  type: 'oauth2-am-resource',
  enabled: true,
  configuration: { serverURL: AUTHORIZATION_URL, securityDomain: 'demo', clientId: 'c', clientSecret: 's' },
}
const digest = (key: string) => createHash('sha256').update(key).digest('base64url')
let ids = 0
const subscription = (planId: string, more: Partial<SubscriptionSnapshot> = {}): SubscriptionSnapshot => ({
  id: `s${++ids}`,
  apiId: 'api/echo',
  planId,
  applicationId: 'app-1',
  applicationName: 'Shop',
  applicationEnabled: true,
  clientId: 'shop',
  status: 'ACCEPTED',
  apiKeys: [],
  ...more,
})
const withKey = (planId: string, key: string, more: object = {}, of: Partial<SubscriptionSnapshot> = {}) =>
  subscription(planId, { apiKeys: [{ id: 'k1', digest: digest(key), revoked: false, ...more }], ...of })

function deploy(
  plans: Plan[],
  subscriptions: SubscriptionSnapshot[] = [],
  more: Parameters<typeof api>[0] = {},
  to = gateway,
): void {
  const compiled = to.gateway.compile([api({ plans, resources: [AM], ...more })])
  if (Array.isArray(compiled)) throw new Error(JSON.stringify(compiled))
  to.gateway.swap(compiled, subscriptions)
}
function jwt(claims: object, key = SECRET): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${encode({ alg: 'HS256' })}.${encode({ exp: Math.floor(Date.now() / 1000) + 60, ...claims })}`
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
}
const call = (headers: Record<string, string> = {}, query = '') =>
  fetch(`${gateway.address}/echo${query}`, { headers: { 'x-gatehouse-trace': TRACE_KEY, ...headers } })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const apiKey = (key: string) => ({ 'x-gravitee-api-key': key })
/** The plan by which a call came in, or why it did not. */
async function outcome(response: Response): Promise<string> {
  const { trace = [], refusal } = await gateway.recordOf(response)
  const entered = trace.find(({ kind, decision }) => kind === 'plan' && decision === 'passed')
  return refusal === undefined
    ? `${response.status} ${entered?.title ?? 'no plan'}`
    : `${response.status} ${refusal.key}`
}
const why = async (response: Response) => (await gateway.recordOf(response)).refusal

describe('a plan with keys', () => {
  it('lets in a call with the key of a subscription, in the header or the query', async () => {
    deploy([keys()], [withKey('gold', 'k-1')])
    expect(await outcome(await call(apiKey('k-1')))).toBe('200 Plan gold')
    expect(await outcome(await call({}, '?api-key=k-1'))).toBe('200 Plan gold')
  })

  it('refuses a call without one, and one with another, in words for each', async () => {
    deploy([keys()], [withKey('gold', 'k-1')])
    const none = await call()
    expect([none.status, await none.text(), none.headers.get('www-authenticate')]).toEqual([
      401,
      '{"message":"Unauthorized","http_status_code":401}',
      null,
    ])
    expect(await why(none)).toMatchObject({
      key: 'GATEWAY_PLAN_UNRESOLVABLE',
      sentence:
        'Plan gold wants an API key (header X-Gravitee-Api-Key or query parameter api-key), and the call carries nothing of the kind',
      remedies: [
        { action: 'open-subscriptions', apiId: 'api/echo' },
        { action: 'open-plan', planId: 'gold' },
      ],
    })
    const wrong = await why(await call(apiKey('k-2')))
    expect(wrong?.sentence).toContain('the API key is none of this API')
    expect(JSON.stringify(wrong)).not.toContain('k-2')
  })

  it.each([
    [{ revoked: true }, 'API_KEY_INVALID', 'was revoked'],
    [{ expiresAt: 1 }, 'API_KEY_INVALID', 'has expired'],
  ])('refuses a key that is over: %j', async (more, key, reason) => {
    deploy([keys()], [withKey('gold', 'k-1', more)])
    const refused = await call(apiKey('k-1'))
    expect(await refused.json()).toEqual({ message: 'API Key is not valid or is expired / revoked.', http_status_code: 401 }) // prettier-ignore
    const found = await why(refused)
    expect([found?.key, found?.sentence]).toEqual([key, expect.stringContaining(reason)])
  })

  it.each([
    [{ status: 'PENDING' }, 'waits to be accepted'],
    [{ status: 'REJECTED' }, 'was rejected'],
    [{ status: 'PAUSED' }, 'is paused'],
    [{ status: 'CLOSED' }, 'is closed'],
    [{ applicationEnabled: false }, 'application Shop is disabled'],
    [{ startingAt: Date.now() + 60_000 }, 'has not begun yet'],
    [{ endingAt: 1 }, 'is over'],
  ] as [Partial<SubscriptionSnapshot>, string][])(
    'refuses a subscription that does not count: %j',
    async (of, reason) => {
      deploy([keys()], [withKey('gold', 'k-1', {}, of)])
      const found = await why(await call(apiKey('k-1')))
      expect([found?.key, found?.sentence]).toEqual(['GATEWAY_PLAN_UNRESOLVABLE', expect.stringContaining(reason)])
    },
  )

  it('takes up subscriptions at once, without the API being deployed', async () => {
    deploy([keys()])
    expect((await call(apiKey('k-1'))).status).toBe(401)
    const running = gateway.gateway.compile([api({ plans: [keys()], resources: [AM] })])
    if (Array.isArray(running)) throw new Error('does not compile')
    gateway.gateway.swap(running, [withKey('gold', 'k-1')])
    expect((await call(apiKey('k-1'))).status).toBe(200)
  })

  it('keeps the key from the backend unless it is to be passed on', async () => {
    const seen: [string | undefined, unknown][] = []
    const backend = await startBackend((request, response) => {
      seen.push([request.url, request.headers['x-gravitee-api-key']])
      response.end()
    })
    closers.push(backend.close)
    deploy([keys()], [withKey('gold', 'k-1')], { target: backend.address })
    await call(apiKey('k-1'), '?a=%20b&api-key=x&c')
    await call({}, '?api%2dkey=k-1')
    deploy([plan('gold', 'API_KEY', {}, { propagateApiKey: true })], [withKey('gold', 'k-1')], {
      target: backend.address,
    })
    await call(apiKey('k-1'), '?api-key=k-1')
    expect(seen).toEqual([
      ['/?a=%20b&c', undefined],
      ['/', undefined],
      ['/?api-key=k-1', 'k-1'],
    ])
  })
})

describe('which plan a call is for', () => {
  it('is decided by its credential: certificate, JWT, access token, key, then none', async () => {
    deploy(
      [keyless(), keys(), oauth(), jwtPlan()],
      [withKey('gold', 'k-1'), subscription('jwt', { clientId: 'j' }), subscription('oauth', { clientId: 'o' })],
    )
    expect(await outcome(await call())).toBe('200 Plan open')
    expect(await outcome(await call(apiKey('k-1')))).toBe('200 Plan gold')
    expect(await outcome(await call(bearer(jwt({ aud: 'j' }))))).toBe('200 Plan jwt')
    expect(await outcome(await call(bearer('o-1')))).toBe('200 Plan oauth')
    expect(await outcome(await call({ ...bearer('o-1'), ...apiKey('k-1') }))).toBe('200 Plan oauth')
  })

  it('is none when the credential is nobody’s, though a plan without keys is there', async () => {
    deploy([keyless(), keys(), oauth()], [withKey('gold', 'k-1')])
    const refused = await call({ ...bearer('stranger-1') })
    expect(await outcome(refused)).toBe('401 GATEWAY_PLAN_UNRESOLVABLE')
    const found = await why(refused)
    expect(found?.sentence).toBe('None of the 3 plans of Echo takes this call')
    expect(found?.evidence).toEqual([
      { label: 'Plan oauth', value: 'wants an access token; the client of the token has not subscribed to it' },
      { label: 'Client id', value: 'stranger' },
      { label: 'Plan gold', value: expect.stringContaining('the call carries nothing of the kind') as string },
      { label: 'Plan open', value: 'wants no credential at all; the call carries a credential, and is not let in as if it had none' }, // prettier-ignore
    ])
    expect(await outcome(await call(apiKey('k-2')))).toBe('401 GATEWAY_PLAN_UNRESOLVABLE')
  })

  it('is, of several of a kind, the one that was subscribed to', async () => {
    const second = withKey('silver', 'k-2', {}, { clientId: 'other' })
    deploy(
      [keys('gold'), keys('silver'), jwtPlan('one'), jwtPlan('two')],
      [withKey('gold', 'k-1'), second, subscription('one', { clientId: 'a' }), subscription('two', { clientId: 'b' })],
    )
    expect(await outcome(await call(apiKey('k-1')))).toBe('200 Plan gold')
    expect(await outcome(await call(apiKey('k-2')))).toBe('200 Plan silver')
    expect(await outcome(await call(bearer(jwt({ azp: 'b' }))))).toBe('200 Plan two')
  })

  it('is one whose selection rule holds', async () => {
    const inner = (rule: string) => ({ selectionRule: rule })
    deploy(
      [
        keys('inner', inner("#request.headers['x-inner'] != null")),
        keyless(inner("{#request.headers['x-inner'] == null}")),
        jwtPlan('ours', inner("{#context.attributes['jwt'].claims['iss'] == 'us'}")),
        jwtPlan('theirs', inner("{#context.attributes['jwt'].claims['iss'] == 'them'}")),
      ],
      [withKey('inner', 'k-1'), subscription('ours'), subscription('theirs')],
    )
    expect(await outcome(await call({ 'x-inner': '1', ...apiKey('k-1') }))).toBe('200 Plan inner')
    expect(await outcome(await call(apiKey('k-1')))).toBe('200 Plan open')
    expect(await outcome(await call({ 'x-inner': '1' }))).toBe('401 GATEWAY_PLAN_UNRESOLVABLE')
    expect(await outcome(await call(bearer(jwt({ aud: 'shop', iss: 'us' }))))).toBe('200 Plan ours')
    expect(await outcome(await call(bearer(jwt({ aud: 'shop', iss: 'them' }))))).toBe('200 Plan theirs')
  })

  it('is checked for good once it is chosen: a client id is no proof', async () => {
    deploy([jwtPlan(), keyless()], [subscription('jwt')])
    const forged = await call(bearer(jwt({ aud: 'shop' }, `${SECRET}!`)))
    const found = await why(forged)
    expect([forged.status, found?.key]).toEqual([401, 'JWT_INVALID_TOKEN'])
    expect(found?.remedies).toContainEqual({ action: 'open-plan', label: 'Open the plan jwt', apiId: 'api/echo', planId: 'jwt' }) // prettier-ignore
  })

  it('is not known when the authorization server cannot say whose a token is', async () => {
    deploy([oauth(), keyless()], [subscription('oauth')])
    const revoked = await call(bearer('bad-1'))
    expect([await outcome(revoked), (await why(revoked))?.evidence[0]?.value]).toEqual([
      '401 GATEWAY_PLAN_UNRESOLVABLE',
      'wants an access token; it was revoked',
    ])
    const failing = await call(bearer('off-1'))
    expect(await outcome(failing)).toBe('503 GATEWAY_PLAN_RESOLUTION_FAILURE')
  })

  it('asks the authorization server once for a call', async () => {
    let asked = 0
    const counting = await startGateway((token) => {
      asked++
      return introspect(token)
    })
    closers.push(() => counting.close())
    deploy([oauth()], [subscription('oauth')], {}, counting)
    const answer = await fetch(`${counting.address}/echo`, { headers: bearer('shop-1') })
    expect([answer.status, asked]).toEqual([200, 1])
  })
})

describe('flows and limits of a plan', () => {
  it('run before those of the API, for calls of the plan alone', async () => {
    const flow = (policy: string, configuration: object) => ({
      name: policy,
      enabled: true,
      selectors: [],
      request: [{ enabled: true, policy, configuration: configuration as Record<string, unknown> }],
      response: [],
    })
    const once = { rate: { limit: 1, periodTime: 1, periodTimeUnit: 'MINUTES' } }
    deploy(
      [keys('gold', { flows: [flow('rate-limit', once)] }), keyless()],
      [withKey('gold', 'k-1'), withKey('gold', 'k-2', {}, { clientId: 'b' })],
    )
    const statuses: number[] = []
    for (const headers of [apiKey('k-1'), apiKey('k-2'), apiKey('k-1'), {}, {}])
      statuses.push((await call(headers)).status)
    // Each subscription has its own count, and the plan without keys no limit.
    expect(statuses).toEqual([200, 200, 429, 200, 200])
    expect((await why(await call(apiKey('k-1'))))?.remedies).toEqual([{ action: 'open-plan', label: 'Open the plan gold', apiId: 'api/echo', planId: 'gold' }]) // prettier-ignore
  })
})

describe('deployment', () => {
  const errors = (...plans: Plan[]) => gateway.gateway.check([api({ plans })]).flatMap((problem) => problem.errors)

  it.each([
    ['a rule that cannot be read', keys('gold', { selectionRule: '{#nothing}' }), '/plans/0/selectionRule'],
    ['a rule about the body', keys('gold', { selectionRule: "{#request.content == 'a'}" }), '/plans/0/selectionRule'],
    ['a key that is none', plan('jwt', 'JWT', {}, { signature: 'RSA_RS256', publicKeyResolver: 'GIVEN_KEY', resolverParameter: 'x' }), '/plans/0/security/configuration/resolverParameter'], // prettier-ignore
    ['a setting about the body', plan('oauth', 'OAUTH2', {}, { oauthResource: '{#request.content}' }), '/plans/0/security/configuration'], // prettier-ignore
    ['a missing setting', plan('oauth', 'OAUTH2'), '/plans/0/security/configuration/oauthResource'],
  ])('is refused for %s', (_what, wrong, field) => {
    expect(errors(wrong)).toEqual([{ field, message: expect.stringMatching(/^Plan /) as string, remedy: expect.any(String) as string }]) // prettier-ignore
  })

  it('takes the kinds of plans as definitions write them', () => {
    expect(errors(plan('a', 'api-key'), plan('b', 'keyless'), plan('c', 'Mtls'))).toEqual([])
  })
})

it('may be a step of a flow, which takes the keys of every plan', async () => {
  const flows = [
    { enabled: true, selectors: [], request: [{ enabled: true, policy: 'api-key', configuration: {} }], response: [] },
  ]
  deploy([keyless()], [withKey('gold', 'k-1')], { flows })
  const missing = await call()
  expect(await missing.json()).toMatchObject({ message: 'No API Key has been specified in headers (X-Gravitee-Api-Key) or query parameters (api-key).' }) // prettier-ignore
  expect((await why(missing))?.key).toBe('API_KEY_MISSING')
})

describe('a plan with certificates', () => {
  it('lets in the client whose certificate a subscription names, whoever issued it', async () => {
    const server = await testCredentials()
    const secured = await startGateway(introspect, undefined, { ...server, asksClients: true })
    closers.push(() => secured.close())
    const [known, stranger] = [await selfSigned({}), await selfSigned({})]
    const thumbprint = createHash('sha256').update(new X509Certificate(known.certificate).raw).digest('base64url')
    const plans = [plan('mtls', 'MTLS'), keyless()]
    deploy(plans, [subscription('mtls', { certificateThumbprint: thumbprint })], {}, secured)
    async function shown(client?: { certificate: string; key: string }): Promise<IncomingMessage> {
      const request = httpsRequest({
        host: '127.0.0.1',
        port: secured.port,
        path: '/echo',
        agent: false,
        ca: server.authority,
        headers: { 'x-gatehouse-trace': TRACE_KEY },
        ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
      }).end()
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      response.resume()
      await once(response, 'end')
      return response
    }
    const entered = async (response: IncomingMessage) => {
      const id = String(response.headers['x-gravitee-transaction-id'])
      const record = await secured.recordOf(new Response(null, { headers: { 'x-gravitee-transaction-id': id } }))
      if (record.refusal !== undefined) return record.refusal.key
      return record.trace?.find(({ kind, decision }) => kind === 'plan' && decision === 'passed')?.title
    }
    expect(await entered(await shown(known))).toBe('Plan mtls')
    expect(await entered(await shown(stranger))).toBe('GATEWAY_PLAN_UNRESOLVABLE')
    expect(await entered(await shown())).toBe('Plan open')

    const flows = [{ enabled: true, selectors: [], request: [{ enabled: true, policy: 'mtls' }], response: [] }]
    deploy(plans, [subscription('mtls', { certificateThumbprint: thumbprint })], { flows }, secured)
    expect(await entered(await shown(known))).toBe('Plan mtls')
    deploy([keyless()], [], { flows }, secured)
    expect(await entered(await shown(known))).toBe('CLIENT_CERTIFICATE_INVALID')
    expect(await entered(await shown())).toBe('CLIENT_CERTIFICATE_MISSING')
  })

  it('lets in nobody over plain HTTP', async () => {
    deploy([plan('mtls', 'MTLS')])
    expect(await outcome(await call())).toBe('401 GATEWAY_PLAN_UNRESOLVABLE')
    const flows = [{ enabled: true, selectors: [], request: [{ enabled: true, policy: 'mtls' }], response: [] }]
    deploy([keyless()], [], { flows })
    expect(await outcome(await call())).toBe('401 SSL_SESSION_REQUIRED')
  })
})
