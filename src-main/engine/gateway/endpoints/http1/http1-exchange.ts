import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { DispatchOptionsWithTrailers } from '../trailers'
import { asError, UpstreamExchange } from '../upstream-exchange'
import type { AnswerHead } from './answer-reader'

/** What carries an exchange at the moment: a connection, or the queue for one. */
export interface Carrier {
  pause(): void
  resume(): void
  /** The exchange is over before its answer is. */
  drop(exchange: Http1Exchange): void
}

/** One request and its answer. Nothing here throws: a handler that cannot go on ends its request. */
export class Http1Exchange extends UpstreamExchange {
  constructor(
    options: DispatchOptionsWithTrailers,
    handler: Dispatcher.DispatchHandler,
    public carrier: Carrier,
  ) {
    super(options, handler)
  }

  /** False: the handler has given it up already. */
  begin(): boolean {
    try {
      this.handler.onRequestStart?.(this, {})
    } catch (error) {
      this.abort(asError(error))
    }
    return !this.isOver
  }

  pause(): void {
    this.paused = true
    this.carrier.pause()
  }

  resume(): void {
    this.paused = false
    this.carrier.resume()
  }

  protected override drop(): void {
    this.carrier.drop(this)
  }

  head({ status, headers }: AnswerHead): void {
    if (this.isOver) return
    try {
      this.handler.onResponseStart?.(this, status, headers)
    } catch (error) {
      this.abort(asError(error))
    }
  }

  data(chunk: Buffer): void {
    if (this.isOver) return
    try {
      this.handler.onResponseData?.(this, chunk)
    } catch (error) {
      this.abort(asError(error))
    }
  }

  end(trailers: AnswerHead['headers']): void {
    try {
      this.ended(trailers)
    } catch (error) {
      this.tell(asError(error))
    }
  }

  upgraded({ status, headers }: AnswerHead, socket: Duplex): void {
    if (this.isOver) return void socket.destroy()
    this.isOver = true
    try {
      this.handler.onRequestUpgrade?.(this, status, headers, socket)
    } catch (error) {
      socket.destroy()
      this.tell(asError(error))
    }
  }
}
