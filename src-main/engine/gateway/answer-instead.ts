import type { Failure } from '../policies/policy'
import { answerFailure, type Call } from './call'
import type { Exchange } from './exchange'
import { tellAnswered, writeWhole } from './whole-answer'

/** Gives the answer that a step has put in the backend's place, once the response phase has seen it. */
export function answerInstead(
  call: Call,
  exchange: Exchange,
  { status, headers, body, sentence }: NonNullable<Exchange['answer']>,
  onResponse: (() => Failure | undefined | Promise<Failure | undefined>) | undefined,
): void {
  const started = performance.now()
  call.trace?.add({ kind: 'backend', title: 'Backend', decision: 'not-reached', sentence })
  const answer = { status, headers, body }
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
