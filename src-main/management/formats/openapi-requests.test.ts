import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildWorker } from '../../engine/testing/start-engine'
import { serveEmpty, type ServedFolder, type Worker } from '../served.testing'
import { readApiFile } from './read-api-file'
import { exportApi } from './write/export-api'

/** What an OpenAPI document says of requests and of tokens, as policies and plans, and back. */

let worker: Worker
let served: ServedFolder
beforeAll(async () => {
  worker = await buildWorker()
  served = await serveEmpty(worker)
})
afterAll(async () => {
  expect(served.faults).toEqual([])
  await served.close()
  await worker.remove()
})

const orders = {
  openapi: '3.1.0',
  info: { title: 'Shop', version: '1' },
  paths: {
    '/orders/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }],
      get: {
        operationId: 'order',
        parameters: [
          { name: 'page', in: 'query', schema: { type: 'integer', minimum: 1, exclusiveMaximum: 100 } },
          { name: 'sort', in: 'query', required: true, schema: { $ref: '#/components/schemas/Sort' } },
          { name: 'X-Tenant', in: 'header', required: true, schema: { type: 'string', minLength: 2, maxLength: 4 } },
          { name: 'session', in: 'cookie', schema: { type: 'string' } },
          { name: 'tags', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
        ],
      },
    },
    '/orders': {
      post: {
        operationId: 'order-new',
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } },
        },
      },
      put: {
        operationId: 'order-any',
        requestBody: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } }, 'text/csv': {} },
        },
      },
    },
  },
  components: {
    schemas: {
      Sort: { type: 'string', enum: ['up', 'down'] },
      Named: { type: 'object', required: ['name'], properties: { name: { type: 'string', pattern: '^[a-z ]*$' } } },
      Order: {
        allOf: [
          { $ref: '#/components/schemas/Named' },
          {
            type: 'object',
            required: ['lines', 'buyer'],
            properties: {
              lines: { type: 'array', items: {} },
              buyer: {
                type: 'object',
                required: ['mail'],
                properties: { mail: { type: 'string', format: 'email' }, born: { type: 'string', format: 'date' } },
              },
              'ship-at': { type: ['string', 'null'], format: 'date-time' },
              paid: { type: 'boolean' },
              total: { type: 'number', minimum: 0 },
              made: { type: 'string', readOnly: true, format: 'uuid' },
            },
          },
        ],
      },
    },
  },
}
const order = { name: '', lines: [], buyer: { mail: 'ada@shop.example' } }

test('what callers send is checked against its description, before the backend is called', async () => {
  const { api, notes } = await served.now.call('apis.import', {
    content: JSON.stringify(orders),
    choices: { checks: true },
  })
  expect(notes.filter(({ kind }) => kind === 'blocks')).toEqual([])
  await served.now.call('apis.deploy', { apiId: api.definition.id })
  const at = `${served.now.gateway}/shop/orders`
  const id = '6f1b7a0e-2f64-4a8e-9c8e-0a6b1f7f3c11'

  const told = async (answer: Response) =>
    answer.status === 200 ? [] : ((await answer.json()) as { constraints: string[] }).constraints
  const get = async (path: string, tenant = 'north'.slice(0, 4)) =>
    told(await fetch(at + path, { headers: { 'X-Tenant': tenant } }))
  expect(await get(`/${id}?sort=up`)).toEqual([])
  expect(await get(`/${id}?sort=up&page=99&tags=a`)).toEqual([])
  expect(await get(`/7?sort=up`)).toEqual(["The path parameter id is no UUID: '7'"])
  expect(await get(`/${id}`)).toEqual(['The query parameter sort is missing'])
  expect(await get(`/${id}?sort=left&page=100`, 'n')).toEqual([
    "The query parameter page must be at most 99, and is '100'",
    "The query parameter sort is none of the values that are allowed: 'left'",
    'The header X-Tenant must have 2 to 4 characters',
  ])
  expect(await get(`/${id}?sort=up&page=1.5`)).toEqual(["The query parameter page is no whole number: '1.5'"])

  const send = async (method: string, body: unknown, type = 'application/json') =>
    told(await fetch(at, { method, headers: { 'Content-Type': type }, body: typeof body === 'string' ? body : JSON.stringify(body) })) // prettier-ignore
  expect(await send('POST', order)).toEqual([])
  expect(await send('POST', { ...order, paid: false, total: 0, 'ship-at': null })).toEqual([])
  expect(await send('POST', { ...order, 'ship-at': '2026-02-28T12:30:00.25+01:00', made: 'x' })).toEqual([])
  expect(await send('POST', {})).toEqual([
    'The member lines of the body is missing',
    'The member buyer of the body is missing',
    'The member buyer.mail of the body is missing',
    'The member name of the body is missing',
  ])
  expect(
    await send('POST', { ...order, name: 'A', buyer: { mail: 'ada', born: '2026-02-30' }, 'ship-at': 'soon', paid: 1, total: -1 }), // prettier-ignore
  ).toEqual([
    "The member buyer.mail of the body is no e-mail address: 'ada'",
    "The member buyer.born of the body is no date such as 2026-02-28: '2026-02-30'",
    "The member ship-at of the body is no time such as 2026-02-28T12:30:00Z: 'soon'",
    "The member paid of the body is neither true nor false: '1'",
    "The member total of the body must be at least 0, and is '-1'",
    "The member name of the body does not match its pattern: 'A'",
  ])
  expect(await send('POST', '{')).toContain('The body is missing, or is no JSON')
  // Other media types are described too: a body of theirs is nobody's JSON.
  expect(await send('PUT', 'a,b', 'text/csv')).toEqual([])
  expect(await send('PUT', {})).toContain('The member lines of the body is missing')
})

