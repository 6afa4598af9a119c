import { connect as connectHttp2, constants, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders, type IncomingHttpStatusHeader, type OutgoingHttpHeaders } from 'node:http2' // prettier-ignore
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { Readable } from 'node:stream'
import { errors, type buildConnector, type Dispatcher } from 'undici'
import { watchEnding } from '../../listening/http2-ending'
import { isOfConnection } from '../../listening/http2-headers'
import type { DispatchOptionsWithTrailers } from './trailers'
import { connectingTo, Upstream } from './upstream'
import { asError, UpstreamExchange } from './upstream-exchange'

/** Streams of a connection before its backend has said how many it takes (RFC 9113 §6.5.2 recommends no less than 100). */
const STREAMS = 100

/** Bytes that a backend may send on one connection before they are taken: what a hundred streams may send, and more. */
const CONNECTION_WINDOW = 16 * 1024 * 1024

export interface Http2Settings {
  /** Milliseconds. */
  readonly headersTimeout: number
  readonly bodyTimeout: number
  readonly keepAliveTimeout: number
  /** Bytes of an answer's headers. */
  readonly maxHeaderSize: number
  /** Most connections; each carries as many requests at once as the backend takes. */
  readonly connections: number
}

interface Session {
  readonly session: ClientHttp2Session
  open: number
  idle: NodeJS.Timeout | undefined
}

interface Waiting {
  readonly start: (session: Session) => void
  readonly fail: (error: Error) => void
  readonly toHttp1: () => void
}

/**
 * Requests to one origin over HTTP/2. Undici's own client was not enough: fields after a body overtake the body where its reader is
 * slow, which loses what is left of it; bodies that are streamed each take a connection; and a request cannot end with fields.
 */
export class Http2Upstream extends Upstream {
  readonly #origin: URL
  readonly #connector: buildConnector.connector
  readonly #settings: Http2Settings
  readonly #makeHttp1: () => Dispatcher
  #madeHttp1: Dispatcher | undefined
  readonly #sessions = new Set<Session>()
  readonly #waiting = new Set<Waiting>()
  #connecting = 0
  #speaksHttp1 = false
  #closing: Promise<void> | undefined
  #closed: (() => void) | undefined

  /** @param makeHttp1 for a backend that chooses HTTP/1.1 when it is offered both; what it makes is closed with this */
  constructor(origin: URL, connector: buildConnector.connector, settings: Http2Settings, makeHttp1: () => Dispatcher) {
    super()
    this.#origin = origin
    this.#connector = connector
    this.#settings = settings
    this.#makeHttp1 = makeHttp1
  }

