import { useThrottleFn } from '@vueuse/core'
import { onScopeDispose, ref, shallowRef } from 'vue'
import type { Problem } from '@shared/problem'
import { call, onEvent, toProblem } from '@/client'
import type { OperationInput, OperationOutput } from '@shared/operations'

type Listing = 'grants.list' | 'sessions.list' | 'consents.list'

/** What a domain has given out, read anew whenever its authorization server has answered somebody. */
export function useLive<N extends Listing>(name: N, domainPath: string, asked: () => OperationInput<N>) {
  const entries = shallowRef<OperationOutput<N>>()
  const problem = ref<Problem>()
  let latest = 0

  async function load(): Promise<void> {
    const own = ++latest
    try {
      const found = await call(name, asked())
      if (own === latest) [entries.value, problem.value] = [found, undefined]
    } catch (error) {
      if (own === latest) problem.value = toProblem(error)
    }
  }

  const refresh = useThrottleFn(load, 1000, true)
  onScopeDispose(
    onEvent((event) => {
      if (event.type === 'traffic' && event.records.some((record) => record.domainPath === domainPath)) void refresh()
    }),
  )
  void load()
  return { entries, problem, load }
}
