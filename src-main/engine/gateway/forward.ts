import { hostname } from 'node:os'
import { codeOf } from '@shared/error-code'
import type { Dispatcher } from 'undici'
import type { Failure } from '../policies/policy'
import { recordedPath } from '../target-path'
import { answerFailure, refusalOf, type Call } from './call'
import { contextOf } from '../expression/exchange-context'
import { settledBody, type Body } from './body'
import { collectAnswer } from './collect-answer'
import { hasBody } from './collect-request'
import type { CompiledApi, HttpEndpoint, UpstreamHeaders } from './compiled-api'
import { attempted, type Attempt } from './endpoints/failover'
import { render } from './endpoints/header-templates'
import { announced, passable, type DispatchOptionsWithTrailers } from './endpoints/trailers'
import { join, type Upgrade } from './endpoints/upgrade'
import type { Exchange, Headers } from './exchange'
import { forwardedElement } from './forwarded'
import { writableValue } from './header-value'
import { hopByHop } from './hop-by-hop'
import { PSEUDONYM } from './request-loop'
import { watchBody, watchDrain } from './patience'
import { upstreamFailure } from './upstream-failure'
import { tellAnswered, writeWhole } from './whole-answer'

const SERVER = hostname()
/** Interim answers that are passed on for one request; the rest is dropped. */
const MOST_INTERIM = 10
/** Repeating them changes nothing, so a kept connection that died under one is no reason to fail (RFC 9110 §9.2.2). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

export interface Forwarding {
  readonly call: Call
  readonly api: CompiledApi
  readonly exchange: Exchange
  readonly endpoint: HttpEndpoint
  /** Path and query at the backend. */
  readonly path: string
  /** Runs the response phase; a failure is answered instead. Neither throws nor rejects. */
  readonly onResponse: (() => Failure | undefined | Promise<Failure | undefined>) | undefined
  /** Whether the response phase looks at the answer's body: it is then collected before that runs. */
  readonly collects: boolean
  /** Where another endpoint may take over. */
  readonly attempt: Attempt | undefined
}

/** Sends the request to the backend and streams its answer back, each side as fast as the other takes it. Throws as withOwn does. */
export function forward(forwarding: Forwarding): void {
  const { call, exchange, endpoint } = forwarding
  const { request, response } = call
  const collected = exchange.request.body
  const kept = forwarding.attempt?.body
  const streams = collected === undefined && kept === undefined && hasBody(call)
  if (streams && call.expectsContinue) response.writeContinue()
  if (streams) watchBody(call)
  const body = collected === undefined ? (kept ?? null) : bodyToSend(collected, exchange.request.headers)
  if (forwarding.collects) exchange.request.headers['accept-encoding'] = 'identity' // a step reads the answer
  const headers = upstreamHeaders(forwarding)
  const trailer = streams ? announced(request.headers.trailer) : undefined
  if (trailer !== undefined) headers.push('trailer', trailer)
  const options = {
    path: forwarding.path,
    method: exchange.request.method as Dispatcher.HttpMethod, // any method that node's parser lets in is a token
    headers,
    body: streams ? request : body,
    ...(streams && (endpoint.http2 || trailer !== undefined) ? { trailers: () => passable(request.trailers) } : undefined), // prettier-ignore
    upgrade: call.upgrade === undefined ? null : 'websocket',
  }
  send(forwarding, options, !streams && SAFE.has(options.method) && call.upgrade === undefined)
}

/** Nothing where nothing came and no step has put anything there. */
function bodyToSend(body: Body, headers: Headers): Buffer | null {
  return body.received?.length === 0 ? null : settledBody(body, headers)
}

