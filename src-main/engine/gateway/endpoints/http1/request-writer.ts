import { Readable } from 'node:stream'
import type { Socket } from 'node:net'
import { errors } from 'undici'
import type { DispatchOptionsWithTrailers } from '../trailers'

const TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/
const UNWRITABLE = /[^\t\x20-\x7e\x80-\xff]/
const NO_TARGET = /[^\x21-\x7e\x80-\xff]/
/** Of a request with one of these, none at all looks as if its body were still to come (RFC 9110 §8.6). */
const TAKES_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

export interface Writing {
  /** `Host` of a request that names none. */
  readonly host: string
  /** Whether the connection is to be used again. */
  readonly keepsAlive: boolean
  /** Of a connection to a proxy, which is asked for whole addresses (RFC 9112 §3.2.2); undefined for one to the backend. */
  readonly byProxy?: { readonly origin: string; readonly authorization: string | undefined } | undefined
}

/** Told how the request goes out. */
export interface SendingListener {
  /** The backend takes no more just now, or takes it again. */
  onWaiting(waits: boolean): void
  /** All of it is written. */
  onSent(): void
  /** The body is not what was announced: the request cannot be completed. */
  onBroken(error: Error): void
}

/**
 * Writes a request (RFC 9112 §3).
 *
 * @throws undici's InvalidArgumentError when it cannot be written; nothing has been sent then
 */
export function writeRequest(
  socket: Socket,
  options: DispatchOptionsWithTrailers,
  { host, keepsAlive, byProxy }: Writing,
  listener: SendingListener,
): void {
  const { method, body, trailers, upgrade } = options
  const fields = fieldsOf(options.headers as readonly string[]) // flat lists, see forward.ts
  let head = `${startLine(options, byProxy?.origin ?? '')}${fields.namesHost ? '' : `host: ${host}\r\n`}${fields.text}`
  if (byProxy?.authorization !== undefined) head += `proxy-authorization: ${byProxy.authorization}\r\n`
  const hop = keepsAlive ? 'keep-alive' : 'close'
  if (typeof upgrade === 'string') head += `connection: upgrade\r\nupgrade: ${upgrade}\r\n`
  else head += trailers === undefined ? `connection: ${hop}\r\n` : `connection: ${hop}, te\r\nte: trailers\r\n`
  if (body === null || body === undefined) {
    socket.write(`${head}${TAKES_BODY.has(method) ? 'content-length: 0\r\n' : ''}\r\n`, 'latin1')
    listener.onSent()
  } else if (body instanceof Readable) {
    const length = trailers === undefined ? lengthOf(fields.length) : undefined
    stream(socket, `${head}${length === undefined ? 'transfer-encoding: chunked' : `content-length: ${length}`}\r\n\r\n`, body, length, trailers, listener) // prettier-ignore
  } else {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    if (!(bytes instanceof Uint8Array)) throw new errors.InvalidArgumentError('The body cannot be written')
    socket.cork()
    socket.write(`${head}content-length: ${bytes.length}\r\n\r\n`, 'latin1')
    socket.write(bytes)
    socket.uncork()
    listener.onSent()
  }
}

function startLine({ method, path }: DispatchOptionsWithTrailers, origin: string): string {
  if (!TOKEN.test(method)) throw new errors.InvalidArgumentError('The method is no token')
  if (NO_TARGET.test(path) || path === '') throw new errors.InvalidArgumentError('The target cannot be written')
  return `${method} ${origin}${path} HTTP/1.1\r\n`
}

/** The fields as they are sent, but for those that say how long the body is and what becomes of the connection. */
function fieldsOf(list: readonly string[]): { text: string; length: string | undefined; namesHost: boolean } {
  let text = ''
  let namesHost = false
  let length: string | undefined
  for (let i = 0; i + 1 < list.length; i += 2) {
    const [name, value] = [list[i]!, list[i + 1]!]
    if (!isName(name)) throw new errors.InvalidArgumentError('The name of a header cannot be written')
    if (UNWRITABLE.test(value)) throw new errors.InvalidArgumentError(`The header ${name} cannot be written`)
    if (name === 'host') namesHost = true
    if (!OURS.has(name)) text += `${name}: ${value}\r\n`
    else if (name === 'content-length') length = value
  }
  return { text, length, namesHost }
}

const OURS: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'connection', 'upgrade', 'te'])

function lengthOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (!/^\d{1,15}$/.test(value)) throw new errors.InvalidArgumentError('The Content-Length is not one number')
  return Number(value)
}

const MOST_NAMES = 500
const LONGEST_NAME = 64
const names = new Set<string>()

/** Names come in lower case; what is ours to say does not slip through in another. What a client makes up is forgotten again. */
function isName(name: string): boolean {
  if (names.has(name)) return true
  if (!TOKEN.test(name)) return false
  const lower = name.toLowerCase()
  if (name !== lower && (OURS.has(lower) || lower === 'host')) return false
  if (name.length > LONGEST_NAME) return true
  if (names.size === MOST_NAMES) names.clear()
  names.add(name)
  return true
}

/** As fast as the backend takes it. When it has answered without waiting for the rest, that is read and let go. */
function stream(
  socket: Socket,
  head: string,
  body: Readable,
  length: number | undefined,
  trailers: (() => Readonly<Record<string, string>>) | undefined,
  listener: SendingListener,
): void {
  let left = length ?? Number.POSITIVE_INFINITY
  let open = true
  const broken = (message: string) => {
    stop()
    listener.onBroken(new errors.RequestContentLengthMismatchError(message))
  }
  const forward = (chunk: Buffer) => {
    if (!open || !socket.writable || chunk.length === 0) return
    left -= chunk.length
    if (left < 0) return broken('The body is longer than its length')
    let goesOn: boolean
    if (length === undefined) {
      socket.cork()
      socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
      socket.write(chunk)
      goesOn = socket.write('\r\n', 'latin1')
      socket.uncork()
    } else goesOn = socket.write(chunk)
    if (goesOn) return
    body.pause()
    listener.onWaiting(true)
  }
  const drained = () => {
    listener.onWaiting(false)
    body.resume()
  }
  const ended = () => {
    if (length !== undefined && left > 0) return broken('The body is shorter than its length')
    stop()
    if (!socket.writable) return
    try {
      if (length === undefined) socket.write(`0\r\n${trailerText(trailers?.() ?? {})}\r\n`, 'latin1')
    } catch (error) {
      listener.onBroken(error as Error) // of trailerText
      return
    }
    listener.onSent()
  }
  const gone = () => {
    const wasOpen = open
    stop()
    if (wasOpen) body.resume()
  }
  const stop = () => {
    open = false
    socket.off('drain', drained)
    socket.off('close', gone)
    body.off('end', ended)
  }
  socket.on('drain', drained)
  socket.once('close', gone)
  socket.cork()
  socket.write(head, 'latin1')
  body.on('data', forward)
  body.once('end', ended)
  // With the beginning of the body, where that is here already.
  process.nextTick(() => socket.uncork())
}

function trailerText(trailers: Readonly<Record<string, string>>): string {
  return fieldsOf(Object.entries(trailers).flat()).text
}
