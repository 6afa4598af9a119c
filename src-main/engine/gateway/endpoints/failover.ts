import type { Configuration } from '@shared/api-definition'
import { codeOf } from '@shared/error-code'
import { FailoverConfiguration } from '@shared/endpoint-settings'
import type { FieldError } from '@shared/problem'
import type { Dispatcher } from 'undici'
import { ExpressionError } from '../../expression/expression-error'
import { parseCondition, type Condition } from '../../expression/template'
import type { Failure } from '../../policies/policy'
import { certificateFault } from '../../tls/certificate-fault'
import { proxyFault } from '../../tls/proxy-tunnel'
import { answerFailure, type Call } from '../call'
import { hasBody } from '../collect-request'
import type { CompiledApi, CompiledEndpoint } from '../compiled-api'
import type { Exchange, Headers } from '../exchange'
import { watchBody } from '../patience'
import { checkedConfiguration } from './checked-configuration'
import { createCircuitBreaker, type CircuitBreaker } from './circuit-breaker'
import { responseContext } from './response-context'

/** Bytes of a request's body that are kept for a further attempt. */
const MOST_KEPT = 1024 * 1024
/** May be sent again, since doing it twice is doing it once (RFC 9110 §9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])
const NEVER_SENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']) // prettier-ignore

const SLOW_CALL = 'ERR_GATEHOUSE_SLOW_CALL'
const UNWANTED_ANSWER = 'ERR_GATEHOUSE_UNWANTED_ANSWER'

export interface Failover {
  readonly maxRetries: number
  /** Milliseconds until an answer has to begin. */
  readonly slowCallDuration: number
  /** Answers for which it holds count as failures. */
  readonly failureCondition: Condition | undefined
  breakerOf(exchange: Exchange): CircuitBreaker
}

/** One of several calls that a request may come to. */
export interface Attempt extends Pick<Failover, 'slowCallDuration' | 'failureCondition'> {
  /** The body of the request, where it is not to be read from the client. */
  readonly body: Buffer | undefined
  succeeded(): void
  /** Undefined when another attempt is made now; else why none is, and the failure is to be answered. */
  failed(error: unknown): string | undefined
}

/** Undefined where an API has none switched on, or what is wrong with it stands among `errors`. */
export function compileFailover(configuration: Configuration | undefined, errors: FieldError[]): Failover | undefined {
  if (configuration?.enabled !== true) return undefined
  const settings = checkedConfiguration<FailoverConfiguration>(FailoverConfiguration, configuration, '/failover', 'Failover', errors) // prettier-ignore
  if (settings === undefined) return undefined
  const { maxRetries = 2, slowCallDuration = 2000, openStateDuration = 10_000, maxFailures = 5, perSubscription = true } = settings // prettier-ignore
  const breaker = () => createCircuitBreaker(maxFailures, openStateDuration)
  const breakers = new Map<string, CircuitBreaker>()
  return {
    maxRetries,
    slowCallDuration,
    failureCondition: conditionOf(settings.failureCondition, errors),
    breakerOf({ attributes }) {
      const subscription = perSubscription ? attributes.get('subscription-id') : undefined
      const key = typeof subscription === 'string' ? subscription : ''
      let own = breakers.get(key)
      if (own === undefined) breakers.set(key, (own = breaker()))
      return own
    },
  }
}

function conditionOf(text: string | undefined, errors: FieldError[]): Condition | undefined {
  if (text === undefined || text.trim() === '') return undefined
  try {
    const condition = parseCondition(text)
    if (condition.reads.size > 0)
      errors.push({ field: '/failover/failureCondition', message: 'Failover: the condition looks at a body, and it is asked before there is one', remedy: 'Look at the status or the headers.' }) // prettier-ignore
    return condition
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    errors.push({ field: '/failover/failureCondition', message: `Failover: the condition cannot be read. ${error.message}`, remedy: 'Correct the expression.' }) // prettier-ignore
    return undefined
  }
}

export interface FailingOver {
  readonly failover: Failover
  readonly call: Call
  readonly api: CompiledApi
  readonly exchange: Exchange
  /** The next endpoint in turn. */
  readonly choose: () => CompiledEndpoint | undefined
  readonly none: () => Failure
  /** What is told when a request could not even be made. */
  readonly broken: (error: unknown) => Failure
  readonly deliver: (endpoint: CompiledEndpoint, attempt: Attempt) => void
}

/** Calls an endpoint, and another when that fails, unless the circuit is open. */
export function failOver(given: FailingOver): void {
  const { failover, call, api, exchange } = given
  const breaker = failover.breakerOf(exchange)
  const now = performance.now()
  if (!breaker.admits(now)) return answerFailure(call, circuitOpen(api, breaker.closedFor(now)))
  let settled = false
  const settle = (how: () => void) => {
    if (settled) return
    settled = true
    how()
  }
  call.response.once('close', () => settle(breaker.cancelled))
  const whenFailed = () => settle(() => breaker.failed(performance.now()))
  const body = keptBody(call, exchange)
  if (body instanceof Promise)
    void body.then((content) => call.response.destroyed || tryAll(given, content, () => settle(breaker.succeeded), whenFailed)) // prettier-ignore
  else tryAll(given, body, () => settle(breaker.succeeded), whenFailed)
}

