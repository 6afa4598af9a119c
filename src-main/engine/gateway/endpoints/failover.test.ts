import type { IncomingMessage, ServerResponse } from 'node:http'
import { text as textOf } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Configuration, Endpoint } from '@shared/api-definition'
import { api, startBackend, startGateway, TRACE_KEY, type TestGateway } from '../testing'
import { createCircuitBreaker } from './circuit-breaker'

let gateway: TestGateway
const closers: (() => Promise<void>)[] = []
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(async () => {
  await gateway.close()
  for (const close of closers.splice(0)) await close()
})

type Listener = (request: IncomingMessage, response: ServerResponse) => void
async function backend(listener: Listener) {
  const self = { asked: 0, target: '' }
  const { address, close } = await startBackend((request, response) => {
    self.asked++
    listener(request, response)
  })
  closers.push(close)
  self.target = address
  return self
}
/** An address at which nothing listens. */
async function closed(): Promise<string> {
  const { address, close } = await startBackend(() => undefined)
  await close()
  return address
}
const silent: Listener = () => undefined
const says =
  (body: string, status = 200): Listener =>
  (request, response) => {
    request.resume().once('end', () => response.writeHead(status).end(body))
  }

function deploy(targets: readonly string[], failover: Configuration, type = 'round-robin'): void {
  const endpoints = targets.map((target, i): Endpoint => ({
    name: `e${i}`,
    type: 'http-proxy',
    configuration: { target },
  }))
  gateway.deploy(
    api({
      failover: { enabled: true, perSubscription: false, ...failover },
      endpointGroups: [{ name: 'default-group', type: 'http-proxy', loadBalancer: { type }, endpoints }],
    }),
  )
}
const call = (init: RequestInit = {}) => fetch(`${gateway.address}/echo`, init)
const refusalOf = async (response: Response) => (await gateway.recordOf(response)).refusal

