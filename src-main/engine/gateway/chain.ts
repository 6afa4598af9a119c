import { contextOf } from '../expression/exchange-context'
import type { Failure } from '../policies/policy'
import { refusalOf } from './call'
import type { CompiledApi, CompiledFlow, CompiledStep } from './compiled-api'
import type { Exchange } from './exchange'
import type { Trace } from './trace'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** The flows that a request runs through, in order; undefined when one is required and none matches. */
export function matchingFlows(
  api: CompiledApi,
  exchange: Exchange,
  matched: string,
  trace: Trace | undefined,
): readonly CompiledFlow[] | undefined {
  const segments = matched === '' ? [] : matched.slice(1).split('/')
  const ofPlans = api.planFlows.filter((flow) => matches(flow, exchange, segments))
  const ofApi: CompiledFlow[] = []
  for (const flow of api.flows) {
    if (!matches(flow, exchange, segments)) continue
    ofApi.push(flow)
    if (api.bestMatch) break
  }
  for (const flow of [...api.planFlows, ...api.flows]) {
    const runs = ofPlans.includes(flow) || ofApi.includes(flow)
    trace?.add({
      kind: 'flow',
      title: flow.title,
      decision: runs ? 'passed' : 'skipped',
      sentence: runs ? 'It matches the request' : 'It does not match the request',
    })
  }
  if (ofApi.length === 0 && api.matchRequired) return undefined
  return ofPlans.length === 0 ? ofApi : [...ofPlans, ...ofApi]
}

function matches(flow: CompiledFlow, exchange: Exchange, segments: readonly string[]): boolean {
  if (flow.methods !== undefined && !flow.methods.has(exchange.request.method)) {
    if (!flow.methods.has('OTHER') || KNOWN_METHODS.has(exchange.request.method)) return false
  }
  const parameters = flow.path.match(segments)
  if (parameters === undefined) return false
  const request: Mutable<Exchange['request']> = exchange.request
  const before = request.pathParams
  if (Object.keys(parameters).length > 0) request.pathParams = { ...before, ...parameters }
  const holds = flow.conditions.length === 0 || flow.conditions.every((condition) => condition(contextOf(exchange)))
  if (!holds) request.pathParams = before
  return holds
}

const KNOWN_METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'CONNECT', 'TRACE'])

/** Runs the steps in order until one fails; waits only where a step gave a promise. */
export function runSteps(
  steps: readonly CompiledStep[],
  exchange: Exchange,
  trace: Trace | undefined,
  from = 0,
): Failure | undefined | Promise<Failure | undefined> {
  for (let i = from; i < steps.length; i++) {
    const step = steps[i]!
    if (step.condition !== undefined && !step.condition(contextOf(exchange))) {
      trace?.skipped(step)
      continue
    }
    const told = trace?.step(step)
    if (told !== undefined) (exchange as Mutable<Exchange>).trace = told
    const outcome = step.handler(exchange)
    if (outcome instanceof Promise) {
      return outcome.then((failure) => {
        told?.end(failure === undefined ? undefined : refusalOf(failure))
        return failure ?? runSteps(steps, exchange, trace, i + 1)
      })
    }
    told?.end(outcome === undefined ? undefined : refusalOf(outcome))
    if (outcome !== undefined) return outcome
  }
  return undefined
}
