import type { ApiDefinition, Flow, HttpMethod, Step } from '@shared/api-definition'
import { Type } from 'typebox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { definePolicy, type PolicyDefinition } from '../policies/policy'
import type { Exchange } from './exchange'
import { api, startGateway, TRACE_KEY, type TestGateway } from './testing'

/** Writes its name where caller and backend can see it, or refuses with it; `later` takes a promise to do so. */
const mark = definePolicy({
  id: 'mark',
  name: 'Mark',
  summary: '',
  category: 'other',
  icon: '',
  phases: ['request', 'response'],
  configuration: Type.Object({ name: Type.String(), refuses: Type.Optional(Type.Boolean()), later: Type.Optional(Type.Boolean()), breaks: Type.Optional(Type.Boolean()) }), // prettier-ignore
  guide: '',
  errors: {},
  create({ name, refuses = false, later = false, breaks = false }) {
    const decide = () => {
      if (breaks) throw new Error('broken')
      return refuses
        ? { key: 'MARK', status: 418, message: name, sentence: name, evidence: [], remedies: [] }
        : undefined
    }
    const append = (headers: Exchange['request']['headers']) =>
      (headers['x-marks'] = [headers['x-marks'], name].filter(Boolean).join(' '))
    const answer = () => (later ? Promise.resolve().then(decide) : decide())
    return {
      request: (exchange) => {
        append(exchange.request.headers)
        exchange.attributes.set(`mark.${name}`, true)
        return answer()
      },
      response: (exchange) => {
        append(exchange.response!.headers) // this is the response phase
        return answer()
      },
    }
  },
})

let gateway: TestGateway
beforeEach(async () => {
  gateway = await startGateway(undefined, [mark as unknown as PolicyDefinition]) // its configuration is checked before `create`
})
afterEach(() => gateway.close())

interface MarkOptions {
  refuses?: boolean
  later?: boolean
  breaks?: boolean
}
const step = (name: string, { refuses, later, breaks, ...rest }: Partial<Step> & MarkOptions = {}): Step => {
  const options = Object.entries({ refuses, later, breaks }).filter(([, value]) => value !== undefined)
  return { enabled: true, policy: 'mark', configuration: { name, ...Object.fromEntries(options) }, ...rest }
}

interface FlowOf extends Partial<Flow> {
  path?: string
  equals?: boolean
  methods?: HttpMethod[]
  condition?: string
}
function flow(name: string, { path = '/', equals = false, methods = [], condition, ...rest }: FlowOf = {}): Flow {
  return {
    name,
    enabled: true,
    selectors: [
      { type: 'http', path, pathOperator: equals ? 'EQUALS' : 'START_WITH', methods },
      ...(condition === undefined ? [] : [{ type: 'condition' as const, condition }]),
    ],
    request: [step(name)],
    response: [step(name)],
    ...rest,
  }
}

/** Which flows a call ran through, as the backend saw it and as the caller did. */
async function marks(path: string, init?: RequestInit): Promise<{ status: number; request: string; response: string }> {
  const response = await fetch(`${gateway.address}/echo${path}`, init)
  const text = await response.text()
  const echoed = text.startsWith('{') ? (JSON.parse(text) as { headers?: Record<string, string> }).headers : undefined
  return {
    status: response.status,
    request: echoed?.['X-Marks'] ?? '',
    response: response.headers.get('x-marks') ?? '',
  }
}
const requestMarks = async (path: string, init?: RequestInit) => (await marks(path, init)).request

