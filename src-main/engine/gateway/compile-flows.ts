import type { Flow, Step } from '@shared/api-definition'
import type { Phase } from '@shared/catalogue'
import type { FieldError } from '@shared/problem'
import { ExpressionError } from '../expression/expression-error'
import type { BodyOwner } from '../expression/parse'
import { parseCondition, type Condition } from '../expression/template'
import { ConfigurationError, type Bound, type PolicyDefinition, type StepPlace } from '../policies/policy'
import type { ApiSnapshot } from '../snapshot'
import type { CompiledFlow, CompiledStep } from './compiled-api'
import { configurationErrors } from './configuration-errors'
import { compileFlowPath } from './flow-path'

export interface FlowContext {
  readonly snapshot: ApiSnapshot
  /** What every policy of the API may use. */
  readonly bound: Omit<Bound, 'place' | 'needsBody'>
  readonly policies: readonly PolicyDefinition[]
  /** That the flows belong to; undefined for those of the API. */
  readonly plan?: StepPlace['plan']
  /** What is wrong goes here. */
  readonly errors: FieldError[]
}

/** @param pointer `/flows` for those of the API, else those of a plan */
export function compileFlows(flows: readonly Flow[], pointer: string, context: FlowContext): CompiledFlow[] {
  const { snapshot, plan, errors } = context
  const ofApi = plan === undefined
  return flows.flatMap((flow, index) => {
    if (!flow.enabled) return []
    const field = `${pointer}/${index}`
    const called = flow.name?.trim() ? flow.name : `number ${index + 1}`
    const http = flow.selectors.find((selector) => selector.type === 'http')
    const conditions = flow.selectors.flatMap((selector, s): Condition[] => {
      if (selector.type !== 'condition' || selector.condition.trim() === '') return []
      return compileCondition(selector.condition, `${field}/selectors/${s}/condition`, `Flow ${called}`, errors)
    })
    const steps = (phase: Phase) =>
      flow[phase].flatMap((step, s): CompiledStep[] => {
        if (!step.enabled) return []
        const place = { apiId: snapshot.id, apiName: snapshot.definition.name, flow: ofApi ? index : -1, flowName: called, phase, step: s, path: http?.path ?? '/', ...(ofApi ? {} : { plan }) } // prettier-ignore
        const compiled = compileStep(step, place, `${field}/${phase}/${s}`, context)
        return compiled === undefined ? [] : [compiled]
      })
    const [request, response] = [steps('request'), steps('response')]
    return {
      index: ofApi ? index : -1,
      title: `Flow ${called}`,
      path: compileFlowPath(http ?? { path: '/', pathOperator: 'START_WITH' }),
      methods: http?.methods?.length ? new Set<string>(http.methods) : undefined,
      conditions,
      request,
      response,
      conditionsReadRequest: conditions.some(({ reads }) => reads.has('request')),
      responseReadsRequest: response.some((step) => readsBody(step, 'request')),
      readsAnswer: response.some((step) => readsBody(step, 'response')),
    }
  })
}

const readsBody = ({ condition, reads }: CompiledStep, owner: BodyOwner): boolean =>
  reads.has(owner) || condition?.reads.has(owner) === true

/** @param where what it is called in messages; by its flow unless given */
export function compileStep(
  step: Step,
  place: StepPlace,
  field: string,
  { bound, policies, errors }: FlowContext,
  where = `Flow ${place.flowName}, ${place.phase} step ${place.step + 1} (${titleOf(step, policies)})`,
): CompiledStep | undefined {
  const policy = policies.find(({ id }) => id === step.policy)
  const title = titleOf(step, policies)
  if (policy === undefined) {
    errors.push({
      field: `${field}/policy`,
      message: `${where}: this gateway does not have the policy ${step.policy}`,
      remedy: `Use one of ${policies.map(({ id }) => id).join(', ')}, or disable the step.`,
    })
    return undefined
  }
  const condition = step.condition?.trim()
    ? compileCondition(step.condition, `${field}/condition`, where, errors)[0]
    : undefined
  const configuration = step.configuration ?? {}
  const wrong = configurationErrors(policy.configuration, configuration, `${field}/configuration`, where)
  errors.push(...wrong)
  if (wrong.length > 0) return undefined
  try {
    const reads = new Set<BodyOwner>()
    const needsBody = (owner: BodyOwner) => void reads.add(owner)
    const handlers = policy.create(configuration, { ...bound, place, needsBody })
    const { [place.phase]: handler, credential } = handlers
    if (handler !== undefined) return { title, policy: policy.id, place, condition, handler, credential, reads }
    errors.push({
      field: `${field}/policy`,
      message: `${where}: ${policy.name} does nothing in the ${place.phase} phase`,
      remedy: `Move it to the ${policy.phases.join(' or ')} phase.`,
    })
  } catch (error) {
    const known = error instanceof ConfigurationError
    errors.push({
      field: `${field}/configuration${known ? `/${error.field}` : ''}`,
      message: `${where}: ${error instanceof Error ? error.message : String(error)}`,
      remedy: known ? error.remedy : 'Correct its configuration.',
    })
  }
  return undefined
}

const titleOf = (step: Step, policies: readonly PolicyDefinition[]) =>
  step.name?.trim() ? step.name : (policies.find(({ id }) => id === step.policy)?.name ?? step.policy)

/** Empty when it does not parse; the error then stands among `errors`. */
export function compileCondition(text: string, field: string, where: string, errors: FieldError[]): Condition[] {
  try {
    return [parseCondition(text)]
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    errors.push({ field, message: `${where}: the condition cannot be read. ${error.message}`, remedy: 'Correct the expression.' }) // prettier-ignore
    return []
  }
}
