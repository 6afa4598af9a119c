import { expect, it } from 'vitest'
import type { TrafficFilter } from '@shared/traffic-filter'
import { everything, filterOf, isNarrowed, type TrafficQuery } from './filter'

it.each<[Partial<TrafficQuery>, TrafficFilter]>([
  [{}, {}],
  [{ text: '  ' }, {}],
  [{ text: ' echo 401 ' }, { text: 'echo 401' }],
  [{ where: 'server authorization' }, { server: 'authorization' }],
  [{ where: 'api 1-2 3' }, { apiId: '1-2 3' }],
  [{ where: 'domain demo' }, { domainPath: 'demo' }],
  [
    { outcome: 'refused', statusClass: '0' },
    { outcomes: ['refused'], statusClasses: [0] },
  ],
  [
    { method: 'GET', clientId: 'shop' },
    { methods: ['GET'], clientId: 'shop' },
  ],
  [{ time: { from: 1, to: 2 } }, { from: 1, to: 2 }],
])('what is chosen, %j, is asked for as %j', (query, filter) => {
  expect(filterOf({ ...everything, ...query })).toEqual(filter)
  expect(isNarrowed({ ...everything, ...query })).toBe(Object.keys(filter).length > 0)
})
