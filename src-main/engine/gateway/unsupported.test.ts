import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ApiDefinition } from '@shared/api-definition'
import { api, securedApi, startBackend, startGateway, type TestGateway } from './testing'

let gateway: TestGateway
const closers: (() => Promise<void>)[] = []
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(async () => {
  await gateway.close()
  for (const close of closers.splice(0)) await close()
})

/** A definition as it may come from elsewhere: with members that the contract does not name. */
const changed = (change: (definition: Definition) => void) => {
  const snapshot = api()
  const definition = structuredClone(snapshot.definition) as unknown as Definition // open: any JSON may stand in it
  change(definition)
  return { ...snapshot, definition: definition as unknown as ApiDefinition }
}
interface Definition extends Record<string, unknown> {
  listeners: { type: string; paths: object[]; entrypoints: object[]; [name: string]: unknown }[]
  endpointGroups: { endpoints: Record<string, unknown>[]; [name: string]: unknown }[]
  plans: Record<string, unknown>[]
}
const plan = (more: object = {}) => ({ id: 'p', name: 'Open', security: { type: 'KEY_LESS' }, status: 'PUBLISHED', ...more }) // prettier-ignore
const group = (definition: Definition) => definition.endpointGroups[0]!
const endpoint = (definition: Definition) => group(definition).endpoints[0]!
const override = (value: object) => (definition: Definition) =>
  void (endpoint(definition).sharedConfigurationOverride = value)

const refused: [string, string, (definition: Definition) => void][] = [
  ['a second group', '/endpointGroups/1', (d) => d.endpointGroups.push({ ...group(d), name: 'other' })],
  ['a group of another type', '/endpointGroups/0/type', (d) => (group(d).type = 'kafka')],
  ['an endpoint of another type', '/endpointGroups/0/endpoints/0/type', (d) => (endpoint(d).type = 'mock')],
  ['an unknown load balancer', '/endpointGroups/0/loadBalancer/type', (d) => (group(d).loadBalancer = { type: 'least' })], // prettier-ignore
  ['a secondary endpoint', '/endpointGroups/0/endpoints/0/secondary', (d) => (endpoint(d).secondary = true)],
  ['health checks', '/endpointGroups/0/services/healthCheck/enabled', (d) => (group(d).services = { healthCheck: { type: 'http-health-check' } })], // prettier-ignore
  ['service discovery', '/endpointGroups/0/services/discovery/enabled', (d) => (group(d).services = { discovery: { enabled: true } })], // prettier-ignore
  ['failover', '/failover/enabled', (d) => (d.failover = { enabled: true })],
  ['dynamic properties', '/services/dynamicProperty/enabled', (d) => (d.services = { dynamicProperty: { enabled: true } })], // prettier-ignore
  ['an encrypted property', '/properties/0/encrypted', (d) => (d.properties = [{ key: 'k', value: 'c', encrypted: true }])], // prettier-ignore
  ['a tcp listener', '/listeners/0/type', (d) => (d.listeners[0]!.type = 'tcp')],
  ['a path for one host', '/listeners/0/paths/0/host', (d) => (d.listeners[0]!.paths = [{ path: '/echo', host: 'a.example' }])], // prettier-ignore
  ['another entrypoint', '/listeners/0/entrypoints/0/type', (d) => (d.listeners[0]!.entrypoints = [{ type: 'sse' }])],
  ['a listener for some servers', '/listeners/0/servers', (d) => (d.listeners[0]!.servers = ['internal'])],
  ['CORS', '/listeners/0/cors/enabled', (d) => (d.listeners[0]!.cors = { enabled: true })],
  ['a plan of an unknown kind', '/plans/0/security/type', (d) => (d.plans = [plan({ security: { type: 'LDAP' } })])],
  ['a deprecated plan that lacks its resource', '/plans/0/security/configuration/oauthResource', (d) => (d.plans = [plan({ security: { type: 'OAUTH2' }, status: 'DEPRECATED' })])], // prettier-ignore
  ['a selection rule that is none', '/plans/0/selectionRule', (d) => (d.plans = [plan({ selectionRule: '{false}' })])],
  ['a push plan', '/plans/0/mode', (d) => (d.plans = [plan({ mode: 'PUSH' })])],
  ['closed plans alone', '/plans', (d) => (d.plans = [plan({ status: 'CLOSED' }), plan({ status: 'STAGING' })])],
  ['two open plans', '/plans/1', (d) => (d.plans = [plan(), plan({ id: 'q' })])],
  ['trust in every certificate', '/endpointGroups/0/endpoints/0/sharedConfigurationOverride/ssl/trustAll', override({ ssl: { trustAll: true } })], // prettier-ignore
  ['unverified host names', '/endpointGroups/0/endpoints/0/sharedConfigurationOverride/ssl/hostnameVerifier', override({ ssl: { hostnameVerifier: false } })], // prettier-ignore
  ['a trust store', '/endpointGroups/0/endpoints/0/sharedConfigurationOverride/ssl/trustStore', override({ ssl: { trustStore: { type: 'PEM' } } })], // prettier-ignore
  ['a client certificate', '/endpointGroups/0/endpoints/0/sharedConfigurationOverride/ssl/keyStore', override({ ssl: { keyStore: { type: 'JKS' } } })], // prettier-ignore
  ['a proxy', '/endpointGroups/0/endpoints/0/sharedConfigurationOverride/proxy/enabled', override({ proxy: { enabled: true } })], // prettier-ignore
  ['HTTP/2', '/endpointGroups/0/endpoints/0/sharedConfigurationOverride/http/version', override({ http: { version: 'HTTP_2' } })], // prettier-ignore
  ['redirects', '/endpointGroups/0/endpoints/0/sharedConfigurationOverride/http/followRedirects', override({ http: { followRedirects: true } })], // prettier-ignore
  ["the client's Host", '/endpointGroups/0/endpoints/0/sharedConfigurationOverride/http/propagateClientHost', override({ http: { propagateClientHost: true } })], // prettier-ignore
  ['headers of the endpoint', '/endpointGroups/0/endpoints/0/sharedConfigurationOverride/headers', override({ headers: [{ name: 'a', value: 'b' }] })], // prettier-ignore
  ['inherited TLS', '/endpointGroups/0/sharedConfiguration/ssl/trustAll', (d) => {
    group(d).sharedConfiguration = { ssl: { trustAll: true } }
    endpoint(d).inheritConfiguration = true
  }], // prettier-ignore
]

