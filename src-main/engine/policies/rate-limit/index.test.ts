import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCounters, type Counters } from '../../gateway/counters'
import { apiWith, securedApi, startBackend, startGateway, TRACE_KEY, type TestGateway } from '../../gateway/testing'

let gateway: TestGateway
let clock = 0
const closers: (() => Promise<void>)[] = []
/** The counters with a clock of the test in place of the request's time. */
const timed = (counters: Counters): Counters => ({
  hit: (key, _now, endOf) => counters.hit(key, clock, endOf),
})
beforeEach(async () => {
  clock = Date.parse('2026-03-01T12:00:00Z')
  gateway = await startGateway(
    (token) => ({ status: 200, active: true, claims: { active: true, client_id: token } }),
    undefined,
    undefined,
    { counters: { passing: timed(createCounters()), lasting: createCounters() } },
  )
})
afterEach(async () => {
  await gateway.close()
  for (const close of closers.splice(0)) await close()
})

const call = (headers: Record<string, string> = {}, path = '/echo') => fetch(`${gateway.address}${path}`, { headers })
const statuses = async (...calls: (() => Promise<Response>)[]) => {
  const found: number[] = []
  for (const each of calls) found.push((await each()).status)
  return found
}
const limited = (rate: object, changes: object = {}, others: Parameters<typeof apiWith>[2] = {}) =>
  apiWith('rate-limit', { rate, ...changes }, others)
const problems = (rate: object) => {
  const compiled = gateway.gateway.compile([limited(rate)])
  return Array.isArray(compiled) ? compiled.flatMap(({ errors }) => errors) : []
}

