import { Type, type Static } from 'typebox'

/** Up and down, and on the way from one to the other: so many checks in a row have to agree before it is the other. */
export const HealthState = Type.Union([
  Type.Literal('up'),
  Type.Literal('transitionally-down'),
  Type.Literal('transitionally-up'),
  Type.Literal('down'),
])
export type HealthState = Static<typeof HealthState>

/** One look at an endpoint. */
export const HealthCheckResult = Type.Object({
  at: Type.Integer({ description: 'Milliseconds since the epoch' }),
  ok: Type.Boolean(),
  sentence: Type.String({ description: 'e.g. 200 after 12 ms, as expected' }),
  durationMs: Type.Number(),
  status: Type.Optional(Type.Integer({ description: 'Absent when there was no answer' })),
  /** Of the endpoint, after this check. */
  state: HealthState,
})
export type HealthCheckResult = Static<typeof HealthCheckResult>

/** A check with what it was of. */
export const HealthRecord = Type.Object({
  apiId: Type.String(),
  endpoint: Type.String({ description: 'Name' }),
  check: HealthCheckResult,
})
export type HealthRecord = Static<typeof HealthRecord>

/** An endpoint of what runs that is checked, with the checks of late, the newest first. */
export const EndpointHealth = Type.Object({
  endpoint: Type.String({ description: 'Name' }),
  state: HealthState,
  checks: Type.Array(HealthCheckResult),
})
export type EndpointHealth = Static<typeof EndpointHealth>

/** So many checks of an endpoint are kept. */
export const KEPT_CHECKS = 100

/** Whether an endpoint in this state gets requests. */
export const getsRequests = (state: HealthState): boolean => state === 'up' || state === 'transitionally-down'
