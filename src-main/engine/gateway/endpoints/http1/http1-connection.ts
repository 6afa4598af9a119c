import type { Socket } from 'node:net'
import { errors } from 'undici'
import { AnswerFault, AnswerReader, type AnswerHead, type AnswerListener } from './answer-reader'
import type { Carrier, Http1Exchange } from './http1-exchange'
import { writeRequest, type SendingListener, type Writing } from './request-writer'

export interface Http1Settings extends Writing {
  /** Milliseconds until an answer begins, after all of the request has been sent. */
  readonly headersTimeout: number
  /** Milliseconds between two parts of a body; 0 for as long as it takes. */
  readonly bodyTimeout: number
  /** Milliseconds that an unused connection is kept. */
  readonly keepAliveTimeout: number
  /** Bytes of an answer's headers. */
  readonly maxHeaderSize: number
}

/** Told what becomes of a connection. */
export interface ConnectionOwner {
  /** It can carry another request. */
  onFree(connection: Http1Connection): void
  /** It is no more, or speaks something else. */
  onGone(connection: Http1Connection, error: Error): void
}

/** Milliseconds by which a connection is let go before its backend does so, as the backend tells it. */
const BEFORE_BACKEND = 1000
/** Milliseconds after which a timer looks at the latest. */
const LOOKS_EVERY = 60_000

/** A connection that carries one request after another. */
export class Http1Connection implements Carrier, AnswerListener, SendingListener {
  readonly #socket: Socket
  readonly #settings: Http1Settings
  readonly #owner: ConnectionOwner
  readonly #reader: AnswerReader
  #exchange: Http1Exchange | undefined
  /** All of the request is written. */
  #sent = true
  #hasAnswer = false
  #gone = false
  /** What ended the connection while its answer was held back: told when that goes on. */
  #over: { readonly error: Error; readonly inOrder: boolean } | undefined
  /** Of an answer that changes the protocol. */
  #upgrade: AnswerHead | undefined
  /** Of performance.now(): when something has to have happened. */
  #deadline: number
  #timer: NodeJS.Timeout
  /** When the timer looks. */
  #looksAt: number