describe('a limit of two in a minute', () => {
  const twice = { limit: 2, periodTime: 1, periodTimeUnit: 'MINUTES' }

  it('turns the third call away, word for word, and lets calls in again a minute later', async () => {
    gateway.deploy(limited(twice))
    expect(await statuses(call, call)).toEqual([200, 200])
    const third = await call()
    expect(third.status).toBe(429)
    expect(third.headers.has('x-rate-limit-limit')).toBe(false)
    expect(await third.text()).toBe(
      '{"message":"Rate limit exceeded! You reached the limit of 2 requests per 1 minutes","http_status_code":429}',
    )
    const { refusal } = await gateway.recordOf(third)
    expect(refusal).toMatchObject({
      key: 'RATE_LIMIT_TOO_MANY_REQUESTS',
      remedies: [{ action: 'open-step', flow: 0, phase: 'request', step: 0 }],
    })
    expect(refusal?.sentence).toMatch(/^This is request 3 in 1 minute, and 2 are let through; .* in \d+ s$/)
    clock += 59_999
    expect(await statuses(call)).toEqual([429])
    clock += 1
    expect(await statuses(call, call, call)).toEqual([200, 200, 429])
  })

  it('tells the caller in headers of every answer, in place of those of the backend', async () => {
    const backend = await startBackend((_request, response) => response.setHeader('x-rate-limit-limit', '9').end())
    closers.push(backend.close)
    gateway.deploy(limited(twice, { addHeaders: true }, { target: backend.address }))
    const told = ({ headers }: Response) =>
      ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-rate-limit-${name}`))
    const reset = String(clock + 60_000)
    expect(told(await call())).toEqual(['2', '1', reset])
    expect(told(await call())).toEqual(['2', '0', reset])
    const refused = await call()
    expect(told(refused)).toEqual(['2', '0', reset])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('goes on with its count after another deployment', async () => {
    gateway.deploy(limited(twice))
    expect(await statuses(call, call)).toEqual([200, 200])
    gateway.deploy(limited(twice))
    expect(await statuses(call)).toEqual([429])
  })

  it('tells in the trace which call it is', async () => {
    gateway.deploy(limited(twice))
    const { trace } = await gateway.recordOf(await call({ 'x-gatehouse-trace': TRACE_KEY }))
    expect(trace?.find(({ kind }) => kind === 'policy')).toMatchObject({
      sentence: 'Request 1 of 2 in 1 minute',
      evidence: [{ value: '2 in 1 minute' }, { value: '1' }, { label: 'Starts again' }, { label: 'Counted by' }],
    })
  })
})

describe('who is counted', () => {
  it('is each OAuth client where there is no plan', async () => {
    const secured = securedApi()
    const [flow] = secured.definition.flows
    const request = [...flow!.request, { enabled: true, policy: 'rate-limit', configuration: { rate: { limit: 1 } } }]
    gateway.deploy({ ...secured, definition: { ...secured.definition, flows: [{ ...flow!, request }] } })
    const by = (client: string) => () => call({ authorization: `Bearer ${client}` })
    expect(await statuses(by('a'), by('b'), by('a'), by('b'))).toEqual([200, 200, 429, 429])
  })

  it('is each value of the key, in each API apart', async () => {
    const rate = { limit: 1, key: "{#request.headers['x-tenant'][0]}" }
    gateway.deploy(limited(rate), limited(rate, {}, { path: '/other' }))
    const of =
      (tenant: string, path = '/echo') =>
      () =>
        call({ 'x-tenant': tenant }, path)
    expect(await statuses(of('a'), of('b'), of('a'), of('a', '/other'))).toEqual([200, 200, 429, 200])
  })

  it('is each value of the key everywhere when the key alone counts', async () => {
    const rate = { limit: 1, key: "{#request.headers['x-tenant'][0]}", useKeyOnly: true }
    gateway.deploy(limited(rate), limited(rate, {}, { path: '/other' }))
    const of =
      (tenant: string, path = '/echo') =>
      () =>
        call({ 'x-tenant': tenant }, path)
    expect(await statuses(of('a'), of('a', '/other'), of('b', '/other'))).toEqual([200, 429, 200])
  })
})

describe('expressions', () => {
  it('say how many and how long', async () => {
    const rate = {
      limit: 0,
      dynamicLimit: "{#request.headers['x-limit'][0]}",
      dynamicPeriodTime: "{#api.properties['seconds']}",
      periodTimeUnit: 'MINUTES',
    }
    gateway.deploy(limited(rate, {}, { properties: [{ key: 'seconds', value: '5' }] }))
    const with_ = (limit: string) => () => call({ 'x-limit': limit })
    expect(await statuses(with_('2'), with_('2'), with_('2'))).toEqual([200, 200, 429])
    clock += 5000
    expect(await statuses(with_('1'), with_('1'))).toEqual([200, 429])
    clock += 5000
    expect(await statuses(with_('many'))).toEqual([429])
  })

  it.each([
    [{ dynamicLimit: '{#request.nothing}' }, 'rate/dynamicLimit', 'nothing'],
    [{ limit: 1, key: '{#request.' }, 'rate/key', 'cannot'],
    [{ dynamicLimit: 'many' }, 'rate/dynamicLimit', 'neither a number'],
    [{ limit: 0 }, 'rate/limit', 'does not say how many'],
    [{}, 'rate/limit', 'does not say how many'],
  ])('that cannot be read stop the deployment: %j', (rate, field, message) => {
    const [error] = problems(rate)
    expect(error?.field).toBe(`/flows/0/request/0/configuration/${field}`)
    expect(error?.message).toContain(message === 'cannot' ? 'Flow All' : message)
  })
})

it('lets a caller pass whom it cannot count, or not, as it is set up', async () => {
  const failing: Counters = { hit: () => Promise.reject(new Error('no disk')) }
  const broken = await startGateway(undefined, undefined, undefined, {
    counters: { passing: failing, lasting: failing },
  })
  closers.push(() => broken.close())
  broken.deploy(limited({ limit: 1 }, { addHeaders: true }))
  const passed = await fetch(`${broken.address}/echo`)
  expect([passed.status, passed.headers.get('x-rate-limit-reset')]).toEqual([200, '-1'])
  broken.deploy(limited({ limit: 1 }, { errorStrategy: 'BLOCK_ON_INTERNAL_ERROR' }))
  const blocked = await fetch(`${broken.address}/echo`)
  expect(blocked.status).toBe(429)
  expect((await broken.recordOf(blocked)).refusal?.key).toBe('RATE_LIMIT_BLOCK_ON_INTERNAL_ERROR')
})
