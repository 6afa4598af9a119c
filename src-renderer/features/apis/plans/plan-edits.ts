import type { ApiDefinition, Plan } from '@shared/api-definition'
import type { PlanSecurity, PlanStatus } from '@shared/plans'

/*
 * Edits of a definition's plans. Each answers a new definition and leaves the old one alone.
 */

export function insertPlan(definition: ApiDefinition, at: number, plan: Plan): ApiDefinition {
  return { ...definition, plans: definition.plans.toSpliced(at, 0, plan) }
}

export function changePlan(definition: ApiDefinition, at: number, change: (plan: Plan) => Plan): ApiDefinition {
  return { ...definition, plans: definition.plans.map((plan, index) => (index === at ? change(plan) : plan)) }
}

export function removePlan(definition: ApiDefinition, at: number): ApiDefinition {
  return { ...definition, plans: definition.plans.toSpliced(at, 1) }
}

/** Moves a plan to an index, as counted after the move; stays within the list. */
export function movePlan(definition: ApiDefinition, from: number, to: number): ApiDefinition {
  const plan = definition.plans[from]
  if (plan === undefined) return definition
  const index = Math.max(0, Math.min(to, definition.plans.length - 1))
  return { ...definition, plans: definition.plans.toSpliced(from, 1).toSpliced(index, 0, plan) }
}

/** A plan that lets nobody in until it is published. */
export function newPlan(security: PlanSecurity, name: string, configuration: Record<string, unknown>): Plan {
  return {
    id: crypto.randomUUID(),
    name,
    security: { type: security, ...(Object.keys(configuration).length === 0 ? {} : { configuration }) },
    mode: 'STANDARD',
    ...(security === 'KEY_LESS' ? {} : { validation: 'AUTO' }),
    status: 'STAGING',
    flows: [],
  }
}

export const withStatus = (plan: Plan, status: PlanStatus): Plan => ({ ...plan, status })

/** A text member of a plan; without it where the text is empty. */
export function withText(plan: Plan, member: 'description' | 'selectionRule', text: string): Plan {
  const { [member]: _before, ...rest } = plan
  return text.trim() === '' ? rest : { ...rest, [member]: text }
}