  constructor(socket: Socket, settings: Http1Settings, owner: ConnectionOwner) {
    this.#socket = socket
    this.#settings = settings
    this.#owner = owner
    this.#reader = new AnswerReader(this, settings.maxHeaderSize)
    this.#deadline = this.#looksAt = performance.now() + settings.keepAliveTimeout
    this.#timer = setTimeout(this.#look, settings.keepAliveTimeout).unref()
    socket.on('data', this.#read)
    socket.on('end', this.#ended)
    socket.on('error', this.#failed)
    socket.on('close', this.#closed)
  }

  /** Whether it may still be used: one that is about to be let go is not. */
  get isFresh(): boolean {
    return !this.#gone && performance.now() < this.#deadline
  }

  start(exchange: Http1Exchange): void {
    this.#exchange = exchange
    exchange.carrier = this
    this.#sent = false
    this.#hasAnswer = false
    const { options } = exchange
    const deadline = this.#deadline
    this.#reader.await(options.method, typeof options.upgrade === 'string')
    this.#allow(Number.POSITIVE_INFINITY)
    if (exchange.paused) this.pause()
    try {
      writeRequest(this.#socket, options, this.#settings, this)
    } catch (error) {
      // Nothing has been written, and the connection is as good as before.
      this.#exchange = undefined
      this.#deadline = deadline
      exchange.carrier = NOWHERE
      exchange.fail(error as Error)
      this.#owner.onFree(this)
    }
  }

  /** Lets it go when it is not in use. */
  closeIfFree(): void {
    if (this.#exchange === undefined) this.#destroy(new errors.ClientClosedError())
  }

  pause(): void {
    this.#reader.stop()
    this.#socket.pause()
    // A reader that is slower than the backend is no fault of the backend's.
    if (this.#hasAnswer) this.#allow(Number.POSITIVE_INFINITY)
  }

  resume(): void {
    if (!this.#reader.isStopped || this.#gone) return
    try {
      this.#reader.go()
    } catch (error) {
      this.#fail(error as Error)
    }
    // Stopped again, or ended in a way that leaves nothing to go on with.
    if (this.#reader.isStopped || this.#gone) return
    this.#socket.resume()
    if (this.#upgrade !== undefined) return this.#handOver(this.#upgrade)
    if (this.#hasAnswer) this.#goOn()
    // Where it is still being told of something, what is there is told first.
    if (this.#over !== undefined && !this.#reader.isReading) this.#end(this.#over.error, this.#over.inOrder)
  }

  drop(): void {
    this.#exchange = undefined
    this.#destroy(new errors.RequestAbortedError())
  }

  onWaiting(waits: boolean): void {
    if (this.#hasAnswer) return
    // As long as the client sends, nothing is owed to it; what the backend does not take is.
    this.#allow(waits ? this.#settings.headersTimeout : Number.POSITIVE_INFINITY)
  }

  onSent(): void {
    this.#sent = true
    if (!this.#hasAnswer) this.#allow(this.#settings.headersTimeout)
  }

  onBroken(error: Error): void {
    this.#exchange?.fail(error)
  }

  onHead(head: AnswerHead): void {
    if (head.status === 101) {
      this.#upgrade = head
      return
    }
    if (head.status >= 200) this.#hasAnswer = true
    else if (this.#sent) this.#allow(this.#settings.headersTimeout)
    this.#exchange?.head(head)
  }

  onData(chunk: Buffer): void {
    this.#exchange?.data(chunk)
  }

  onEnd(trailers: AnswerHead['headers']): void {
    const exchange = this.#exchange
    if (exchange === undefined) return
    this.#exchange = undefined
    exchange.carrier = NOWHERE
    const { persists, keepAliveMs } = this.#reader
    const { keepsAlive, keepAliveTimeout } = this.#settings
    const rest = keepAliveMs === undefined ? keepAliveTimeout : Math.min(keepAliveTimeout, keepAliveMs - BEFORE_BACKEND)
    if (persists && keepsAlive && rest > 0 && this.#isClean()) {
      this.#allow(rest)
      exchange.end(trailers)
      this.#owner.onFree(this)
    } else {
      this.#destroy(new errors.InformationalError('The connection is not used again'))
      exchange.end(trailers)
    }
  }

  /** Of a request that is not all out the rest would be read as the next one, and what came behind the answer as the next one's. */
  #isClean(): boolean {
    const { readableLength, writableLength } = this.#socket
    return this.#sent && writableLength === 0 && readableLength === 0 && this.#over === undefined && !this.#gone
  }

  readonly #read = (chunk: Buffer): void => {
    if (this.#exchange === undefined) {
      // Nothing was asked.
      this.#destroy(new errors.SocketError('The backend spoke without being asked'))
      return
    }
    try {
      this.#reader.read(chunk)
    } catch (error) {
      this.#fail(error as Error)
    }
    if (this.#upgrade !== undefined) this.#handOver(this.#upgrade)
    else this.#goOn()
  }

  /** Something of the body came: the time for what follows begins anew. A head that comes in pieces has its time as a whole. */
  #goOn(): void {
    if (!this.#hasAnswer || this.#exchange === undefined || this.#exchange.paused) return
    const { bodyTimeout } = this.#settings
    this.#allow(bodyTimeout === 0 ? Number.POSITIVE_INFINITY : bodyTimeout)
  }

  readonly #ended = (): void => this.#end(new errors.SocketError('The backend ended the connection'), true)

  readonly #failed = (error: Error): void => this.#end(error, false)

  readonly #closed = (): void => this.#end(new errors.SocketError('The connection is closed'), false)

  #end(error: Error, inOrder: boolean): void {
    if (this.#exchange !== undefined && this.#reader.isStopped) this.#over ??= { error, inOrder }
    else if (this.#exchange === undefined || !inOrder || !this.#reader.ended()) this.#fail(error)
  }

  #fail(error: Error): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#destroy(error)
    if (exchange === undefined) return
    exchange.carrier = NOWHERE
    exchange.fail(error)
  }

  #destroy(error: Error): void {
    if (this.#gone) return
    this.#gone = true
    clearTimeout(this.#timer)
    this.#socket.destroy()
    this.#owner.onGone(this, error)
  }

  /** The socket is the client's and the backend's from now on. */
  #handOver(head: AnswerHead): void {
    const exchange = this.#exchange
    if (exchange === undefined) return
    if (!this.#sent) return this.#fail(new AnswerFault('it changes the protocol before it has the whole request'))
    this.#exchange = undefined
    exchange.carrier = NOWHERE
    this.#gone = true
    clearTimeout(this.#timer)
    const socket = this.#socket
    // Until somebody listens, an error is no more than the end of the connection.
    socket.off('data', this.#read).off('end', this.#ended).off('close', this.#closed)
    socket.pause()
    const rest = this.#reader.takeRest()
    if (rest !== undefined) socket.unshift(rest)
    this.#owner.onGone(this, new errors.InformationalError('The connection was upgraded'))
    exchange.upgraded(head, socket)
  }

  /** So many milliseconds from now; costs a timer only when that is sooner than the timer looks. */
  #allow(ms: number): void {
    this.#deadline = ms === Number.POSITIVE_INFINITY ? ms : performance.now() + ms
    if (this.#deadline < this.#looksAt) this.#lookAt(ms)
  }

  #lookAt(ms: number): void {
    clearTimeout(this.#timer)
    if (this.#gone) return
    this.#looksAt = performance.now() + ms
    this.#timer = setTimeout(this.#look, ms).unref()
  }

  readonly #look = (): void => {
    const left = this.#deadline - performance.now()
    if (left > 0) {
      this.#lookAt(Math.ceil(Math.min(left, LOOKS_EVERY)))
      return
    }
    if (this.#exchange === undefined) this.#destroy(new errors.InformationalError('The connection was not used'))
    else this.#fail(this.#hasAnswer ? new errors.BodyTimeoutError() : new errors.HeadersTimeoutError())
  }
}

const NOWHERE: Carrier = { pause() {}, resume() {}, drop() {} }
