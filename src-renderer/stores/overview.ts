import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { LiveCounts, WalkthroughStep, WalkthroughStepId } from '@shared/overview'
import type { RequestRecord } from '@shared/traffic'
import { call, onEvent } from '@/client'

/** At most one refresh in this many milliseconds, however many requests pass. */
const REFRESH_MS = 1000
/** Counts of the last minute fall without an event, so they are read this often (ms) while any is above zero. */
const DECAY_MS = 5000

/** The walk-through and the last minute in numbers; follows events. */
export const useOverview = defineStore('overview', () => {
  const steps = ref<WalkthroughStep[]>([])
  const live = ref<LiveCounts>()
  const lastRefusal = ref<RequestRecord>()
  let timer: number | undefined

  async function load(): Promise<void> {
    window.clearTimeout(timer)
    timer = undefined
    const overview = await call('overview.get', {})
    steps.value = overview.steps
    live.value = overview.live
    lastRefusal.value = overview.lastRefusal
    if (overview.live.requests + overview.live.tokens + overview.live.introspections > 0) schedule(DECAY_MS)
  }

  let due = Infinity
  function schedule(ms: number): void {
    const at = Date.now() + ms
    if (timer !== undefined && due <= at) return
    window.clearTimeout(timer)
    due = at
    // A refresh that fails leaves the numbers as they are; the next event asks again.
    timer = window.setTimeout(() => void load().catch(() => undefined), ms)
  }

  /** Does a step of the walk-through, with what it needs before it. */
  async function perform(step: WalkthroughStepId): Promise<void> {
    steps.value = (await call('overview.perform', { step })).steps
    await load()
  }

  onEvent((event) => {
    if (event.type === 'traffic') schedule(REFRESH_MS)
    if (event.type === 'workspace') schedule(100)
  })

  return { steps, live, lastRefusal, load, perform }
})
