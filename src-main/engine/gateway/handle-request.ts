import type { RequestRecord } from '@shared/traffic'
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { carriesTraceKey, givenTransactionId } from '../call-identity'
import { EvaluationError } from '../expression/evaluation-error'
import type { ClientRequest, ClientResponse } from '../listening/client-message'
import type { Failure } from '../policies/policy'
import { recordedPath } from '../target-path'
import { answerFailure, recordOf, type Call } from './call'
import { answerInstead } from './answer-instead'
import type { Answering } from './backend-answer'
import { responseSteps, runRequestPhase, runSteps } from './chain'
import type { CompiledApi, CompiledEndpoint, CompiledFlow, HttpEndpoint } from './compiled-api'
import { failOver, type Attempt } from './endpoints/failover'
import { answerMock } from './endpoints/mock-answer'
import type { Upgrade } from './endpoints/upgrade'
import type { Exchange, Headers } from './exchange'
import { forward } from './forward'
import { UnwritableHeader } from './header-value'
import type { CompiledPlan } from './plans/compile-plans'
import { watchRest } from './patience'
import { enterPlan } from './plans/enter-plan'
import type { Subscriptions } from './plans/subscriptions'
import { hostOf, refusalOfMessage } from './refusable-request'
import { loopOf } from './request-loop'
import { rawRest, readRequestPath, type RequestPath } from './request-path'
import type { Router } from './router'
import { createTrace } from './trace'
import { METADATA_PATH, metadataAnswer } from './protected-resource'

/** Where a policy leaves which endpoint or group is to be called, as Gravitee's do. */
export const ENDPOINT_ATTRIBUTE = 'request.endpoint'

type ExchangedRequest = Exchange['request']

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

/**
 * A class, for the sake of its getters: one in an object literal is a hidden class of V8's for each request, which lives on in
 * the old generation and keeps the request, and with it all that came after, from being collected young.
 */
class ExchangeRequest implements ExchangedRequest {
  readonly method: string
  readonly path: string
  readonly contextPath: string
  readonly pathInfo: string
  readonly headers: Headers
  readonly pathParams = NO_PARAMETERS
  readonly remoteAddress: string
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly timestamp: number
  readonly #socket: Socket
  readonly #queryText: string
  #query: URLSearchParams | undefined

  constructor(request: ClientRequest, path: RequestPath, contextPath: string, rest: string, at: number) {
    const { method = 'GET', headers, socket } = request
    this.method = method
    this.path = path.raw
    this.contextPath = contextPath || '/'
    this.pathInfo = rest || '/'
    this.headers = { ...headers }
    const address = socket.remoteAddress ?? ''
    this.remoteAddress = address.startsWith('::ffff:') ? address.slice(7) : address
    this.scheme = 'encrypted' in socket ? 'https' : 'http'
    this.host = hostOf(request) ?? ''
    this.timestamp = at
    this.#socket = socket
    this.#queryText = path.query
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.#queryText))
  }

  get clientCertificate(): ExchangedRequest['clientCertificate'] {
    return this.#socket instanceof TLSSocket ? this.#socket.getPeerX509Certificate() : undefined
  }

  get trustsClientCertificate(): boolean {
    return this.#socket instanceof TLSSocket && this.#socket.authorized
  }
}

const NO_PARAMETERS: ExchangedRequest['pathParams'] = Object.freeze({})

function refuse(call: Call, failure: Failure): void {
  call.trace?.add({
    kind: 'backend',
    title: 'Backend',
    decision: 'not-reached',
    sentence: 'The request was turned away before the backend',
  })
  answerFailure(call, failure)
}

function toBackend(
  call: Call,
  api: CompiledApi,
  exchange: Exchange,
  pathInfo: string,
  query: string,
  ran: readonly CompiledFlow[],
): void {
  const onResponse = ran.some((flow) => flow.response.length > 0)
    ? () => runResponsePhase(call, api, exchange, ran)
    : undefined
  if (exchange.answer !== undefined) return answerInstead(call, exchange, exchange.answer, onResponse)
  const { choose, path } = wayIn(api, exchange, pathInfo)
  const collects = onResponse !== undefined && ran.some(({ readsAnswer }) => readsAnswer)
  const delivery: Delivery = { call, api, exchange, path, query, onResponse, collects }
  const { failover } = api
  if (failover !== undefined && call.upgrade === undefined) {
    const none = () => noEndpoint(api, exchange)
    const whenBroken = (error: unknown) => broken(api, error)
    return failOver({ failover, call, api, exchange, choose, none, broken: whenBroken, deliver: (to, attempt) => deliver(delivery, to, attempt) }) // prettier-ignore
  }
  const endpoint = choose()
  if (endpoint === undefined) answerFailure(call, noEndpoint(api, exchange))
  else deliver(delivery, endpoint, undefined)
}

