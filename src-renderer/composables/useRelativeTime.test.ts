import { describe, expect, it } from 'vitest'
import { formatExact, formatRelative, withOwnTimes } from './useRelativeTime'

const NOW = Date.UTC(2026, 10, 24, 12)
const HOUR = 3600

describe('a relative time', () => {
  it.each([
    [0, 'now'],
    [9, 'now'],
    [10, 'in 10 sec.'],
    [59.4, 'in 59 sec.'],
    [59.6, 'in 1 min.'],
    [100, 'in 2 min.'],
    [HOUR - 20, 'in 1 hr.'],
    [HOUR + 59 * 60, 'in 2 hr.'],
    [2 * HOUR - 1, 'in 2 hr.'],
    [23 * HOUR + 40 * 60, 'tomorrow'],
    [47 * HOUR, 'in 2 days'],
  ])('is rounded to the nearest unit, ahead as behind: %d s', (seconds, ahead) => {
    expect(formatRelative(NOW + seconds * 1000, NOW)).toBe(ahead)
    const behind = ahead === 'tomorrow' ? 'yesterday' : ahead.replace(/^in (.+)$/, '$1 ago')
    expect(formatRelative(NOW - seconds * 1000, NOW)).toBe(behind)
  })
})

it('moments in what the engine says are told in the own time zone', () => {
  const until = '2026-11-24T13:05:00.000Z'
  expect(withOwnTimes(until)).toBe(formatExact(until))
  expect(withOwnTimes(`No attempt is taken until ${until}: wait`)).toBe(
    `No attempt is taken until ${formatExact(until)}: wait`,
  )
  expect(withOwnTimes('2026-11-24 and shop')).toBe('2026-11-24 and shop')
})
