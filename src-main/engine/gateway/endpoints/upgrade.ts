import { ServerResponse, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { afterAnswers } from '../ending'

/** What a client asks to speak in place of HTTP/1.1 on its connection (RFC 9110 §7.8). */
export interface Upgrade {
  readonly socket: Socket
  /** What the client has sent already. */
  readonly head: Buffer
  /** Ends the response, and takes the connection from it when all of it is written. */
  release(then: () => void): void
}

const upgraded = new WeakSet<Socket>()

/** Whether a connection speaks something else than HTTP now. */
export const isUpgraded = (socket: Socket): boolean => upgraded.has(socket)

/** Whether a request asks for a WebSocket (RFC 6455 §4.1); what else a client may offer is let pass as if it had not. */
export function asksForWebSocket({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>): boolean {
  return method === 'GET' && headers.upgrade?.trim().toLowerCase() === 'websocket'
}

type AnswerUpgrade = (request: IncomingMessage, response: ServerResponse, upgrade: Upgrade | undefined) => void

/** Hands upgrades of a server to whoever answers them; the connections end with the server's others. */
export function takeUpgrades(server: Server, answer: AnswerUpgrade): void {
  const open = new Set<Socket>()
  const closeAll = server.closeAllConnections.bind(server)
  server.closeAllConnections = () => {
    closeAll()
    // Node knows nothing any more of those that were upgraded.
    for (const socket of open) socket.destroy()
  }
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => open.delete(socket))
    afterAnswers(socket, () => {
      if (socket.writable) answerUpgrade(request, socket, head, answer)
    })
  })
}

function answerUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, answer: AnswerUpgrade): void {
  socket.setTimeout(0)
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  // An answer other than an upgrade is the last on this connection.
  response.once('finish', () => {
    if (response.statusCode === 101) return
    response.detachSocket(socket)
    socket.end()
    response.emit('close')
  })
  const release = (then: () => void) =>
    response.end(() => {
      response.detachSocket(socket)
      upgraded.add(socket)
      then()
    })
  answer(request, response, asksForWebSocket(request) ? { socket, head, release } : undefined)
}

/**
 * Lets both sides speak to each other as they like, each as fast as the other takes it. An end of one side is passed on, and the
 * other may go on; a break ends both.
 */
export function join({ socket, head }: Upgrade, upstream: Duplex, ended: () => void): void {
  let open = 2
  const closed = (other: Duplex) => () => {
    open--
    if (open === 0) ended()
    // Ended in good order, it has nothing more to say; else it goes with this one.
    else if (!other.writableEnded || !other.readableEnded) other.destroy()
  }
  upstream.on('error', () => upstream.destroy())
  for (const [side, other] of [
    [socket, upstream],
    [upstream, socket],
  ] as const) {
    // It may have gone while a step of the response phase looked at the answer.
    if (side.closed) closed(other)()
    else side.once('close', closed(other))
  }
  if (head.length > 0) socket.unshift(head)
  socket.pipe(upstream)
  upstream.pipe(socket)
}