function send(forwarding: Forwarding, options: DispatchOptionsWithTrailers, mayRetry: boolean): void {
  const { call, api, endpoint, exchange } = forwarding
  const { response, trace } = call
  const started = performance.now()
  let awaited = 0
  let received = 0
  let expected = -1
  let waitsForDrain = false
  let drain: ReturnType<typeof watchDrain> | undefined
  let interim = 0

  const tellFailure = (failure: Failure) =>
    trace?.add({
      kind: 'backend',
      title: `Backend ${endpoint.name}`,
      decision: 'failed',
      sentence: failure.sentence,
      evidence: failure.evidence,
      durationMs: performance.now() - started,
      refusal: refusalOf(failure),
    })

  const fail = (error: unknown) => {
    if (response.destroyed) return
    const failure = upstreamFailure(error, api, endpoint, performance.now() - started)
    tellFailure(failure)
    if (forwarding.attempt === undefined || response.headersSent) return answerFailure(call, failure)
    const why = forwarding.attempt.failed(error)
    if (why === undefined) return
    answerFailure(call, { ...failure, evidence: [...failure.evidence, { label: 'Not tried again', value: why }] })
  }

  const tellBackend = (status: number) =>
    trace?.add({
      kind: 'backend',
      title: `Backend ${endpoint.name}`,
      decision: 'passed',
      sentence: `${endpoint.origin} answered ${status}`,
      evidence: [{ label: 'Target', value: endpoint.origin + recordedPath(options.path) }],
      durationMs: performance.now() - started,
    })

  const begin = (status: number, headers: Headers) => {
    response.writeHead(status, answerHeaders(call, headers))
    // Without a length the first part may be long in coming (server-sent events): the head does not wait for it.
    if (expected === -1) setImmediate(() => received === 0 && !response.writableEnded && response.flushHeaders())
    tellBackend(status)
  }

  const finish = () => {
    if (!response.writableEnded) response.end()
    tellAnswered(call, awaited)
  }

  const collecting = () =>
    collectAnswer(exchange, endpoint.origin + recordedPath(options.path), {
      onCollected() {
        awaited = performance.now()
        tellBackend(exchange.response!.status) // set by now
        const outcome = forwarding.onResponse?.()
        const proceed = (failure: Failure | undefined) => {
          if (response.destroyed) return
          if (failure !== undefined) return answerFailure(call, failure)
          try {
            writeWhole(call, exchange.response as Required<NonNullable<Exchange['response']>>) // collected with its body
            tellAnswered(call, awaited)
          } catch (error) {
            fail(error)
          }
        }
        if (outcome instanceof Promise) void outcome.then(proceed)
        else proceed(outcome)
      },
      onFailure(controller, failure) {
        if (response.destroyed) return
        tellFailure(failure)
        answerFailure(call, failure)
        controller.abort(new Error('The answer cannot be collected'))
      },
    })

  const upgraded =
    (upgrade: Upgrade): NonNullable<Dispatcher.DispatchHandler['onRequestUpgrade']> =>
    (_controller, status, headers, upstream) => {
      awaited = performance.now()
      tellBackend(status)
      exchange.response = { status, headers: { ...headers } }
      const proceed = (failure: Failure | undefined) => {
        if (response.destroyed || failure !== undefined) {
          upstream.destroy()
          if (failure !== undefined) answerFailure(call, failure)
          return
        }
        const own = answerHeaders(call, exchange.response!.headers) // set above
        response.writeHead(101, [...own, 'Connection', 'Upgrade', 'Upgrade', 'websocket'])
        upgrade.release(() => {
          tellAnswered(call, awaited)
          join(upgrade, upstream, () => response.emit('close'))
        })
      }
      const outcome = forwarding.onResponse?.()
      if (outcome instanceof Promise) void outcome.then(proceed)
      else proceed(outcome)
    }

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(controller) {
      call.upstream = controller
      if (response.destroyed) controller.abort(new Error('The client went away'))
    },
    onResponseStart(controller, status, headers) {
      if (status < 200) {
        if (++interim <= MOST_INTERIM) passInterim(call, status, headers)
        // Each lets the time for an answer begin anew.
        else if (interim > 10 * MOST_INTERIM) controller.abort(new Error('Interim answers without an end'))
        return
      }
      awaited = performance.now()
      expected = headers['content-length'] === undefined ? -1 : Number(headers['content-length'])
      if (forwarding.onResponse === undefined) {
        begin(status, headers)
        return
      }
      exchange.response = { status, headers: { ...headers } }
      const outcome = forwarding.onResponse()
      const proceed = (failure: Failure | undefined) => {
        if (response.destroyed) return
        if (failure === undefined) {
          begin(exchange.response!.status, exchange.response!.headers) // set above
          controller.resume()
        } else {
          answerFailure(call, failure)
          controller.abort(new Error('A policy answered instead'))
        }
      }
      if (!(outcome instanceof Promise)) {
        proceed(outcome)
        return
      }
      controller.pause()
      // What a policy made of the headers may not be writable: undici tells that as an error, as it does without a promise.
      outcome.then(proceed).catch((error: unknown) => {
        controller.abort(error instanceof Error ? error : new Error('The answer could not be written'))
      })
    },
    onResponseData(controller, chunk) {
      received += chunk.length
      // An answer that came in one piece leaves in one, head included.
      if (received === expected && chunk.length === expected) {
        response.end(chunk)
        return
      }
      if (response.write(chunk)) return
      controller.pause()
      if (waitsForDrain) return
      waitsForDrain = true
      drain ??= watchDrain(call)
      drain.waits()
      response.once('drain', () => {
        waitsForDrain = false
        drain?.drained()
        controller.resume()
      })
    },
    onResponseEnd(_controller, trailers) {
      passTrailers(response, trailers)
      finish()
    },
    onResponseError(_controller, error) {
      if (response.destroyed || response.writableEnded) return
      if (mayRetry && !response.headersSent && isLostConnection(error)) send(forwarding, options, false)
      else fail(error)
    },
  }
  const whole = forwarding.collects ? { ...handler, ...collecting() } : handler
  const watched = forwarding.attempt === undefined ? undefined : attempted(whole, forwarding.attempt, fail)
  try {
    if (call.upgrade === undefined) wayTo(endpoint, exchange).dispatch(options, watched ?? whole)
    else endpoint.upgrading().dispatch(options, { ...whole, onRequestUpgrade: upgraded(call.upgrade) })
  } catch (error) {
    watched?.cancel()
    fail(error)
  }
}

