import { ProblemError, type Problem } from '@shared/problem'
import { expect, test } from 'vitest'
import { definitionV1, definitionV2, exportV4, petStore } from './examples.testing'
import { readApiFile } from './read-api-file'

const read = (file: unknown, options?: Parameters<typeof readApiFile>[1]) =>
  readApiFile(typeof file === 'string' ? file : JSON.stringify(file, null, 2), options)

function definitionOf(file: unknown, options?: Parameters<typeof readApiFile>[1]) {
  const { definition, problems } = read(file, options)
  expect(problems).toEqual([])
  return definition!
}

function problemOf(content: string, fileName?: string): Problem {
  try {
    readApiFile(content, fileName === undefined ? {} : { fileName })
  } catch (error) {
    if (error instanceof ProblemError) return error.problem
    throw error
  }
  throw new Error('It could be read')
}

test("an export of Gravitee's management becomes the definition that its gateway would run", () => {
  const file = read(exportV4)
  expect(file.formatName).toBe('Gravitee export of a version 4 API')
  expect(file.problems).toEqual([])
  expect(file.definition).toMatchObject({
    id: '1d5a2d23-df93-450c-9a2d-23df93950c33',
    gravitee: '4.0.0',
    type: 'proxy',
    listeners: [{ type: 'http', paths: [{ path: '/shop/orders/' }], entrypoints: [{ type: 'http-proxy' }] }],
    endpointGroups: [
      {
        loadBalancer: { type: 'round-robin' },
        sharedConfiguration: { http: { connectTimeout: 3000, readTimeout: 10_000 }, ssl: { trustAll: false } },
      },
    ],
    flowExecution: { mode: 'best-match', matchRequired: true },
    flows: [
      {
        id: 'f1',
        selectors: [{ type: 'http', pathOperator: 'EQUALS' }, { type: 'condition' }],
        request: [
          {
            policy: 'oauth2',
            configuration: { oauthResource: 'am', checkRequiredScopes: true, requiredScopes: ['read'] },
          },
        ],
      },
    ],
    plans: [{ id: 'fa417460-3df3-44b1-8174-603df3d4b178', security: { type: 'KEY_LESS' }, status: 'PUBLISHED' }],
    resources: [{ configuration: { securityDomain: 'demo', clientSecret: 's3cret' } }],
  })
  expect(file.definition!.flows[0]!.request[0]).not.toHaveProperty('condition')
  for (const gone of ['createdAt', 'primaryOwner', 'state', 'definitionVersion'])
    expect(file.definition).not.toHaveProperty(gone)
})

test('what is not taken over from an export is told, each with its place', () => {
  const dropped = read(exportV4).notes.filter(({ kind }) => kind === 'dropped')
  expect(dropped.map(({ pointer }) => pointer).sort()).toEqual(['/api', '/members', '/metadata', '/pages'])
  expect(dropped.find(({ pointer }) => pointer === '/pages')?.sentence).toBe('The pages of documentation (2 entries)')
  expect(dropped.find(({ pointer }) => pointer === '/api')?.sentence).toContain('createdAt, updatedAt')
  expect(read(exportV4).notes.map(({ sentence }) => sentence)).toContain(
    '1 flow with 1 step, 1 plan, 1 resource, 1 property',
  )
})

test('a definition of version 4 that is in the one form already stays as it is, unknown members too', () => {
  const given = { ...definitionOf(exportV4), somethingNew: { a: [1, null] }, plans: [] }
  expect(definitionOf(given)).toEqual(given)
})

test('a version 2 definition becomes one of version 4', () => {
  const definition = definitionOf(definitionV2)
  expect(definition).toMatchObject({
    id: 'orders-v2',
    apiVersion: '2',
    listeners: [
      {
        paths: [{ path: '/v2/orders' }],
        cors: { enabled: true, allowOrigin: ['https://shop.example'], maxAge: -1 },
        pathMappings: ['/:orderId'],
      },
    ],
    endpointGroups: [
      {
        loadBalancer: { type: 'weighted-round-robin' },
        sharedConfiguration: { http: { connectTimeout: 5000, readTimeout: 10_000, keepAlive: true } },
        services: {
          healthCheck: {
            type: 'http-health-check',
            configuration: {
              schedule: '*/5 * * * * *',
              target: '/health',
              assertion: "{#response.status == 200 && #response.content contains 'up'}",
            },
          },
        },
        endpoints: [
          { name: 'one', weight: 2, inheritConfiguration: true, configuration: { target: 'http://127.0.0.1:9001' } },
          {
            name: 'two',
            secondary: true,
            inheritConfiguration: false,
            sharedConfigurationOverride: {
              http: { connectTimeout: 1000 },
              headers: [{ name: 'X-From', value: 'gateway' }],
            },
          },
        ],
      },
    ],
    failover: { enabled: true, maxRetries: 3, slowCallDuration: 2000 },
    flowExecution: { mode: 'best-match', matchRequired: false },
    flows: [
      {
        name: 'Writes',
        selectors: [
          { type: 'http', path: '/:orderId', pathOperator: 'START_WITH', methods: ['PUT', 'DELETE'] },
          { type: 'condition', condition: "{#request.headers['x'] != null}" },
        ],
        request: [{ policy: 'rate-limit', configuration: { rate: { limit: 5 } } }],
        response: [{ policy: 'transform-headers', enabled: false, configuration: { addHeaders: [] } }],
      },
    ],
    plans: [
      { id: 'p1', security: { type: 'KEY_LESS' }, status: 'PUBLISHED', selectionRule: '#request.ssl' },
      { id: 'p2', security: { type: 'JWT', configuration: { signature: 'RSA_RS256' } }, status: 'STAGING' },
    ],
    properties: [{ key: 'tenant', value: 'north' }],
    responseTemplates: { DEFAULT: {} },
  })
  const dropped = read(definitionV2).notes.filter(({ kind }) => kind === 'dropped')
  expect(dropped.map(({ pointer }) => pointer).sort()).toEqual(['', '/flows/0/consumers', '/proxy/logging'])
  expect(dropped.find(({ pointer }) => pointer === '')?.sentence).toContain('primaryOwner')
})

