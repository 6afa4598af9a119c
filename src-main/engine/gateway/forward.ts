import type { Dispatcher } from 'undici'
import type { Headers } from './exchange'
import { BackendAnswer, type Answering } from './backend-answer'
import { settledBody, type Body } from './body'
import type { Call } from './call'
import { hasBody } from './collect-request'
import type { HttpEndpoint } from './compiled-api'
import { attempted } from './endpoints/failover'
import { announced, passable, type DispatchOptionsWithTrailers } from './endpoints/trailers'
import { watchBody } from './patience'
import { upstreamHeaders } from './upstream-headers'

/** Repeating them changes nothing, so a kept connection that died under one is no reason to fail (RFC 9110 §9.2.2). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Sends the request to the backend and streams its answer back, each side as fast as the other takes it. Throws as upstreamHeaders does. */
export function forward(answering: Answering): void {
  const { call, exchange, endpoint, path } = answering
  const { request, response } = call
  const { headers, method } = exchange.request
  const collected = exchange.request.body
  const kept = answering.attempt?.body
  const streams = collected === undefined && kept === undefined && hasBody(call)
  if (streams && call.expectsContinue) response.writeContinue()
  if (streams) watchBody(call)
  const body = collected === undefined ? (kept ?? null) : bodyToSend(collected, headers)
  if (answering.collects) headers['accept-encoding'] = 'identity' // a step reads the answer
  const sent = upstreamHeaders(call, exchange, endpoint)
  const trailer = streams ? announced(request.headers.trailer) : undefined
  if (trailer !== undefined) sent.push('trailer', trailer)
  const options: DispatchOptionsWithTrailers = {
    path,
    method: method as Dispatcher.HttpMethod, // any method that node's parser lets in is a token
    headers: sent,
    body: streams ? request : body,
    upgrade: call.upgrade === undefined ? null : 'websocket',
    trailers: streams && (endpoint.http2 || trailer !== undefined) ? () => passable(request.trailers) : undefined,
  }
  send(answering, options, !streams && SAFE.has(method) && call.upgrade === undefined)
}

/** Nothing where nothing came and no step has put anything there. */
function bodyToSend(body: Body, headers: Headers): Buffer | null {
  return body.received?.length === 0 ? null : settledBody(body, headers)
}

function send(answering: Answering, options: DispatchOptionsWithTrailers, mayRetry: boolean): void {
  const { call, endpoint, exchange, attempt } = answering
  const answer = new BackendAnswer(answering, mayRetry ? () => send(answering, options, false) : undefined)
  const watched = attempt === undefined ? undefined : attempted(answer, attempt, (error) => answer.fail(error))
  try {
    const way = call.upgrade === undefined ? wayTo(endpoint, exchange.request) : endpoint.upgrading()
    way.dispatch(options, watched ?? answer)
  } catch (error) {
    watched?.cancel()
    answer.fail(error)
  }
}

/** A client that says what it can unpack is left to it. */
function wayTo(
  { pool, unpacking }: HttpEndpoint,
  { headers, method }: Pick<Call['request'], 'method'> & { headers: Headers },
): Dispatcher {
  if (unpacking === undefined || headers['accept-encoding'] !== undefined) return pool
  return method === 'HEAD' ? pool : unpacking
}