/** RFC 9110 §15.2: interim answers are passed on; node has words for those with early hints alone. */
function passInterim({ request, response }: Call, status: number, { link }: Headers): void {
  if (status !== 103 || link === undefined || response.headersSent || request.httpVersion === '1.0') return
  try {
    response.writeEarlyHints({ link })
  } catch {
    // No links as node reads them: the answer itself will tell.
  }
}

/** Fields after the body (RFC 9110 §6.5): not those that frame a message or belong to one connection. */
function passTrailers(response: Call['response'], trailers: Headers | undefined): void {
  if (trailers === undefined || response.writableEnded) return
  const passed = passable(trailers)
  for (const name in passed)
    response.addTrailers([passed[name]!].flat().map((value): [string, string] => [name, value]))
}

function isLostConnection(error: Error): boolean {
  const code = codeOf(error)
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE'
}

/** A client that says what it can unpack is left to it. */
function wayTo({ pool, unpacking }: HttpEndpoint, { request }: Exchange): Dispatcher {
  if (unpacking === undefined || request.headers['accept-encoding'] !== undefined) return pool
  return request.method === 'HEAD' ? pool : unpacking
}

/** What `Via` says of a request that came by HTTP/1.1. */
const HOP = `1.1 ${PSEUDONYM}`

/** As a flat list, which undici takes as it is. */
function upstreamHeaders({ call, exchange, endpoint }: Forwarding): string[] {
  const { headers, remoteAddress, scheme, host } = exchange.request
  const isHopByHop = hopByHop(headers)
  const list = ['host', endpoint.host]
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined || OURS.has(name) || isHopByHop(name)) continue
    if (typeof value === 'string') list.push(name, value)
    else for (const each of value) list.push(name, each)
  }
  const forwardedFor = headers['x-forwarded-for']
  const via = headers.via
  // The version is the one that the request came by.
  const hop = call.request.httpVersion === '1.1' ? HOP : `${call.request.httpVersion ?? '2.0'} ${PSEUDONYM}`
  list.push(
    'x-forwarded-for',
    forwardedFor === undefined ? remoteAddress : `${String(forwardedFor)}, ${remoteAddress}`,
    'x-forwarded-host',
    host,
    'x-forwarded-proto',
    scheme,
    'x-forwarded-server',
    SERVER,
    'x-gravitee-transaction-id',
    call.transactionId,
    'x-gravitee-request-id',
    call.requestId,
    'via',
    via === undefined ? hop : `${String(via)}, ${hop}`,
  )
  const { forwarded, 'x-real-ip': realIp } = headers
  if (forwarded !== undefined)
    list.push('forwarded', `${String(forwarded)}, ${forwardedElement(remoteAddress, host, scheme)}`)
  // The client's word for who it is counts for nothing; what a policy has put there stays.
  if (realIp !== undefined)
    list.push('x-real-ip', realIp === call.request.headers['x-real-ip'] ? remoteAddress : String(realIp))
  if (endpoint.unpacking !== undefined && headers['accept-encoding'] === undefined)
    list.push('accept-encoding', 'gzip, deflate, br')
  // Ours to say: what comes after the body is passed on to whoever takes it (RFC 9110 §10.1.4). gRPC's backends insist on it.
  if (endpoint.http2 && headers.te !== undefined && /(^|,)\s*trailers\s*(,|$)/i.test(String(headers.te)))
    list.push('te', 'trailers')
  return endpoint.headers === undefined ? list : withOwn(list, endpoint.headers, exchange)
}

