import type { Evidence, Remedy } from '@shared/traffic'
import type { Failure } from '../../policies/policy'
import type { CompiledApi } from '../compiled-api'
import type { CompiledPlan } from './compile-plans'

/** A plan that did not take a call, and why not: to be read after its name and a colon. */
export interface TriedPlan {
  readonly plan: CompiledPlan
  readonly reason: string
  readonly evidence: readonly Evidence[]
  /** Nobody could say whether the credential is good. */
  readonly fault: boolean
}

/** No plan takes the call: Gravitee's key and words for the caller, and for the person each plan with its reason. */
export function planUnresolvable(api: CompiledApi, tried: readonly TriedPlan[]): Failure {
  const [only] = tried
  const takesTokens = tried.some(({ plan: { security } }) => security === 'JWT' || security === 'OAUTH2')
  const isFault = tried.some(({ fault }) => fault)
  return {
    ...(isFault
      ? { key: 'GATEWAY_PLAN_RESOLUTION_FAILURE', status: 503, message: 'Temporarily Unavailable' }
      : { key: 'GATEWAY_PLAN_UNRESOLVABLE', status: 401, message: 'Unauthorized' }),
    sentence:
      tried.length === 1 && only !== undefined
        ? `Plan ${only.plan.name} wants ${only.plan.wants}, and ${only.reason}`
        : `None of the ${tried.length} plans of ${api.name} takes this call`,
    evidence: tried.flatMap(({ plan, reason, evidence }) => [
      ...(tried.length === 1 ? [] : [{ label: `Plan ${plan.name}`, value: `wants ${plan.wants}; ${reason}` }]),
      ...evidence,
    ]),
    remedies: remediesOf(api, tried, takesTokens),
    ...(takesTokens && !isFault ? { challenge: {} } : {}),
  }
}

function remediesOf({ id: apiId }: CompiledApi, tried: readonly TriedPlan[], takesTokens: boolean): Remedy[] {
  const [first] = tried
  return [
    ...(takesTokens ? [{ action: 'get-token', label: 'Get a token', scopes: [] } satisfies Remedy] : []),
    { action: 'open-subscriptions', label: 'Open the subscriptions', apiId },
    ...(first === undefined
      ? []
      : [
          {
            action: 'open-plan',
            label: `Open the plan ${first.plan.name}`,
            apiId,
            planId: first.plan.id,
          } satisfies Remedy,
        ]),
  ]
}
