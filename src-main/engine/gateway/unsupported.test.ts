import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ApiDefinition } from '@shared/api-definition'
import { api, securedApi, startGateway, type TestGateway } from './testing'

let gateway: TestGateway
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(async () => {
  await gateway.close()
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
  ['a group of another type', '/endpointGroups/0/type', (d) => (group(d).type = 'kafka')],
  ['an endpoint of another type', '/endpointGroups/0/endpoints/0/type', (d) => (endpoint(d).type = 'kafka')],
  ['an unknown load balancer', '/endpointGroups/0/loadBalancer/type', (d) => (group(d).loadBalancer = { type: 'least' })], // prettier-ignore
  ['service discovery', '/endpointGroups/0/services/discovery/enabled', (d) => (group(d).services = { discovery: { enabled: true } })], // prettier-ignore
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
      group(d).sharedConfiguration = { ssl: { keyStore: { type: 'JKS' } } } // nobody inherits it
      override({ ssl: { trustAll: false, hostnameVerifier: true, trustStore: { type: '' }, keyStore: { type: 'NONE' } }, proxy: { enabled: false, useSystemProxy: false }, http: { version: 'HTTP_1_1' }, headers: [] })(d) // prettier-ignore
      d.plans = [plan(), plan({ id: 'q', status: 'CLOSED', security: { type: 'LDAP' } })]
    })
    expect(gateway.gateway.check([off])).toEqual([])
  })
})
