import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { EngineStatus, ListenerStatus } from '@shared/engine-status'
import { call, onEvent } from '@/client'
import { useWorkspace } from '@/stores/workspace'

/** Where a server can be reached, or would be: http://127.0.0.1:8082. */
export function addressOf(listener: ListenerStatus | undefined, fallbackPort: number, isSecure = false): string {
  if (listener?.state === 'listening') return listener.address
  return `${isSecure ? 'https' : 'http'}://${listener?.host ?? '127.0.0.1'}:${listener?.port ?? fallbackPort}`
}

/** Whether an address leads to a server; localhost is this machine too. */
function isAt(address: string, server: string): boolean {
  const named = address.replace('//localhost:', '//127.0.0.1:')
  return named === server || ['/', '?', '#'].some((next) => named.startsWith(server + next))
}

/** The two servers: their state and addresses, as the main process tells them. */
export const useEngine = defineStore('engine', () => {
  const status = ref<EngineStatus>()
  const workspace = useWorkspace()

  const tls = computed(() => workspace.workspace?.tls)
  const gatewayAddress = computed(() => addressOf(status.value?.gateway, 8082, tls.value?.gateway))
  const authorizationAddress = computed(() => addressOf(status.value?.authorization, 8092, tls.value?.authorization))
  const own = computed(() => [gatewayAddress.value, authorizationAddress.value])
  /** The certificate that callers of our servers have to trust; undefined when they need none of ours. */
  const caFile = computed(() => workspace.workspace?.caFile)
  /** The same for a call to any address: undefined unless it is one of our own. */
  function caFileFor(address: string): string | undefined {
    return own.value.some((server) => isAt(address, server)) ? caFile.value : undefined
  }
  /** An address of ours with the scheme that its server speaks now; any other as it is. */
  function withOwnScheme(address: string): string {
    const other = address.startsWith('https:') ? address.replace('https:', 'http:') : address.replace('http:', 'https:')
    return own.value.some((server) => isAt(other, server)) ? other : address
  }
  const running = computed(
    () => status.value?.gateway.state === 'listening' && status.value.authorization.state === 'listening',
  )

  async function load(): Promise<void> {
    status.value = await call('engine.status', {})
  }

  onEvent((event) => {
    if (event.type === 'engine') status.value = event.status
  })

  return { status, gatewayAddress, authorizationAddress, caFile, caFileFor, withOwnScheme, running, load }
})
