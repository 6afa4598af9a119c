import type { Refusal, RequestRecord } from '@shared/traffic'
import type { Dispatcher } from 'undici'
import { elapsed } from '../elapsed'
import type { ClientRequest, ClientResponse } from '../listening/client-message'
import type { Failure } from '../policies/policy'
import type { CompiledApi } from './compiled-api'
import { carried } from './carried'
import { endAfterAnswer } from './ending'
import type { Upgrade } from './endpoints/upgrade'
import { withoutSecrets } from './masking'
import type { Exchange } from './exchange'
import { answerOf, failureBody } from './failure-answer'
import { metadataAddress } from './protected-resource'
import { grpcFailure, speaksGrpc } from './grpc-status'
import { templatedAnswer, type TemplatedAnswer } from './response-templates'
import type { Trace } from './trace'

/** One request being answered: what its record will say. The gateway alone changes it. */
export interface Call {
  readonly request: ClientRequest
  readonly response: ClientResponse
  readonly transactionId: string
  readonly requestId: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Of performance.now(). */
  readonly started: number
  /** The client waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean
  /** Milliseconds that the client may be silent in the middle of a body, or take nothing of an answer. */
  readonly patience: number
  /** The client wants to speak something else on this connection. */
  readonly upgrade: Upgrade | undefined
  /** Made before anything is decided, or not at all. */
  trace: Trace | undefined
  path: string
  api: CompiledApi | undefined
  exchange: Exchange | undefined
  refusal: Refusal | undefined
  /** Stops what is under way at the backend. Itself: a function around it was seen to keep calls that are over from being collected young. */
  upstream: Dispatcher.DispatchController | undefined
}

/** Answers a failure in the API's style and keeps it for the record. Cuts the connection when an answer is already under way. */
export function answerFailure(call: Call, failure: Failure): void {
  const { request, response, trace } = call
  if (response.headersSent) {
    call.refusal = refusalOf(failure)
    response.destroy()
    return
  }
  const { status, headers, body } = failureAnswer(call, failure)
  // What the client has not sent yet may follow or not: the next request could not be told from it.
  const closes =
    failure.closes === true || call.expectsContinue || (!request.complete && (status >= 500 || status === 413))
  if (closes && request.httpVersion !== undefined) endAfterAnswer(request.socket)
  response.writeHead(status, {
    ...call.exchange?.answerHeaders,
    ...headers,
    'Content-Length': Buffer.byteLength(body),
    'X-Gravitee-Transaction-Id': call.transactionId,
    'X-Gravitee-Request-Id': call.requestId,
    ...(closes ? { Connection: 'close' } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
  call.refusal = refusalOf(failure, status)
  trace?.add({
    kind: 'answer',
    title: 'Answer',
    decision: failure.status >= 500 ? 'failed' : 'refused',
    sentence: `${status} by the gateway, in ${Math.round(performance.now() - call.started)} ms`,
  })
}

/** In the words of a response template of the API, where one fits; else in the gateway's own. */
function failureAnswer({ api, exchange, request }: Call, failure: Failure): TemplatedAnswer {
  const metadata =
    api?.protectedResource === undefined || exchange === undefined ? undefined : metadataAddress(exchange.request)
  const answer = answerOf(failure, api?.challengeStyle ?? 'quickstart', metadata)
  const { status, message, challenge } = answer
  // RFC 9110 §15.5.2: a 401 challenges, whoever words it.
  const challenges = (of: number): Record<string, string> =>
    challenge === undefined || of !== status ? {} : { 'WWW-Authenticate': challenge }
  if (api?.responseTemplates !== undefined && exchange !== undefined) {
    const templated = templatedAnswer(api.responseTemplates, failure, answer, exchange, request.headers.accept)
    if (templated !== undefined)
      return { ...templated, headers: withDefaults(templated.headers, challenges(templated.status)) }
  }
  if (speaksGrpc(request.headers['content-type']))
    return { status, headers: { ...challenges(status), ...grpcFailure(status, message) }, body: '' }
  const { type, body } = failureBody(failure, status, message, request.headers.accept)
  return { status, headers: { ...challenges(status), ...(type === undefined ? {} : { 'Content-Type': type }) }, body }
}

/** Names count in any case: what a template says of a header is the last word. */
function withDefaults(headers: TemplatedAnswer['headers'], defaults: Record<string, string>): Record<string, string> {
  const named = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  const kept = Object.entries(defaults).filter(([name]) => !named.has(name.toLowerCase()))
  return { ...Object.fromEntries(kept), ...headers }
}

export function refusalOf(failure: Failure, status = failure.status): Refusal {
  const { key, sentence, message, source, evidence, remedies } = failure
  return {
    key,
    status,
    sentence,
    message,
    ...(source === undefined ? {} : { source }),
    evidence: [...evidence],
    remedies: [...remedies],
  }
}

/** What is told of a call once its answer has ended. */
export function recordOf(call: Call): RequestRecord {
  const record = fullRecordOf(call)
  const secrets = call.api?.secretValues() ?? []
  return secrets.length === 0 ? record : withoutSecrets(record, secrets)
}

function fullRecordOf(call: Call): RequestRecord {
  const { response, api, refusal, exchange, trace } = call
  const done = response.writableFinished
  const clientId = exchange?.attributes.get('oauth.client_id')
  const record: RequestRecord = {
    id: call.transactionId,
    server: 'gateway',
    at: call.at,
    method: call.request.method ?? 'GET',
    path: call.path,
    status: response.headersSent ? response.statusCode : 0,
    durationMs: elapsed(call.started),
    outcome: refusal !== undefined ? (refusal.status >= 500 ? 'failed' : 'refused') : done ? 'answered' : 'aborted',
  }
  // Member by member: copies of copies were seen in the profile.
  if (api !== undefined) {
    record.apiId = api.id
    record.apiName = api.name
    record.revision = api.revision
  }
  if (typeof clientId === 'string') record.clientId = clientId
  if (exchange?.introspections !== undefined) record.introspections = exchange.introspections
  if (refusal !== undefined) record.refusal = refusal
  if (trace !== undefined) {
    record.trace = [...trace.stations]
    record.carried = carried(call.request)
  }
  return record
}
