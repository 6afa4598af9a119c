import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { ClientRequest } from '../listening/client-message'
import type { Exchange, Headers } from './exchange'
import { hostOf } from './refusable-request'
import type { RequestPath } from './request-path'

type ExchangedRequest = Exchange['request']

/**
 * A class, for the sake of its getters: one in an object literal is a hidden class of V8's for each request, which lives on in
 * the old generation and keeps the request, and with it all that came after, from being collected young.
 */
export class ExchangeRequest implements ExchangedRequest {
  readonly method: string
  readonly path: string
  readonly contextPath: string
  readonly pathInfo: string
  readonly headers: Headers
  readonly pathParams = NO_PARAMETERS
  readonly remoteAddress: string
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly timestamp: number
  readonly #socket: Socket
  readonly #queryText: string
  #query: URLSearchParams | undefined

  constructor(request: ClientRequest, path: RequestPath, contextPath: string, rest: string, at: number) {
    const { method = 'GET', headers, socket } = request
    this.method = method
    this.path = path.raw
    this.contextPath = contextPath || '/'
    this.pathInfo = rest || '/'
    this.headers = { ...headers }
    const address = socket.remoteAddress ?? ''
    this.remoteAddress = address.startsWith('::ffff:') ? address.slice(7) : address
    this.scheme = 'encrypted' in socket ? 'https' : 'http'
    this.host = hostOf(request) ?? ''
    this.timestamp = at
    this.#socket = socket
    this.#queryText = path.query
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.#queryText))
  }

  get clientCertificate(): ExchangedRequest['clientCertificate'] {
    return this.#socket instanceof TLSSocket ? this.#socket.getPeerX509Certificate() : undefined
  }

  get trustsClientCertificate(): boolean {
    return this.#socket instanceof TLSSocket && this.#socket.authorized
  }
}

const NO_PARAMETERS: ExchangedRequest['pathParams'] = Object.freeze({})
