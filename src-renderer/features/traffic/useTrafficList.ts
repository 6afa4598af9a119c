import { useDebounceFn } from '@vueuse/core'
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { Problem } from '@shared/problem'
import type { KeptRecord, RequestRecord } from '@shared/traffic'
import { matchesTraffic, type TrafficFilter } from '@shared/traffic-filter'
import { call, onEvent, toProblem } from '@/client'

/** Requests asked for at a time, and listed while the list runs: so many rows are drawn anew in a blink. */
const PAGE = 100
/** Rows at most while the list stands still. */
const MOST_ROWS = 1000

const isKept = (record: RequestRecord): record is KeptRecord => record.seq !== undefined

/** The requests that are looked for, newest first, as they come; those before, page by page, while the list stands still. */
export function useTrafficList(filter: Ref<TrafficFilter>) {
  const records = shallowRef<readonly KeptRecord[]>([])
  const hasOlder = ref(false)
  const loaded = ref(false)
  const problem = ref<Problem>()
  const isPaused = ref(false)
  /** How many have come since it was paused. */
  const newer = ref(0)
  /** Counts the loads: an answer that a later one has overtaken is not shown. */
  let latest = 0
  /** What has come while the list was asked for. */
  let arrived: KeptRecord[] | undefined

  function show(rows: readonly KeptRecord[]): void {
    if (rows.length > PAGE) hasOlder.value = true
    records.value = rows.slice(0, PAGE)
  }

  async function load(): Promise<void> {
    const own = ++latest
    arrived = []
    try {
      const found = await call('traffic.list', { filter: filter.value, limit: PAGE, traces: false })
      if (own !== latest) return
      hasOlder.value = found.length === PAGE
      const newest = found[0]?.seq ?? 0
      show([...arrived.filter(({ seq }) => seq > newest).reverse(), ...found])
      newer.value = 0
      problem.value = undefined
    } catch (error) {
      if (own === latest) problem.value = toProblem(error)
    } finally {
      if (own === latest) arrived = undefined
      loaded.value = true
    }
  }

  /** Appends those before the last one; the list stands still from then on, since a person reads in the past. */
  async function loadOlder(): Promise<void> {
    const before = records.value.at(-1)?.seq
    if (before === undefined) return
    isPaused.value = true
    const own = ++latest
    try {
      const older = await call('traffic.list', { filter: filter.value, limit: PAGE, traces: false, before })
      if (own !== latest) return
      records.value = [...records.value, ...older].slice(-MOST_ROWS)
      hasOlder.value = older.length === PAGE
    } catch (error) {
      if (own === latest) problem.value = toProblem(error)
    }
  }

  function pause(): void {
    newer.value = 0
    isPaused.value = true
  }
  async function resume(): Promise<void> {
    isPaused.value = false
    await load()
  }

  const stop = onEvent((event) => {
    if (event.type !== 'traffic') return
    const newest = records.value[0]?.seq ?? 0
    const more = event.records
      .filter(isKept)
      .filter((record) => record.seq > newest && matchesTraffic(record, filter.value))
    if (more.length === 0) return
    arrived?.push(...more)
    if (isPaused.value) newer.value += more.length
    else show([...more.reverse(), ...records.value])
  })
  onScopeDispose(stop)
  watch(filter, useDebounceFn(load, 150))
  void load()

  return { records, hasOlder, loaded, problem, isPaused, newer, load, loadOlder, pause, resume }
}
