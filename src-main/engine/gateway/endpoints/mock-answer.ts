import { contextOf } from '../../expression/exchange-context'
import type { Failure } from '../../policies/policy'
import { bodyOf } from '../body'
import { answerFailure, type Call } from '../call'
import type { MockEndpoint } from '../compiled-api'
import type { Exchange, Headers } from '../exchange'
import { tellAnswered, writeWhole } from '../whole-answer'
import { render } from './header-templates'

export interface Mocking {
  readonly call: Call
  readonly exchange: Exchange
  readonly endpoint: MockEndpoint
  /** Runs the response phase; a failure is answered instead. Neither throws nor rejects. */
  readonly onResponse: (() => Failure | undefined | Promise<Failure | undefined>) | undefined
}

/** Answers in place of a backend what the endpoint is configured to, through the response phase as any answer. */
export function answerMock({ call, exchange, endpoint, onResponse }: Mocking): void {
  const started = performance.now()
  // What the client sends is read and let go, so that its connection can go on.
  if (call.expectsContinue && exchange.request.body === undefined) call.response.writeContinue()
  call.request.resume()
  const context = () => contextOf(exchange)
  const content = render(endpoint.body, context)
  const headers: Headers = {}
  for (const { name, value } of endpoint.headers) {
    const before = headers[name]
    headers[name] = before === undefined ? render(value, context) : [before, render(value, context)].flat()
  }
  if (content !== '') headers['content-type'] ??= typeOf(content)
  call.trace?.add({
    kind: 'backend',
    title: `Mock ${endpoint.name}`,
    decision: 'passed',
    sentence: `The endpoint answered ${endpoint.status} by itself`,
  })
  const answer = { status: endpoint.status, headers, body: bodyOf(content) }
  exchange.response = answer
  const proceed = (failure: Failure | undefined) => {
    if (call.response.destroyed) return
    if (failure !== undefined) return answerFailure(call, failure)
    writeWhole(call, { ...answer, ...exchange.response })
    tellAnswered(call, started)
  }
  const outcome = onResponse?.()
  if (outcome instanceof Promise) outcome.then(proceed).catch(() => call.response.destroy())
  else proceed(outcome)
}

/** Of an answer for which nobody gave a type. */
function typeOf(content: string): string {
  return /^\s*[[{]/.test(content) ? 'application/json' : 'text/plain; charset=utf-8'
}