describe("a flow's selectors", () => {
  it.each([
    [{ path: '/a', equals: true }, '/a', true],
    [{ path: '/a', equals: true }, '/a/', true],
    [{ path: '/a', equals: true }, '/a/b', false],
    [{ path: '/a', equals: true }, '/ab', false],
    [{ path: '/' }, '', true],
    [{ path: '/a' }, '/a/b', true],
    [{ path: '/a' }, '/%61/b', true],
    [{ path: '/a' }, '/a;x=1/b', true],
    [{ path: '/caf%C3%A9' }, '/caf%c3%a9', true],
    [{ path: '/a%20b', equals: true }, '/a%20b', true],
    [{ path: '/50%' }, '/50%25', true],
    // The beginning of the text: a flow that secures /a secures /ab too.
    [{ path: '/a' }, '/ab', true],
    [{ path: '/a/b' }, '/ax/b', false],
    [{ path: '/a' }, '/b/a', false],
    [{ path: '/orders/:id', equals: true }, '/orders/7', true],
    [{ path: '/orders/:id', equals: true }, '/orders', false],
    [{ path: '/orders/:id/lines' }, '/orders/7/lines/1', true],
    [{ methods: ['POST', 'PUT'] satisfies HttpMethod[] }, '/x', false],
    [{ methods: ['GET'] satisfies HttpMethod[] }, '/x', true],
    [{ condition: "{#request.headers['x-mode'][0] == 'on'}" }, '/x', true],
    [{ condition: "{#request.headers['x-mode'][0] == 'off'}" }, '/x', false],
    [{ path: '/orders/:id', condition: "{#request.pathParams['id'][0] == '7'}" }, '/orders/7', true],
    [{ path: '/orders/:id', condition: "{#request.pathParams['id'][0] == '7'}" }, '/orders/8', false],
    [{ enabled: false }, '/x', false],
  ])('%j and GET %s: %s', async (selectors, path, runs) => {
    gateway.deploy(api({ flows: [flow('one', selectors)] }))
    const init = { headers: { 'x-mode': 'on' } }
    expect(await marks(path, init)).toEqual({ status: 200, request: runs ? 'one' : '', response: runs ? 'one' : '' })
  })

  it('takes OTHER for methods that have no name of their own', async () => {
    gateway.deploy(api({ flows: [flow('one', { methods: ['OTHER'] })] }))
    expect(await requestMarks('', { method: 'PROPFIND' })).toBe('one')
    expect(await requestMarks('')).toBe('')
  })
})

describe('the order of flows', () => {
  it('runs every matching flow in order, plans first, in the response phase too', async () => {
    gateway.deploy(
      api({
        flows: [flow('first'), flow('other', { path: '/x' }), flow('second')],
        plans: [{ id: 'p', name: 'Open', security: { type: 'KEY_LESS' }, status: 'PUBLISHED', flows: [flow('plan')] }],
      }),
    )
    const all = 'plan first second'
    expect(await marks('')).toEqual({ status: 200, request: all, response: all })
  })

  it("asks a flow's condition once those before it have run, and holds to that for the answer", async () => {
    const seen = "{#context.attributes['mark.first'] == true}"
    gateway.deploy(
      api({
        flows: [flow('first', { request: [step('first', { later: true })] }), flow('second', { condition: seen })],
      }),
    )
    expect(await marks('')).toEqual({ status: 200, request: 'first second', response: 'first second' })
  })

  it('skips steps that are disabled or whose condition does not hold', async () => {
    const request = [
      step('a'),
      step('b', { enabled: false }),
      step('c', { condition: "{#request.method == 'POST'}" }),
      step('d', { condition: "{#request.method == 'GET'}", later: true }),
    ]
    gateway.deploy(api({ flows: [flow('one', { request, response: request })] }))
    expect(await marks('')).toEqual({ status: 200, request: 'a d', response: 'a d' })
  })

  it.each([false, true])('stops at the first refusal, here or in the answer (later: %s)', async (later) => {
    gateway.deploy(api({ flows: [flow('one', { request: [step('no', { refuses: true, later }), step('never')] })] }))
    const refused = await fetch(`${gateway.address}/echo`)
    expect([refused.status, await refused.json()]).toEqual([418, { message: 'no', http_status_code: 418 }])
    gateway.deploy(api({ flows: [flow('one', { response: [step('no', { refuses: true, later })] })] }))
    const replaced = await fetch(`${gateway.address}/echo`)
    expect([replaced.status, await replaced.json()]).toEqual([418, { message: 'no', http_status_code: 418 }])
    expect((await gateway.recordOf(replaced)).refusal?.key).toBe('MARK')
  })

  it.each(['request', 'response'] as const)(
    'takes a step that breaks in the %s for a fault of its own',
    async (phase) => {
      for (const later of [false, true]) {
        gateway.deploy(api({ flows: [flow('one', { [phase]: [step('broken', { breaks: true, later })] })] }))
        const response = await fetch(`${gateway.address}/echo`)
        expect([response.status, (await gateway.recordOf(response)).refusal?.key]).toEqual([
          500,
          'GATEWAY_POLICY_FAILED',
        ])
      }
      gateway.deploy(api())
      expect((await fetch(`${gateway.address}/echo`)).status).toBe(200)
    },
  )
})

