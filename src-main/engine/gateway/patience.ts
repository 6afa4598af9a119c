import type { Server } from 'node:http'
import { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Failure } from '../policies/policy'
import { answerFailure, type Call } from './call'
import { isUpgraded } from './endpoints/upgrade'

/** Milliseconds that a client may be silent in the middle of a body, and may take nothing of an answer. */
export const PATIENCE_MS = 60_000

/** Milliseconds without a byte for a client that has ended its side. */
const HALF_CLOSED_MS = 1000

/** Gives up a client that has begun a body and sends nothing more of it: neither it nor the backend's connection is waited for. */
export function watchBody(call: Call): void {
  const { request, response, patience } = call
  if (request.complete) return
  let before = receivedFrom(call)
  const look = () => {
    if (request.complete || response.destroyed) return
    const now = receivedFrom(call)
    // What is not read just now says nothing of its client.
    if (now !== before || request.readableFlowing !== true) {
      before = now
      timer.refresh()
      return
    }
    answerFailure(call, bodyStopped(patience))
    call.upstream?.abort(new Error('The client did not go on'))
  }
  const timer = setTimeout(look, patience).unref()
  request.once('close', () => clearTimeout(timer))
}

/** A body that nobody wanted is read to its end, so that the connection can go on; but not for long. */
export function watchRest({ request, patience }: Call): void {
  const socket = request.socket as Socket | null // node takes it away from a request that was destroyed
  if (socket === null || socket.destroyed || request.httpVersion === undefined) return
  const timer = setTimeout(() => request.complete || socket.destroy(), patience).unref()
  request.once('close', () => clearTimeout(timer))
}

/** Cuts an answer off that its client does not take. Costs nothing for each part that has to wait. */
export function watchDrain({ response, patience }: Call): { waits(): void; drained(): void } {
  let timer: NodeJS.Timeout | undefined
  let isWaiting = false
  let count = 0
  let seen = 0
  const look = () => {
    timer = undefined
    if (response.destroyed || !isWaiting) return
    if (count === seen) response.destroy()
    else arm()
  }
  const arm = () => {
    seen = count
    timer = setTimeout(look, patience).unref()
  }
  return {
    waits() {
      isWaiting = true
      if (timer === undefined) arm()
    },
    drained() {
      isWaiting = false
      count++
    },
  }
}

/** The same for an answer that was handed over whole. */
export function watchWhole({ request, response, patience }: Call): void {
  const socket = request.socket as Socket | null // null: see above
  if (socket === null) return
  const progress = () => response.sent ?? socket.bytesWritten
  let before = progress()
  const look = () => {
    const now = progress()
    if (now === before) return void response.destroy()
    before = now
    timer.refresh()
  }
  const timer = setTimeout(look, patience).unref()
  response.once('close', () => clearTimeout(timer))
}

function receivedFrom({ request }: Call): number {
  return request.received ?? (request.socket as Socket | null)?.bytesRead ?? 0 // null: see above
}

/**
 * A client may end its side once it has asked (RFC 9112 §9.6), and looks just as one that has gone away. It gets what comes without
 * a longer pause; then it is taken to have gone.
 */
export function letHalfClose(server: Server): void {
  ;(server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true // node's types do not know of it
  server.on(server instanceof HttpsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    socket.once('end', () => {
      // What is spoken there now has its own rules for an end.
      if (isUpgraded(socket)) return
      let before = socket.bytesWritten
      const timer = setInterval(() => {
        if (socket.bytesWritten === before) socket.destroy()
        before = socket.bytesWritten
      }, HALF_CLOSED_MS).unref()
      socket.once('close', () => clearInterval(timer))
    })
  })
}

const bodyStopped = (afterMs: number): Failure => ({
  key: 'GATEWAY_REQUEST_TIMEOUT',
  status: 408,
  message: 'The request took too long to arrive',
  sentence: `The client began the body of its request, and then sent nothing for ${afterMs} ms`,
  source: 'RFC 9110 §15.5.9',
  closes: true,
  evidence: [],
  remedies: [],
})
