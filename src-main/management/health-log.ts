import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { ApiDefinition, Service } from '@shared/api-definition'
import {
  HealthCheckResult,
  KEPT_CHECKS,
  type EndpointHealth,
  type HealthRecord,
  type HealthState,
} from '@shared/health'
import { writeDurably } from '../workspace/files/durable-file'
import { STATE_FOLDER } from '../workspace/layout'
import type { Clock } from './clock'

/** Endpoints whose checks are kept; those that were not looked at the longest go first. About 15 kB each at most. */
const MOST_ENDPOINTS = 500
/** Milliseconds that checks wait to be written: a kill loses what was found within it. */
const WRITE_MS = 10_000

/** `.state/health.json`: the checks of late, the newest of each first. */
const HealthDocument = Type.Object({
  endpoints: Type.Array(
    Type.Object({ apiId: Type.String(), endpoint: Type.String(), checks: Type.Array(HealthCheckResult) }),
  ),
})
type Kept = Static<typeof HealthDocument>['endpoints'][number]

/** What the engine found when it looked at endpoints, also before the last start. */
export interface HealthLog {
  add(record: HealthRecord): void
  /** How these endpoints stand; up while nobody has looked since the start, as the gateway takes them to be. */
  of(apiId: string, endpoints: readonly string[]): EndpointHealth[]
  /** Resolves when everything is written. */
  close(): Promise<void>
}

/** @param onFault told when it cannot be written; losing it costs a history, so that nothing else stops */
export function openHealthLog(
  workspaceFolder: string,
  clock: Clock,
  onFault: (what: string, error: unknown) => void,
): HealthLog {
  const file = join(workspaceFolder, STATE_FOLDER, 'health.json')
  const keyOf = (apiId: string, endpoint: string) => JSON.stringify([apiId, endpoint])
  // In the order in which they were looked at last.
  const kept = new Map<string, Kept>(read(file).map((each) => [keyOf(each.apiId, each.endpoint), each]))
  const states = new Map<string, HealthState>()
  let isWritten = true
  let writing = Promise.resolve()

  function write(): void {
    if (isWritten) return
    isWritten = true
    const document: Static<typeof HealthDocument> = { endpoints: [...kept.values()] }
    writing = writing
      .then(async () => {
        // The open workspace's lock stands in that folder: gone, the workspace is, and is not to come back as a ruin.
        if (existsSync(dirname(file))) await writeDurably(file, `${JSON.stringify(document)}\n`, 0o600)
      })
      .catch((error: unknown) => onFault(`${file} could not be written`, error))
  }
  const stop = clock.every(WRITE_MS, write)

  return {
    add({ apiId, endpoint, check }) {
      const key = keyOf(apiId, endpoint)
      const checks = [check, ...(kept.get(key)?.checks ?? [])].slice(0, KEPT_CHECKS)
      kept.delete(key)
      kept.set(key, { apiId, endpoint, checks })
      states.set(key, check.state)
      if (kept.size > MOST_ENDPOINTS) kept.delete(kept.keys().next().value ?? key)
      isWritten = false
    },
    of: (apiId, endpoints) =>
      endpoints.map((endpoint) => {
        const key = keyOf(apiId, endpoint)
        return { endpoint, state: states.get(key) ?? 'up', checks: kept.get(key)?.checks ?? [] }
      }),
    async close() {
      stop()
      write()
      await writing
    },
  }
}

function read(file: string): Kept[] {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return Value.Check(HealthDocument, value) ? value.endpoints : []
  } catch {
    return []
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
