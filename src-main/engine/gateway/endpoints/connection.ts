import type { Socket } from 'node:net'
import type { ProxyOptions, SharedConfiguration } from '@shared/endpoint-settings'
import type { FieldError } from '@shared/problem'
import { Agent, interceptors, type buildConnector, type Dispatcher } from 'undici'
import type { Connecting, Connectors } from '../../tls/connector'
import { proxyUnreachable, type HttpProxy, type ProxyServer } from '../../tls/proxy-tunnel'
import { storesOf } from './tls-stores'
import { Http1Upstream } from './http1/http1-upstream'
import { Http2Upstream } from './http2-upstream'
import { systemProxy } from './system-proxy'
import { connectingTo } from './upstream'

/** Milliseconds, as of Gravitee's endpoints. */
export const CONNECT_TIMEOUT = 5000
export const READ_TIMEOUT = 10_000
const IDLE_TIMEOUT = 60_000
const KEEP_ALIVE_TIMEOUT = 30_000
/** As Gravitee's, for one endpoint; what is beyond waits its turn. */
const CONNECTIONS = 100
/** Redirects that are followed one after the other, as Vert.x does. */
const MOST_REDIRECTIONS = 16

/** The way to one endpoint. */
export interface Connection {
  /** Plain requests go this way. */
  readonly pool: Dispatcher
  /** Whether HTTP/2 is offered to it. */
  readonly http2: boolean
  /** Answers are unpacked on this way, for clients that cannot do it; undefined where the endpoint does not ask for it. */
  readonly unpacking: Dispatcher | undefined
  /** Connects once, for whoever wants to know how that goes. */
  connect(): Promise<Socket>
  /** For what takes a connection over for itself, such as WebSockets. */
  upgrading(): Dispatcher
  /** Milliseconds. */
  readonly connectTimeout: number
  readonly readTimeout: number
  readonly idleTimeout: number
  /** Ends what is open once the requests under way have ended. */
  close(): Promise<void>
}

/**
 * Prepares the connections of an endpoint; undefined when the settings cannot work.
 *
 * @param at pointer to the settings
 * @param of whose they are, to begin a sentence with
 */
export function connectionTo(
  target: URL,
  { http = {}, ssl = {}, proxy: proxyOptions = {} }: SharedConfiguration,
  at: string,
  of: string,
  connectors: Connectors,
  errors: FieldError[],
): Connection | undefined {
  const before = errors.length
  const stores = storesOf(ssl, `${at}/ssl`, of, errors)
  const proxyFor = proxyChoice(proxyOptions, `${at}/proxy`, of, errors)
  const {
    connectTimeout = CONNECT_TIMEOUT,
    readTimeout = READ_TIMEOUT,
    idleTimeout = IDLE_TIMEOUT,
    maxConcurrentConnections: connections = CONNECTIONS,
  } = http
  const http2 = http.version === 'HTTP_2'
  if (http2 && target.protocol === 'http:') {
    if (http.clearTextUpgrade === true)
      errors.push({ field: `${at}/http/clearTextUpgrade`, message: `${of} begins HTTP/2 by an upgrade from HTTP/1.1, which this gateway cannot do`, remedy: 'Switch it off: HTTP/2 is then begun at once, which backends with h2c understand.' }) // prettier-ignore
    if (proxyFor(target) !== undefined)
      errors.push({ field: `${at}/proxy/enabled`, message: `${of} speaks HTTP/2 without TLS, which no proxy passes on`, remedy: 'Use HTTP/1.1 or an https address, or go without the proxy.' }) // prettier-ignore
  }
  if (errors.length > before) return undefined

  const opened: Dispatcher[] = []
  const kept = <T extends Dispatcher>(dispatcher: T): T => {
    opened.push(dispatcher)
    return dispatcher
  }
  const how: Connecting = {
    ...stores,
    trustsAll: ssl.trustAll === true,
    anyName: ssl.hostnameVerifier === false,
  }
  const settings = {
    headersTimeout: readTimeout,
    bodyTimeout: idleTimeout,
    keepAliveTimeout: http.keepAliveTimeout ?? KEEP_ALIVE_TIMEOUT,
    maxHeaderSize: 64 * 1024,
    keepsAlive: http.keepAlive !== false,
  }

  /** How to connect on the way to an origin, and to whom. */
  function wayTo(origin: URL, more: Connecting = {}) {
    const proxy = proxyFor(origin)
    // Without TLS an HTTP proxy is asked for the whole address (RFC 9112 §3.2.2); else it opens a tunnel, as one of SOCKS always does.
    const absolute = proxy?.kind === 'HTTP' && origin.protocol === 'http:' ? proxy : undefined
    const connect = connectors(connectTimeout, { ...how, ...more, proxy: absolute === undefined ? proxy : undefined })
    return absolute === undefined
      ? { to: origin, connect, byProxy: undefined }
      : { to: absolute.url, connect: blaming(absolute, connect), byProxy: { ...absolute, origin: origin.origin } }
  }

  function poolTo(origin: URL, more: Connecting = {}, limit: number | null = connections): Dispatcher {
    const { to, connect, byProxy } = wayTo(origin, more)
    return more.http2 === true
      ? new Http2Upstream(origin, connect, { ...settings, connections }, () => poolTo(origin))
      : new Http1Upstream(to, connect, { ...settings, host: origin.host, byProxy }, limit)
  }

  const direct = kept(poolTo(target, { http2 }))
  const pool = http.followRedirects === true ? direct.compose(following(target, kept, poolTo, http2)) : direct
  let upgrading: Dispatcher | undefined
  return {
    pool,
    http2,
    unpacking: http.useCompression === true ? pool.compose(decompressing()) : undefined,
    connect: () => {
      const { to, connect } = wayTo(target, { http2 })
      return new Promise((resolve, reject) => {
        connect(connectingTo(to), (...[error, socket]) => {
          if (error === null) resolve(socket)
          else reject(error)
        })
      })
    },
    // Connections of their own: they last, and would take the place of requests.
    upgrading: () => (upgrading ??= kept(poolTo(target, { halfOpen: true }, null))),
    connectTimeout,
    readTimeout,
    idleTimeout,
    close: async () => void (await Promise.all(opened.map((each) => each.close()))),
  }
}

