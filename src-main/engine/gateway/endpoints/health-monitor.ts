import { getsRequests, type HealthCheckResult, type HealthRecord, type HealthState } from '@shared/health'
import type { HttpEndpoint } from '../compiled-api'
import type { CompiledGroup } from './group'
import type { HealthCheck, Look } from './health-check'

/** An endpoint that is checked. */
export interface Checked {
  readonly endpoint: HttpEndpoint
  readonly group: CompiledGroup
  readonly check: HealthCheck
}

/** Looks at the endpoints of one API by their schedules, and keeps those that are down from getting requests. */
export interface HealthMonitor {
  /** @param before of the revision that ran until now: what is still there starts as it stood */
  start(before: HealthMonitor | undefined): void
  stop(): void
  /** How an endpoint stands by its name and address; undefined when it is not checked. */
  standingOf(endpoint: HttpEndpoint): Standing | undefined
}

interface Standing {
  readonly state: HealthState
  /** So many checks in a row spoke for the other state. */
  readonly inARow: number
}

/** What a timer can wait, milliseconds. */
const LONGEST_WAIT_MS = 2_147_483_647

export function createHealthMonitor(
  apiId: string,
  checked: readonly Checked[],
  onCheck: (record: HealthRecord) => void,
): HealthMonitor {
  const standings = new Map<HttpEndpoint, Standing>()
  const timers = new Map<HttpEndpoint, NodeJS.Timeout>()
  let stopped = false

  function stand({ endpoint, group }: Checked, standing: Standing): void {
    standings.set(endpoint, standing)
    const isDown = !getsRequests(standing.state)
    if (endpoint.isDown === isDown) return
    endpoint.isDown = isDown
    group.refresh()
  }

  async function run(each: Checked): Promise<void> {
    const { endpoint, check } = each
    const at = Date.now()
    const started = performance.now()
    const look = await check.look()
    if (stopped) return
    const standing = after(standings.get(endpoint) ?? UP, look, check)
    stand(each, standing)
    const result: HealthCheckResult = {
      at,
      ok: look.ok,
      sentence: look.sentence,
      durationMs: performance.now() - started,
      ...(look.status === undefined ? {} : { status: look.status }),
      state: standing.state,
    }
    onCheck({ apiId, endpoint: endpoint.name, check: result })
    arm(each)
  }

  function arm(each: Checked): void {
    const now = Date.now()
    const next = each.check.schedule.next(now)
    if (next === undefined) return
    const wait = next - now
    const go = wait > LONGEST_WAIT_MS ? () => arm(each) : () => void run(each)
    timers.set(each.endpoint, setTimeout(go, Math.min(wait, LONGEST_WAIT_MS)))
  }

  return {
    start(before) {
      for (const each of checked) {
        const standing = before?.standingOf(each.endpoint)
        if (standing !== undefined) stand(each, standing)
        arm(each)
      }
    },
    stop() {
      stopped = true
      for (const timer of timers.values()) clearTimeout(timer)
    },
    standingOf({ name, origin, basePath }) {
      for (const [endpoint, standing] of standings)
        if (endpoint.name === name && endpoint.origin === origin && endpoint.basePath === basePath) return standing
      return undefined
    },
  }
}

const UP: Standing = { state: 'up', inARow: 0 }

/** How an endpoint stands after one look more. */
export function after(
  { state, inARow }: Standing,
  { ok }: Pick<Look, 'ok'>,
  { successThreshold, failureThreshold }: Pick<HealthCheck, 'successThreshold' | 'failureThreshold'>,
): Standing {
  const isUp = getsRequests(state)
  if (ok === isUp) return { state: isUp ? 'up' : 'down', inARow: 0 }
  const now = inARow + 1
  if (isUp)
    return now >= failureThreshold ? { state: 'down', inARow: 0 } : { state: 'transitionally-down', inARow: now }
  return now >= successThreshold ? UP : { state: 'transitionally-up', inARow: now }
}