function tryAll(
  { failover, call, exchange, choose, none, broken, deliver }: FailingOver,
  body: Buffer | 'none' | 'streams',
  succeeded: () => void,
  gaveUp: () => void,
): void {
  const tried = new Set<CompiledEndpoint>()
  const { maxRetries, slowCallDuration, failureCondition } = failover
  let attempts = 0

  function next(): void {
    const endpoint = untried(choose, tried)
    if (endpoint === undefined) {
      gaveUp()
      answerFailure(call, none())
      return
    }
    tried.add(endpoint)
    attempts++
    if (attempts > 1)
      call.trace?.add({
        kind: 'backend',
        title: 'Failover',
        decision: 'passed',
        sentence: `Tried again with the endpoint ${endpoint.name}, attempt ${attempts} of ${maxRetries + 1}`,
      })
    if (endpoint.kind === 'mock') succeeded()
    try {
      deliver(endpoint, attemptAt())
    } catch (error) {
      // Comes by the way of a body or of a failed attempt, where nobody else would take it.
      if (!call.response.destroyed) answerFailure(call, broken(error))
    }
  }

  const attemptAt = (): Attempt => ({
    slowCallDuration,
    failureCondition,
    body: typeof body === 'string' ? undefined : body,
    succeeded,
    failed(error) {
      const why = whyNot(error)
      if (why === undefined) next()
      else gaveUp()
      return why
    },
  })

  function whyNot(error: unknown): string | undefined {
    if (attempts > maxRetries) return attempts === 1 ? 'No retries are configured' : `${attempts} attempts were made`
    if (body === 'streams') return `The body of the request is longer than ${MOST_KEPT} bytes or of unknown length, and was not kept` // prettier-ignore
    const { method } = exchange.request
    return IDEMPOTENT.has(method) || neverSent(error)
      ? undefined
      : `${method} may have been carried out, and must not be sent twice (RFC 9110 §9.2.2)`
  }

  next()
}

/** As the load balancer gives them, but none a second time while another has not been tried. */
function untried(
  choose: () => CompiledEndpoint | undefined,
  tried: ReadonlySet<CompiledEndpoint>,
): CompiledEndpoint | undefined {
  const first = choose()
  let endpoint = first
  // A balancer by chance or by weight may give the same several times in a row.
  for (let i = 0; i < 16 && endpoint !== undefined && tried.has(endpoint); i++) endpoint = choose()
  return endpoint ?? first
}

function neverSent(error: unknown): boolean {
  const code = codeOf(error)
  return (
    (code !== undefined && NEVER_SENT.has(code)) ||
    certificateFault(error) !== undefined ||
    proxyFault(error) !== undefined
  )
}

/** A body that is to be sent again has to be kept; a long one is streamed once. */
function keptBody(call: Call, { request }: Exchange): Buffer | 'none' | 'streams' | Promise<Buffer | 'streams'> {
  // What a step has collected is sent from there.
  if (request.body !== undefined || !hasBody(call)) return 'none'
  const length = Number(call.request.headers['content-length'] ?? Number.NaN)
  if (!(length <= MOST_KEPT)) return 'streams'
  if (call.expectsContinue) call.response.writeContinue()
  watchBody(call)
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    call.request.on('data', (chunk: Buffer) => chunks.push(chunk))
    call.request.once('end', () => resolve(Buffer.concat(chunks)))
  })
}

/** Gives up what is slow or answers what counts as a failure; everything else passes. */
export function attempted(
  handler: Dispatcher.DispatchHandler,
  { slowCallDuration, failureCondition, succeeded }: Attempt,
  fail: (error: unknown) => void,
): Dispatcher.DispatchHandler & { cancel(): void } {
  let over = false
  let controller: Dispatcher.DispatchController | undefined
  const giveUp = (code: string) => {
    over = true
    controller?.abort(new Error('Another endpoint is tried'))
    fail(Object.assign(new Error(code), { code }))
  }
  const timer = setTimeout(() => giveUp(SLOW_CALL), slowCallDuration)
  return {
    cancel: () => clearTimeout(timer),
    onRequestStart(own, context) {
      controller = own
      if (over) own.abort(new Error('Another endpoint is tried'))
      else handler.onRequestStart?.(own, context)
    },
    onResponseStart(own, status, headers, message) {
      if (over || status < 200) return
      clearTimeout(timer)
      if (isFailure(failureCondition, status, headers)) return giveUp(UNWANTED_ANSWER)
      succeeded()
      handler.onResponseStart?.(own, status, headers, message)
    },
    onResponseData(own, chunk) {
      if (!over) handler.onResponseData?.(own, chunk)
    },
    onResponseEnd(own, trailers) {
      if (!over) handler.onResponseEnd?.(own, trailers)
    },
    onResponseError(own, error) {
      clearTimeout(timer)
      if (!over) handler.onResponseError?.(own, error)
    },
  }
}

function isFailure(condition: Condition | undefined, status: number, headers: Headers): boolean {
  if (condition === undefined) return false
  try {
    return condition.holds(responseContext(status, headers))
  } catch {
    return false
  }
}

/** What came of an attempt by the rules of failover; undefined for any other error. */
export function failoverFault(error: unknown): 'slow' | 'unwanted' | undefined {
  const code = codeOf(error)
  return code === SLOW_CALL ? 'slow' : code === UNWANTED_ANSWER ? 'unwanted' : undefined
}

function circuitOpen(api: CompiledApi, ms: number): Failure {
  return {
    key: 'GATEWAY_CIRCUIT_OPEN',
    status: 502,
    message: 'The backend cannot be reached',
    sentence: `The circuit is open: the last calls all failed, and none is made for ${ms > 0 ? `another ${Math.ceil(ms / 1000)} s` : 'as long as one is trying'}`, // prettier-ignore
    evidence: [],
    remedies: [{ action: 'open-endpoints', label: "Open the API's backend", apiId: api.id }],
  }
}
