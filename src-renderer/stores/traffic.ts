import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { RequestRecord } from '@shared/traffic'
import { call, onEvent } from '@/client'

/** Records kept in the window; older ones fall away. */
export const KEPT_RECORDS = 1000

/** The newest requests of both servers, newest first. */
export const useTraffic = defineStore('traffic', () => {
  const records = shallowRef<RequestRecord[]>([])
  const loaded = ref(false)

  function add(newer: RequestRecord[]): void {
    const known = new Set(newer.map((record) => record.id + record.server))
    const kept = records.value.filter((record) => !known.has(record.id + record.server))
    records.value = [...newer, ...kept].sort((a, b) => b.at - a.at).slice(0, KEPT_RECORDS)
  }

  async function load(): Promise<void> {
    add(await call('traffic.list', { limit: KEPT_RECORDS }))
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
