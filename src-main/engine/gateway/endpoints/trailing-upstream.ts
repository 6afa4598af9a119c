import { request as httpRequest, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { Dispatcher, errors, type buildConnector } from 'undici'
import type { DispatchOptionsWithTrailers } from './trailers'
import { UpstreamExchange } from './upstream-exchange'

export interface TrailingSettings {
  /** Milliseconds. */
  readonly headersTimeout: number
  readonly bodyTimeout: number
  /** Bytes of an answer's headers. */
  readonly maxHeaderSize: number
}

/**
 * Requests of HTTP/1.1 that end with fields after their body (RFC 9112 §7.1.2), which undici cannot send. They are rare: each has
 * a connection of its own.
 */
export class TrailingUpstream extends Dispatcher {
  readonly #origin: URL
  readonly #connector: buildConnector.connector
  readonly #settings: TrailingSettings

  constructor(origin: URL, connector: buildConnector.connector, settings: TrailingSettings) {
    super()
    this.#origin = origin
    this.#connector = connector
    this.#settings = settings
  }

  override dispatch(options: DispatchOptionsWithTrailers, handler: Dispatcher.DispatchHandler): boolean {
    const exchange = new Exchange(options, handler, this.#settings)
    handler.onRequestStart?.(exchange, {})
    const { protocol, hostname, host, port } = this.#origin
    this.#connector({ protocol, hostname: hostname.replace(/^\[|\]$/g, ''), host, port }, (...[error, socket]) => {
      if (error !== null) return exchange.fail(error)
      if (exchange.isOver) return void socket.destroy()
      try {
        exchange.start(
          socket,
          httpRequest({
            createConnection: () => socket,
            method: options.method,
            path: options.path,
            headers: headersOf(options),
            maxHeaderSize: this.#settings.maxHeaderSize,
          }),
        )
      } catch (error) {
        // Node takes no request that cannot be written.
        socket.destroy()
        exchange.fail(error instanceof Error ? error : new Error(String(error)))
      }
    })
    return true
  }

  /** Nothing is kept: each connection ends with its request. */
  override close(): Promise<void>
  override close(callback: () => void): void
  override close(callback?: () => void): Promise<void> | void {
    if (callback === undefined) return Promise.resolve()
    callback()
  }
}

/** As the gateway gives them, a flat list; without the length that is that of no body in chunks. */
function headersOf({ headers }: DispatchOptionsWithTrailers): string[] {
  const given = headers as string[] // see forward.ts
  const list: string[] = []
  for (let i = 0; i + 1 < given.length; i += 2)
    if (given[i] !== 'content-length' && given[i] !== 'te') list.push(given[i]!, given[i + 1]!)
  list.push('transfer-encoding', 'chunked', 'te', 'trailers', 'connection', 'close, te')
  return list
}

class Exchange extends UpstreamExchange {
  readonly #settings: TrailingSettings
  #request: ClientRequest | undefined
  #socket: Socket | undefined
  #answer: IncomingMessage | undefined

  constructor(options: DispatchOptionsWithTrailers, handler: Dispatcher.DispatchHandler, settings: TrailingSettings) {
    super(options, handler)
    this.#settings = settings
  }

  start(socket: Socket, request: ClientRequest): void {
    this.#request = request
    this.#socket = socket
    request.on('error', (error) => this.fail(error))
    request.once('close', () => this.fail(new errors.SocketError('The connection ended before the answer did')))
    request.on('information', ({ statusCode, rawHeaders }) => this.#told(statusCode, fieldsOf(rawHeaders)))
    request.once('response', (answer) => this.#begin(answer))
    // Of the socket: a request tells of one time-out alone.
    socket.on('timeout', () => this.#tooSlow())
    socket.setTimeout(this.#settings.headersTimeout)
    this.#send(request)
  }

  pause(): void {
    this.paused = true
    this.#answer?.pause()
  }

  resume(): void {
    this.paused = false
    this.#answer?.resume()
  }

  protected override drop(): void {
    this.#request?.destroy()
  }

  #send(request: ClientRequest): void {
    const { body, trailers } = this.options
    if (!(body instanceof Readable)) return void request.end(body ?? undefined)
    body.on('data', (chunk: Buffer) => {
      if (request.writable && !request.write(chunk)) body.pause()
    })
    request.on('drain', () => body.resume())
    request.once('close', () => body.resume())
    body.once('end', () => {
      if (!request.writable) return
      request.addTrailers(trailers?.() ?? {})
      request.end()
    })
  }

  #begin(answer: IncomingMessage): void {
    this.#answer = answer
    this.#socket?.setTimeout(this.#settings.bodyTimeout)
    answer.on('error', (error) => this.fail(error))
    this.#told(answer.statusCode ?? 502, answer.headers)
    answer.on('data', (chunk: Buffer) => this.guarded(() => this.handler.onResponseData?.(this, chunk)))
    answer.once('end', () => this.ended(answer.trailers))
    // A handler that waits for a policy has said so before there was anything to pause.
    if (this.paused) answer.pause()
  }

  #told(status: number, headers: IncomingHttpHeaders): void {
    this.guarded(() => this.handler.onResponseStart?.(this, status, headers))
  }

  #tooSlow(): void {
    const { headersTimeout, bodyTimeout } = this.#settings
    // As long as the client sends, nothing is owed to it.
    if (this.paused || (this.#answer === undefined && this.#request?.writableFinished === false)) {
      this.#socket?.setTimeout(this.#answer === undefined ? headersTimeout : bodyTimeout)
      return
    }
    this.fail(this.#answer === undefined ? new errors.HeadersTimeoutError() : new errors.BodyTimeoutError())
  }
}

function fieldsOf(raw: readonly string[]): IncomingHttpHeaders {
  const fields: IncomingHttpHeaders = {}
  for (let i = 0; i + 1 < raw.length; i += 2) fields[raw[i]!.toLowerCase()] = raw[i + 1]
  return fields
}
