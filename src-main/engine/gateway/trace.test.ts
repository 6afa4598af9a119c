import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Type } from 'typebox'
import { definePolicy, type PolicyDefinition } from '../policies/policy'
import { bodyOf } from './body'
import { flowOf } from './flow.testing'
import type { LocalIntrospection } from '../resources/resource'
import { createSampler } from '../sampler'
import { api, rawExchange, securedApi, startGateway, TRACE_KEY, type TestGateway } from './testing'

let gateway: TestGateway
beforeEach(async () => {
  gateway = await startGateway((token): LocalIntrospection =>
    token === 'good-token'
      ? { status: 200, active: true, claims: { active: true, client_id: 'client', scope: 'read' } }
      : { status: 200, active: false, reason: 'The token expired', evidence: [] },
  )
})
afterEach(() => gateway.close())

const call = (headers: Record<string, string>) => fetch(`${gateway.address}/echo`, { headers })
const good = { authorization: 'Bearer good-token' }

describe("a console's request", () => {
  it('tells each station in order, with what the policy changed, and no token', async () => {
    gateway.deploy(securedApi({ propagateAuthHeader: false }))
    const record = await gateway.recordOf(await call({ ...good, 'x-gatehouse-trace': TRACE_KEY }))
    const { trace } = record
    expect(trace?.map(({ kind, decision }) => `${kind} ${decision}`)).toEqual([
      'arrival passed',
      'api passed',
      'flow passed',
      'policy passed',
      'backend passed',
      'answer passed',
    ])
    expect(trace?.[3]).toMatchObject({
      policy: 'oauth2',
      at: { flow: 0, phase: 'request', step: 0 },
      headerChanges: [{ name: 'Authorization', before: 'Bearer ••••' }],
    })
    expect(trace?.[5]?.sentence).toMatch(/^200 to the client/)
    expect(record.carried?.headers).toContainEqual({ name: 'Authorization', value: 'Bearer ••••' })
    expect(JSON.stringify(record)).not.toContain('good-token')
    expect(JSON.stringify(record)).not.toContain(TRACE_KEY)
  })

  it('tells where it stopped, and that the backend was not reached', async () => {
    const secured = securedApi()
    const [flow] = secured.definition.flows
    const elsewhere = { ...flow!, name: 'Elsewhere', selectors: [{ type: 'http' as const, path: '/x', pathOperator: 'EQUALS' as const }] } // prettier-ignore
    const off = { ...flow!, name: 'Off', request: [{ ...flow!.request[0]!, condition: "{#request.method == 'PUT'}" }] }
    gateway.deploy({ ...secured, definition: { ...secured.definition, flows: [elsewhere, off, flow!] } })
    const response = await call({ authorization: 'Bearer bad-token', 'x-gatehouse-trace': TRACE_KEY })
    const { trace } = await gateway.recordOf(response)
    expect(trace?.map(({ title, decision }) => `${title} ${decision}`)).toEqual([
      'Arrival passed',
      'API Echo passed',
      'Flow Elsewhere skipped',
      'Flow Off passed',
      'OAuth2 skipped',
      'Flow All passed',
      'OAuth2 refused',
      'Backend not-reached',
      'Answer refused',
    ])
    expect(trace?.[6]?.refusal?.sentence).toBe('The token expired')
    expect(JSON.stringify(trace)).not.toContain('bad-token')
  })

  it('tells of a condition that is neither true nor false what it gives, since only true holds', async () => {
    const { definition, ...rest } = api()
    const [flow] = definition.flows.length > 0 ? definition.flows : securedApi().definition.flows
    const asking = (condition: string) => ({ ...flow!, name: condition, request: [], selectors: [{ type: 'condition' as const, condition }] }) // prettier-ignore
    const conditions = {
      "{#request.headers['x-beta']}": 'Its condition gives a list, and only true holds',
      "{#request.headers['x-beta'][0]}": 'Its condition gives a text, and only true holds',
      "{#request.headers['x-none']}": 'Its condition gives nothing, and only true holds',
      '{(1 + 1)}': 'Its condition gives a number, and only true holds',
      '{#request.headers}': 'Its condition gives a map, and only true holds',
      "{#request.headers['x-beta'] == null}": 'Its condition does not hold',
      "{#request.headers['x-beta'] != null}": 'It matches the request',
    }
    const step = { name: 'Step', enabled: true, policy: 'transform-headers', configuration: {}, condition: "{#request.headers['x-beta']}" } // prettier-ignore
    const flows = [...Object.keys(conditions).map(asking), { ...flow!, name: 'Step', selectors: [], request: [step] }]
    gateway.deploy({ ...rest, definition: { ...definition, flows } })
    const response = await call({ 'x-beta': 'true', 'x-gatehouse-trace': TRACE_KEY })
    const { trace = [] } = await gateway.recordOf(response)
    const sentenceOf = (kind: string) => (name: string) =>
      trace.find((entry) => entry.kind === kind && entry.title.endsWith(name))?.sentence
    expect(Object.keys(conditions).map(sentenceOf('flow'))).toEqual(Object.values(conditions))
    expect(sentenceOf('policy')('Step')).toBe('Its condition gives a list, and only true holds')
  })

  it('never shows its trace key to the backend', async () => {
    gateway.deploy(api())
    const response = await call({ 'x-gatehouse-trace': TRACE_KEY })
    expect(await response.text()).not.toMatch(/gatehouse-trace/i)
    expect((await gateway.recordOf(response)).trace).toBeDefined()
  })

  it.each(['wrong', `${TRACE_KEY}x`, ''])('is not traced with the key %j, which reaches nobody either', async (key) => {
    gateway.deploy(api())
    const response = await call({ 'x-gatehouse-trace': key })
    expect(await response.text()).not.toMatch(/gatehouse-trace/i)
    expect((await gateway.recordOf(response)).trace).toBeUndefined()
  })
})

