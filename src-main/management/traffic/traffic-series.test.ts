import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OperationInput } from '@shared/operations'
import { buildWorker } from '../../engine/testing/start-engine'
import { createSample } from '../sample'
import { serveEmpty, type ServedFolder, type Worker } from '../served.testing'
import { bearer, trafficOf } from './traffic.testing'

let worker: Worker
let served: ServedFolder
let sample: { clientId: string; clientSecret: string }
beforeAll(async () => {
  worker = await buildWorker()
})
afterAll(() => worker.remove())
beforeEach(async () => {
  served = await serveEmpty(worker)
  sample = await createSample(served.now.call)
  return () => served.close()
})
const { get, recorded, askToken } = trafficOf(() => served, () => sample) // prettier-ignore

describe('the numbers over time', () => {
  const series = (more: { apiId?: string; domainPath?: string; server?: 'gateway' | 'authorization' } = {}) =>
    served.now.call('traffic.series', { span: 'hour', ...more })
  const sum = async (
    more: Parameters<typeof series>[0],
    count: (bucket: { requests: number; answered: number; refused: number; statusClasses: number[] }) => number,
  ) => (await series(more)).buckets.reduce((total, bucket) => total + count(bucket), 0)

  it('count outcomes, status classes and how long it took, by what is asked for, also after a restart', async () => {
    const token = await askToken()
    await get('/echo', bearer(token))
    await get('/echo')
    await get('/nowhere')
    await recorded(3, { server: 'gateway' })
    expect((await served.now.call('overview.get', {})).live).toMatchObject({
      requests: 3,
      tokens: 1,
      introspections: 1,
    })
    const [api] = await served.now.call('apis.list', {})
    const apiId = api!.definition.id
    for (const look of ['before', 'after'] as const) {
      if (look === 'after') await served.restart()
      await expect.poll(() => sum({ server: 'gateway' }, ({ requests }) => requests), { message: look }).toBe(3)
      expect(await sum({ apiId }, ({ requests }) => requests)).toBe(2)
      expect(await sum({ apiId }, ({ answered }) => answered)).toBe(1)
      expect(await sum({ apiId }, ({ statusClasses }) => statusClasses[4]!)).toBe(1)
      // The token, and the introspection in process that the gateway's record tells of.
      expect(await sum({ server: 'authorization', domainPath: 'demo' }, ({ requests }) => requests)).toBe(2)
      expect(await sum({ domainPath: 'elsewhere' }, ({ requests }) => requests)).toBe(0)
    }
    const { bucketMs, buckets } = await series()
    expect([bucketMs, buckets.length]).toEqual([60_000, 60])
    for (const [index, { at }] of buckets.entries()) expect(at).toBe(buckets[0]!.at + index * bucketMs)
    const busy = buckets.find(({ requests }) => requests > 0)
    expect(busy!.p50).toBeGreaterThan(0)
    expect(busy!.p99).toBeGreaterThanOrEqual(busy!.p50!)
    expect(buckets.find(({ requests }) => requests === 0)).not.toHaveProperty('p50')
  })
})

describe('the numbers over time by a filter', () => {
  const sum = async (filter: Omit<OperationInput<'traffic.series'>, 'span'>) => {
    const { buckets, keptSince } = await served.now.call('traffic.series', { span: 'hour', ...filter })
    expect(keptSince).toBeGreaterThan(0)
    return buckets.reduce((total, { requests }) => total + requests, 0)
  }

  it('are of the kept requests that fit, and go on as more come, also after a restart', async () => {
    await get('/echo/orders')
    await get('/echo/orders', { method: 'POST' })
    await get('/nowhere')
    await recorded(3, { server: 'gateway' })
    expect(await sum({ methods: ['POST'] })).toBe(1)
    expect(await sum({ text: 'orders', statusClasses: [4] })).toBe(2)
    await get('/echo/orders', { method: 'POST' })
    await recorded(4, { server: 'gateway' })
    expect(await sum({ methods: ['POST'] })).toBe(2)
    expect(await sum({ outcomes: ['answered'] })).toBe(0)
    await served.restart()
    expect(await sum({ methods: ['POST'] })).toBe(2)
    await served.now.call('traffic.clear', {})
    const { buckets } = await served.now.call('traffic.series', { span: 'hour', methods: ['POST'] })
    expect(buckets.every(({ requests }) => requests === 0)).toBe(true)
  })

  it('are those of everything where nothing is left out', async () => {
    await get('/echo')
    await recorded(1)
    expect(await served.now.call('traffic.series', { span: 'hour' })).not.toHaveProperty('keptSince')
  })
})
