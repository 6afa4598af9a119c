import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { buildConnector } from 'undici'

/** A proxy that requests go by on their way out. */
export type ProxyServer = HttpProxy | SocksServer

export interface HttpProxy {
  readonly kind: 'HTTP'
  /** `http:` or `https:` with host and port: how the proxy itself is reached. */
  readonly url: URL
  /** Value of `Proxy-Authorization` (RFC 9110 §11.7.2). */
  readonly authorization: string | undefined
}

export interface SocksServer {
  readonly kind: 'SOCKS4' | 'SOCKS5'
  /** Host and port count. */
  readonly url: URL
  /** Empty: none is told. */
  readonly username: string
  readonly password: string
}

const PROXY_REFUSED = 'ERR_GATEHOUSE_PROXY_REFUSED'
const PROXY_UNREACHABLE = 'ERR_GATEHOUSE_PROXY_UNREACHABLE'

/** Whether an error tells of the proxy and not of the server behind it: in words, to be read after "the proxy". */
export function proxyFault(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return error.code === PROXY_REFUSED || error.code === PROXY_UNREACHABLE ? error.message : undefined
}

/** @param message to be read after "the proxy" */
export const proxyRefused = (message: string): Error => Object.assign(new Error(message), { code: PROXY_REFUSED })

/** @param message to be read after "the proxy" */
export const proxyUnreachable = (message: string): Error =>
  Object.assign(new Error(message), { code: PROXY_UNREACHABLE })

/** Connects by a tunnel that the proxy opens (CONNECT, RFC 9110 §9.3.6); TLS is then spoken with the server itself. */
export function through(
  { url, authorization }: HttpProxy,
  timeout: number,
  connector: buildConnector.connector,
): buildConnector.connector {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  return (options, callback) => {
    const target = `${options.hostname}:${options.port === '' ? '443' : options.port}`
    let answered = false
    const fail = (error: Error) => {
      if (answered) return
      answered = true
      callback(error, null)
    }
    const request = send({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) },
      agent: false,
      timeout,
    })
    request.once('connect', (response, socket) => {
      if (response.statusCode !== 200) {
        socket.destroy()
        fail(proxyRefused(`${url.host} refused the tunnel to ${target} with ${response.statusCode}`))
        return
      }
      if (answered) return void socket.destroy()
      answered = true
      socket.setTimeout(0)
      connector({ ...options, httpSocket: socket as never }, callback) // undici's types narrow what it takes as it is
    })
    request.once('response', (response) => {
      response.resume()
      fail(proxyRefused(`${url.host} refused the tunnel to ${target} with ${response.statusCode}`))
      request.destroy()
    })
    request.once('timeout', () => {
      fail(proxyUnreachable(`${url.host} did not open a tunnel within ${timeout} ms`))
      request.destroy()
    })
    request.once('error', () => fail(proxyUnreachable(`${url.host} cannot be reached`)))
    request.end()
  }
}
