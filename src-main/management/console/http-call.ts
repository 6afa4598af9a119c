import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { SecureContext, TLSSocket } from 'node:tls'
import type { ConsoleExchange, ConsoleRequest, HeaderList } from '@shared/console'
import type { OwnServer } from '../../engine/tls/own-servers'
import { connectToOwn } from './own-connection'
import { readBody } from './read-body'

/** Milliseconds that a call may take in all. */
export const CALL_TIMEOUT_MS = 60_000

/** Whose certificate is accepted: that of one of our own servers, else what these authorities have issued; Node's when undefined. */
export type Trusted = OwnServer | SecureContext | undefined

/**
 * Makes one HTTP call on a connection of its own: no redirect followed, nothing decoded. Rejects with node's error, or the
 * signal's reason.
 *
 * @param headers as they go on the wire; several of one name are sent as they are
 */
export async function httpCall(
  url: URL,
  { method, body }: Pick<ConsoleRequest, 'method' | 'body'>,
  headers: HeaderList,
  signal: AbortSignal,
  trusted: Trusted,
): Promise<ConsoleExchange> {
  const started = performance.now()
  const since = () => performance.now() - started
  const own = url.protocol === 'https:' && isOwn(trusted) ? await connectToOwn(url, trusted, signal) : undefined
  return new Promise((resolve, reject) => {
    let connectMs = own === undefined ? undefined : since()
    let continuing: Promise<void> | undefined
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method,
      ...connectionOf(own, trusted),
      signal,
      // Names and values one after the other keep the order and the case that were typed.
      headers: withLength(headers, url, method, body).flatMap(({ name, value }) => [name, value]),
    })
    request.on('socket', (socket) =>
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => (connectMs = since())),
    )
    request.on('response', (response) => {
      const firstByteMs = since()
      continuing = readBody(response).then(
        (read) =>
          resolve({
            ...answerOf(response),
            ...read,
            timing: { ...(connectMs === undefined ? {} : { connectMs }), firstByteMs, totalMs: since() },
          }),
        reject,
      )
    })
    request.on('error', (error) => (continuing === undefined ? reject(error) : undefined))
    request.end(body)
  })
}

const isOwn = (trusted: Trusted): trusted is OwnServer => trusted !== undefined && 'listener' in trusted

/** Without an agent, so that the connection is the call's own. */
function connectionOf(own: TLSSocket | undefined, trusted: Trusted) {
  if (own !== undefined) return { createConnection: () => own }
  return { agent: false, ...(trusted === undefined || isOwn(trusted) ? {} : { secureContext: trusted }) } as const
}

function answerOf(
  response: IncomingMessage,
): Pick<ConsoleExchange, 'status' | 'statusText' | 'httpVersion' | 'headers'> {
  const { statusCode = 0, statusMessage = '', httpVersion, rawHeaders } = response
  const headers = Array.from({ length: rawHeaders.length / 2 }, (_, index) => ({
    name: rawHeaders[index * 2]!,
    value: rawHeaders[index * 2 + 1]!,
  }))
  return { status: statusCode, statusText: statusMessage, httpVersion, headers }
}

/** A raw list of headers gets nothing added by node: what every call needs is added here. */
function withLength(headers: HeaderList, url: URL, method: string, body: string | undefined): HeaderList {
  const has = (wanted: string) => headers.some(({ name }) => name.toLowerCase() === wanted)
  const bytes = Buffer.byteLength(body ?? '')
  // RFC 9110 §8.6: a method that gives a body a meaning says also that there is none.
  const wantsLength = bytes > 0 || ['POST', 'PUT', 'PATCH'].includes(method)
  return [
    ...(has('host') ? [] : [{ name: 'Host', value: url.host }]),
    ...headers,
    ...(wantsLength ? [{ name: 'Content-Length', value: String(bytes) }] : []),
    { name: 'Connection', value: 'close' },
  ]
}
