import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { RequestRecord } from '@shared/traffic'
import { call, onEvent } from '@/client'

/** Records kept in the window; older ones fall away. */
const KEPT_RECORDS = 1000

/** The newest requests of both servers that are kept, newest first, without the way they took. */
export const useTraffic = defineStore('traffic', () => {
  const records = shallowRef<readonly RequestRecord[]>([])
  const loaded = ref(false)
  const seqOf = ({ seq = 0 }: RequestRecord) => seq

  function add(newer: readonly RequestRecord[]): void {
    const [newest] = records.value
    const known = newest ? seqOf(newest) : 0
    const added = newer.filter((record) => seqOf(record) > known).sort((a, b) => seqOf(b) - seqOf(a))
    if (added.length > 0) records.value = [...added, ...records.value].slice(0, KEPT_RECORDS)
  }

  async function load(): Promise<void> {
    const arrived = records.value
    records.value = await call('traffic.list', { limit: KEPT_RECORDS, traces: false })
    add(arrived)
    loaded.value = true
  }

  async function clear(): Promise<void> {
    await call('traffic.clear', {})
    records.value = []
  }

  onEvent((event) => {
    if (event.type === 'traffic') add(event.records)
  })

  return { records, loaded, load, clear }
})