describe('best-match', () => {
  const bestMatch = (flows: Flow[], more: Partial<ApiDefinition> = {}) =>
    api({ flows, flowExecution: { mode: 'best-match', matchRequired: false }, ...more })

  it.each([
    ['/my/static', 'both'],
    // What many backends take for /my/static.
    ['/my;v=1/static;x', 'both'],
    ['/my/553', 'first'],
    ['/random/static', 'last'],
    ['/random/553', 'none'],
    ['/', 'none'],
  ])('%s runs only %s', async (path, name) => {
    gateway.deploy(
      bestMatch([
        flow('none'),
        flow('last', { path: '/:id/static' }),
        flow('first', { path: '/my/:id' }),
        flow('both', { path: '/my/static' }),
      ]),
    )
    expect(await requestMarks(path)).toBe(name)
  })

  it('chooses among the flows whose condition holds, the first of those that fit alike, and one of the plan', async () => {
    gateway.deploy(
      bestMatch(
        [
          flow('no', { path: '/a', condition: "{#request.method == 'NONE'}" }),
          flow('first'),
          flow('second', { equals: true }),
        ],
        {
          plans: [{ id: 'p', name: 'Open', security: { type: 'KEY_LESS' }, flows: [flow('all'), flow('a', { path: '/a' })] }], // prettier-ignore
        },
      ),
    )
    expect(await requestMarks('/a')).toBe('a first')
    expect(await requestMarks('')).toBe('all first')
  })

  it('says of each flow that did not run why', async () => {
    const condition = "{#request.method == 'NONE'}"
    gateway.deploy(
      bestMatch([
        flow('all'),
        flow('a', { path: '/a' }),
        flow('no', { path: '/a', condition }),
        flow('b', { path: '/b' }),
      ]),
    )
    const { trace } = await gateway.recordOf(
      await fetch(`${gateway.address}/echo/a`, { headers: { 'x-gatehouse-trace': TRACE_KEY } }),
    )
    const told = trace?.filter(({ kind }) => kind === 'flow').map(({ title, sentence }) => `${title}: ${sentence}`)
    expect(told).toEqual([
      'Flow all: Another flow matches better',
      'Flow no: Its condition does not hold',
      'Flow b: It does not match the request',
      'Flow a: It matches the request',
    ])
  })
})

describe('a flow that is required', () => {
  const required = (more: Partial<ApiDefinition>) =>
    api({ flowExecution: { mode: 'default', matchRequired: true }, flows: [flow('a', { path: '/a' })], ...more })

  it('is answered 404 without a body when none matches', async () => {
    gateway.deploy(required({}))
    expect((await marks('/a')).status).toBe(200)
    const response = await fetch(`${gateway.address}/echo/b`)
    expect([response.status, await response.text(), response.headers.get('content-type')]).toEqual([404, '', null])
    expect((await gateway.recordOf(response)).refusal?.sentence).toContain('none matches /b')
  })

  it('may be one of a plan', async () => {
    gateway.deploy(
      required({ plans: [{ id: 'p', name: 'Open', security: { type: 'KEY_LESS' }, flows: [flow('plan')] }] }),
    )
    expect(await marks('/b')).toMatchObject({ status: 200, request: 'plan' })
  })

  it('does not match when its condition does not hold', async () => {
    gateway.deploy(required({ flows: [flow('a', { condition: "{#request.method == 'NONE'}" })] }))
    expect((await marks('/a')).status).toBe(404)
  })
})

it('answers an unknown context path as Gravitee does', async () => {
  const response = await fetch(`${gateway.address}/none`, { headers: { accept: 'application/json' } })
  expect(response.status).toBe(404)
  expect(response.headers.get('content-type')).toBe('text/plain')
  expect(await response.text()).toBe('No context-path matches the request URI.')
})
