import type { ApiDefinition } from '@shared/api-definition'
import { ApiDefinition as Schema } from '@shared/api-definition'
import fc from 'fast-check'
import { parse } from 'yaml'
import { expect, test } from 'vitest'
import { schemaErrors } from '@shared/schema-errors'
import { newApi } from '../definition/new-api'
import { readApiFile } from './read-api-file'
import { exportApi } from './write/export-api'

const gateway = 'http://127.0.0.1:8082'

/** Of the kinds that these texts have in definitions: expressions, quotes, letters of every script, line breaks. */
const anyText = fc.oneof(
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .filter((each) => /\S/.test(each) && !each.includes('\u0000')),
  fc.constantFrom(
    "{#request.headers['x'][0] == 'y'}",
    'on',
    '0123',
    'null',
    '- a: b',
    '"',
    '# no comment',
    'a\nb',
    '1e3',
  ),
)
const names = (what: string) =>
  fc.uniqueArray(anyText, { maxLength: 3 }).map((list) => list.map((each) => `${what} ${each}`))
const path = fc
  .array(fc.constantFrom('a', 'b', ':id', ':orderId', 'c-d', 'e.f', '%20'), { maxLength: 3 })
  .map((parts) => `/${parts.join('/')}`)
const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE')
const step = fc.record(
  {
    name: anyText,
    description: anyText,
    enabled: fc.boolean(),
    policy: fc.constantFrom('groovy', 'cache', 'json-to-json', 'not-known'),
    condition: anyText,
    messageCondition: anyText,
    configuration: fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
  },
  { requiredKeys: ['enabled', 'policy'] },
)
const flow = fc.record(
  {
    id: fc.uuid(),
    name: anyText,
    enabled: fc.boolean(),
    selectors: fc.tuple(
      fc.record(
        {
          type: fc.constant('http'),
          path,
          pathOperator: fc.constantFrom('EQUALS', 'START_WITH'),
          methods: fc.uniqueArray(method),
        },
        { requiredKeys: ['type', 'path', 'pathOperator'] },
      ),
      fc.record({ type: fc.constant('condition'), condition: anyText }),
    ),
    request: fc.array(step, { maxLength: 3 }),
    response: fc.array(step, { maxLength: 2 }),
    tags: fc.array(anyText, { maxLength: 2 }),
  },
  { requiredKeys: ['enabled', 'selectors', 'request', 'response'] },
)
const connection = fc.record(
  {
    http: fc.record({
      connectTimeout: fc.integer({ min: 1, max: 9999 }),
      readTimeout: fc.integer({ min: 1, max: 9999 }),
    }),
    ssl: fc.record({ trustAll: fc.boolean() }),
  },
  { requiredKeys: [] },
)
const group = (name: string) =>
  fc.record(
    {
      name: fc.constant(name),
      type: fc.constant('http-proxy'),
      loadBalancer: fc.record({
        type: fc.constantFrom('round-robin', 'random', 'weighted-round-robin', 'weighted-random'),
      }),
      sharedConfiguration: connection,
      endpoints: names('endpoint').chain((list) =>
        fc.tuple(
          ...list.map((each) =>
            fc.record(
              {
                name: fc.constant(each),
                type: fc.constant('http-proxy'),
                weight: fc.integer({ min: 1, max: 9 }),
                inheritConfiguration: fc.boolean(),
                configuration: fc.record({ target: fc.webUrl({ validSchemes: ['http', 'https'] }) }),
                sharedConfigurationOverride: connection,
                tenants: fc.array(anyText, { maxLength: 2 }),
              },
              { requiredKeys: ['name', 'type', 'configuration'] },
            ),
          ),
        ),
      ),
    },
    { requiredKeys: ['name', 'type', 'endpoints'] },
  )

const definition = fc.record(
  {
    id: fc.uuid(),
    name: anyText,
    description: anyText,
    apiVersion: anyText,
    gravitee: fc.constant('4.0.0'),
    type: fc.constant('proxy'),
    listeners: fc.tuple(
      fc.record(
        {
          type: fc.constant('http'),
          paths: fc.uniqueArray(fc.constantFrom('/a', '/b/c', '/d'), { minLength: 1 }).map((list) => list.map((each) => ({ path: each }))), // prettier-ignore
          entrypoints: fc.constant([{ type: 'http-proxy' }]),
          cors: fc.record({ enabled: fc.boolean(), allowOrigin: fc.array(anyText, { maxLength: 2 }) }),
        },
        { requiredKeys: ['type', 'paths', 'entrypoints'] },
      ),
    ),
    endpointGroups: fc.tuple(group('one'), group('two')),
    flowExecution: fc.record({ mode: fc.constantFrom('default', 'best-match'), matchRequired: fc.boolean() }),
    flows: fc.array(flow, { maxLength: 4 }),
    plans: names('plan').chain((list) =>
      fc.tuple(
        ...list.map((name) =>
          fc.record(
            {
              id: fc.uuid(),
              name: fc.constant(name),
              description: anyText,
              security: fc.record(
                {
                  type: fc.constantFrom('KEY_LESS', 'API_KEY', 'JWT', 'OAUTH2', 'MTLS'),
                  configuration: fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), anyText, { maxKeys: 2 }),
                },
                { requiredKeys: ['type'] },
              ),
              status: fc.constantFrom('PUBLISHED', 'STAGING', 'CLOSED', 'DEPRECATED'),
              flows: fc.array(flow, { maxLength: 2 }),
            },
            { requiredKeys: ['id', 'name', 'security', 'flows'] },
          ),
        ),
      ),
    ),
    resources: names('resource').map((list) =>
      list.map((name) => ({ name, type: 'cache', enabled: true, configuration: { timeToLiveSeconds: 60 } })),
    ),
    properties: names('property').map((list) => list.map((key) => ({ key, value: key, encrypted: false }))),
    responseTemplates: fc.constant({ DEFAULT: { '*/*': { statusCode: 400, body: '{"no":1}' } } }),
    failover: fc.record({ enabled: fc.boolean(), maxRetries: fc.nat(9) }),
    analytics: fc.record({
      enabled: fc.boolean(),
      sampling: fc.record({ type: fc.constantFrom('probability', 'windowed_count'), value: fc.constant('0.5') }),
    }),
    tags: fc.array(anyText, { maxLength: 2 }),
  },
  {
    requiredKeys: ['id', 'name', 'gravitee', 'type', 'listeners', 'endpointGroups', 'flows', 'plans', 'resources'],
  },
)

