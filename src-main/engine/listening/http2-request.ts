import type { IncomingHttpHeaders } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { ClientRequest } from './client-message'
import { watchEnding } from './http2-ending'

/** A request of HTTP/2 in the words of HTTP/1.1 (RFC 9113 §8.3): with `Host` in place of `:authority`, and no pseudo-headers. */
export class Http2Request extends Readable implements ClientRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: string[]
  readonly socket: Socket
  trailers: Record<string, string> = {}
  complete: boolean
  received = 0
  readonly #stream: ServerHttp2Stream

  constructor(stream: ServerHttp2Stream, head: IncomingHttpHeaders, rawHeaders: readonly string[], socket: Socket) {
    super({ autoDestroy: false })
    this.#stream = stream
    this.method = String(head[':method'])
    this.url = String(head[':path'])
    this.headers = withoutPseudo(head)
    this.rawHeaders = rawPairs(rawHeaders)
    this.socket = socket
    this.complete = stream.endAfterHeaders
    // What says in HTTP/1.1 that a body of unknown length follows (RFC 9112 §6.3).
    if (!this.complete && this.headers['content-length'] === undefined) this.headers['transfer-encoding'] = 'chunked'
    stream.on('trailers', (fields: Record<string, string>) => (this.trailers = { ...fields }))
    // What has come of a body that is cut is of no use to anybody.
    const isCut = this.complete ? () => false : watchEnding(stream, () => process.nextTick(() => stream.destroy()))
    stream.once('end', () => {
      if (isCut()) return
      this.complete = true
      this.push(null)
    })
    stream.once('close', () => this.destroy())
    // Paused, since node resets a stream that nobody reads as soon as it is answered, whether the answer is out or not.
    if (this.complete) stream.resume()
    else stream.pause()
  }

  /** Nothing is read before somebody wants it, and no more than is taken: the client's window stays closed meanwhile. */
  override _read(): void {
    if (this.#stream.listenerCount('data') === 0)
      this.#stream.on('data', (chunk: Buffer) => {
        this.received += chunk.length
        if (!this.push(chunk)) this.#stream.pause()
      })
    this.#stream.resume()
  }
}

function withoutPseudo(head: IncomingHttpHeaders): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = { host: (head[':authority'] as string | undefined) ?? head.host }
  for (const name in head) if (name[0] !== ':' && name !== 'host') headers[name] = head[name]
  return headers
}

function rawPairs(raw: readonly string[]): string[] {
  const pairs: string[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name, value] = [raw[i]!, raw[i + 1]!]
    if (name === ':authority') pairs.push('host', value)
    else if (name[0] !== ':') pairs.push(name, value)
  }
  return pairs
}