test('the rules of version 1 become flows, one for each set of methods with the same rules', () => {
  const { flows, flowExecution, listeners } = definitionOf(definitionV1)
  expect(listeners[0]!.paths).toEqual([{ path: '/old' }])
  expect(flowExecution).toEqual({ mode: 'best-match', matchRequired: false })
  const policies = flows.map(({ selectors: [selector], request, response }) => [
    selector?.type === 'http' ? [selector.path, selector.methods] : undefined,
    request.map(({ policy }) => policy),
    response.map(({ policy, enabled }) => [policy, enabled]),
  ])
  const answer = [['transform-headers', false]]
  expect(policies).toEqual([
    [['/', ['GET']], ['transform-headers'], answer],
    [['/', ['POST']], ['transform-headers', 'rate-limit'], answer],
    [['/', ['PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'CONNECT', 'TRACE']], [], answer],
  ])
})

test('an OpenAPI document becomes an API that asks for the scopes of each operation', () => {
  const file = read(petStore)
  expect(file).toMatchObject({ formatName: 'OpenAPI 3.1.0', servers: 2, hasExamples: true, problems: [] })
  const definition = file.definition!
  expect(definition).toMatchObject({
    name: 'Pet store',
    apiVersion: '1.2.0',
    listeners: [{ paths: [{ path: '/v1' }] }],
    flowExecution: { mode: 'best-match', matchRequired: true },
    plans: [{ security: { type: 'KEY_LESS' }, status: 'PUBLISHED' }],
    resources: [
      {
        name: 'login',
        type: 'oauth2-am-resource',
        configuration: { serverURL: 'http://127.0.0.1:8092', securityDomain: 'demo' },
      },
    ],
  })
  expect(definition.endpointGroups[0]!.endpoints.map(({ configuration }) => configuration.target)).toEqual([
    'https://api.pets.example/v1',
  ])
  expect(
    definition.flows.map(({ name, selectors, request }) => [
      name,
      selectors,
      request.map(({ configuration }) => configuration?.requiredScopes),
    ]),
  ).toEqual([
    ['listPets', [{ type: 'http', path: '/pets', pathOperator: 'EQUALS', methods: ['GET'] }], [['pets.read']]],
    ['addPet', [{ type: 'http', path: '/pets', pathOperator: 'EQUALS', methods: ['POST'] }], [['pets.write']]],
    ['onePet', [{ type: 'http', path: '/pets/:petId', pathOperator: 'EQUALS', methods: ['GET'] }], [['pets.read']]],
    [
      'GET /pets/{petId}/photos/{name}.png',
      [{ type: 'http', path: '/pets/:petId/photos/:name', pathOperator: 'EQUALS', methods: ['GET'] }],
      [],
    ],
  ])
  const sentences = file.notes.map(({ sentence }) => sentence)
  expect(sentences).toContain('{name}.png becomes a parameter that takes the whole of its part of the path')
  expect(sentences.some((each) => each.includes('other.yaml#/paths/elsewhere'))).toBe(true)
  expect(sentences.some((each) => each.startsWith('The server https://staging.pets.example/v1'))).toBe(true)
})

test('examples become mock steps, and all servers endpoints, when that is chosen', () => {
  const { flows, endpointGroups } = definitionOf(petStore, { choices: { mocks: true, allServers: true } })
  expect(endpointGroups[0]!.endpoints.map(({ configuration }) => configuration.target)).toEqual([
    'https://api.pets.example/v1',
    'https://staging.pets.example/v1',
  ])
  expect(flows.map(({ request }) => request.find(({ policy }) => policy === 'mock')?.configuration)).toEqual([
    {
      status: '200',
      headers: [{ name: 'Content-Type', value: 'application/json' }],
      content: JSON.stringify([{ name: 'Rex' }], null, 2),
    },
    {
      status: '201',
      headers: [{ name: 'Content-Type', value: 'application/json' }],
      content: JSON.stringify({ name: 'Tom' }, null, 2),
    },
    undefined,
    undefined,
  ])
})

test('API keys and client certificates become plans; what cannot be asked for is told', () => {
  const file = read({
    openapi: '3.1.1',
    info: { title: 'Keys' },
    security: [{ key: [] }],
    paths: {
      '/a': { get: {} },
      '/b': { get: { security: [{ certificate: [] }] } },
      '/c': { get: { security: [{ basic: [] }] } },
      '/d': { get: { security: [{ basic: [] }, { key: [] }] } },
      '/e': { get: { security: [] } },
    },
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'X-Key' },
        certificate: { type: 'mutualTLS' },
        basic: { type: 'http', scheme: 'basic' },
      },
    },
  })
  expect(file.definition!.plans.map(({ security, status }) => [security.type, status])).toEqual([
    ['API_KEY', 'PUBLISHED'],
    ['MTLS', 'PUBLISHED'],
  ])
  const sentences = file.notes.map(({ sentence }) => sentence)
  expect(sentences).toContain('The security scheme basic (http basic), which this gateway cannot ask for')
  expect(sentences).toContain('What this operation asks of its caller: it stands open')
  expect(sentences).toContain('Of 2 ways to be let in, the gateway asks for key')
  expect(sentences).toContain('Plans are for a whole API: operations that ask for nothing ask for it too')
})

