import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ApiDefinition, Endpoint, EndpointGroup } from '@shared/api-definition'
import type { FieldError } from '@shared/problem'
import { policies } from '../../policies/catalogue'
import { definePolicy } from '../../policies/policy'
import { Type } from 'typebox'
import { api, startBackend, startGateway, TRACE_KEY, type TestGateway } from '../testing'

let gateway: TestGateway
const closers: (() => Promise<void>)[] = []
/** Leaves as a policy of the catalogue would which endpoint is to be called. */
const choose = definePolicy({
  id: 'choose',
  name: 'Choose',
  summary: '',
  category: 'other',
  icon: '',
  phases: ['request'],
  configuration: Type.Object({ endpoint: Type.String() }),
  guide: '',
  errors: {},
  create: ({ endpoint }) => ({
    request: ({ attributes }) => {
      attributes.set('request.endpoint', endpoint)
      return undefined
    },
  }),
})
beforeEach(async () => {
  gateway = await startGateway(undefined, [...policies, choose])
})
afterEach(async () => {
  await gateway.close()
  for (const close of closers.splice(0)) await close()
})

const groupOf = (endpoints: Endpoint[], more: Partial<EndpointGroup> = {}): EndpointGroup => ({
  name: 'default-group',
  type: 'http-proxy',
  endpoints,
  ...more,
})
const mock = (name: string, body: string, more: Partial<Endpoint> = {}): Endpoint => ({
  name,
  type: 'mock',
  configuration: { body } as Endpoint['configuration'], // a mock has no target
  ...more,
})
const flow = (endpoint: string): Partial<ApiDefinition> => ({
  flows: [
    {
      enabled: true,
      selectors: [],
      request: [{ enabled: true, policy: 'choose', configuration: { endpoint } }],
      response: [],
    },
  ],
})
const call = (path = '/echo', init: RequestInit = {}) => fetch(gateway.address + path, init)
const text = async (path?: string, init?: RequestInit) => (await call(path, init)).text()

/** What a deploy of these groups is refused with. */
function refusals(...endpointGroups: EndpointGroup[]): readonly FieldError[] {
  return gateway.gateway.check([api({ endpointGroups })]).flatMap(({ errors }) => errors)
}

