import type { ApiDefinition, Plan } from '@shared/api-definition'
import { letsIn, PLAN_SECURITIES, planPolicy, planSecurity, type PlanSecurity } from '@shared/plans'
import type { Condition } from '../../expression/template'
import type { ReadCredential } from '../../policies/policy'
import type { ApiSnapshot } from '../../snapshot'
import { compileCondition, compileStep, type FlowContext } from '../compile-flows'
import type { CompiledStep } from '../compiled-api'
import { compileFlowsLater, type LaterFlows } from '../later-flows'

/** A plan ready to be asked whether a call is for it. */
export interface CompiledPlan {
  readonly id: string
  readonly name: string
  readonly security: PlanSecurity
  /** What it wants of a call, e.g. `an API key`. */
  readonly wants: string
  /** Its selection rule; undefined: it is for every call. */
  readonly rule: Condition | undefined
  readonly credential: ReadCredential
  /** Runs the policy that checks the credential for good. */
  readonly check: readonly CompiledStep[]
  readonly flows: LaterFlows
  /** Whether a condition of its flows looks at the request's body. */
  readonly conditionsReadRequest: boolean
}

/** Those that let calls in. One that is being prepared or is closed does nothing. */
export function publishedPlans({ plans }: ApiDefinition): { readonly plan: Plan; readonly index: number }[] {
  return plans.map((plan, index) => ({ plan, index })).filter(({ plan }) => letsIn(plan))
}

/**
 * The published plans in the order that they are asked: by their kind, as Gravitee's policies have it, and within a kind as
 * they stand. What is wrong goes to `context.errors`.
 *
 * @param snapshot as it came; `context` has it with the definition that was read of it
 */
export function compilePlans(snapshot: ApiSnapshot, context: FlowContext): CompiledPlan[] {
  const { definition } = context.snapshot
  const plans = publishedPlans(definition).flatMap(({ plan, index }) => compilePlan(plan, index, snapshot, context))
  const rank = ({ security }: CompiledPlan) => PLAN_SECURITIES.indexOf(security)
  return plans.sort((one, other) => rank(one) - rank(other))
}

function compilePlan(plan: Plan, index: number, snapshot: ApiSnapshot, context: FlowContext): CompiledPlan[] {
  const field = `/plans/${index}`
  const named = { id: plan.id, name: plan.name }
  const { snapshot: judged, bound, policies, errors } = context
  const flows = compileFlowsLater(snapshot, judged, {
    ...{ bound, policies, errors, plan: named },
    pointer: `${field}/flows`,
    flowsOf: ({ definition }) => definition.plans[index]?.flows ?? [],
  })
  const rule = plan.selectionRule?.trim()
    ? compileCondition(
        inBraces(plan.selectionRule.trim()),
        `${field}/selectionRule`,
        `Plan ${plan.name}`,
        context.errors,
      )[0]
    : undefined
  if (rule !== undefined && rule.reads.size > 0)
    context.errors.push({
      field: `${field}/selectionRule`,
      message: `Plan ${plan.name}: the selection rule looks at a body, and the plan is chosen before one is there`,
      remedy: 'Put a condition on a flow of the plan instead.',
    })
  const common = { ...named, rule, ...flows }
  const security = planSecurity(plan.security.type)
  if (security === undefined) return [] // told by unsupportedParts
  if (security === 'KEY_LESS') return [{ ...common, ...open, security }]
  const checked = compileCheck(plan, `${field}/security`, named, context)
  return checked === undefined ? [] : [{ ...common, ...checked, security }]
}

/** A plan that lets in every call: there is nothing to check. */
const open = { wants: 'no credential at all', credential: () => ({ kind: 'none' }) as const, check: [] }

/** Undefined when it does not compile; why not then stands among the errors. */
function compileCheck(
  { name, security: { type, configuration = {} } }: Plan,
  field: string,
  plan: { readonly id: string; readonly name: string },
  context: FlowContext,
): Pick<CompiledPlan, 'wants' | 'credential' | 'check'> | undefined {
  const { snapshot, policies, errors } = context
  const where = `Plan ${name}`
  const policy = policies.find(({ id }) => id === planPolicy(type))
  const step = { enabled: true, policy: planPolicy(type) ?? type, configuration }
  const place = {
    apiId: snapshot.id,
    apiName: snapshot.definition.name,
    flow: -1,
    flowName: name,
    phase: 'request',
    step: 0,
    path: '/',
    plan,
  } as const
  const compiled = compileStep(step, place, field, context, where)
  if (compiled === undefined) return undefined
  const { credential, reads } = compiled
  if (reads.size > 0)
    errors.push({
      field: `${field}/configuration`,
      message: `${where}: an expression looks at a body, and the plan is chosen before one is there`,
      remedy: 'Look at the path, the query or the headers instead.',
    })
  if (credential === undefined) {
    errors.push({
      field: `${field}/type`,
      message: `${where}: ${policy?.name ?? type} does not say who calls`,
      remedy: 'Choose another kind of plan.',
    })
    return undefined
  }
  return { wants: policy?.planWants ?? '', credential, check: [compiled] }
}

/** Gravitee takes a rule without its braces too, as older versions wrote it. */
const inBraces = (rule: string) => (rule.startsWith('#') ? `{${rule}}` : rule)
