import type { Refusal, RequestRecord } from '@shared/traffic'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Failure } from '../policies/policy'
import type { CompiledApi } from './compiled-api'
import type { Exchange } from './exchange'
import { answerOf, failureBody } from './failure-answer'
import type { Trace } from './trace'

/** One request being answered: what its record will say. The gateway alone changes it. */
export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly transactionId: string
  readonly requestId: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Of performance.now(). */
  readonly started: number
  /** The client waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean
  readonly trace: Trace | undefined
  path: string
  api: CompiledApi | undefined
  exchange: Exchange | undefined
  refusal: Refusal | undefined
  /** Stops what is under way at the backend. Itself: a function around it was seen to keep calls that are over from being collected young. */
  upstream: Dispatcher.DispatchController | undefined
}

/** Answers a failure in the API's style and keeps it for the record. Cuts the connection when an answer is already under way. */
export function answerFailure(call: Call, failure: Failure): void {
  const { request, response, api, trace } = call
  const { status, message, challenge } = answerOf(failure, api?.challengeStyle ?? 'quickstart')
  call.refusal = refusalOf(failure, status)
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { type, body } = failureBody(failure, status, message, request.headers.accept)
  response.writeHead(status, {
    ...call.exchange?.answerHeaders,
    ...(challenge === undefined ? {} : { 'WWW-Authenticate': challenge }),
    ...(type === undefined ? {} : { 'Content-Type': type }),
    'Content-Length': Buffer.byteLength(body),
    'X-Gravitee-Transaction-Id': call.transactionId,
    'X-Gravitee-Request-Id': call.requestId,
    // What the client has not sent yet may follow or not: the next request could not be told from it.
    ...(call.expectsContinue || (!request.complete && (status >= 500 || status === 413))
      ? { Connection: 'close' }
      : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
  trace?.add({
    kind: 'answer',
    title: 'Answer',
    decision: failure.status >= 500 ? 'failed' : 'refused',
    sentence: `${status} by the gateway, in ${Math.round(performance.now() - call.started)} ms`,
  })
}

export function refusalOf(failure: Failure, status = failure.status): Refusal {
  const { key, sentence, source, evidence, remedies } = failure
  return {
    key,
    status,
    sentence,
    ...(source === undefined ? {} : { source }),
    evidence: [...evidence],
    remedies: [...remedies],
  }
}

/** What is told of a call once its answer has ended. */
export function recordOf(call: Call): RequestRecord {
  const { response, api, refusal, exchange, trace } = call
  const done = response.writableFinished
  const clientId = exchange?.attributes.get('oauth.client_id')
  return {
    id: call.transactionId,
    server: 'gateway',
    at: call.at,
    method: call.request.method ?? 'GET',
    path: call.path,
    status: response.headersSent ? response.statusCode : 0,
    durationMs: performance.now() - call.started,
    outcome: refusal !== undefined ? (refusal.status >= 500 ? 'failed' : 'refused') : done ? 'answered' : 'aborted',
    ...(api === undefined ? {} : { apiId: api.id, apiName: api.name, revision: api.revision }),
    ...(typeof clientId === 'string' ? { clientId } : {}),
    ...(refusal === undefined ? {} : { refusal }),
    ...(trace === undefined ? {} : { trace: [...trace.stations] }),
  }
}
