import type { KeptRecord } from '@shared/traffic'
import { matchesTraffic, type TrafficFilter } from '@shared/traffic-filter'
import type { TrafficSeries, TrafficSpan } from '@shared/traffic-series'
import { createSeries, type Series } from './series'

/** Filters whose numbers are counted on at a time; the one that was asked for the longest ago goes first. */
const MOST_FILTERS = 4
/** Milliseconds after which a filter that nobody asks for is counted no more. */
const PATIENCE_MS = 60_000

/** Which requests are counted; a time among them would say nothing, since the charts show when. */
export type SeriesFilter = Omit<TrafficFilter, 'from' | 'to'>

/** The requests that fit a filter counted by time: first those that are kept, once, and from then on as they come. */
export interface FilteredSeries {
  add(records: readonly KeptRecord[]): void
  /** Rejects when what is kept cannot be read; the next one reads it again. */
  read(span: TrafficSpan, filter: SeriesFilter): Promise<TrafficSeries>
  clear(): void
}

/** @param kept the records of before that may fit, in any order */
export function createFilteredSeries(
  kept: (filter: SeriesFilter) => AsyncIterable<readonly KeptRecord[]>,
  now: () => number = Date.now,
): FilteredSeries {
  interface Watched {
    readonly filter: SeriesFilter
    readonly series: Series
    readonly counted: Promise<void>
    askedAt: number
  }
  const watched = new Map<string, Watched>()

  function watch(key: string, filter: SeriesFilter): Watched {
    const series = createSeries()
    const isOver = () => watched.get(key)?.series !== series
    const one: Watched = {
      filter,
      series,
      counted: Promise.resolve().then(async () => {
        for await (const records of kept(filter)) {
          if (isOver()) return
          count(one, records)
        }
      }),
      askedAt: now(),
    }
    one.counted.catch(() => !isOver() && watched.delete(key))
    watched.set(key, one)
    const [oldest] = [...watched].sort(([, a], [, b]) => a.askedAt - b.askedAt)
    if (watched.size > MOST_FILTERS && oldest !== undefined) watched.delete(oldest[0])
    return one
  }

  return {
    add(records) {
      for (const [key, one] of watched) {
        if (now() - one.askedAt > PATIENCE_MS) watched.delete(key)
        else count(one, records)
      }
    },
    async read(span, filter) {
      const key = JSON.stringify(Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1)))
      const one = watched.get(key) ?? watch(key, filter)
      one.askedAt = now()
      await one.counted
      return one.series.read(span, {}, now())
    },
    clear: () => watched.clear(),
  }
}

/** Introspections in process are no requests of their own in the list, and so not here. */
function count({ series, filter }: { series: Series; filter: SeriesFilter }, records: readonly KeptRecord[]): void {
  for (const record of records) {
    if (!matchesTraffic(record, filter)) continue
    const { introspections: _inProcess, ...alone } = record
    series.add(alone)
  }
}