describe('a definition that says more than this gateway can do', () => {
  it.each(refused)('with %s is refused at %s', (_what, field, change) => {
    const problems = gateway.gateway.check([changed(change)])
    expect(problems.flatMap(({ errors }) => errors)).toEqual([
      { field, message: expect.any(String), remedy: expect.any(String) },
    ])
  })

  it('is refused for the connection of a resource', () => {
    const problems = gateway.gateway.check([securedApi({}, { resource: { ssl: { trustAll: true } } })])
    expect(problems[0]?.errors.map(({ field }) => field)).toEqual(['/resources/0/configuration/ssl/trustAll'])
  })

  it('is served when all of that is off', () => {
    const off = changed((d) => {
      d.failover = { enabled: false }
      d.listeners[0]!.cors = { enabled: false }
      d.services = { dynamicProperty: { enabled: false } }
      group(d).services = { healthCheck: { enabled: false } }
      group(d).sharedConfiguration = { ssl: { trustAll: true } } // nobody inherits it
      override({ ssl: { trustAll: false, hostnameVerifier: true, trustStore: { type: '' }, keyStore: { type: 'NONE' } }, proxy: { enabled: false, useSystemProxy: false }, http: { version: 'HTTP_1_1' }, headers: [] })(d) // prettier-ignore
      d.plans = [plan(), plan({ id: 'q', status: 'CLOSED', security: { type: 'LDAP' } })]
    })
    expect(gateway.gateway.check([off])).toEqual([])
  })
})

it('takes the time-outs of the group where an endpoint inherits', async () => {
  const silent = await startBackend(() => undefined)
  closers.push(silent.close)
  gateway.deploy(
    changed((d) => {
      group(d).sharedConfiguration = { http: { readTimeout: 100 } }
      Object.assign(endpoint(d), { inheritConfiguration: true, configuration: { target: silent.address } })
    }),
  )
  expect((await fetch(`${gateway.address}/echo`)).status).toBe(504)
})

describe('load balancers', () => {
  async function answers(type: string, weights: readonly number[], count: number): Promise<string> {
    const names = weights.map((_, i) => String.fromCharCode(97 + i))
    const targets = await Promise.all(
      names.map(async (name) => {
        const backend = await startBackend((_request, response) => void response.end(name))
        closers.push(backend.close)
        return backend.address
      }),
    )
    gateway.deploy(
      changed((d) => {
        group(d).loadBalancer = { type }
        group(d).endpoints = targets.map((target, i) => ({ name: names[i], type: 'http-proxy', weight: weights[i], configuration: { target } })) // prettier-ignore
      }),
    )
    let all = ''
    for (let i = 0; i < count; i++) all += await (await fetch(`${gateway.address}/echo`)).text()
    return all
  }

  it.each([
    ['round-robin', [9, 1, 1], 'abcabcabc'],
    ['weighted-round-robin', [3, 1, 2], 'aaabccaaabcc'],
  ] as const)('%s with weights %j', async (type, weights, expected) => {
    expect(await answers(type, weights, expected.length)).toBe(expected)
  })

  it.each(['random', 'weighted-random'])('%s reaches the endpoints in about their shares', async (type) => {
    const share = (await answers(type, [9, 1], 300)).replaceAll('b', '').length / 300
    // Six standard deviations either way.
    const [expected, deviation] = type === 'random' ? [0.5, 0.029] : [0.9, 0.0173]
    expect(Math.abs(share - expected)).toBeLessThan(6 * deviation)
  })
})
