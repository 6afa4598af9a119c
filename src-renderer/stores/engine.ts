import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { EngineStatus, ListenerStatus } from '@shared/engine-status'
import { call, onEvent } from '@/client'

/** Where a server can be reached, or would be: http://127.0.0.1:8082. */
export function addressOf(listener: ListenerStatus | undefined, fallbackPort: number): string {
  if (listener?.state === 'listening') return listener.address
  return `http://${listener?.host ?? '127.0.0.1'}:${listener?.port ?? fallbackPort}`
}

/** The two servers: their state and addresses, as the main process tells them. */
export const useEngine = defineStore('engine', () => {
  const status = ref<EngineStatus>()

  const gatewayAddress = computed(() => addressOf(status.value?.gateway, 8082))
  const authorizationAddress = computed(() => addressOf(status.value?.authorization, 8092))
  const running = computed(
    () => status.value?.gateway.state === 'listening' && status.value.authorization.state === 'listening',
  )

  async function load(): Promise<void> {
    status.value = await call('engine.status', {})
  }

  onEvent((event) => {
    if (event.type === 'engine') status.value = event.status
  })

  return { status, gatewayAddress, authorizationAddress, running, load }
})
