import { computed } from 'vue'
import { useEngine } from '@/stores/engine'
import { useWorkspace } from '@/stores/workspace'

/** By which clients reach the authorization server: the public address where there is one, else where it listens. */
export function useIssuerAddress() {
  const engine = useEngine()
  const workspace = useWorkspace()
  return computed(() => workspace.workspace?.publicAuthorizationAddress ?? engine.authorizationAddress)
}
