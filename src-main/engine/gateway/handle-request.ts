import type { RequestRecord } from '@shared/traffic'
import { randomUUID } from 'node:crypto'
import { carriesTraceKey, givenTransactionId } from '../call-identity'
import type { ClientRequest, ClientResponse } from '../listening/client-message'
import type { Failure } from '../policies/policy'
import { recordedPath } from '../target-path'
import { answerFailure, recordOf, type Call } from './call'
import { answerInstead } from './answer-instead'
import { runRequestPhase } from './chain'
import type { CompiledApi, CompiledFlow } from './compiled-api'
import type { Upgrade } from './endpoints/upgrade'
import type { Exchange } from './exchange'
import { ExchangeRequest } from './exchange-request'
import type { CompiledPlan } from './plans/compile-plans'
import { watchRest } from './patience'
import { enterPlan } from './plans/enter-plan'
import type { Subscriptions } from './plans/subscriptions'
import { refusalOfMessage } from './refusable-request'
import { ambiguousPath, broken, noContextPath } from './request-failures'
import { loopOf } from './request-loop'
import { rawRest, readRequestPath, type RequestPath } from './request-path'
import type { Router } from './router'
import { toBackend } from './to-backend'
import { createTrace } from './trace'
import { METADATA_PATH, metadataAnswer } from './protected-resource'

export interface Running {
  readonly router: () => Router<CompiledApi>
  readonly hold: (api: CompiledApi) => void
  readonly release: (api: CompiledApi) => void
  readonly subscriptions: () => Subscriptions
  readonly traceKey: string
  readonly tracesAll: () => boolean
  /** Asked once for each request that is not traced for another reason, where its API does not sample by itself. */
  readonly samples: () => boolean
  /** As of Call. */
  readonly patience: number
  readonly onRecord: (record: RequestRecord) => void
}

/** Answers one request: route, flows, policies, backend. */
export function handleRequest(
  running: Running,
  request: ClientRequest,
  response: ClientResponse,
  expectsContinue: boolean,
  upgrade?: Upgrade,
): void {
  const call = createCall(running, request, response, expectsContinue, upgrade)
  response.once('close', () => {
    // An answer that closes before its end has lost its client: the backend need not go on.
    if (!response.writableFinished) call.upstream?.abort(new Error('The client went away'))
    if (!request.complete) watchRest(call)
    if (call.api !== undefined) running.release(call.api)
    running.onRecord(recordOf(call))
  })
  tellArrival(call)

  const refusal = refusalOfMessage(request)
  if (refusal !== undefined) return answerFailure(call, refusal)
  const path = readRequestPath(request.url ?? '/')
  if (typeof path === 'string') return answerFailure(call, ambiguousPath(path))
  const route = running.router().find(path.matched)
  if (route === undefined) return answerFailure(call, noContextPath(call.path))
  const { target: api, contextPath } = route
  call.api = api
  running.hold(api)
  if (call.trace === undefined && (api.samples ?? running.samples)()) {
    call.trace = createTrace()
    tellArrival(call)
  }
  call.trace?.add({
    kind: 'api',
    title: `API ${api.name}`,
    decision: 'passed',
    sentence: `Context path ${contextPath || '/'}, revision ${api.revision}`,
  })

  const { via } = request.headers
  const loop = via === undefined ? undefined : loopOf(api, via)
  if (loop !== undefined) return answerFailure(call, loop)

  const rest = contextPath === '' ? path.raw : rawRest(path.raw, contextPath.split('/').length - 1)
  const exchange = createExchange(call, api, path, contextPath, rest)
  call.exchange = exchange
  if (api.protectedResource !== undefined && contextPath.startsWith(METADATA_PATH))
    return answerInstead(call, exchange, metadataAnswer(api.protectedResource, exchange.request), undefined)
  try {
    const ran: CompiledFlow[] = []
    const outcome = runPlanAndFlows(running, call, api, exchange, path.matched.slice(contextPath.length), ran)
    const proceed = (failure: Failure | undefined) => {
      if (response.destroyed) return
      if (failure === undefined)
        toBackend(call, api, exchange, rest, withoutHidden(path.query, exchange.hiddenParameters), ran)
      else refuse(call, failure)
    }
    if (outcome instanceof Promise)
      outcome.then(proceed).catch((error: unknown) => answerFailure(call, broken(api, error)))
    else proceed(outcome)
  } catch (error) {
    answerFailure(call, broken(api, error))
  }
}

function tellArrival({ trace, request, path }: Call): void {
  trace?.add({
    kind: 'arrival',
    title: 'Arrival',
    decision: 'passed',
    sentence: `${request.method} ${path} from ${request.socket.remoteAddress ?? 'unknown'}`,
  })
}

/** Who calls is asked before anything else happens. */
function runPlanAndFlows(
  { subscriptions }: Running,
  call: Call,
  api: CompiledApi,
  exchange: Exchange,
  matched: string,
  ran: CompiledFlow[],
): Failure | undefined | Promise<Failure | undefined> {
  if (api.plans.length === 0) return runRequestPhase(api, [], exchange, matched, call, ran)
  const next = (entered: CompiledPlan | Failure) =>
    'flows' in entered ? runRequestPhase(api, entered.flows(), exchange, matched, call, ran) : entered
  const entered = enterPlan(api, exchange, subscriptions(), call)
  return entered instanceof Promise ? entered.then(next) : next(entered)
}

function createCall(
  { traceKey, tracesAll, patience }: Running,
  request: ClientRequest,
  response: ClientResponse,
  expectsContinue: boolean,
  upgrade: Upgrade | undefined,
): Call {
  const requestId = randomUUID()
  return {
    request,
    response,
    transactionId: givenTransactionId(request.headers) ?? requestId,
    requestId,
    at: Date.now(),
    started: performance.now(),
    expectsContinue,
    patience,
    upgrade,
    trace: tracesAll() || carriesTraceKey(request.headers, traceKey) ? createTrace() : undefined,
    path: recordedPath(request.url),
    api: undefined,
    exchange: undefined,
    refusal: undefined,
    upstream: undefined,
  }
}

function createExchange(
  { request, transactionId, requestId, at, trace }: Call,
  api: CompiledApi,
  path: RequestPath,
  contextPath: string,
  rest: string,
): Exchange {
  return {
    transactionId,
    requestId,
    api,
    request: new ExchangeRequest(request, path, contextPath, rest, at),
    attributes: new Map(),
    // Each step that is traced puts its own here.
    trace: trace === undefined ? undefined : { passed: () => undefined, noticed: trace.noticed },
  }
}

function refuse(call: Call, failure: Failure): void {
  call.trace?.add({
    kind: 'backend',
    title: 'Backend',
    decision: 'not-reached',
    sentence: 'The request was turned away before the backend',
  })
  answerFailure(call, failure)
}

/** Pair by pair, so that all others stay as they were written. */
function withoutHidden(query: string, hidden: readonly string[] | undefined): string {
  if (hidden === undefined || query === '') return query
  const isHidden = (pair: string) => hidden.some((name) => new URLSearchParams(pair).has(name))
  return query
    .split('&')
    .filter((pair) => !isHidden(pair))
    .join('&')
}
