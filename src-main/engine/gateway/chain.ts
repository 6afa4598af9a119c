import { contextOf } from '../expression/exchange-context'
import type { Failure } from '../policies/policy'
import { recordedPath } from '../target-path'
import { refusalOf, type Call } from './call'
import { collectRequest } from './collect-request'
import type { CompiledApi, CompiledFlow, CompiledStep } from './compiled-api'
import type { Exchange } from './exchange'
import { bestMatch } from './flow-path'
import type { Trace } from './trace'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Outcome = Failure | undefined | Promise<Failure | undefined>

const NONE: readonly CompiledFlow[] = []
const NO_STEPS: readonly CompiledStep[] = []

/**
 * Runs the request phase of the flows that match, those of the chosen plan first. Each that ran is added to `ran`: their response
 * phases run in the same order. A flow's condition is asked when its turn comes, so that it sees what the flows before it
 * did; best-match must ask before it chooses.
 *
 * @param planFlows of the plan that the call came in by
 * @param matched what follows the context path, as of RequestPath.matched
 */
export function runRequestPhase(
  api: CompiledApi,
  planFlows: readonly CompiledFlow[],
  exchange: Exchange,
  matched: string,
  call: Call,
  ran: CompiledFlow[],
): Outcome {
  if (api.choosesByBody) {
    const collected = collectRequest(call, exchange)
    if (collected !== undefined)
      return collected.then((failure) => failure ?? runRequestPhase(api, planFlows, exchange, matched, call, ran))
  }
  const { trace } = call
  const segments = matched === '' ? [] : matched.slice(1).split('/')
  const ofPlans = chosen(planFlows, api.bestMatch, exchange, matched, segments)
  const apiFlows = api.flows()
  const ofApi = chosen(apiFlows, api.bestMatch, exchange, matched, segments)
  if (trace !== undefined)
    for (const flow of [...planFlows, ...apiFlows])
      if (!ofPlans.includes(flow) && !ofApi.includes(flow))
        tell(trace, flow, 'skipped', whyNot(flow, exchange, segments))
  const flows = ofPlans.length === 0 ? ofApi : [...ofPlans, ...ofApi]
  const outcome = runFlows(flows, !api.bestMatch, exchange, call, ran, 0)
  if (!api.matchRequired) return outcome
  const required = (failure: Failure | undefined) =>
    failure ?? (ran.length === 0 ? noFlow(exchange.request.pathInfo) : undefined)
  return outcome instanceof Promise ? outcome.then(required) : required(outcome)
}

function chosen(
  flows: readonly CompiledFlow[],
  onlyBest: boolean,
  exchange: Exchange,
  matched: string,
  segments: readonly string[],
): readonly CompiledFlow[] {
  if (flows.length === 0) return NONE
  const matching = flows.filter(
    (flow) => selects(flow, exchange, segments) && (!onlyBest || conditionsHold(flow, exchange)),
  )
  if (!onlyBest) return matching
  const best = bestMatch(matching, matched)
  return best === undefined ? NONE : [best]
}

function selects(flow: CompiledFlow, exchange: Exchange, segments: readonly string[]): boolean {
  const { method } = exchange.request
  if (flow.methods !== undefined && !flow.methods.has(method)) {
    if (!flow.methods.has('OTHER') || KNOWN_METHODS.has(method)) return false
  }
  const parameters = flow.path.match(segments)
  if (parameters === undefined) return false
  const request: Mutable<Exchange['request']> = exchange.request
  for (const name in parameters) request.pathParams = { ...request.pathParams, [name]: parameters[name]! }
  return true
}

/** Why a flow was not chosen; asked only for a trace. */
function whyNot(flow: CompiledFlow, exchange: Exchange, segments: readonly string[]): string {
  if (!selects(flow, exchange, segments)) return 'It does not match the request'
  return conditionsHold(flow, exchange) ? 'Another flow matches better' : whyConditionsFail(flow, exchange)
}

const KNOWN_METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'CONNECT', 'TRACE'])

const conditionsHold = ({ conditions }: CompiledFlow, exchange: Exchange): boolean =>
  conditions.length === 0 || conditions.every((condition) => condition.holds(contextOf(exchange)))