interface Delivery extends Pick<Answering, 'call' | 'api' | 'exchange' | 'onResponse' | 'collects'> {
  readonly path: string
  readonly query: string
}

function deliver(
  { call, api, exchange, path, query, onResponse, collects }: Delivery,
  endpoint: CompiledEndpoint,
  attempt: Attempt | undefined,
): void {
  if (endpoint.kind === 'mock') answerMock({ call, exchange, endpoint, onResponse })
  else forward({ call, api, exchange, endpoint, path: pathAtBackend(endpoint, path, query), onResponse, collects, attempt }) // prettier-ignore
}

/** The next of the default group, unless a policy has named another endpoint or group: `name:` and the path there. */
function wayIn(
  api: CompiledApi,
  { attributes }: Exchange,
  pathInfo: string,
): { choose: () => CompiledEndpoint | undefined; path: string } {
  const named = attributes.get(ENDPOINT_ATTRIBUTE)
  if (typeof named !== 'string' || named === '') return { choose: api.groups[0]?.next ?? nowhere, path: pathInfo }
  const end = named.indexOf(':')
  return { choose: api.endpointsByName.get(named.slice(0, end)) ?? nowhere, path: named.slice(end + 1) }
}

const nowhere = () => undefined

/** A step that breaks is a fault of ours: without this it would be told as the backend's. */
function runResponsePhase(
  call: Call,
  api: CompiledApi,
  exchange: Exchange,
  ran: readonly CompiledFlow[],
): Failure | undefined | Promise<Failure | undefined> {
  try {
    const outcome = runSteps(responseSteps(ran), exchange, call)
    return outcome instanceof Promise ? outcome.catch((error: unknown) => broken(api, error)) : outcome
  } catch (error) {
    return broken(api, error)
  }
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

function pathAtBackend({ basePath, query: ofTarget }: HttpEndpoint, rest: string, query: string): string {
  const both = ofTarget === '' ? query : query === '' ? ofTarget : `${ofTarget}&${query}`
  return `${basePath + rest || '/'}${both === '' ? '' : `?${both}`}`
}

function ambiguousPath(reason: string): Failure {
  return {
    key: 'GATEWAY_AMBIGUOUS_PATH',
    status: 400,
    message: 'The request path is not acceptable',
    sentence: reason,
    source: 'RFC 3986 §6.2.2',
    evidence: [],
    remedies: [],
  }
}

function noContextPath(path: string): Failure {
  return {
    key: 'GATEWAY_NO_CONTEXT_PATH',
    status: 404,
    message: 'No context-path matches the request URI.',
    body: 'text',
    sentence: `No deployed API has a context path that ${path} starts with`,
    evidence: [{ label: 'Path', value: path }],
    remedies: [{ action: 'open-apis', label: 'Open the APIs' }],
  }
}

function noEndpoint(api: CompiledApi, { attributes }: Exchange): Failure {
  const named = attributes.get(ENDPOINT_ATTRIBUTE)
  const [group] = api.groups
  return {
    // As Gravitee calls it: templates that are keyed by it fit.
    key: 'NO_ENDPOINT_FOUND',
    status: 503,
    message: 'No endpoint available',
    sentence:
      typeof named === 'string' && named !== ''
        ? `A policy chose the endpoint ${named.split(':')[0]}, which is down or not there`
        : group === undefined || group.endpoints.length === 0
          ? 'No endpoint of the API is enabled'
          : `Every endpoint of the group ${group.name} is down`,
    evidence: [],
    remedies: [{ action: 'open-endpoints', label: "Open the API's backend", apiId: api.id }],
  }
}

/** Of an endpoint's own headers: policies tell theirs themselves. */
const unwritable = (api: CompiledApi, { message, header }: UnwritableHeader): Failure => ({
  key: 'GATEWAY_HEADER_UNWRITABLE',
  status: 500,
  message: 'Internal server error',
  sentence: message,
  source: 'RFC 9110 §5.5',
  evidence: [{ label: 'Header', value: header }],
  remedies: [{ action: 'open-endpoints', label: "Open the API's backend", apiId: api.id }],
})

/** An expression that came to too much is the request's doing; anything else that breaks is ours. */
function broken(api: CompiledApi, error: unknown): Failure {
  if (error instanceof UnwritableHeader) return unwritable(api, error)
  const expression = error instanceof EvaluationError
  return {
    key: expression ? 'GATEWAY_EXPRESSION_FAILED' : 'GATEWAY_POLICY_FAILED',
    status: 500,
    message: 'Internal server error',
    sentence: expression
      ? `${error.message}, which is more than a request may cost`
      : `A policy of ${api.name} failed where it should have decided; this is a fault of the gateway`,
    evidence: [],
    remedies: [],
  }
}