test.each([
  ['{\n  "openapi": "3.1.0",\n  oops\n}', 'a.json, line 3, column 3: here it stops being JSON'],
  ['openapi: 3.1.0\npaths:\n  /a: [1\n', 'a.json, line 4, column 1:'],
  ['', 'a.json: there is nothing in it'],
  ['just words', 'a.json, line 1, column 1: this is no description of an API'],
  ['{"swagger":"2.0"}', 'a.json, line 1, column 12: this is Swagger 2.0'],
  ['openapi: 3.2.0\n', 'a.json, line 1, column 10: OpenAPI 3.2.0 is not known here'],
  ['{"openapi":"3.0.0","info":{}}', 'a.json, line 1, column 1: the document describes no paths'],
  ['{"gravitee":"4.0.0",\n"type":"message"}', 'a.json, line 2, column 8: this is an API of the type message'],
  ['{"gravitee":"4.0.0","type":"proxy","a":'.padEnd(900, '['), 'a.json'],
  [`{"a":${'['.repeat(200)}${']'.repeat(200)}}`, 'a.json: it is nested deeper than 100 levels'],
  [`a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]`, 'a.json: its aliases'], // prettier-ignore
  ['- '.repeat(5000), 'a.json: it is nested deeper than 100 levels'],
  ['a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n', 'a.json, line 5, column 3: c is given twice'],
  [' '.repeat(17_000_000), 'a.json: this is longer than any API description'],
  ['a: &a\n  b: *a\n', 'a.json: a part of it contains itself'],
])('%.60j is refused, naming the place', (content, title) => {
  const problem = problemOf(content, 'a.json')
  expect(problem).toMatchObject({ key: 'API_FILE_UNREADABLE', status: 400 })
  expect(problem.title).toContain(title)
  expect(problem.remedy).not.toBe('')
})

test('what keeps an API from being imported names its line', () => {
  const { definition, problems } = readApiFile(
    '{\n"gravitee": "4.0.0",\n"name": "A",\n"listeners": [{ "type": "http", "paths": [{ "path": "a b" }] }],\n"endpointGroups": []\n}',
    { fileName: 'a.json' },
  )
  expect(definition).toBeUndefined()
  expect(problems.map(({ field, message }) => [field, message])).toEqual([
    ['/definition/listeners/0/paths/0/path', expect.stringMatching(/ \(a\.json, line 4, column 53\)$/)],
    ['/definition/endpointGroups', expect.stringMatching(/ \(a\.json, line 5, column 19\)$/)],
  ])
})

test('references in a circle, to nowhere or to the outside end nothing', () => {
  const { definition, notes } = read({
    openapi: '3.0.3',
    info: { title: 'Round' },
    paths: {
      '/a': { $ref: '#/paths/~1b' },
      '/b': { $ref: '#/paths/~1a' },
      '/c': { get: { responses: { 200: { $ref: '#/nowhere' } } } },
      '/d': { get: { responses: { 200: { $ref: 'http://127.0.0.1:1/x' } } } },
    },
  })
  expect(definition!.flows).toHaveLength(2)
  expect(notes.filter(({ sentence }) => sentence.startsWith('What ')).map(({ sentence }) => sentence)).toEqual([
    'What #/paths/~1b refers to: it leads in a circle',
    'What #/paths/~1a refers to: it leads in a circle',
    'What #/nowhere refers to: it is not there',
    'What http://127.0.0.1:1/x refers to: it stands in another document',
  ])
})