describe('what a step changed', () => {
  const changed = definePolicy({
    id: 'changed',
    name: 'Changed',
    summary: '',
    category: 'other',
    icon: '',
    phases: ['request'],
    configuration: Type.Object({}),
    guide: '',
    errors: {},
    create(_configuration, { needsBody }) {
      needsBody('request')
      return {
        request({ request }) {
          request.headers['x-session-token'] = 'hunter2'
          request.headers['x-kind'] = 'new'
          delete request.headers['x-old']
          request.body = bodyOf(JSON.stringify({ ...(request.body!.json as object), password: 'hunter2', added: true }))
        },
      }
    },
  }) as unknown as PolicyDefinition

  it('is told of headers and body, before and after, with what opens something left out', async () => {
    await gateway.close()
    gateway = await startGateway(undefined, [changed])
    gateway.deploy(api({ flows: [flowOf([{ policy: 'changed' }])] }))
    const body = JSON.stringify({ name: 'Ada', access_token: 'hunter2', note: 'Bearer hunter2' })
    const headers = { 'x-old': 'was', 'x-kind': 'old', 'x-gatehouse-trace': TRACE_KEY }
    const response = await fetch(`${gateway.address}/echo`, { method: 'POST', body, headers })
    const { trace } = await gateway.recordOf(response)
    const step = trace?.find(({ kind }) => kind === 'policy')
    expect(step?.headerChanges).toEqual([
      { name: 'X-Old', before: 'was' },
      { name: 'X-Kind', before: 'old', after: 'new' },
      { name: 'X-Session-Token', after: '••••' },
    ])
    expect(step?.bodyChange).toEqual({
      before: '{"name":"Ada","access_token":"••••","note":"Bearer ••••"}',
      beforeBytes: body.length,
      after: '{"name":"Ada","access_token":"••••","note":"Bearer ••••","password":"••••","added":true}',
      afterBytes: body.length + ',"password":"hunter2","added":true'.length,
    })
    expect(JSON.stringify(trace)).not.toContain('hunter2')
  })
})

it('never shows the value of a property that is a secret, wherever an expression carries it', async () => {
  const configuration = { addHeaders: [{ name: 'X-Carries', value: "a {#api.properties['p']} b" }] }
  const rule = { input: "{#api.properties['p']}", constraint: { type: 'MIN', parameters: ['1'] } }
  const steps = [
    { policy: 'transform-headers', configuration },
    { policy: 'policy-request-validation', configuration: { status: '400', rules: [rule] } },
  ]
  gateway.deploy(api({ flows: [flowOf(steps)], properties: [{ key: 'p', value: 'hunter22', encryptable: true }] }))
  const record = await gateway.recordOf(await call({ 'x-gatehouse-trace': TRACE_KEY }))
  expect(record.trace?.find(({ policy }) => policy === 'transform-headers')?.headerChanges).toEqual([{ name: 'X-Carries', after: 'a •••• b' }]) // prettier-ignore
  expect(JSON.stringify(record)).not.toContain('hunter22')
})

