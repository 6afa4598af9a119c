import type { Dispatcher } from 'undici'
import { codeOf } from '@shared/error-code'
import type { Failure } from '../policies/policy'
import { recordedPath } from '../target-path'
import { answerHeaders } from './answer-headers'
import { answerFailure, refusalOf, type Call } from './call'
import { collectAnswer } from './collect-answer'
import type { CompiledApi, HttpEndpoint } from './compiled-api'
import type { Attempt } from './endpoints/failover'
import { passable } from './endpoints/trailers'
import { join } from './endpoints/upgrade'
import type { Exchange, Headers } from './exchange'
import { watchDrain } from './patience'
import { upstreamFailure } from './upstream-failure'
import { tellAnswered, writeWhole } from './whole-answer'

/** Interim answers that are passed on for one request; the rest is dropped. */
const MOST_INTERIM = 10

type Controller = Dispatcher.DispatchController
type Collecting = ReturnType<typeof collectAnswer>

/** What becomes of the answer to a request that was forwarded. */
export interface Answering {
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

/** Gives the backend's answer to the client as it comes, each as fast as the other takes it. One for each request that is sent. */
export class BackendAnswer implements Dispatcher.DispatchHandler {
  readonly #answering: Answering
  /** Sends the request once more; undefined where that could do something twice. */
  readonly #again: (() => void) | undefined
  /** Of performance.now(): when it was sent, and when its answer began. */
  readonly #started = performance.now()
  #awaited = 0
  #received = 0
  /** Bytes of the body, as its head says; -1 where it says nothing. */
  #expected = -1
  #interim = 0
  #waitsForDrain = false
  #drain: ReturnType<typeof watchDrain> | undefined
  readonly #collecting: Collecting | undefined

  constructor(answering: Answering, again: (() => void) | undefined) {
    this.#answering = answering
    this.#again = again
    this.#collecting = answering.collects ? this.#collect() : undefined
  }

  onRequestStart(controller: Controller): void {
    const { call } = this.#answering
    call.upstream = controller
    if (call.response.destroyed) controller.abort(new Error('The client went away'))
  }