/**
 * The headers as the endpoint wants them.
 *
 * @throws UnwritableHeader, EvaluationError
 */
function withOwn(
  list: readonly string[],
  { own, passesHost, dropsAcceptEncoding }: UpstreamHeaders,
  exchange: Exchange,
): string[] {
  const replaced = new Set(own.map(({ name }) => name))
  if (dropsAcceptEncoding) replaced.add('accept-encoding')
  const kept: string[] = []
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i]!
    if (replaced.has(name)) continue
    kept.push(name, name === 'host' && passesHost ? exchange.request.host : list[i + 1]!)
  }
  for (const { name, value } of own)
    kept.push(
      name,
      writableValue(
        name,
        render(value, () => contextOf(exchange)),
      ),
    )
  return kept
}

/** Written by the gateway, or meant for it. */
const OURS = new Set([
  'host',
  'expect',
  'via',
  'forwarded',
  'x-real-ip',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-gravitee-transaction-id',
  'x-gravitee-request-id',
  'x-gatehouse-trace',
])

/** As a flat list, which node writes as it is. */
export function answerHeaders(call: Call, headers: Headers): string[] {
  const isHopByHop = hopByHop(headers)
  const list: string[] = []
  const own = call.exchange?.answerHeaders
  const ownNames = own === undefined ? undefined : new Set(Object.keys(own).map((name) => name.toLowerCase()))
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined || isHopByHop(name) || ownNames?.has(name) === true) continue
    if (name === 'x-gravitee-transaction-id' || name === 'x-gravitee-request-id') continue
    if (typeof value === 'string') list.push(name, value)
    else for (const each of value) list.push(name, each)
  }
  for (const name in own) list.push(name, own[name]!)
  list.push('X-Gravitee-Transaction-Id', call.transactionId, 'X-Gravitee-Request-Id', call.requestId)
  return list
}
