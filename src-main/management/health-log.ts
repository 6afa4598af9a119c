import type { ApiDefinition, Service } from '@shared/api-definition'
import { KEPT_CHECKS, type EndpointHealth, type HealthRecord } from '@shared/health'

/** What the engine found when it looked at endpoints, in memory: a start begins anew. */
export interface HealthLog {
  add(record: HealthRecord): void
  /** How these endpoints stand; up while nobody has looked yet. */
  of(apiId: string, endpoints: readonly string[]): EndpointHealth[]
}

export function createHealthLog(): HealthLog {
  const found = new Map<string, EndpointHealth>()
  const keyOf = (apiId: string, endpoint: string) => JSON.stringify([apiId, endpoint])
  return {
    add({ apiId, endpoint, check }) {
      const key = keyOf(apiId, endpoint)
      const checks = [check, ...(found.get(key)?.checks ?? [])].slice(0, KEPT_CHECKS)
      found.set(key, { endpoint, state: check.state, checks })
    },
    of: (apiId, endpoints) =>
      endpoints.map((endpoint) => found.get(keyOf(apiId, endpoint)) ?? { endpoint, state: 'up', checks: [] }),
  }
}

/** The endpoints whose health the engine checks, by name. */
export function checkedEndpoints({ endpointGroups }: ApiDefinition): string[] {
  return endpointGroups.flatMap((group) =>
    group.endpoints.flatMap(({ name, type, enabled, services }) => {
      const own = services?.healthCheck
      const counts = own?.overrideConfiguration === true ? own : group.services?.healthCheck
      return type === 'http-proxy' && enabled !== false && isOn(counts) ? [name] : []
    }),
  )
}

const isOn = (service: Service | undefined): boolean =>
  service !== undefined && service !== null && service.enabled !== false
