export type PeriodUnit = 'SECONDS' | 'MINUTES' | 'HOURS' | 'DAYS' | 'WEEKS' | 'MONTHS'

const MILLISECONDS: Partial<Record<PeriodUnit, number>> = { SECONDS: 1000, MINUTES: 60_000, HOURS: 3_600_000 }

/**
 * When a period ends: days, weeks and months by the calendar of this machine's time zone, so that a day is one also when clocks
 * change, and a month after 31 January ends with February.
 *
 * @param start milliseconds since the epoch; so is what is answered
 */
export function endOfPeriod(start: number, time: number, unit: PeriodUnit): number {
  const length = MILLISECONDS[unit]
  if (length !== undefined) return start + time * length
  const end = new Date(start)
  if (unit === 'MONTHS') {
    const day = end.getDate()
    end.setDate(1)
    end.setMonth(end.getMonth() + time)
    const lastDay = new Date(end.getFullYear(), end.getMonth() + 1, 0).getDate()
    end.setDate(Math.min(day, lastDay))
  } else end.setDate(end.getDate() + time * (unit === 'WEEKS' ? 7 : 1))
  // Beyond what a Date can hold, which no period in practice is: as far as it goes.
  return Number.isNaN(end.getTime()) ? 8.64e15 : end.getTime()
}

/** `1 minute`, `30 seconds`. */
export function periodInWords(time: number, unit: PeriodUnit): string {
  const name = unit.toLowerCase()
  return `${time} ${time === 1 ? name.slice(0, -1) : name}`
}
