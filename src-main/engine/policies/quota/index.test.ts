import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createCounters, createLastingCounters } from '../../gateway/counters'
import { apiWith, startGateway, type TestGateway } from '../../gateway/testing'
import { openLevelState } from '../../state'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-quota-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A gateway that keeps its counts in the folder, for as long as the work takes. */
async function whileItRuns<T>(work: (gateway: TestGateway) => Promise<T>): Promise<T> {
  const state = await openLevelState(folder)
  const lasting = createLastingCounters(state)
  const gateway = await startGateway(undefined, undefined, undefined, {
    counters: { passing: createCounters(), lasting },
  })
  try {
    return await work(gateway)
  } finally {
    await gateway.close()
    await lasting.close()
    await state.close()
  }
}
const quota = (settings: object, more: object = {}) => apiWith('quota', { quota: settings, ...more })
const call = ({ address }: TestGateway) => fetch(`${address}/echo`)

it('goes on after a restart where it stopped, and tells the caller', async () => {
  const daily = quota({ limit: 3, periodTime: 1, periodTimeUnit: 'DAYS' })
  const resets = await whileItRuns(async (gateway) => {
    gateway.deploy(daily)
    const first = await call(gateway)
    const second = await call(gateway)
    expect([first, second].map(({ headers }) => headers.get('x-quota-remaining'))).toEqual(['2', '1'])
    return second.headers.get('x-quota-reset')
  })
  await whileItRuns(async (gateway) => {
    gateway.deploy(daily)
    // Together: each counts, though both wait for the disk.
    const [third, fourth] = await Promise.all([call(gateway), call(gateway)])
    expect([third.status, fourth.status].sort()).toEqual([200, 429])
    expect(third.headers.get('x-quota-reset')).toBe(resets)
    const refused = third.status === 429 ? third : fourth
    expect(await refused.json()).toEqual({
      message: 'Quota exceeded! You reached the limit of 3 requests per 1 days',
      http_status_code: 429,
    })
    expect((await gateway.recordOf(refused)).refusal?.key).toBe('QUOTA_TOO_MANY_REQUESTS')
  })
})

it('leaves what was counted for later policies', async () => {
  await whileItRuns(async (gateway) => {
    const counted = quota({ limit: 5 }, { addHeaders: false })
    const [flow] = counted.definition.flows
    const second = {
      enabled: true,
      policy: 'rate-limit',
      configuration: { rate: { dynamicLimit: "{#context.attributes['quota.remaining']}" }, addHeaders: true },
    }
    const definition = { ...counted.definition, flows: [{ ...flow!, request: [...flow!.request, second] }] }
    gateway.deploy({ ...counted, definition })
    const { headers } = await call(gateway)
    expect([headers.get('x-quota-limit'), headers.get('x-rate-limit-limit')]).toEqual([null, '4'])
  })
})
