import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Endpoint, EndpointGroup, Service } from '@shared/api-definition'
import type { HealthRecord } from '@shared/health'
import { api, startBackend, startGateway, type TestGateway } from '../testing'
import { after } from './health-monitor'

let gateway: TestGateway
let checks: HealthRecord[]
let waiting: (() => void)[]
const closers: (() => Promise<void>)[] = []
beforeEach(async () => {
  checks = []
  waiting = []
  const onCheck = (record: HealthRecord) => {
    checks.push(record)
    waiting.forEach((look) => look())
  }
  gateway = await startGateway(undefined, undefined, undefined, { onCheck })
})
afterEach(async () => {
  await gateway.close()
  for (const close of closers.splice(0)) await close()
})

/** The first check from now on that is so. */
function checked(fits: (record: HealthRecord) => boolean): Promise<HealthRecord> {
  const from = checks.length
  return new Promise((resolve) => {
    waiting.push(() => {
      const found = checks.slice(from).find(fits)
      if (found !== undefined) resolve(found)
    })
  })
}
const state = (wanted: string) => checked(({ check }) => check.state === wanted)

/** A backend that is well until it is told otherwise. */
async function backend(name: string) {
  const asked: string[] = []
  const self = { isWell: true, asked, address: '', close: () => Promise.resolve() }
  const started = await startBackend((request, response) => {
    const isCheck = request.url?.includes('health') === true
    if (isCheck) asked.push(`${request.method} ${request.url} ${String(request.headers['x-check'] ?? '')}`.trim())
    if (isCheck)
      response.writeHead(self.isWell ? 200 : 503).end(JSON.stringify({ status: self.isWell ? 'green' : 'red' }))
    else response.end(name)
  })
  Object.assign(self, started)
  closers.push(() => self.close())
  return self
}

const check = (configuration: object = {}, more: Partial<Service> = {}): Service => ({
  enabled: true,
  type: 'http-health-check',
  configuration: { schedule: '* * * * * *', target: '/health', successThreshold: 1, failureThreshold: 1, ...configuration }, // prettier-ignore
  ...more,
})
const endpoint = (name: string, target: string, more: Partial<Endpoint> = {}): Endpoint => ({
  name,
  type: 'http-proxy',
  configuration: { target },
  ...more,
})
const group = (endpoints: Endpoint[], healthCheck: Service | undefined): EndpointGroup => ({
  name: 'default-group',
  type: 'http-proxy',
  ...(healthCheck === undefined ? {} : { services: { healthCheck } }),
  endpoints,
})
const deploy = (...endpointGroups: EndpointGroup[]) => gateway.deploy(api({ endpointGroups }))
const text = async () => (await fetch(`${gateway.address}/echo`)).text()

