import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Connections of HTTP/1.1 whose last answer is decided. */
const ending = new WeakSet<Duplex>()

/** No further request of this connection is acted on (RFC 9112 §9.6): node goes on to read those that came in one piece. */
export const endAfterAnswer = (socket: Duplex): void => void ending.add(socket)

export const isEnding = (socket: Socket | Duplex): boolean => ending.has(socket)

/**
 * Waits for the answers to requests that came before on a connection of HTTP/1.1. Node keeps the one that is being written at its
 * connection, and puts the next one there when that is out. Where the body of the one under way is not whole, that is the end of it.
 */
export function afterAnswers(socket: Duplex & { _httpMessage?: ServerResponse | null }, then: () => void): void {
  const underWay = socket._httpMessage
  if (underWay === undefined || underWay === null) return then()
  if (underWay.req.complete) underWay.once('close', () => afterAnswers(socket, then))
  else if (underWay.headersSent) socket.destroy()
  else then()
}