/** Asked only for a trace. */
function whyConditionsFail({ conditions }: CompiledFlow, exchange: Exchange): string {
  const context = contextOf(exchange)
  return conditions.find((condition) => !condition.holds(context))?.whyNot(context) ?? 'Its condition does not hold'
}

function runFlows(
  flows: readonly CompiledFlow[],
  asksConditions: boolean,
  exchange: Exchange,
  call: Call,
  ran: CompiledFlow[],
  from: number,
): Outcome {
  for (let i = from; i < flows.length; i++) {
    const flow = flows[i]!
    if (asksConditions && flow.conditions.length > 0) {
      const collected = flow.conditionsReadRequest ? collectRequest(call, exchange) : undefined
      if (collected !== undefined)
        return collected.then((failure) => failure ?? runFlows(flows, asksConditions, exchange, call, ran, i))
      if (!conditionsHold(flow, exchange)) {
        if (call.trace !== undefined) tell(call.trace, flow, 'skipped', whyConditionsFail(flow, exchange))
        continue
      }
    }
    ran.push(flow)
    tell(call.trace, flow, 'passed', 'It matches the request')
    const outcome = runFlow(flow, exchange, call)
    if (outcome instanceof Promise)
      return outcome.then((failure) => failure ?? runFlows(flows, asksConditions, exchange, call, ran, i + 1))
    if (outcome !== undefined) return outcome
  }
  return undefined
}

/** What a response step wants of the request's body is collected when the request steps have let it pass, and not before. */
function runFlow(flow: CompiledFlow, exchange: Exchange, call: Call): Outcome {
  const outcome = runSteps(flow.request, exchange, call)
  if (!flow.responseReadsRequest) return outcome
  if (outcome instanceof Promise) return outcome.then((failure) => failure ?? collectRequest(call, exchange))
  return outcome ?? collectRequest(call, exchange)
}

function tell(trace: Trace | undefined, flow: CompiledFlow, decision: 'passed' | 'skipped', sentence: string): void {
  trace?.add({ kind: 'flow', title: flow.title, decision, sentence })
}

/** Runs the steps in order until one fails; waits only where a step gave a promise, or wants a body. */
export function runSteps(steps: readonly CompiledStep[], exchange: Exchange, call: Call, from = 0): Outcome {
  const { trace } = call
  for (let i = from; i < steps.length; i++) {
    const step = steps[i]!
    const { condition } = step
    if (condition !== undefined) {
      const collected = condition.reads.has('request') ? collectRequest(call, exchange) : undefined
      if (collected !== undefined) return collected.then((failure) => failure ?? runSteps(steps, exchange, call, i))
      if (!condition.holds(contextOf(exchange))) {
        trace?.skipped(step, condition.whyNot(contextOf(exchange)))
        continue
      }
    }
    if (step.reads.size > 0 && step.reads.has('request')) {
      const collected = collectRequest(call, exchange)
      if (collected !== undefined) return collected.then((failure) => failure ?? runSteps(steps, exchange, call, i))
    }
    const told = trace?.step(step, exchange)
    if (told !== undefined) (exchange as Mutable<Exchange>).trace = told
    const outcome = step.handler(exchange)
    if (outcome instanceof Promise) {
      return outcome.then((failure) => {
        told?.end(failure === undefined ? undefined : refusalOf(failure))
        return failure ?? runSteps(steps, exchange, call, i + 1)
      })
    }
    told?.end(outcome === undefined ? undefined : refusalOf(outcome))
    if (outcome !== undefined) return outcome
  }
  return undefined
}

/** The response steps of the flows that ran, in their order. Those of one flow, as nearly always, are not copied for each request. */
export function responseSteps(ran: readonly CompiledFlow[]): readonly CompiledStep[] {
  let steps = NO_STEPS
  for (const { response } of ran)
    if (response.length > 0) steps = steps.length === 0 ? response : [...steps, ...response]
  return steps
}

/** Gravitee's key, and its answer: a 404 without a body. */
function noFlow(pathInfo: string): Failure {
  const shown = recordedPath(pathInfo)
  return {
    key: 'FLOW_EXECUTION_FLOW_MATCHED_FAILURE',
    status: 404,
    message: '',
    body: 'none',
    sentence: `The API requires a flow to match, and none matches ${shown}`,
    evidence: [{ label: 'Path', value: shown }],
    remedies: [],
  }
}
