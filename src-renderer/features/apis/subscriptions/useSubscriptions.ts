import { onScopeDispose, ref } from 'vue'
import type { Problem } from '@shared/problem'
import type { SubscriptionDetails } from '@shared/subscriptions'
import { call, onEvent, toProblem } from '@/client'

/** The subscriptions of an API, read anew when they change anywhere. */
export function useSubscriptions(apiId: () => string) {
  /** Undefined until they have been read. */
  const list = ref<SubscriptionDetails[]>()
  const problem = ref<Problem>()

  async function load(): Promise<void> {
    try {
      list.value = await call('subscriptions.list', { apiId: apiId() })
      problem.value = undefined
    } catch (error) {
      problem.value = toProblem(error)
    }
  }
  const stop = onEvent((event) => {
    if (event.type !== 'workspace') return
    if (event.changed.some(({ kind }) => ['subscriptions', 'domain', 'api'].includes(kind))) void load()
  })
  onScopeDispose(stop)
  return { list, problem, load }
}