function imported(content: string): ApiDefinition {
  const { definition: read, problems } = readApiFile(content)
  expect(problems).toEqual([])
  return read!
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as ApiDefinition

test('a member whose name means something in YAML comes back as a member', () => {
  const named = { '<<': 'a', x: { '<<': { y: 1 } }, null: 1, '- ': 2, '0x1': 3 }
  const given = newApi('a', 'p', 'A', '/a')
  const step = { enabled: true, policy: 'not-known', configuration: named }
  const made = { ...given, flows: [{ ...given.flows[0]!, request: [step] }] }
  const { content } = exportApi(made, { format: 'gravitee-v4', syntax: 'yaml', gateway })
  expect(imported(content).flows[0]!.request[0]!.configuration).toEqual(named)
})

test.each(['json', 'yaml'] as const)('a definition goes out as %s and comes back the same', (syntax) => {
  fc.assert(
    fc.property(definition, (made) => {
      const given = plain(made)
      expect(schemaErrors({ ...Schema }, given, '')).toEqual([])
      const { content } = exportApi(given, { format: 'gravitee-v4', syntax, gateway })
      expect(imported(content)).toEqual(given)
    }),
    { numRuns: 100 },
  )
})

test("through the envelope of Gravitee's management nothing is lost, and plans gain what it wants of them", () => {
  fc.assert(
    fc.property(definition, fc.constantFrom('json' as const, 'yaml' as const), (made, syntax) => {
      const given = plain(made)
      const { content } = exportApi(given, { format: 'gravitee-v4-export', syntax, gateway })
      const envelope = parse(content) as {
        api: { type: string; gravitee?: string; analytics?: { sampling: { type: string } } }
      }
      expect(envelope.api.type).toBe('PROXY')
      expect(envelope.api.analytics?.sampling.type ?? 'COUNT').toMatch(/^[A-Z_]+$/)
      expect(envelope.api.gravitee).toBeUndefined()
      const back = imported(content)
      expect(back).toMatchObject(given)
      const gained = ['mode', 'type', 'validation', 'order', 'characteristics', 'status']
      const plans = back.plans.map((plan, index) =>
        Object.fromEntries(
          Object.entries(plan).filter(([name]) => !gained.includes(name) || Object.hasOwn(given.plans[index]!, name)),
        ),
      )
      expect({ ...back, plans }).toEqual(given)
    }),
    { numRuns: 100 },
  )
})

const operation = fc.record(
  {
    operationId: fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9]{0,9}$/),
    security: fc.constantFrom([], [{ login: [] }], [{ login: ['read'] }], [{ login: ['read', 'write'] }]),
    responses: fc.oneof(
      fc.constant({}),
      fc.record({
        200: fc.record({
          description: fc.constant('Example'),
          content: fc.record({ 'application/json': fc.record({ example: fc.jsonValue({ maxDepth: 2 }).filter((each) => each !== null && typeof each !== 'string') }) }), // prettier-ignore
        }),
      }),
    ),
  },
  { requiredKeys: ['security', 'responses'] },
)
const document = fc.record({
  openapi: fc.constantFrom('3.0.3', '3.1.0'),
  info: fc.record({ title: fc.constantFrom('Pets', 'Orders of the shop'), version: fc.constant('1.0') }),
  paths: fc.dictionary(
    fc.constantFrom('/a', '/a/{id}', '/a/{id}/b', '/c', '/'),
    fc.record({ get: operation, post: operation, delete: operation }, { requiredKeys: [] }),
    { maxKeys: 4 },
  ),
  components: fc.constant({
    securitySchemes: {
      login: { type: 'openIdConnect', openIdConnectUrl: 'http://am/demo/oidc/.well-known/openid-configuration' },
    },
  }),
})

/** What of an API its OpenAPI document tells. */
const told = ({ name, apiVersion, flows }: ApiDefinition) => ({
  name,
  apiVersion,
  flows: flows
    .map(({ name: flowName, selectors, request }) => ({ flowName, selectors, request }))
    .sort((a, b) => (JSON.stringify(a.selectors) < JSON.stringify(b.selectors) ? -1 : 1)),
})

test('operations, scopes and examples of an OpenAPI document come back from the flows that they became', () => {
  fc.assert(
    fc.property(document, (made) => {
      const read = (content: string) => {
        const { definition: api, problems } = readApiFile(content, { choices: { mocks: true } })
        expect(problems).toEqual([])
        return api!
      }
      const first = read(JSON.stringify(made))
      const { content } = exportApi(first, { format: 'openapi', syntax: 'yaml', gateway })
      expect(told(read(content))).toEqual(told(first))
    }),
    { numRuns: 200 },
  )
})
