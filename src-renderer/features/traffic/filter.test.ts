import { expect, it } from 'vitest'
import type { RequestRecord } from '@shared/traffic'
import { matches, type TrafficFilter } from './filter'

const record: RequestRecord = {
  ...{ id: 't1', server: 'gateway', at: 1, method: 'GET', path: '/echo/orders', status: 401, durationMs: 1 },
  ...{ outcome: 'refused', apiName: 'Echo', clientId: 'orders-service' },
}
const everything: TrafficFilter = { text: '', outcome: 'all', server: 'all' }

it.each<[Partial<TrafficFilter>, boolean]>([
  [{}, true],
  [{ text: 'echo 401' }, true],
  [{ text: ' ORDERS-service ' }, true],
  [{ text: 'echo 200' }, false],
  [{ outcome: 'refused' }, true],
  [{ outcome: 'answered' }, false],
  [{ server: 'authorization' }, false],
  [{ server: 'gateway', outcome: 'refused', text: 'get' }, true],
])('%j finds the refused call: %j', (filter, found) => {
  expect(matches(record, { ...everything, ...filter })).toBe(found)
})