describe('health checks', () => {
  it('keep an endpoint that is down from getting requests, until it is up again', async () => {
    const [a, b] = [await backend('a'), await backend('b')]
    a.isWell = false
    deploy(group([endpoint('a', a.address), endpoint('b', b.address)], check()))
    expect((await state('down')).endpoint).toBe('a')
    expect(new Set([await text(), await text(), await text()])).toEqual(new Set(['b']))
    a.isWell = true
    await checked(({ endpoint: of, check: { state: now } }) => of === 'a' && now === 'up')
    expect(new Set([await text(), await text()])).toEqual(new Set(['a', 'b']))
  })

  it('let the secondary endpoints in while no other is up', async () => {
    const [a, b] = [await backend('a'), await backend('b')]
    a.isWell = false
    deploy(group([endpoint('a', a.address), endpoint('b', b.address, { secondary: true })], check()))
    expect(await text()).toBe('a')
    await state('down')
    expect([await text(), await text()]).toEqual(['b', 'b'])
  })

  it('leave 503 and the reason when every endpoint is down', async () => {
    const a = await backend('a')
    a.isWell = false
    deploy(group([endpoint('a', a.address)], check()))
    await state('down')
    const response = await fetch(`${gateway.address}/echo`)
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({ message: 'No endpoint available', http_status_code: 503 })
    expect((await gateway.recordOf(response)).refusal).toMatchObject({
      key: 'NO_ENDPOINT_FOUND',
      sentence: 'Every endpoint of the group default-group is down',
    })
  })

  it('tell what they found: the status and the time, or why there is no answer', async () => {
    const a = await backend('a')
    deploy(group([endpoint('a', `${a.address}/base`)], check({ headers: [{ name: 'X-Check', value: 'yes' }], method: 'POST' }))) // prettier-ignore
    const { apiId, check: well } = await state('up')
    expect(apiId).toBe('api/echo')
    expect(well).toMatchObject({ ok: true, status: 200, sentence: expect.stringMatching(/^200 after \d+ ms, as expected$/) as string }) // prettier-ignore
    expect(a.asked[0]).toBe('POST /health yes')
    await a.close()
    a.close = () => Promise.resolve()
    const { check: dead } = await state('down')
    expect(dead.status).toBeUndefined()
    expect(dead.sentence).toContain('nothing listens there')
  })

  it('send what is beyond ASCII as UTF-8, as the headers of an endpoint are (RFC 9110 §5.5)', async () => {
    const a = await backend('a')
    deploy(group([endpoint('a', a.address)], check({ headers: [{ name: 'X-Check', value: '€' }] })))
    await state('up')
    expect(Buffer.from(a.asked[0]!, 'latin1').toString()).toBe('GET /health €')
  })

  it('look at the body where the assertion does, and follow the endpoint’s path where they are to', async () => {
    const a = await backend('a')
    const assertion = "{#response.jsonContent.status == 'green'}"
    deploy(
      group([endpoint('a', `${a.address}/base`)], check({ assertion, overrideEndpointPath: false, target: 'health' })),
    )
    await state('up')
    expect(a.asked[0]).toBe('GET /base/health')
    a.isWell = false
    expect((await state('down')).check.sentence).toMatch(/^503 after \d+ ms, for which the assertion does not hold$/)
  })

  it('of an endpoint stand in place of those of its group, on or off', async () => {
    const [a, b, c] = [await backend('a'), await backend('b'), await backend('c')]
    deploy(
      group(
        [
          endpoint('a', a.address, { services: { healthCheck: check({ target: '/own/health' }, { overrideConfiguration: true }) } }), // prettier-ignore
          endpoint('b', b.address, { services: { healthCheck: check({}, { overrideConfiguration: true, enabled: false }) } }), // prettier-ignore
          endpoint('c', c.address, { services: { healthCheck: check({ target: '/ignored/health' }) } }),
        ],
        check(),
      ),
    )
    const both = [checked(({ endpoint: of }) => of === 'a'), checked(({ endpoint: of }) => of === 'c')]
    await Promise.all(both)
    expect([a.asked[0], b.asked[0], c.asked[0]]).toEqual(['GET /own/health', undefined, 'GET /health'])
  })

  it('go on from where they stood when the API is deployed anew, and end with it', async () => {
    const [a, b] = [await backend('a'), await backend('b')]
    a.isWell = false
    const both = group([endpoint('a', a.address), endpoint('b', b.address)], check())
    deploy(both)
    await state('down')
    deploy(both)
    expect([await text(), await text()]).toEqual(['b', 'b'])
    deploy(group([endpoint('a', a.address), endpoint('b', b.address)], undefined))
    const asked = a.asked.length
    expect(new Set([await text(), await text()])).toEqual(new Set(['a', 'b']))
    expect(a.asked.length).toBeLessThanOrEqual(asked + 1)
  })

  it.each([
    ['/schedule', { schedule: 'every minute' }],
    ['/schedule', { schedule: undefined }],
    ['/target', { target: 'ftp://a/' }],
    ['/method', { method: 'FETCH' }],
    ['/assertion', { assertion: '{#response.nothing' }],
    ['/failureThreshold', { failureThreshold: 0 }],
    ['/headers/0/name', { headers: [{ name: 'a b', value: '' }] }],
    ['/headers/0/name', { headers: [{ name: 'Transfer-Encoding', value: 'chunked' }] }],
    ['/headers/1/value', { headers: [{ name: 'a', value: '' }, { name: 'b', value: 'c\x01' }] }], // prettier-ignore
  ])('with a %s that cannot be are refused at deploy', (field, configuration) => {
    const { configuration: all, ...service } = check()
    const given = Object.fromEntries(Object.entries({ ...all, ...configuration }).filter(([, value]) => value !== undefined)) // prettier-ignore
    const errors = gateway.gateway
      .check([
        api({ endpointGroups: [group([endpoint('a', 'gatehouse:echo')], { ...service, configuration: given })] }),
      ])
      .flatMap((problem) => problem.errors)
    expect(errors.map((error) => error.field)).toEqual([`/endpointGroups/0/services/healthCheck/configuration${field}`])
    expect(errors[0]?.remedy).toBeTruthy()
  })
})

it('an endpoint is down or up after so many checks in a row, and one that disagrees starts anew', () => {
  const thresholds = { successThreshold: 2, failureThreshold: 3 }
  const states: string[] = []
  let standing = { state: 'up' as HealthRecord['check']['state'], inARow: 0 }
  for (const ok of [false, false, true, false, false, false, false, true, false, true, true]) {
    standing = after(standing, { ok }, thresholds)
    states.push(standing.state)
  }
  expect(states).toEqual([
    'transitionally-down', 'transitionally-down', 'up', 'transitionally-down', 'transitionally-down', 'down', 'down', 'transitionally-up', 'down', 'transitionally-up', 'up',
  ]) // prettier-ignore
})
