import { describe, expect, it } from 'vitest'
import { readCron } from './cron'

/** The moments after one, as local time. */
function moments(text: string, after: string, count = 3): string[] {
  const schedule = readCron(text)
  if (typeof schedule === 'string') throw new Error(schedule)
  const found: string[] = []
  let at = new Date(after).getTime()
  for (let i = 0; i < count; i++) {
    const next = schedule.next(at)
    if (next === undefined) break
    at = next
    const date = new Date(at)
    const two = (value: number) => String(value).padStart(2, '0')
    found.push(`${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`) // prettier-ignore
  }
  return found
}

describe('a schedule', () => {
  it.each([
    ['*/30 * * * * *', '2026-11-24T10:00:05', ['2026-11-24 10:00:30', '2026-11-24 10:01:00', '2026-11-24 10:01:30']],
    ['0 */15 9-10 * * *', '2026-11-24T10:40:00', ['2026-11-24 10:45:00', '2026-11-25 09:00:00', '2026-11-25 09:15:00']],
    [
      '0 0 12 * * MON-FRI',
      '2026-11-27T13:00:00',
      ['2026-11-30 12:00:00', '2026-12-01 12:00:00', '2026-12-02 12:00:00'],
    ],
    ['0 0 0 31 * ?', '2026-11-01T00:00:00', ['2026-12-31 00:00:00', '2027-01-31 00:00:00', '2027-03-31 00:00:00']],
    ['0 0 0 29 FEB *', '2026-01-01T00:00:00', ['2028-02-29 00:00:00']],
    ['5/20,7 0 0 * * 7', '2026-11-24T00:00:00', ['2026-11-29 00:00:05', '2026-11-29 00:00:07', '2026-11-29 00:00:25']],
    ['@hourly', '2026-11-24T10:00:00', ['2026-11-24 11:00:00', '2026-11-24 12:00:00', '2026-11-24 13:00:00']],
    ['0 0 0 31 2 *', '2026-11-24T10:00:00', []],
  ])('%s', (text, after, expected) => {
    expect(moments(text, after, Math.max(1, expected.length))).toEqual(expected)
  })

  it.each([
    ['', /has no parts where six are wanted/],
    ['* * * * *', /has 5 parts/],
    ['60 * * * * *', /“60” is no seconds from 0 to 59/],
    ['0 0 0 L * *', /“L” is no day of the month/],
    ['0 0 5-1 * * *', /no hours/],
    ['*/0 * * * * *', /no seconds/],
    ['1/ * * * * *', /no seconds/],
    ['0 0 0 * FOO *', /no month/],
  ])('that cannot be read is told: %s', (text, reason) => {
    expect(readCron(text)).toMatch(reason)
  })

  it('reads or refuses whatever text it gets, and never goes back in time', () => {
    const alphabet = ['*', '/', '-', ',', '?', ' ', '0', '1', '5', '9', 'MON', 'JAN', 'x']
    let seed = 7
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
    const now = Date.now()
    for (let i = 0; i < 3000; i++) {
      const text = Array.from({ length: 6 }, () =>
        Array.from({ length: 1 + random(3) }, () => alphabet[random(alphabet.length)]).join(''),
      ).join(' ')
      const schedule = readCron(text)
      if (typeof schedule === 'string') continue
      const next = schedule.next(now)
      if (next !== undefined) expect(next).toBeGreaterThan(now)
    }
  })
})
