import type { Plan } from './api-definition'

/** How a plan knows who calls, in Gravitee's order of asking: the first that a call's credential is for decides. */
export const PLAN_SECURITIES = ['MTLS', 'JWT', 'OAUTH2', 'API_KEY', 'KEY_LESS'] as const
export type PlanSecurity = (typeof PLAN_SECURITIES)[number]

export const PLAN_STATUSES = ['STAGING', 'PUBLISHED', 'DEPRECATED', 'CLOSED'] as const
export type PlanStatus = (typeof PLAN_STATUSES)[number]

const policies: Readonly<Record<PlanSecurity, string>> = {
  MTLS: 'mtls',
  JWT: 'jwt',
  OAUTH2: 'oauth2',
  API_KEY: 'api-key',
  KEY_LESS: 'key-less',
}

/** Gravitee's definitions write it in several ways: `API_KEY`, `api-key`, `KEYLESS`. Undefined for one that is not known here. */
export function planSecurity(type: string): PlanSecurity | undefined {
  const name = type.trim().toUpperCase().replaceAll('-', '_')
  const written = name === 'KEYLESS' ? 'KEY_LESS' : name === 'APIKEY' ? 'API_KEY' : name
  return PLAN_SECURITIES.find((each) => each === written)
}

/** The policy that checks the credential of a plan. */
export function planPolicy(type: string): string | undefined {
  const security = planSecurity(type)
  return security === undefined ? undefined : policies[security]
}

/** A plan without a status is published, as in definitions that gateways run. */
export function planStatus({ status = 'PUBLISHED' }: Pick<Plan, 'status'>): PlanStatus {
  return PLAN_STATUSES.find((each) => each === status.trim().toUpperCase()) ?? 'STAGING'
}

/** Whether a plan lets calls in: one that is being prepared or is closed does nothing. */
export function letsIn(plan: Pick<Plan, 'status'>): boolean {
  return ['PUBLISHED', 'DEPRECATED'].includes(planStatus(plan))
}

/** Whether callers of a plan subscribe to it first. */
export function needsSubscription(type: string): boolean {
  return planSecurity(type) !== 'KEY_LESS'
}

/** Whether a subscription to the plan counts only when somebody has accepted it. */
export function isValidatedByHand({ validation }: Pick<Plan, 'validation'>): boolean {
  return validation?.trim().toUpperCase() === 'MANUAL'
}