test('what is not checked is told, once for all its places', () => {
  const { notes } = readApiFile(JSON.stringify(orders), { choices: { checks: true } })
  expect(notes.filter(({ kind }) => kind === 'dropped').map(({ sentence }) => sentence)).toEqual([
    'Parameters in cookies: not checked',
    'Entries of lists and objects in parameters: not checked',
    'Bodies of other media types than JSON: not checked',
    'Entries of lists in bodies: not checked (in 2 places)',
  ])
  const without = readApiFile(JSON.stringify(orders))
  expect(without).toMatchObject({ describesRequests: true, tokenSchemes: 0 })
  expect(without.definition!.flows.flatMap(({ request }) => request)).toEqual([])
  expect(without.notes.map(({ remedy }) => remedy)).toContain(
    'Choose to check what callers send, or add a policy that validates requests where it matters.',
  )
})

test('an export describes the requests again, so that importing it gives the same checks', () => {
  const first = readApiFile(JSON.stringify(orders), { choices: { checks: true } }).definition!
  const { content } = exportApi(first, { format: 'openapi', syntax: 'json', gateway: 'http://127.0.0.1:8082' })
  const document = JSON.parse(content) as typeof orders
  expect(document.paths['/orders/{id}'].get.parameters).toEqual([
    { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
    { name: 'page', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 99 } },
    { name: 'sort', in: 'query', required: true, schema: { type: 'string', enum: ['up', 'down'] } },
    { name: 'X-Tenant', in: 'header', required: true, schema: { type: 'string', minLength: 2, maxLength: 4 } },
  ])
  expect(document.paths['/orders'].post.requestBody).toMatchObject({
    required: true,
    content: {
      'application/json': {
        schema: {
          required: ['lines', 'buyer', 'name'],
          properties: {
            buyer: { required: ['mail'], properties: { mail: { type: 'string', format: 'email' } } },
            'ship-at': { type: 'string', format: 'date-time' },
            total: { type: 'number', minimum: 0 },
          },
        },
      },
    },
  })
  expect(document.paths['/orders'].put.requestBody).not.toHaveProperty('required')
  const again = readApiFile(content, { choices: { checks: true } }).definition!
  const rules = ({ flows }: typeof first) =>
    flows.flatMap(({ name, request }) =>
      request.map(({ configuration }) => [name, new Set(configuration?.rules as [])]),
    )
  expect(rules(again)).toEqual(rules(first))
})

const guarded = {
  openapi: '3.0.3',
  info: { title: 'Guarded', version: '1' },
  paths: {
    '/a': { get: { operationId: 'a', security: [{ login: ['read'] }, { key: [] }] } },
    '/b': { get: { operationId: 'b', security: [{ login: ['write'] }] } },
    '/c': { get: { operationId: 'c', security: [{ signed: [] }] } },
  },
  components: {
    securitySchemes: {
      login: { type: 'openIdConnect', openIdConnectUrl: 'http://127.0.0.1:8092/demo/oidc/.well-known/openid-configuration' }, // prettier-ignore
      key: { type: 'apiKey', in: 'header', name: 'X-Gravitee-Api-Key' },
      signed: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      unused: { type: 'oauth2', flows: {} },
    },
  },
}

test('schemes for tokens become plans when that is chosen, each way to be let in one, with its scopes in its flows', () => {
  const file = readApiFile(JSON.stringify(guarded), { choices: { tokens: 'plan' } })
  const { plans, resources, flows } = file.definition!
  expect(file.tokenSchemes).toBe(2)
  expect(plans.map(({ name, security }) => [name, security])).toEqual([
    ['login', { type: 'OAUTH2', configuration: { oauthResource: 'login' } }],
    ['key', { type: 'API_KEY' }],
    ['signed', { type: 'JWT', configuration: { signature: 'RSA_RS256', publicKeyResolver: 'JWKS_URL' } }],
  ])
  expect(plans[0]!.flows!.map(({ name, request }) => [name, request[0]!.configuration!.requiredScopes])).toEqual([
    ['a', ['read']],
    ['b', ['write']],
  ])
  expect(plans[1]!.flows).toEqual([])
  expect(resources.map(({ name }) => name)).toEqual(['login'])
  expect(flows.flatMap(({ request }) => request)).toEqual([])
  expect(file.notes.map(({ sentence }) => sentence).some((each) => each.startsWith('unused'))).toBe(false)

  const { content } = exportApi(file.definition!, {
    format: 'openapi',
    syntax: 'json',
    gateway: 'http://127.0.0.1:8082',
  })
  const document = JSON.parse(content) as { paths: Record<string, { get: { security: unknown } }>; components: unknown }
  expect(document.paths['/b']!.get.security).toEqual([{ login: ['write'] }, { key: [] }, { signed: [] }])
  expect(document.components).toMatchObject({
    securitySchemes: { login: { type: 'openIdConnect' }, key: { type: 'apiKey' }, signed: { bearerFormat: 'JWT' } },
  })
})

test('unless that is chosen they become the policy in each flow', () => {
  const { plans, resources, flows } = readApiFile(JSON.stringify(guarded)).definition!
  expect(plans.map(({ security }) => security.type)).toEqual(['KEY_LESS'])
  expect(resources.map(({ name }) => name)).toEqual(['login', 'signed'])
  expect(flows.map(({ request }) => request.map(({ configuration }) => configuration!.requiredScopes))).toEqual([
    [['read']],
    [['write']],
    [undefined],
  ])
})