describe('load balancers', () => {
  async function answers(type: string, weights: readonly number[], count: number): Promise<string> {
    const endpoints = weights.map((weight, i) => {
      const name = String.fromCharCode(97 + i)
      return mock(name, name, { weight })
    })
    gateway.deploy(api({ endpointGroups: [groupOf(endpoints, { loadBalancer: { type } })] }))
    let all = ''
    for (let i = 0; i < count; i++) all += await text()
    return all
  }

  it.each([
    ['round-robin', [9, 1, 1], 'abcabcabc'],
    ['ROUND_ROBIN', [9, 1, 1], 'abcabc'],
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

describe('groups', () => {
  const groups = [
    groupOf([mock('a', 'first')]),
    groupOf([mock('b', 'second b'), mock('c', 'second c')], { name: 'other' }),
  ]

  it('the first is the default one', async () => {
    gateway.deploy(api({ endpointGroups: groups }))
    expect([await text(), await text()]).toEqual(['first', 'first'])
  })

  it.each([
    ['other:', 'second b', 'second c'],
    ['c:', 'second c', 'second c'],
    ['a:', 'first', 'first'],
  ])('a policy that names %s leads there', async (endpoint, first, second) => {
    gateway.deploy(api({ endpointGroups: groups, ...flow(endpoint) }))
    expect([await text(), await text()]).toEqual([first, second])
  })

  it('the path that a policy names is the path at the backend', async () => {
    const backend = await startBackend((request, response) => void response.end(request.url))
    closers.push(backend.close)
    const endpoint = { name: 'b', type: 'http-proxy', configuration: { target: `${backend.address}/base` } }
    gateway.deploy(api({ endpointGroups: [...groups.slice(0, 1), groupOf([endpoint], { name: 'other' })], ...flow('other:/there') })) // prettier-ignore
    expect(await text('/echo/ignored?q=1')).toBe('/base/there?q=1')
  })

  it('a name that leads nowhere is answered 503, and the record says why', async () => {
    gateway.deploy(api({ endpointGroups: groups, ...flow('gone:') }))
    const response = await call()
    expect(response.status).toBe(503)
    expect((await gateway.recordOf(response)).refusal).toMatchObject({
      key: 'NO_ENDPOINT_FOUND',
      sentence: 'A policy chose the endpoint gone, which is down or not there',
    })
  })

  it('endpoints that are off get nothing; with none on, the answer is 503', async () => {
    gateway.deploy(api({ endpointGroups: [groupOf([mock('a', 'a', { enabled: false }), mock('b', 'b')])] }))
    expect([await text(), await text()]).toEqual(['b', 'b'])
    gateway.deploy(api({ endpointGroups: [groupOf([mock('a', 'a', { enabled: false })])] }))
    expect((await call()).status).toBe(503)
  })

  it('secondary endpoints get nothing while another is up', async () => {
    gateway.deploy(api({ endpointGroups: [groupOf([mock('a', 'a', { secondary: true }), mock('b', 'b')])] }))
    expect([await text(), await text()]).toEqual(['b', 'b'])
    gateway.deploy(api({ endpointGroups: [groupOf([mock('a', 'a', { secondary: true })])] }))
    expect(await text()).toBe('a')
  })

  it('two of one name are refused', () => {
    expect(refusals(groupOf([mock('a', ''), mock('a', '')]))[0]?.field).toBe('/endpointGroups/0/endpoints/1/name')
    expect(refusals(groupOf([mock('a', '')]), groupOf([mock('b', '')]))[0]?.field).toBe('/endpointGroups/1/name')
    expect(refusals(groupOf([mock('a', '')]), groupOf([mock('b', '')], { name: 'a' }))[0]?.field).toBe('/endpointGroups/0/endpoints/0/name') // prettier-ignore
    expect(refusals(groupOf([mock('same', '')], { name: 'same' }))).toEqual([])
  })

  it('an endpoint that inherits takes all from its group, one that does not nothing', async () => {
    const sharedConfiguration = { headers: [{ name: 'X-Of', value: 'group' }] }
    const endpoint = (name: string, inheritConfiguration: boolean) => ({
      name,
      type: 'http-proxy',
      inheritConfiguration,
      configuration: { target: 'gatehouse:echo' },
      sharedConfigurationOverride: { headers: [{ name: 'X-Of', value: 'endpoint' }] },
    })
    gateway.deploy(api({ endpointGroups: [groupOf([endpoint('a', true), endpoint('b', false)], { sharedConfiguration })] })) // prettier-ignore
    expect(await text()).toContain('"X-Of": "group"')
    expect(await text()).toContain('"X-Of": "endpoint"')
  })

  it('what is wrong with a group is told once', () => {
    const endpoint = (name: string) => ({ name, type: 'http-proxy', inheritConfiguration: true, configuration: { target: 'gatehouse:echo' } }) // prettier-ignore
    const sharedConfiguration = { http: { connectTimeout: 0 } }
    const told = refusals(groupOf([endpoint('a'), endpoint('b')], { sharedConfiguration }))
    expect(told.map(({ field }) => field)).toEqual(['/endpointGroups/0/sharedConfiguration/http/connectTimeout'])
  })
})

describe('a mock', () => {
  const deployMock = (configuration: object) =>
    gateway.deploy(api({ endpointGroups: [groupOf([{ name: 'm', type: 'mock', configuration }])] }))

  it('answers what it is configured to, with its expressions', async () => {
    deployMock({
      status: 201,
      headers: [
        { name: 'X-Path', value: '{#request.pathInfo}' },
        { name: 'Set-Cookie', value: 'a=1' },
        { name: 'Set-Cookie', value: 'b=2' },
      ],
      body: '{"method":"{#request.method}"}',
    })
    const response = await call('/echo/orders', { method: 'POST', body: 'x'.repeat(100_000) })
    expect(response.status).toBe(201)
    expect(response.headers.get('x-path')).toBe('/orders')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('x-gravitee-transaction-id')).toBeTruthy()
    expect(await response.text()).toBe('{"method":"POST"}')
  })

  it.each([
    ['HEAD', 200, '7'],
    ['GET', 204, null],
    ['GET', 304, null],
  ])('sends no body where there is none: %s answered %i (RFC 9110 §6.4.1)', async (method, status, length) => {
    deployMock({ status, body: 'present' })
    const response = await call('/echo', { method })
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
      status,
      length,
      '',
    ])
    expect(await text('/echo', { method: 'HEAD' })).toBe('')
  })

  it('answers 200 and nothing unless told otherwise', async () => {
    deployMock({})
    const response = await call()
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  it('stands in the trace', async () => {
    deployMock({ body: 'hello' })
    const { trace } = await gateway.recordOf(await call('/echo', { headers: { 'x-gatehouse-trace': TRACE_KEY } }))
    expect(trace?.find(({ kind }) => kind === 'backend')).toMatchObject({
      title: 'Mock m',
      sentence: 'The endpoint answered 200 by itself',
    })
  })

  it.each([
    ['/status', { status: 99 }],
    ['/headers/0/name', { headers: [{ name: 'a b', value: 'c' }] }],
    ['/headers/0/value', { headers: [{ name: 'a', value: '{#request.nothing}' }] }],
    ['/body', { body: '{#request' }],
  ])('is refused at deploy for %s', (field, configuration) => {
    const told = refusals(groupOf([{ name: 'm', type: 'mock', configuration: configuration as Endpoint['configuration'] }])) // prettier-ignore
    expect(told.map((error) => error.field)).toEqual([`/endpointGroups/0/endpoints/0/configuration${field}`])
  })
})