describe('failover', () => {
  it('goes to another endpoint when one cannot be reached, whatever the method', async () => {
    const good = await backend((request, response) => void textOf(request).then((body) => response.end(`${request.method} ${body}`))) // prettier-ignore
    deploy([await closed(), good.target], {})
    expect(await (await call()).text()).toBe('GET ')
    expect(await (await call({ method: 'POST', body: 'sent once' })).text()).toBe('POST sent once')
    expect(await (await call({ method: 'POST', body: 'sent once' })).text()).toBe('POST sent once')
  })

  it('goes to another endpoint when one does not answer in time, with the same body', async () => {
    const slow = await backend(silent)
    const good = await backend((request, response) => void textOf(request).then((body) => response.end(body)))
    deploy([slow.target, good.target], { slowCallDuration: 1500 })
    const body = 'x'.repeat(500_000)
    expect(await (await call({ method: 'PUT', body })).text()).toBe(body)
    expect(slow.asked).toBe(1)
  })

  it('never sends twice what may have been carried out (RFC 9110 §9.2.2), and says so', async () => {
    const slow = await backend(silent)
    const good = await backend(says('good'))
    deploy([slow.target, good.target], { slowCallDuration: 100 })
    const response = await call({ method: 'POST', body: 'order' })
    expect(response.status).toBe(504)
    expect(good.asked).toBe(0)
    expect(await refusalOf(response)).toMatchObject({
      key: 'GATEWAY_SLOW_CALL',
      evidence: expect.arrayContaining([
        { label: 'Not tried again', value: expect.stringContaining('POST may have been carried out') as string },
      ]) as unknown,
    })
  })

  it('streams a body that is too long to be kept, and does not try it again', async () => {
    const good = await backend(says('good'))
    deploy([good.target], {})
    expect((await call({ method: 'PUT', body: 'x'.repeat(2_000_000) })).status).toBe(200)
    deploy([await closed()], {})
    const evidence = (await refusalOf(await call({ method: 'PUT', body: 'x'.repeat(2_000_000) })))?.evidence
    expect(evidence?.at(-1)?.value).toMatch(/longer than 1048576 bytes/)
  })

  it('makes as many attempts as allowed, and tells of each in the trace', async () => {
    const slow = [await backend(silent), await backend(silent)]
    deploy(slow.map(({ target }) => target), { maxRetries: 2, slowCallDuration: 60 }) // prettier-ignore
    const response = await call({ headers: { 'x-gatehouse-trace': TRACE_KEY } })
    expect(response.status).toBe(504)
    expect(slow.map(({ asked }) => asked)).toEqual([2, 1])
    const { trace, refusal } = await gateway.recordOf(response)
    expect(trace?.filter(({ kind }) => kind === 'backend').map(({ title, decision }) => [title, decision])).toEqual([
      ['Backend e0', 'failed'],
      ['Failover', 'passed'],
      ['Backend e1', 'failed'],
      ['Failover', 'passed'],
      ['Backend e0', 'failed'],
    ])
    expect(refusal?.evidence.at(-1)).toEqual({ label: 'Not tried again', value: '3 attempts were made' })
  })

  it('takes no endpoint twice while another has not been tried, even by chance', async () => {
    const good = await backend(says('good'))
    deploy([await closed(), good.target], { maxRetries: 1 }, 'random')
    for (let i = 0; i < 30; i++) expect(await (await call()).text()).toBe('good')
  })

  it('lets an answer of the backend be, unless the condition says that it is a failure', async () => {
    const [bad, good] = [await backend(says('bad', 500)), await backend(says('good'))]
    deploy([bad.target, good.target], {})
    expect((await call()).status).toBe(500)
    deploy([bad.target, good.target], { failureCondition: '{#response.status >= 500}' })
    expect([await (await call()).text(), await (await call()).text()]).toEqual(['good', 'good'])
    deploy([bad.target], { failureCondition: '{#response.status >= 500}', maxRetries: 0 })
    const response = await call()
    expect([response.status, (await refusalOf(response))?.key]).toEqual([502, 'GATEWAY_FAILURE_CONDITION'])
  })

  it('opens the circuit after so many failures, and lets one request try when its time is over', async () => {
    let isWell = false
    const one = await backend((request, response) => void (isWell ? says('well') : silent)(request, response))
    deploy([one.target], { maxRetries: 0, slowCallDuration: 1000, maxFailures: 2, openStateDuration: 600 })
    expect([(await call()).status, (await call()).status]).toEqual([504, 504])
    const refused = await call()
    expect(refused.status).toBe(502)
    expect(await refusalOf(refused)).toMatchObject({
      key: 'GATEWAY_CIRCUIT_OPEN',
      sentence: expect.stringMatching(/The circuit is open: .* none is made for another 1 s/) as string,
    })
    expect(one.asked).toBe(2)
    isWell = true
    await expect.poll(async () => (await call()).status, { timeout: 5000 }).toBe(200)
    expect((await call()).status).toBe(200)
  })

  it('does nothing while it is off', async () => {
    deploy([await closed(), (await backend(says('good'))).target], { enabled: false })
    expect((await call()).status).toBe(502)
  })

  it.each([
    ['/failover/maxRetries', { maxRetries: -1 }],
    ['/failover/slowCallDuration', { slowCallDuration: 1 }],
    ['/failover/failureCondition', { failureCondition: '{#response.stat' }],
    ['/failover/failureCondition', { failureCondition: '{#response.content == 1}' }],
  ])('is refused at deploy for %s', (field, more) => {
    const problems = gateway.gateway.check([api({ failover: { enabled: true, ...more } })])
    expect(problems.flatMap(({ errors }) => errors).map((error) => error.field)).toEqual([field])
  })
})

describe('a circuit breaker', () => {
  it('opens after so many failures in a row and not before', () => {
    const breaker = createCircuitBreaker(3, 100)
    for (const failed of [true, true, false, true, true]) {
      expect(breaker.admits(0)).toBe(true)
      if (failed) breaker.failed(0)
      else breaker.succeeded()
    }
    breaker.failed(0)
    expect([breaker.admits(0), breaker.admits(99), breaker.closedFor(40)]).toEqual([false, false, 60])
  })

  it('lets one call try; its failure keeps it open, its success closes it, its end without either lets the next try', () => {
    const breaker = createCircuitBreaker(1, 100)
    breaker.failed(0)
    expect([breaker.admits(100), breaker.admits(100)]).toEqual([true, false])
    breaker.cancelled()
    expect([breaker.admits(100), breaker.admits(100)]).toEqual([true, false])
    breaker.failed(100)
    expect([breaker.admits(199), breaker.admits(200)]).toEqual([false, true])
    breaker.succeeded()
    expect([breaker.admits(200), breaker.admits(200)]).toEqual([true, true])
  })
})