  protected override send(options: DispatchOptionsWithTrailers, handler: Dispatcher.DispatchHandler): boolean {
    if (this.#speaksHttp1) return this.#http1.dispatch(options, handler)
    const exchange = new Exchange(options, handler, this.#origin, this.#settings)
    const waiting: Waiting = {
      start: (held) => {
        held.open++
        clearTimeout(held.idle)
        exchange.start(held.session, () => this.#ended(held))
      },
      fail: (error) => exchange.fail(error),
      toHttp1: () => void this.#http1.dispatch(options, handler),
    }
    exchange.begin(() => this.#waiting.delete(waiting))
    if (exchange.isOver) return true
    this.#waiting.add(waiting)
    this.#proceed()
    return true
  }

  /** Resolves when the requests under way have ended. */
  override close(): Promise<void>
  override close(callback: () => void): void
  override close(callback?: () => void): Promise<void> | void {
    this.#closing ??= new Promise<void>((resolve) => (this.#closed = resolve)).then(() => this.#madeHttp1?.close())
    for (const { session } of this.#sessions) session.close()
    this.#settle()
    if (callback === undefined) return this.#closing
    void this.#closing.then(callback)
  }

  get #http1(): Dispatcher {
    return (this.#madeHttp1 ??= this.#makeHttp1())
  }

  /** Gives those that wait to connections with room, and opens another one when there is none. */
  #proceed(): void {
    for (const waiting of this.#waiting) {
      const free = this.#withRoom()
      if (free !== undefined) {
        this.#waiting.delete(waiting)
        waiting.start(free)
      } else {
        // One under way may take them all.
        if (this.#connecting === 0 && this.#sessions.size < this.#settings.connections) this.#connect()
        return
      }
    }
  }

  #withRoom(): Session | undefined {
    for (const held of this.#sessions)
      if (
        !held.session.closed &&
        !held.session.destroyed &&
        held.open < (held.session.remoteSettings?.maxConcurrentStreams ?? STREAMS)
      )
        return held
    return undefined
  }

  #connect(): void {
    this.#connecting++
    this.#connector(connectingTo(this.#origin), (...[error, socket]) => {
      this.#connecting--
      if (error !== null) return this.#failAll(error)
      if (socket instanceof TLSSocket && socket.alpnProtocol !== 'h2') return this.#fallBack(socket)
      const session = this.#keep(socket)
      this.#proceed()
      // What waited is on it now, and nothing else will be.
      if (this.#closed !== undefined) session.close()
    })
  }

  #fallBack(socket: Socket): void {
    socket.destroy()
    this.#speaksHttp1 = true
    for (const waiting of this.#takeAll()) waiting.toHttp1()
    this.#settle()
  }

  #failAll(error: Error): void {
    for (const waiting of this.#takeAll()) waiting.fail(error)
    this.#settle()
  }

  #takeAll(): Waiting[] {
    const all = [...this.#waiting]
    this.#waiting.clear()
    return all
  }

  #keep(socket: Socket): ClientHttp2Session {
    const session: ClientHttp2Session = connectHttp2(this.#origin, {
      createConnection: () => socket,
      settings: { enablePush: false, maxHeaderListSize: this.#settings.maxHeaderSize },
      maxHeaderListPairs: 2000,
    })
    const held: Session = { session, open: 0, idle: undefined }
    this.#sessions.add(held)
    this.#rest(held)
    // A stream whose reader is slow takes its share of the connection's window, and leaves the others theirs.
    session.once('connect', () => session.setLocalWindowSize(CONNECTION_WINDOW))
    const leave = () => {
      clearTimeout(held.idle)
      if (!this.#sessions.delete(held)) return
      this.#proceed()
      this.#settle()
    }
    // Its requests are told by their streams.
    session.on('error', () => undefined)
    session.once('goaway', leave)
    session.once('close', leave)
    session.once('remoteSettings', () => this.#proceed())
    return session
  }

  #ended(held: Session): void {
    held.open--
    if (held.open === 0) this.#rest(held)
    this.#proceed()
  }

  #rest(held: Session): void {
    const end = () => {
      // What comes before it has closed needs another.
      this.#sessions.delete(held)
      held.session.close()
    }
    held.idle = setTimeout(end, this.#settings.keepAliveTimeout).unref()
  }

  #settle(): void {
    if (this.#sessions.size === 0 && this.#connecting === 0) this.#closed?.()
  }
}

/** One request and its answer. */
class Exchange extends UpstreamExchange {
  readonly #origin: URL
  readonly #settings: Http2Settings
  #forget: () => void = () => undefined
  #stream: ClientHttp2Stream | undefined
  #hasAnswer = false

  constructor(
    options: DispatchOptionsWithTrailers,
    handler: Dispatcher.DispatchHandler,
    origin: URL,
    settings: Http2Settings,
  ) {
    super(options, handler)
    this.#origin = origin
    this.#settings = settings
  }

  /** @param forget takes it from those that wait for a connection */
  begin(forget: () => void): void {
    this.#forget = forget
    this.handler.onRequestStart?.(this, {})
  }

  start(session: ClientHttp2Session, ended: () => void): void {
    const { body, trailers } = this.options
    let stream: ClientHttp2Stream
    try {
      stream = session.request(this.#head(), { endStream: body === null || body === undefined, waitForTrailers: trailers !== undefined }) // prettier-ignore
    } catch (error) {
      ended()
      return this.fail(asError(error))
    }
    this.#stream = stream
    stream.once('close', () => {
      ended()
      this.fail(new errors.SocketError(`The stream ended with the code ${stream.rstCode}`))
    })
    stream.on('error', (error: Error) => this.fail(error))
    stream.on('timeout', () => this.#tooSlow(stream))
    stream.setTimeout(this.#settings.headersTimeout)
    stream.on('headers', (head) => this.#interim(head))
    stream.once('response', (head) => this.#answer(stream, head))
    if (trailers !== undefined) stream.once('wantTrailers', () => sendTrailers(stream, trailers()))
    if (body instanceof Readable) send(body, stream)
    else if (body !== null && body !== undefined) stream.end(body)
  }

  pause(): void {
    this.paused = true
    this.#stream?.pause()
  }

  resume(): void {
    this.paused = false
    this.#stream?.resume()
  }

  protected override drop(): void {
    this.#forget()
    if (this.#stream?.closed === false) this.#stream.close(constants.NGHTTP2_CANCEL)
  }

  #interim({ ':status': status = 100, ...headers }: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    this.guarded(() => this.handler.onResponseStart?.(this, status, headers))
  }

  #answer(stream: ClientHttp2Stream, head: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    const { ':status': status = 502, ...headers } = head
    const length = this.options.method === 'HEAD' || status === 304 ? Number.NaN : Number(headers['content-length'])
    this.#hasAnswer = true
    let received = 0
    let trailers: IncomingHttpHeaders = {}
    stream.setTimeout(this.#settings.bodyTimeout)
    this.guarded(() => this.handler.onResponseStart?.(this, status, headers))
    stream.on('trailers', (fields) => (trailers = fields))
    const isCut = watchEnding(stream)
    stream.on('data', (chunk: Buffer) => {
      received += chunk.length
      this.guarded(() => this.handler.onResponseData?.(this, chunk))
    })
    // After the last of the body has been taken, whenever the fields that follow it came.
    stream.once('end', () => {
      if (this.isOver) return
      if (isCut()) return this.fail(new errors.SocketError('The stream was reset before the end of the answer'))
      if (received < length) return this.fail(new errors.SocketError('The answer is shorter than its length'))
      this.ended(trailers)
    })
  }

  /** Nothing came and nothing went; a reader that is slower than the backend is no fault of the backend's. */
  #tooSlow(stream: ClientHttp2Stream): void {
    // As long as the client sends, nothing is owed to it; what the backend does not take is.
    const isSending = !stream.writableEnded && !stream.writableNeedDrain
    if (this.paused || (isSending && !this.#hasAnswer)) {
      stream.setTimeout(this.#hasAnswer ? this.#settings.bodyTimeout : this.#settings.headersTimeout)
      return
    }
    this.fail(this.#hasAnswer ? new errors.BodyTimeoutError() : new errors.HeadersTimeoutError())
  }

  #head(): OutgoingHttpHeaders {
    const { method, path, headers } = this.options
    const head: OutgoingHttpHeaders = {
      ':method': method,
      ':path': path,
      ':scheme': this.#origin.protocol.slice(0, -1),
      ':authority': this.#origin.host,
    }
    for (const [name, value] of pairs(headers)) {
      if (name === 'host') head[':authority'] = value
      else if (!isOfConnection(name)) {
        const before = head[name]
        head[name] = before === undefined ? value : name === 'cookie' ? `${String(before)}; ${value}` : `${String(before)}, ${value}` // prettier-ignore
      }
    }
    return head
  }
}

/** Flat lists, as the gateway has them, and objects, as undici's own users. */
function* pairs(headers: Dispatcher.DispatchOptions['headers']): Iterable<[string, string]> {
  if (headers === null || headers === undefined) return
  if (Array.isArray(headers))
    for (let i = 0; i + 1 < headers.length; i += 2) yield [headers[i]!.toLowerCase(), headers[i + 1]!]
  else if (!(Symbol.iterator in headers))
    for (const [name, value] of Object.entries(headers))
      for (const each of [value ?? []].flat()) yield [name.toLowerCase(), String(each)]
}

/** Thrown from here, a fault would end more than this request. */
function sendTrailers(stream: ClientHttp2Stream, trailers: Readonly<Record<string, string>>): void {
  try {
    stream.sendTrailers(trailers)
  } catch {
    stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  }
}

/** As fast as the backend takes it. When the backend has answered without waiting for the rest, that is read and let go. */
function send(body: Readable, stream: ClientHttp2Stream): void {
  const forward = (chunk: Buffer) => {
    if (stream.writable && !stream.write(chunk)) body.pause()
  }
  body.on('data', forward)
  stream.on('drain', () => body.resume())
  body.once('end', () => stream.writable && stream.end())
  stream.once('close', () => body.resume())
  // Of a body that is cut no more will come, and what came is not to pass for all of it.
  body.once('close', () => {
    if (!body.readableEnded && !stream.closed) stream.close(constants.NGHTTP2_CANCEL)
  })
}