it('shows no part of a secret where a text is cut within it, and tells its own words whatever the secret is', async () => {
  const value = `${'x'.repeat(1990)}{#api.properties['p']}{#api.properties['q']}`
  const steps = [{ policy: 'transform-headers', configuration: { addHeaders: [{ name: 'X-Carries', value }] } }]
  const properties = [
    { key: 'p', value: 'hunter22-hunter22', encryptable: true },
    { key: 'q', value: 'passed', encryptable: true },
  ]
  gateway.deploy(api({ flows: [flowOf(steps)], properties }))
  const { trace } = await gateway.recordOf(await call({ 'x-gatehouse-trace': TRACE_KEY }))
  const policy = trace?.find(({ kind }) => kind === 'policy')
  expect(policy?.headerChanges?.[0]?.after).toMatch(/^x+••••$/)
  expect(policy?.decision).toBe('passed')
})

it('traces every request while that is asked for, and none after', async () => {
  gateway.deploy(api())
  gateway.gateway.traceAll(true)
  expect((await gateway.recordOf(await call({}))).trace).toHaveLength(4)
  gateway.gateway.traceAll(false)
  expect((await gateway.recordOf(await call({}))).trace).toBeUndefined()
})

it('keeps neither the credentials of an absolute address nor more of a path than a person reads', async () => {
  gateway.deploy(api())
  const close = 'Host: a\r\nConnection: close\r\n\r\n'
  await rawExchange(gateway.port, `GET http://user:hunter2@a/echo/x?q HTTP/1.1\r\n${close}`)
  await rawExchange(gateway.port, `GET /none/${'x'.repeat(20_000)} HTTP/1.1\r\n${close}`)
  await expect.poll(() => gateway.records.length).toBe(2)
  expect(gateway.records[0]?.path).toBe('/echo/x')
  expect(gateway.records[1]?.path).toHaveLength(512)
  expect(JSON.stringify(gateway.records[1]).length).toBeLessThan(3000)
})

describe('a sampling', () => {
  const isTraced = async () => (await gateway.recordOf(await call({}))).trace !== undefined
  const traced = async (calls: number) => {
    const found: boolean[] = []
    for (let i = 0; i < calls; i++) found.push(await isTraced())
    return found
  }
  const sampled = (type: string, value: string, enabled = true) =>
    api({ analytics: { enabled, sampling: { type, value } } })

  it.each([
    ['COUNT', '3', [true, false, false, true]],
    ['count', '1', [true, true, true, true]],
    ['windowed_count', '2/P1D', [true, true, false, false]],
    ['TEMPORAL', 'PT10M', [true, false, false, false]],
    ['probability', '1', [true, true, true, true]],
  ])('of an API, %s %s, says which of its calls are traced', async (type, value, expected) => {
    gateway.deploy(sampled(type, value))
    expect(await traced(4)).toEqual(expected)
  })

  it('tells the whole way, from the arrival on', async () => {
    gateway.deploy(sampled('count', '2'))
    const { trace, carried } = await gateway.recordOf(await call({ 'x-tenant': 'blue' }))
    expect(trace?.map(({ kind }) => kind)).toEqual(['arrival', 'api', 'backend', 'answer'])
    expect(carried?.headers).toContainEqual({ name: 'X-Tenant', value: 'blue' })
  })

  it('of the gateway counts where an API has none; every request is every request', async () => {
    const ofGateway = () => createSampler({ type: 'count', every: 2 })
    gateway.gateway.traceAll(false, ofGateway())
    gateway.deploy(api())
    expect(await traced(3)).toEqual([true, false, true])
    gateway.gateway.traceAll(false, ofGateway())
    gateway.deploy(sampled('count', '1', false))
    expect(await traced(3)).toEqual([true, false, true])
    gateway.deploy(sampled('count', '3'))
    expect(await traced(4)).toEqual([true, false, false, true])
    gateway.gateway.traceAll(true)
    expect(await traced(2)).toEqual([true, true])
    gateway.gateway.traceAll(false)
    gateway.deploy(api())
    expect(await isTraced()).toBe(false)
  })

  it.each([
    ['probability', '0', '/analytics/sampling/value'],
    ['probability', '1.5', '/analytics/sampling/value'],
    ['count', '0', '/analytics/sampling/value'],
    ['temporal', '10 s', '/analytics/sampling/value'],
    ['temporal', 'PT', '/analytics/sampling/value'],
    ['windowed_count', '10', '/analytics/sampling/value'],
    ['often', '1', '/analytics/sampling/type'],
  ])('that is no sampling, %s %s, refuses the deploy and names its field', (type, value, field) => {
    const problems = gateway.gateway.check([sampled(type, value)])
    expect(problems).toMatchObject([{ errors: [{ field, remedy: expect.any(String) as string }] }])
  })
})
