import type { RequestRecord } from '@shared/traffic'
import { randomUUID, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Failure } from '../policies/policy'
import { answerFailure, recordOf, type Call } from './call'
import { matchingFlows, runSteps } from './chain'
import type { CompiledApi, CompiledEndpoint, CompiledStep } from './compiled-api'
import type { Exchange } from './exchange'
import { forward } from './forward'
import { rawRest, readRequestPath, type RequestPath } from './request-path'
import type { Router } from './router'
import { createTrace } from './trace'

export interface Running {
  readonly router: () => Router<CompiledApi>
  readonly hold: (api: CompiledApi) => void
  readonly release: (api: CompiledApi) => void
  readonly traceKey: string
  readonly tracesAll: () => boolean
  readonly onRecord: (record: RequestRecord) => void
}

/** A client may name its own transaction, so that it can follow it; anything but a plain name is replaced. */
const TRANSACTION_ID = /^[A-Za-z0-9_-]{8,64}$/

/** Answers one request: route, flows, policies, backend. */
export function handleRequest(
  running: Running,
  request: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
): void {
  const call = createCall(running, request, response, expectsContinue)
  response.once('close', () => {
    if (call.api !== undefined) running.release(call.api)
    running.onRecord(recordOf(call))
  })
  call.trace?.add({
    kind: 'arrival',
    title: 'Arrival',
    decision: 'passed',
    sentence: `${request.method} ${call.path} from ${request.socket.remoteAddress ?? 'unknown'}`,
  })

  const path = readRequestPath(request.url ?? '/')
  if (typeof path === 'string') return answerFailure(call, ambiguousPath(path))
  const route = running.router().find(path.matched)
  if (route === undefined) return answerFailure(call, noContextPath(call.path))
  const { target: api, contextPath } = route
  call.api = api
  running.hold(api)
  call.trace?.add({
    kind: 'api',
    title: `API ${api.name}`,
    decision: 'passed',
    sentence: `Context path ${contextPath || '/'}, revision ${api.revision}`,
  })

  const rest = contextPath === '' ? path.raw : rawRest(path.raw, contextPath.split('/').length - 1)
  const exchange = createExchange(call, api, path, contextPath, rest)
  call.exchange = exchange
  try {
    const flows = matchingFlows(api, exchange, path.matched.slice(contextPath.length), call.trace)
    if (flows === undefined) return answerFailure(call, noFlow(exchange.request.pathInfo))
    const responseSteps = flows.flatMap((flow) => flow.response)
    const requestSteps = flows.length === 1 ? flows[0]!.request : flows.flatMap((flow) => flow.request)
    const outcome = runSteps(requestSteps, exchange, call.trace)
    const proceed = (failure: Failure | undefined) => {
      if (response.destroyed) return
      if (failure === undefined) toBackend(call, api, exchange, rest, path.query, responseSteps)
      else refuse(call, failure)
    }
    if (outcome instanceof Promise) outcome.then(proceed).catch(() => answerFailure(call, broken(api)))
    else proceed(outcome)
  } catch {
    answerFailure(call, broken(api))
  }
}

function createCall(
  { traceKey, tracesAll }: Running,
  request: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
): Call {
  const requestId = randomUUID()
  const given = request.headers['x-gravitee-transaction-id']
  const key = request.headers['x-gatehouse-trace']
  return {
    request,
    response,
    transactionId: typeof given === 'string' && TRANSACTION_ID.test(given) ? given : requestId,
    requestId,
    at: Date.now(),
    started: performance.now(),
    expectsContinue,
    trace: tracesAll() || (key !== undefined && isSame(String(key), traceKey)) ? createTrace() : undefined,
    path: (request.url ?? '/').split('?', 1)[0]!,
    api: undefined,
    exchange: undefined,
    refusal: undefined,
  }
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function createExchange(
  { request, transactionId, at, trace }: Call,
  api: CompiledApi,
  path: RequestPath,
  contextPath: string,
  rest: string,
): Exchange {
  let query: URLSearchParams | undefined
  return {
    transactionId,
    api,
    request: {
      method: request.method ?? 'GET',
      path: path.raw,
      contextPath: contextPath || '/',
      pathInfo: rest || '/',
      get query() {
        return (query ??= new URLSearchParams(path.query))
      },
      headers: { ...request.headers },
      pathParams: {},
      remoteAddress: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
      scheme: 'encrypted' in request.socket ? 'https' : 'http',
      host: request.headers.host ?? '',
      timestamp: at,
    },
    attributes: new Map(),
    // Each step that is traced puts its own here.
    trace: trace === undefined ? undefined : { passed: () => undefined, headerChanged: () => undefined },
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

function toBackend(
  call: Call,
  api: CompiledApi,
  exchange: Exchange,
  rest: string,
  query: string,
  responseSteps: readonly CompiledStep[],
): void {
  const endpoint = api.nextEndpoint()
  if (endpoint === undefined) return answerFailure(call, noEndpoint(api))
  forward({
    call,
    api,
    exchange,
    endpoint,
    path: pathAtBackend(endpoint, rest, query),
    onResponse: responseSteps.length === 0 ? undefined : () => runSteps(responseSteps, exchange, call.trace),
  })
}

function pathAtBackend({ basePath, query: ofTarget }: CompiledEndpoint, rest: string, query: string): string {
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
    sentence: `No deployed API has a context path that ${path} starts with`,
    evidence: [{ label: 'Path', value: path }],
    remedies: [{ action: 'open-apis', label: 'Open the APIs' }],
  }
}

function noFlow(pathInfo: string): Failure {
  return {
    key: 'GATEWAY_NO_FLOW',
    status: 404,
    message: 'No flow matches the request',
    sentence: `The API requires a flow to match, and none matches ${pathInfo}`,
    evidence: [{ label: 'Path', value: pathInfo }],
    remedies: [],
  }
}

function noEndpoint(api: CompiledApi): Failure {
  return {
    key: 'GATEWAY_NO_ENDPOINT',
    status: 503,
    message: 'The API has no backend',
    sentence: 'No endpoint of the API is enabled',
    evidence: [],
    remedies: [{ action: 'open-endpoints', label: "Open the API's backend", apiId: api.id }],
  }
}

function broken(api: CompiledApi): Failure {
  return {
    key: 'GATEWAY_POLICY_FAILED',
    status: 500,
    message: 'Internal server error',
    sentence: `A policy of ${api.name} failed where it should have decided; this is a fault of the gateway`,
    evidence: [],
    remedies: [],
  }
}