/** What cannot be reached is then the proxy, not the backend. */
function blaming({ url }: HttpProxy, connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    connect(options, (...[error, socket]) => {
      if (error === null) callback(null, socket)
      else callback(proxyUnreachable(`${url.host} cannot be reached`), null)
    })
  }
}

/** Of other methods a redirect is passed on: a body cannot be sent twice. */
function following(
  { origin }: URL,
  kept: <T extends Dispatcher>(dispatcher: T) => T,
  poolTo: (origin: URL, more: Connecting) => Dispatcher,
  http2: boolean,
): Dispatcher.DispatcherComposeInterceptor {
  const anywhere = kept(new Agent({ factory: (to) => poolTo(new URL(to), { http2 }) })).compose(
    interceptors.redirect({ maxRedirections: MOST_REDIRECTIONS }),
  )
  return (dispatch) => (options, handler) =>
    options.method === 'GET' || options.method === 'HEAD'
      ? anywhere.dispatch({ ...options, origin }, handler)
      : dispatch(options, handler)
}

/** Which proxy leads to an address. */
function proxyChoice(
  { enabled, useSystemProxy, type = 'HTTP', host = '', port = 0, username = '', password = '' }: ProxyOptions,
  at: string,
  of: string,
  errors: FieldError[],
): (target: URL) => ProxyServer | undefined {
  // Gravitee asks for the system's proxy by either member.
  if (useSystemProxy === true) {
    return (target) => {
      const url = systemProxy(target, process.env)
      return url === undefined ? undefined : { kind: 'HTTP', url, authorization: basic(decodeURIComponent(url.username), decodeURIComponent(url.password)) } // prettier-ignore
    }
  }
  if (enabled !== true) return () => undefined
  const wrong = (member: string, message: string, remedy: string) =>
    errors.push({ field: `${at}/${member}`, message: `${of}: ${message}`, remedy })
  if (!URL.canParse(`http://${host}:1`) || new URL(`http://${host}:1`).host !== `${host.toLowerCase()}:1`)
    wrong(
      'host',
      host === '' ? 'the proxy has no host' : `${host} is no host`,
      'Give the name or address of the proxy.',
    )
  else if (port < 1) wrong('port', 'the proxy has no port', 'Give the port that the proxy listens on.')
  else {
    const url = new URL(`http://${host}:${port}`)
    const proxy: ProxyServer = type === 'HTTP' ? { kind: type, url, authorization: basic(username, password) } : { kind: type, url, username, password } // prettier-ignore
    return () => proxy
  }
  return () => undefined
}

function basic(username: string, password: string): string | undefined {
  if (username === '') return undefined
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/** undici warns on stderr that this part of it is experimental; the version here is fixed, and a command's stderr is for its failure alone. */
function decompressing(): ReturnType<typeof interceptors.decompress> {
  const { emitWarning } = process
  process.emitWarning = () => undefined
  try {
    return interceptors.decompress({ skipErrorResponses: false })
  } finally {
    process.emitWarning = emitWarning
  }
}
