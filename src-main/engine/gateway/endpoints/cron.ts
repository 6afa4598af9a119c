/** When something is to be done, again and again. */
export interface Schedule {
  /** The next moment after this one, both in milliseconds since the epoch; undefined when there is none within five years. */
  next(after: number): number | undefined
}

interface Field {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly words?: readonly string[]
}

const FIELDS: readonly Field[] = [
  { name: 'seconds', from: 0, to: 59 },
  { name: 'minutes', from: 0, to: 59 },
  { name: 'hours', from: 0, to: 23 },
  { name: 'day of the month', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12, words: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] }, // prettier-ignore
  { name: 'day of the week', from: 0, to: 7, words: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] },
]
const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 0 1 1 *',
  '@annually': '0 0 0 1 1 *',
  '@monthly': '0 0 0 1 * *',
  '@weekly': '0 0 0 * * 0',
  '@daily': '0 0 0 * * *',
  '@midnight': '0 0 0 * * *',
  '@hourly': '0 0 * * * *',
}
const YEARS = 5

/**
 * Reads a cron expression as Spring's `CronExpression` does, which Gravitee uses: six fields, the first the seconds; local time.
 * What it cannot read is answered as a reason, to be read after "the schedule".
 */
export function readCron(text: string): Schedule | string {
  const trimmed = text.trim()
  const parts = (MACROS[trimmed.toLowerCase()] ?? trimmed).split(/\s+/)
  if (parts.length !== FIELDS.length)
    return `has ${trimmed === '' ? 'no' : parts.length} parts where six are wanted: seconds, minutes, hours, day of the month, month, day of the week` // prettier-ignore
  const sets: ReadonlySet<number>[] = []
  for (const [index, field] of FIELDS.entries()) {
    const set = readField(parts[index]!, field)
    if (typeof set === 'string') return set
    sets.push(set)
  }
  const [seconds, minutes, hours, days, months, weekdays] = sets as [ReadonlySet<number>, ...ReadonlySet<number>[]]
  return {
    next: (after) => nextMoment(after, seconds, minutes!, hours!, days!, months!, weekdays!), // six fields were read
  }
}

function readField(text: string, field: Field): ReadonlySet<number> | string {
  const wrong = `cannot be read: “${text}” is no ${field.name} from ${field.from} to ${field.to}`
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const [range = '', step, ...more] = part.split('/')
    const by = step === undefined ? 1 : Number(step)
    if (more.length > 0 || !Number.isInteger(by) || by < 1 || step === '') return wrong
    const [first, last] = boundsOf(range, step !== undefined, field)
    if (first === undefined || last === undefined || first > last) return wrong
    for (let value = first; value <= last; value += by) values.add(field.to === 7 ? value % 7 : value)
  }
  return values
}

function boundsOf(range: string, hasStep: boolean, field: Field): readonly [number | undefined, number | undefined] {
  if (range === '*' || range === '?') return [field.from, field.to === 7 ? 6 : field.to]
  const [first = '', last, ...more] = range.split('-')
  if (more.length > 0) return [undefined, undefined]
  const from = valueOf(first, field)
  // `5/10` means from 5 on.
  return [from, last === undefined ? (hasStep ? (field.to === 7 ? 6 : field.to) : from) : valueOf(last, field)]
}

function valueOf(text: string, { from, to, words = [] }: Field): number | undefined {
  const word = words.indexOf(text.toUpperCase())
  if (word >= 0) return word + from
  if (!/^\d{1,2}$/.test(text)) return undefined
  const value = Number(text)
  return value >= from && value <= to ? value : undefined
}

function nextMoment(
  after: number,
  seconds: ReadonlySet<number>,
  minutes: ReadonlySet<number>,
  hours: ReadonlySet<number>,
  days: ReadonlySet<number>,
  months: ReadonlySet<number>,
  weekdays: ReadonlySet<number>,
): number | undefined {
  const at = new Date(Math.floor(after / 1000) * 1000 + 1000)
  const end = at.getFullYear() + YEARS
  // Each turn goes on to the beginning of the next of what does not fit.
  while (at.getFullYear() <= end) {
    if (!months.has(at.getMonth() + 1)) {
      at.setMonth(at.getMonth() + 1, 1)
      at.setHours(0, 0, 0)
    } else if (!days.has(at.getDate()) || !weekdays.has(at.getDay())) {
      at.setDate(at.getDate() + 1)
      at.setHours(0, 0, 0)
    } else if (!hours.has(at.getHours())) at.setHours(at.getHours() + 1, 0, 0)
    else if (!minutes.has(at.getMinutes())) at.setMinutes(at.getMinutes() + 1, 0)
    else if (!seconds.has(at.getSeconds())) at.setSeconds(at.getSeconds() + 1)
    else return at.getTime()
  }
  return undefined
}
