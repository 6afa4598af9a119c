import type { CompiledEndpoint } from '../compiled-api'
import { balanced, type LoadBalancer } from '../load-balancer'

/** Endpoints that share the requests of one name. */
export interface CompiledGroup {
  readonly name: string
  readonly endpoints: readonly CompiledEndpoint[]
  /** The next in turn of those that are up: of the secondary ones only while no other is. Undefined when none is up. */
  next(): CompiledEndpoint | undefined
  /** To be called when one of them went down or up. */
  refresh(): void
}

/** @param endpoints those that are enabled */
export function createGroup(
  name: string,
  endpoints: readonly CompiledEndpoint[],
  balancer: LoadBalancer,
): CompiledGroup {
  const choose = () => {
    const up = endpoints.filter(({ isDown }) => !isDown)
    const primary = up.filter(({ secondary }) => !secondary)
    return balanced(primary.length > 0 ? primary : up, balancer)
  }
  let next = choose()
  return { name, endpoints, next: () => next(), refresh: () => void (next = choose()) }
}
