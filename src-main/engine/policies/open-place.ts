import type { Remedy } from '@shared/traffic'
import type { StepPlace } from './policy'

/** Leads to where a step is set up: in a flow of the API, or in its plan. */
export function openPlace({ apiId, flow, phase, step, plan }: StepPlace, label: string): Remedy {
  return plan === undefined
    ? { action: 'open-step', label, apiId, flow, phase, step }
    : { action: 'open-plan', label: `Open the plan ${plan.name}`, apiId, planId: plan.id }
}
