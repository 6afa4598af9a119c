import { useDebounceFn, useThrottleFn } from '@vueuse/core'
import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import type { TrafficFilter } from '@shared/traffic-filter'
import type { TrafficSeries, TrafficSpan } from '@shared/traffic-series'
import { call, onEvent } from '@/client'

/** What the charts are of: the time is theirs to show. */
export type ChartFilter = Omit<TrafficFilter, 'from' | 'to'>

/** How often time alone moves the charts on, milliseconds. */
const TICK_MS = 1000

/** Requests over time, as they come and as time goes on, unless it is paused. */
export function useSeries(span: Ref<TrafficSpan>, filter: Ref<ChartFilter>, isPaused: Ref<boolean>) {
  const series = shallowRef<TrafficSeries>()
  /** Counts the loads: an answer that a later one has overtaken is not shown. */
  let latest = 0

  async function load(): Promise<void> {
    const own = ++latest
    // A refresh that fails leaves the charts as they are; the next one asks again.
    const answer = await call('traffic.series', { span: span.value, ...filter.value }).catch(() => undefined)
    if (answer && own === latest) series.value = answer
  }
  const refresh = useThrottleFn(
    () => {
      if (!isPaused.value) void load()
    },
    TICK_MS,
    true, // also after the last request of a burst
  )
  const stop = onEvent((event) => {
    if (event.type === 'traffic') refresh()
  })
  const timer = window.setInterval(() => {
    // Numbers of a quiet time fall out at the end of a bucket only.
    const { bucketMs, buckets } = series.value ?? { bucketMs: 0, buckets: [] }
    if (Date.now() >= (buckets.at(-1)?.at ?? 0) + bucketMs) refresh()
  }, TICK_MS)
  onScopeDispose(() => {
    stop()
    window.clearInterval(timer)
  })
  // Not with each letter of a word: the kept requests are looked through for each filter.
  watch([span, filter], useDebounceFn(load, 150))
  void load()

  return { series, load }
}
