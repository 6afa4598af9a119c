import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { KEPT_CHECKS, type EndpointHealth, type HealthState } from '@shared/health'
import { call, onEvent } from '@/client'

/** How the endpoints of the open API stand, as far as they are checked; follows each check. */
export const useHealth = defineStore('endpoint-health', () => {
  const apiId = ref<string>()
  const endpoints = shallowRef<readonly EndpointHealth[]>([])

  async function load(id: string): Promise<void> {
    if (apiId.value !== id) endpoints.value = []
    apiId.value = id
    try {
      const found = await call('apis.health', { apiId: id })
      if (apiId.value === id) endpoints.value = found
    } catch {
      // The page says what is wrong with the API itself.
    }
  }

  onEvent((event) => {
    if (event.type === 'workspace' && apiId.value !== undefined) void load(apiId.value)
    if (event.type !== 'health' || event.record.apiId !== apiId.value) return
    const { endpoint, check } = event.record
    if (!endpoints.value.some((each) => each.endpoint === endpoint)) {
      void load(event.record.apiId)
      return
    }
    endpoints.value = endpoints.value.map((each) =>
      each.endpoint === endpoint
        ? { ...each, state: check.state, checks: [check, ...each.checks].slice(0, KEPT_CHECKS) }
        : each,
    )
  })

  const of = (endpoint: string) => endpoints.value.find((each) => each.endpoint === endpoint)
  return { endpoints, of, load }
})

/** What a state is called. */
export const stateNames: Readonly<Record<HealthState, string>> = {
  up: 'Up',
  'transitionally-down': 'Going down',
  'transitionally-up': 'Coming up',
  down: 'Down',
}
export const stateColors = {
  up: 'success',
  'transitionally-down': 'warning',
  'transitionally-up': 'warning',
  down: 'error',
} as const satisfies Record<HealthState, string>
