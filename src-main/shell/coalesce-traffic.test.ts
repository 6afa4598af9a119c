import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { GatehouseEvent } from '@shared/events'
import type { RequestRecord } from '@shared/traffic'
import { coalesceTraffic } from './coalesce-traffic'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const record = (id: number): RequestRecord => ({
  ...{ id: String(id), server: 'gateway', at: id, method: 'GET', path: '/', status: 200, durationMs: 1 },
  ...{ outcome: 'answered', trace: [] },
})
const traffic = (...ids: number[]): GatehouseEvent => ({ type: 'traffic', records: ids.map(record) })

it('tells of a burst four times a second, of the newest thousand, without the way they took', () => {
  const sent: GatehouseEvent[] = []
  const { take } = coalesceTraffic((event) => sent.push(event))
  take(traffic(1))
  expect(sent).toHaveLength(1)
  const { trace: _trace, ...plain } = record(1)
  expect(sent[0]).toEqual({ type: 'traffic', records: [plain] })

  for (let id = 2; id <= 5001; id++) take(traffic(id))
  expect(sent).toHaveLength(1)
  vi.advanceTimersByTime(250)
  expect(sent).toHaveLength(2)
  expect(sent[1]).toMatchObject({ records: Array.from({ length: 1000 }, (_, index) => ({ id: String(4002 + index) })) })

  // After a quiet time the next one goes at once.
  vi.advanceTimersByTime(10_000)
  take(traffic(6000))
  expect(sent).toHaveLength(3)
})

it('passes other events on at once, and none when it is stopped', () => {
  const sent: string[] = []
  const { take, stop } = coalesceTraffic((event) => sent.push(event.type))
  take(traffic(1))
  take(traffic(2))
  take({ type: 'workspace', changed: [], source: 'here' })
  expect(sent).toEqual(['traffic', 'workspace'])
  stop()
  vi.advanceTimersByTime(1000)
  expect(sent).toEqual(['traffic', 'workspace'])
})
