import type { Server } from 'node:http'
import { constants, createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream, type ServerOptions } from 'node:http2' // prettier-ignore
import { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { ClientRequest, ClientResponse } from './client-message'
import { Http2Request } from './http2-request'
import { Http2Response } from './http2-response'

/** How every connection of HTTP/2 begins (RFC 9113 §3.4). No method of HTTP/1.1 begins so. */
const PREFACE = Buffer.from('PRI')

type Answer = (request: ClientRequest, response: ClientResponse, expectsContinue: boolean) => void
type Listener = (this: Server, socket: Socket) => void

/**
 * Has a server of HTTP/1.1 speak HTTP/2 too: over TLS with the clients that choose it (ALPN), without TLS with those that begin with
 * its preface (RFC 9113 §3.3). Both end with the server: idle connections when it closes those, others with its last.
 */
export function acceptHttp2(server: Server, options: ServerOptions, answer: Answer): void {
  const http2 = createServer(options)
  const mostHeaders = options.settings?.maxHeaderListSize ?? Infinity
  http2.on('stream', (stream: ServerHttp2Stream, head: IncomingHttpHeaders, _flags: number, raw: string[]) =>
    answerStream(stream, head, raw, mostHeaders, answer),
  )
  // A fault of one connection is told to its peer by node; nothing else is to be done.
  http2.on('sessionError', () => undefined)
  const ends = server instanceof HttpsServer ? byAlpn(server, http2) : byPreface(server, http2)
  endWith(server, http2, ends)
}

function answerStream(
  stream: ServerHttp2Stream,
  head: IncomingHttpHeaders,
  raw: string[],
  mostHeaders: number,
  answer: Answer,
): void {
  // Told by the close that follows.
  stream.on('error', () => undefined)
  // Node keeps a stream that was reset without a fault until its body is read, which nobody may ever do.
  stream.once('aborted', () =>
    process.nextTick(() => stream.rstCode === constants.NGHTTP2_NO_ERROR && stream.destroy()),
  )
  const session = stream.session as ServerHttp2Session | undefined // it is a server's stream
  const { ':path': path, ':authority': authority, ':method': method, host } = head
  if (session === undefined) return
  // Node tells the client of the limit, and lets pass what is beyond it.
  if (listSize(raw) > mostHeaders) return refuse(stream, 431)
  // RFC 9113 §8.3.1: a Host that names somebody else makes a request malformed; CONNECT is not for a gateway.
  if (path === undefined || method === 'CONNECT') return refuse(stream, 501)
  if (!(authority ?? host) || (host !== undefined && authority !== undefined && host !== authority))
    return refuse(stream, 400)
  countStream(session, stream)
  const request = new Http2Request(stream, head, raw, socketOf(session))
  const response = new Http2Response(stream, request.method)
  answer(request, response, request.headers.expect?.toLowerCase() === '100-continue')
}

/** As RFC 9113 §6.5.2 counts it. */
function listSize(raw: readonly string[]): number {
  let size = raw.length * 16
  for (const text of raw) size += text.length
  return size
}

function refuse(stream: ServerHttp2Stream, status: number): void {
  if (stream.destroyed || stream.closed) return
  stream.respond({ ':status': status }, { endStream: true })
  stream.close(constants.NGHTTP2_NO_ERROR)
}

/** Streams that a connection has open. */
const open = new WeakMap<ServerHttp2Session, number>()

function countStream(session: ServerHttp2Session, stream: ServerHttp2Stream): void {
  open.set(session, (open.get(session) ?? 0) + 1)
  stream.once('close', () => open.set(session, (open.get(session) ?? 1) - 1))
}

const sockets = new WeakMap<ServerHttp2Session, Socket>()

/** The connection itself: node gives away a proxy of it, which fails once the session has ended. */
const socketOf = (session: ServerHttp2Session): Socket => sockets.get(session) ?? (session.socket as Socket)

function give(http2: Http2Server, socket: Socket): void {
  http2.once('session', (session) => sockets.set(session, socket))
  http2.emit('connection', socket)
}

/** @returns what ends the connections of which neither server knows yet */
function byAlpn(server: HttpsServer, http2: Http2Server): () => void {
  const speakHttp1 = takeOver(server, 'secureConnection')
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') give(http2, socket)
    else speakHttp1.call(server, socket)
  })
  return () => undefined
}

function byPreface(server: Server, http2: Http2Server): () => void {
  const speakHttp1 = takeOver(server, 'connection')
  const silent = new Set<Socket>()
  const end = function (this: Socket) {
    this.destroy()
  }
  const begun = new WeakMap<Socket, Buffer>()
  const listen = function (this: Socket) {
    const read = this.read() as Buffer | null // no encoding is set
    // It ended, or another part has to come.
    if (read === null) return
    const before = begun.get(this)
    const first = before === undefined ? read : Buffer.concat([before, read])
    // A part of the preface alone: the next bytes tell.
    if (first.length < PREFACE.length && PREFACE.subarray(0, first.length).equals(first)) {
      begun.set(this, first)
      return
    }
    this.unshift(first)
    this.setTimeout(0)
      .off('timeout', end)
      .off('error', end)
      .off('close', forget)
      .off('end', end)
      .off('readable', listen)
    silent.delete(this)
    if (first.subarray(0, PREFACE.length).equals(PREFACE)) give(http2, this)
    else speakHttp1.call(server, this)
  }
  const forget = function (this: Socket) {
    silent.delete(this)
  }
  server.on('connection', (socket: Socket) => {
    silent.add(socket)
    socket
      .setTimeout(server.headersTimeout)
      .on('timeout', end)
      .on('error', end)
      .on('close', forget)
      .on('end', end)
      .on('readable', listen)
  })
  return () => {
    for (const socket of silent) socket.destroy()
  }
}

/** Takes the place of the listener by which node's server begins to speak HTTP/1.1: the last one, which node itself has added. */
function takeOver(server: Server, event: 'connection' | 'secureConnection'): Listener {
  const own = server.listeners(event).at(-1) as Listener // of these events all listeners take a socket
  server.off(event, own)
  return own
}

function endWith(server: Server, http2: Http2Server, endSilent: () => void): void {
  const sessions = new Set<ServerHttp2Session>()
  http2.on('session', (session) => {
    sessions.add(session)
    // As a connection of HTTP/1.1 that is kept for a next request.
    session.setTimeout(server.keepAliveTimeout, () => (open.get(session) ?? 0) === 0 && session.close())
    session.once('close', () => sessions.delete(session))
  })
  const closeIdle = server.closeIdleConnections.bind(server)
  server.closeIdleConnections = () => {
    closeIdle()
    endSilent()
    // Tells the client that no further request is taken, and ends with the last answer (RFC 9113 §6.8).
    for (const session of sessions) session.close()
  }
  const closeAll = server.closeAllConnections.bind(server)
  server.closeAllConnections = () => {
    closeAll()
    endSilent()
    for (const session of sessions) session.destroy()
  }
}
