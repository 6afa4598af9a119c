import { once } from 'node:events'
import { connect, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2' // prettier-ignore
import { connect as connectTcp, type Socket } from 'node:net'

/** What a test closes when it has ended. */
export type Closers = (() => Promise<unknown> | void)[]

/** A connection of a client; what goes wrong with it, its streams tell. */
export function openSession(address: string, closers: Closers, ca?: string): ClientHttp2Session {
  const opened = connect(address, ca === undefined ? {} : { ca })
  opened.on('error', () => undefined)
  closers.push(() => opened.destroy())
  return opened
}

export interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly trailers: IncomingHttpHeaders
  readonly body: string
}

/** The whole answer; rejects when its stream was reset. */
export async function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  let trailers: IncomingHttpHeaders = {}
  stream.on('trailers', (fields) => (trailers = fields))
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status': number }]
  let body = ''
  stream.on('data', (chunk: Buffer) => (body += chunk.toString()))
  // Of a stream that was reset the end comes too: its code tells.
  await once(stream, 'end')
  if (stream.rstCode !== 0) throw new Error(`The stream was reset with ${stream.rstCode}`)
  return { status: headers[':status'], headers, trailers, body }
}

/** Sends a request and waits for its answer. */
export const ask = (to: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string) =>
  answerOf(to.request(headers, { endStream: body === undefined }).end(body))

/** A connection that has begun with the preface and empty settings (RFC 9113 §3.4), to write frames on. */
export async function openRaw(port: number, closers: Closers): Promise<Socket> {
  const socket = connectTcp(port, '127.0.0.1')
  closers.push(() => void socket.destroy())
  await once(socket, 'connect')
  socket.resume()
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]))
  return socket
}

/** A frame (RFC 9113 §4.1). */
export function frame(type: number, flags: number, payload: Buffer, stream = 1): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A whole block of headers without an index: scheme http, path /echo, authority h. */
export function headersOf(method: 'GET' | 'POST', ends: boolean): Buffer {
  const block = Buffer.concat([
    Buffer.from([method === 'GET' ? 0x82 : 0x83, 0x86, 0x04, 5]),
    Buffer.from('/echo'),
    Buffer.from([0x01, 1]),
    Buffer.from('h'),
  ])
  return frame(1, ends ? 5 : 4, block)
}

/** RST_STREAM with NO_ERROR (RFC 9113 §7). */
export const RESET_WITHOUT_FAULT = frame(3, 0, Buffer.alloc(4))