  onResponseStart(controller: Controller, status: number, headers: Headers): void {
    const { call, exchange, onResponse } = this.#answering
    if (status < 200) {
      // What is collected is told at once.
      if (++this.#interim <= MOST_INTERIM) {
        if (this.#collecting === undefined) passInterim(call, status, headers)
      }
      // Each lets the time for an answer begin anew.
      else if (this.#interim > 10 * MOST_INTERIM) controller.abort(new Error('Interim answers without an end'))
      return
    }
    if (this.#collecting !== undefined) return this.#collecting.onResponseStart(controller, status, headers)
    this.#awaited = performance.now()
    const length = headers['content-length']
    this.#expected = length === undefined ? -1 : Number(length)
    if (onResponse === undefined) return this.#begin(status, headers)
    exchange.response = { status, headers: { ...headers } }
    const outcome = onResponse()
    if (!(outcome instanceof Promise)) return this.#proceed(controller, outcome)
    controller.pause()
    // What a policy made of the headers may not be writable: that is told as an error, as it is without a promise.
    outcome
      .then((failure) => this.#proceed(controller, failure))
      .catch((error: unknown) => {
        controller.abort(error instanceof Error ? error : new Error('The answer could not be written'))
      })
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#collecting !== undefined) return this.#collecting.onResponseData(controller, chunk)
    const { response } = this.#answering.call
    this.#received += chunk.length
    // An answer that came in one piece leaves in one, head included.
    if (this.#received === this.#expected && chunk.length === this.#expected) {
      response.end(chunk)
      return
    }
    if (response.write(chunk)) return
    controller.pause()
    if (this.#waitsForDrain) return
    this.#waitsForDrain = true
    this.#drain ??= watchDrain(this.#answering.call)
    this.#drain.waits()
    response.once('drain', () => {
      this.#waitsForDrain = false
      this.#drain?.drained()
      controller.resume()
    })
  }

  onResponseEnd(controller: Controller, trailers: Headers): void {
    if (this.#collecting !== undefined) return this.#collecting.onResponseEnd(controller, trailers)
    const { call } = this.#answering
    const { response } = call
    if (!response.writableEnded) {
      passTrailers(response, trailers)
      response.end()
    }
    tellAnswered(call, this.#awaited)
  }

  onResponseError(_controller: Controller, error: Error): void {
    const { response } = this.#answering.call
    if (response.destroyed || response.writableEnded) return
    if (this.#again !== undefined && !response.headersSent && isLostConnection(error)) this.#again()
    else this.fail(error)
  }

  onRequestUpgrade(_controller: Controller, ...[status, headers, upstream]: Upgraded): void {
    const { call, exchange, onResponse } = this.#answering
    const { response, upgrade } = call
    this.#awaited = performance.now()
    this.#tellBackend(status)
    exchange.response = { status, headers: { ...headers } }
    const proceed = (failure: Failure | undefined) => {
      if (response.destroyed || failure !== undefined || upgrade === undefined) {
        upstream.destroy()
        if (failure !== undefined) answerFailure(call, failure)
        return
      }
      const own = answerHeaders(call, exchange.response!.headers) // set above
      response.writeHead(101, [...own, 'Connection', 'Upgrade', 'Upgrade', 'websocket'])
      upgrade.release(() => {
        tellAnswered(call, this.#awaited)
        join(upgrade, upstream, () => response.emit('close'))
      })
    }
    const outcome = onResponse?.()
    if (!(outcome instanceof Promise)) return proceed(outcome)
    // What a policy made of the headers may not be writable.
    outcome.then(proceed).catch((error: unknown) => {
      upstream.destroy()
      this.fail(error)
    })
  }

  /** Answers that the backend could not be asked, unless another endpoint takes over. */
  fail(error: unknown): void {
    const { call, api, endpoint, attempt } = this.#answering
    const { response } = call
    if (response.destroyed) return
    const contentType = call.request.headers['content-type']
    const failure = upstreamFailure(error, api, endpoint, performance.now() - this.#started, contentType)
    this.#tellFailure(failure)
    if (attempt === undefined || response.headersSent) return answerFailure(call, failure)
    const why = attempt.failed(error)
    if (why === undefined) return
    answerFailure(call, { ...failure, evidence: [...failure.evidence, { label: 'Not tried again', value: why }] })
  }

  /** After the response phase has seen the head. */
  #proceed(controller: Controller, failure: Failure | undefined): void {
    const { call, exchange } = this.#answering
    if (call.response.destroyed) return
    if (failure === undefined) {
      this.#begin(exchange.response!.status, exchange.response!.headers) // set before
      controller.resume()
    } else {
      answerFailure(call, failure)
      controller.abort(new Error('A policy answered instead'))
    }
  }

  #begin(status: number, headers: Headers): void {
    const { call } = this.#answering
    const { response } = call
    response.writeHead(status, answerHeaders(call, headers))
    // Without a length the first part may be long in coming (server-sent events): the head does not wait for it.
    if (this.#expected === -1)
      setImmediate(() => this.#received === 0 && !response.writableEnded && response.flushHeaders())
    this.#tellBackend(status)
  }

  #collect(): Collecting {
    const { call, exchange, endpoint, path, onResponse } = this.#answering
    const { response } = call
    return collectAnswer(exchange, endpoint.origin + recordedPath(path), {
      onCollected: () => {
        this.#awaited = performance.now()
        this.#tellBackend(exchange.response!.status) // set by now
        const outcome = onResponse?.()
        const proceed = (failure: Failure | undefined) => {
          if (response.destroyed) return
          if (failure !== undefined) return answerFailure(call, failure)
          try {
            writeWhole(call, exchange.response as Required<NonNullable<Exchange['response']>>) // collected with its body
            tellAnswered(call, this.#awaited)
          } catch (error) {
            this.fail(error)
          }
        }
        if (outcome instanceof Promise) outcome.then(proceed).catch((error: unknown) => this.fail(error))
        else proceed(outcome)
      },
      onFailure: (controller, failure) => {
        if (response.destroyed) return
        this.#tellFailure(failure)
        answerFailure(call, failure)
        controller.abort(new Error('The answer cannot be collected'))
      },
    })
  }

  #tellBackend(status: number): void {
    const { call, endpoint, path } = this.#answering
    call.trace?.add({
      kind: 'backend',
      title: `Backend ${endpoint.name}`,
      decision: 'passed',
      sentence: `${endpoint.origin} answered ${status}`,
      evidence: [{ label: 'Target', value: endpoint.origin + recordedPath(path) }],
      durationMs: performance.now() - this.#started,
    })
  }

  #tellFailure(failure: Failure): void {
    const { call, endpoint } = this.#answering
    call.trace?.add({
      kind: 'backend',
      title: `Backend ${endpoint.name}`,
      decision: 'failed',
      sentence: failure.sentence,
      evidence: failure.evidence,
      durationMs: performance.now() - this.#started,
      refusal: refusalOf(failure),
    })
  }
}

type Upgraded =
  Parameters<NonNullable<Dispatcher.DispatchHandler['onRequestUpgrade']>> extends [Controller, ...infer Rest]
    ? Rest
    : never

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
function passTrailers(response: Call['response'], trailers: Headers): void {
  const passed = passable(trailers)
  const list: [string, string][] = []
  for (const name in passed) for (const value of [passed[name]!].flat()) list.push([name, value])
  // At once: of several calls node keeps the last.
  if (list.length > 0) response.addTrailers(list)
}

function isLostConnection(error: Error): boolean {
  const code = codeOf(error)
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE'
}
