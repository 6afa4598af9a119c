import { hostname } from 'node:os'
import { contextOf } from '../expression/exchange-context'
import type { Call } from './call'
import type { HttpEndpoint, UpstreamHeaders } from './compiled-api'
import { render } from './endpoints/header-templates'
import type { Exchange } from './exchange'
import { forwardedElement } from './forwarded'
import { writableValue } from './header-value'
import { hopByHop } from './hop-by-hop'
import { PSEUDONYM } from './request-loop'

const SERVER = hostname()

/** What `Via` says of a request that came by HTTP/1.1. */
const HOP = `1.1 ${PSEUDONYM}`

/**
 * What the backend is told, as a flat list of names in lower case and values.
 *
 * @throws UnwritableHeader, EvaluationError of an endpoint's own headers
 */
export function upstreamHeaders(call: Call, exchange: Exchange, endpoint: HttpEndpoint): string[] {
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
