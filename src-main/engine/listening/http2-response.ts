import { EventEmitter } from 'node:events'
import { validateHeaderValue, type OutgoingHttpHeaders } from 'node:http'
import { constants, type ServerHttp2Stream } from 'node:http2'
import type { ClientResponse } from './client-message'
import { isOfConnection } from './http2-headers'

/** Milliseconds. Node does not tell when a stream's last frame has left. */
const LOOK_AGAIN_MS = 20
const MOST_LOOKS = 25
/** Bytes that are handed over at once: of less node does not tell whether they have left. */
const PART = 64 * 1024

/**
 * Answers a stream of HTTP/2 as one answers with HTTP/1.1. The head waits for what comes next: an answer that ends with it says so
 * in the same frame, which is how gRPC tells an error without a message (Trailers-Only).
 */
export class Http2Response extends EventEmitter implements ClientResponse {
  statusCode = 200
  headersSent = false
  writableEnded = false
  sent = 0
  readonly #stream: ServerHttp2Stream
  readonly #isHead: boolean
  #head: OutgoingHttpHeaders | undefined
  #trailers: Record<string, string | string[]> | undefined
  #isCut = false

  constructor(stream: ServerHttp2Stream, method: string) {
    super()
    this.#stream = stream
    this.#isHead = method === 'HEAD'
    stream.on('drain', () => this.emit('drain'))
    stream.on('wantTrailers', () => this.#sendTrailers())
    stream.once('finish', () => this.writableEnded && setImmediate(() => this.#stopClient()))
    stream.once('close', () => this.emit('close'))
  }

  get destroyed(): boolean {
    return this.#isCut || this.#hasGone
  }

  get writableFinished(): boolean {
    return this.writableEnded && this.#stream.writableFinished && !this.#isCut
  }

  /** @throws RangeError for a status that no answer has (RFC 9110 §15), and for a value that no header may have */
  writeHead(status: number, headers: OutgoingHttpHeaders | string[]): void {
    if (!(status >= 200 && status <= 599)) throw new RangeError(`${status} is no status of an answer (RFC 9110 §15)`)
    this.#head = { ...headFields(headers), ':status': status }
    this.statusCode = status
    this.headersSent = true
  }

  flushHeaders(): void {
    this.#respond(false)
  }

  write(chunk: Buffer): boolean {
    this.#respond(false)
    return this.#canWrite() ? this.#stream.write(chunk) : true
  }

  end(last?: Buffer | string): void {
    if (this.writableEnded) return
    this.writableEnded = true
    const isEmpty = last === undefined || last.length === 0
    this.#respond(isEmpty && this.#trailers === undefined)
    if (!this.#canWrite()) return
    if (isEmpty) this.#stream.end()
    else this.#writeLast(typeof last === 'string' ? Buffer.from(last) : last)
  }

  #writeLast(rest: Buffer): void {
    if (rest.length <= PART) return void this.#stream.end(rest)
    this.#stream.write(rest.subarray(0, PART), () => {
      this.sent += PART
      if (this.#canWrite()) this.#writeLast(rest.subarray(PART))
    })
  }

  addTrailers(trailers: readonly [string, string][]): void {
    this.#trailers ??= {}
    for (const [name, value] of trailers) add(this.#trailers, name, value)
  }

  writeContinue(): void {
    if (!this.headersSent && !this.#hasGone) this.#stream.additionalHeaders({ ':status': 100 })
  }

  writeEarlyHints({ link }: { link: string | string[] }): void {
    if (!this.headersSent && !this.#hasGone) this.#stream.additionalHeaders({ ':status': 103, link })
  }

  destroy(): void {
    this.#isCut = true
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  }

  /** Thrown from here, a fault would end more than this answer. */
  #sendTrailers(): void {
    try {
      this.#stream.sendTrailers(this.#trailers ?? {})
    } catch {
      this.destroy()
    }
  }

  #respond(ends: boolean): void {
    const head = this.#head
    if (head === undefined || this.#hasGone || this.#stream.headersSent) return
    this.#head = undefined
    // The fields that come after the body are known only at its end.
    this.#stream.respond(head, { endStream: ends, waitForTrailers: !ends && !this.#isHead })
  }

  /**
   * RFC 9113 §8.1: what the client has not sent yet is not wanted any more. It has a while to read the answer and to stop by itself:
   * there are clients that look at nothing else once their stream was reset.
   */
  #stopClient(looks = 0): void {
    const stream = this.#stream
    if (stream.destroyed || stream.readableEnded) return
    if (!stream.closed && (looks < MOST_LOOKS || stream.state.localClose !== 1)) {
      setTimeout(() => this.#stopClient(looks + 1), LOOK_AGAIN_MS).unref()
      return
    }
    stream.close(constants.NGHTTP2_NO_ERROR)
    // It closes when what has come is taken, by whomever.
    stream.removeAllListeners('data').resume()
  }

  /** One that was reset is closed, and may be destroyed only later. */
  get #hasGone(): boolean {
    return this.#stream.destroyed || this.#stream.closed
  }

  /** A status that has no content, or a client that has gone, ends the stream before its answer does. */
  #canWrite(): boolean {
    return !this.#hasGone && !this.#stream.writableEnded
  }
}

function headFields(headers: OutgoingHttpHeaders | string[]): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {}
  const put = (name: string, value: string) => {
    if (isOfConnection(name)) return
    validateHeaderValue(name, value)
    add(fields, name, value)
  }
  if (Array.isArray(headers))
    for (let i = 0; i + 1 < headers.length; i += 2) put(headers[i]!.toLowerCase(), headers[i + 1]!)
  else
    for (const [name, value] of Object.entries(headers))
      for (const each of [value ?? []].flat()) put(name.toLowerCase(), String(each))
  return fields
}

/** Several of one name are one list (RFC 9110 §5.3), but for cookies (RFC 6265 §3). */
function add(fields: Record<string, string | string[]>, name: string, value: string): void {
  const before = fields[name]
  if (before === undefined) fields[name] = value
  else fields[name] = name === 'set-cookie' ? [before, value].flat() : `${String(before)}, ${value}`
}
