import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'

/** A request as it came, whichever version of HTTP its client speaks. */
export type ClientRequest = Readable &
  Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders' | 'trailers' | 'socket' | 'complete'> & {
    /** As the message says: `1.0` and `1.1`. One that came by frames of HTTP/2 says none. */
    readonly httpVersion?: string
    /** Bytes of the body so far, where the connection carries other requests too. */
    readonly received?: number
  }

/** The way to answer it. Node's own for HTTP/1.1. */
export interface ClientResponse {
  readonly statusCode: number
  readonly headersSent: boolean
  readonly writableEnded: boolean
  /** Everything is written and handed on. */
  readonly writableFinished: boolean
  readonly destroyed: boolean
  /** Bytes of a last part that have left, where the connection carries other answers too. */
  readonly sent?: number
  /** @param headers as an object, or as a flat list of names and values */
  writeHead(status: number, headers: OutgoingHttpHeaders | string[]): unknown
  /** False: wait for `drain` before more is written. */
  write(chunk: Buffer): boolean
  end(last?: Buffer | string): unknown
  /** Fields after the body; to be given before the end. */
  addTrailers(trailers: readonly [string, string][]): unknown
  flushHeaders(): void
  writeContinue(): unknown
  /** 103 with these links; throws when they are none (RFC 8297). */
  writeEarlyHints(hints: { link: string | string[] }): unknown
  /** Cuts it off, so that the client does not take what it has for the whole. */
  destroy(): unknown
  once(event: 'close' | 'drain', listener: () => void): unknown
  emit(event: 'close'): boolean
}
