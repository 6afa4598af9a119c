import { expect, it } from 'vitest'
import { endOfPeriod, periodInWords, type PeriodUnit } from './period'

it.each([
  ['2026-01-31T10:00:00', 1, 'MONTHS', '2026-02-28T10:00:00'],
  ['2028-01-31T10:00:00', 1, 'MONTHS', '2028-02-29T10:00:00'],
  ['2026-11-15T10:00:00', 2, 'MONTHS', '2027-01-15T10:00:00'],
  ['2026-02-25T10:00:00', 1, 'WEEKS', '2026-03-04T10:00:00'],
  ['2026-12-31T23:59:59', 1, 'DAYS', '2027-01-01T23:59:59'],
  ['2026-01-01T00:00:00', 90, 'SECONDS', '2026-01-01T00:01:30'],
] as const)('a period that begins at %s and lasts %i %s ends at %s', (start, time, unit, end) => {
  expect(new Date(endOfPeriod(Date.parse(start), time, unit as PeriodUnit))).toEqual(new Date(end))
})

it('ends a period beyond all calendars somewhere', () => {
  expect(endOfPeriod(Date.now(), 1_000_000_000, 'MONTHS')).toBeGreaterThan(Date.now())
})

it('says one minute and two minutes', () => {
  expect([periodInWords(1, 'MINUTES'), periodInWords(2, 'MINUTES')]).toEqual(['1 minute', '2 minutes'])
})
