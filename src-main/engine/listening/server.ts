import { createServer as createHttp, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createHttps, Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { ServerCertificate } from '../snapshot'

/** Milliseconds that a connection may be silent, and then take for its handshake. */
const HANDSHAKE_MS = 10_000
/** The first byte of a TLS connection: a record of the type handshake (RFC 8446 §5.1). No method of HTTP begins with it. */
const TLS_HANDSHAKE = 0x16

/** Connections of HTTPS servers that have not finished their handshake. */
const handshaking = new WeakMap<Server, Set<Socket>>()

/** Node's server: HTTPS with a certificate, HTTP without. Throws node's error when the certificate or key cannot be used. */
export function createServer(
  options: ServerOptions,
  requestListener: RequestListener,
  tls: ServerCertificate | undefined,
): Server {
  if (tls === undefined) return createHttp(options, requestListener)
  const asking = tls.asksClients === true ? { requestCert: true, rejectUnauthorized: false } : {}
  const server = createHttps(
    { ...options, ...secureContextOf(tls), ...asking, handshakeTimeout: HANDSHAKE_MS },
    requestListener,
  )
  answerPlainHttp(server)
  watchHandshakes(server)
  return server
}

/** Serves new connections with another certificate; those that are there stay. Throws node's error when it cannot be used. */
export function serveWith(server: Server, tls: ServerCertificate): void {
  if (server instanceof HttpsServer) server.setSecureContext(secureContextOf(tls))
}

/** Ends the connections that are still shaking hands, of which node's `closeIdleConnections` knows nothing. */
export function endHandshakes(server: Server): void {
  for (const socket of handshaking.get(server) ?? []) socket.destroy()
}

/** TLS 1.2 is the least (RFC 9325 §3.1.1). */
const secureContextOf = ({ certificate, key }: ServerCertificate) =>
  ({ cert: certificate, key, minVersion: 'TLSv1.2' }) as const

function watchHandshakes(server: HttpsServer): void {
  const open = new Set<Socket>()
  handshaking.set(server, open)
  const same = (one: Socket, other: Socket) =>
    one.remotePort === other.remotePort && one.remoteAddress === other.remoteAddress
  server.prependListener('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  server.prependListener('secureConnection', (secured: TLSSocket) => {
    for (const socket of open) if (same(socket, secured)) open.delete(socket)
  })
}

/**
 * Tells whoever speaks HTTP to an HTTPS server what is wrong, in words that it can read. Node would end the connection
 * without any, and a person whose address still says http:// would look for the fault elsewhere.
 */
function answerPlainHttp(server: HttpsServer): void {
  const [shakeHands] = server.listeners('connection').slice(-1) as [(this: HttpsServer, socket: Socket) => void] // node's own
  server.off('connection', shakeHands)
  const plain = createHttp((request, response) => {
    const body = `This server speaks HTTPS: write https://${request.headers.host ?? ''} in place of http://.\n`
    response.writeHead(400, {
      'Content-Type': 'text/plain',
      'Content-Length': Buffer.byteLength(body),
      Connection: 'close',
    })
    response.end(body)
  })
  server.on('connection', (socket: Socket) => {
    const end = () => socket.destroy()
    socket.setTimeout(HANDSHAKE_MS, end).on('error', end)
    socket.once('readable', () => {
      const first = socket.read(1) as Buffer | null // nothing: it ended
      if (first === null) return end()
      socket.unshift(first)
      if (first[0] !== TLS_HANDSHAKE) return plain.emit('connection', socket)
      socket.setTimeout(0).off('timeout', end).off('error', end)
      shakeHands.call(server, socket)
    })
  })
}
