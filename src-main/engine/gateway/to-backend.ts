import type { Failure } from '../policies/policy'
import { answerInstead } from './answer-instead'
import type { Answering } from './backend-answer'
import { answerFailure, type Call } from './call'
import { responseSteps, runSteps } from './chain'
import type { CompiledApi, CompiledEndpoint, CompiledFlow, HttpEndpoint } from './compiled-api'
import { failOver, type Attempt } from './endpoints/failover'
import { answerMock } from './endpoints/mock-answer'
import type { Exchange } from './exchange'
import { forward } from './forward'
import { broken, ENDPOINT_ATTRIBUTE, noEndpoint } from './request-failures'

/** Brings a request that was let pass to its endpoint, and the answer through the response phase. */
export function toBackend(
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

function pathAtBackend({ basePath, query: ofTarget }: HttpEndpoint, rest: string, query: string): string {
  const both = ofTarget === '' ? query : query === '' ? ofTarget : `${ofTarget}&${query}`
  return `${basePath + rest || '/'}${both === '' ? '' : `?${both}`}`
}
