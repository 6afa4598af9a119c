import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { ImportProgress } from '@shared/user-import'
import { call, onEvent } from '@/client'

const isUnderWay = ({ state }: ImportProgress) => state === 'hashing' || state === 'saving'

/** Imports of users as they go on, by domain; each with its end, until a person has seen that. */
export const useUserImports = defineStore('user-imports', () => {
  const progresses = ref<Record<string, ImportProgress>>({})

  onEvent((event) => {
    if (event.type === 'user-import') progresses.value[event.progress.domainId] = event.progress
  })

  /** Finds an import that began before this window was opened. How one ended before then is no news. */
  async function find(domainId: string): Promise<void> {
    const { progress } = await call('users.importProgress', { domainId })
    if (progress && isUnderWay(progress)) progresses.value[domainId] ??= progress
  }

  function dismiss(domainId: string): void {
    const { [domainId]: _seen, ...others } = progresses.value
    progresses.value = others
  }

  return { progresses, find, dismiss, isUnderWay }
})
