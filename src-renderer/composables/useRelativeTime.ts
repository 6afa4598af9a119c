import { computed, onScopeDispose, ref, toValue, type MaybeRefOrGetter } from 'vue'

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' })

/** Steps of a relative time: from how many seconds on, in which unit, of how many seconds. What rounds to a whole larger unit is one. */
const units: [from: number, unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  [84_600, 'day', 86_400],
  [3570, 'hour', 3600],
  [59.5, 'minute', 60],
  [10, 'second', 1],
]
/** As `Date.prototype.toISOString` writes a moment. */
const UTC = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g

/** A moment (ms since the epoch or ISO 8601) as seen from `now` (ms), to the nearest unit: “2 min. ago”; within ten seconds “now”. */
export function formatRelative(moment: number | string, now: number): string {
  const seconds = (new Date(moment).getTime() - now) / 1000
  const unit = units.find(([from]) => Math.abs(seconds) >= from)
  return unit ? relative.format(Math.sign(seconds) * Math.round(Math.abs(seconds) / unit[2]), unit[1]) : 'now'
}

/** A moment in full, in the person's own time zone. */
export function formatExact(moment: number | string): string {
  return exact.format(new Date(moment))
}

/** A sentence or a fact of the engine, which knows no time zone, with its moments as `formatExact` tells them. */
export function withOwnTimes(text: string): string {
  return text.replace(UTC, formatExact)
}

const now = ref(Date.now())
let watchers = 0
let timer: number | undefined

/** The time of day in ms, told anew every five seconds while anybody looks. */
export function useNow() {
  watchers += 1
  now.value = Date.now()
  timer ??= window.setInterval(() => (now.value = Date.now()), 5000)
  onScopeDispose(() => {
    watchers -= 1
    if (watchers > 0) return
    window.clearInterval(timer)
    timer = undefined
  })
  return now
}

/** A moment as relative and exact text that keep up with the clock. */
export function useRelativeTime(moment: MaybeRefOrGetter<number | string>) {
  const now = useNow()
  return {
    relative: computed(() => formatRelative(toValue(moment), now.value)),
    exact: computed(() => formatExact(toValue(moment))),
  }
}
