import type { buildConnector, Dispatcher, errors } from 'undici'
import type { DispatchOptionsWithTrailers } from '../trailers'
import { connectingTo, Upstream } from '../upstream'
import { Http1Connection, type ConnectionOwner, type Http1Settings } from './http1-connection'
import { Http1Exchange, type Carrier } from './http1-exchange'

/**
 * Requests to one origin over HTTP/1.1, on connections that are kept. Undici's client serves many masters: what it costs to parse
 * in WebAssembly, to check what is checked already, and to put headers together twice was a fifth of what a request cost.
 */
export class Http1Upstream extends Upstream implements ConnectionOwner, Carrier {
  readonly #origin: URL
  readonly #connector: buildConnector.connector
  readonly #settings: Http1Settings
  /** Most connections at once; what is beyond waits its turn. */
  readonly #most: number
  readonly #all = new Set<Http1Connection>()
  /** The one used last is used first: the others may end. */
  readonly #free: Http1Connection[] = []
  /** In their order. A list: the tables that a Set leaves behind were seen to keep requests that are over from being collected young. */
  readonly #waiting: Http1Exchange[] = []
  #connecting = 0
  #serves = false
  #servesLater = false
  #closing: Promise<void> | undefined
  #closed: (() => void) | undefined

  /** @param most null: as many as there are requests */
  constructor(origin: URL, connector: buildConnector.connector, settings: Http1Settings, most: number | null) {
    super()
    this.#origin = origin
    this.#connector = connector
    this.#settings = settings
    this.#most = most ?? Number.POSITIVE_INFINITY
  }

  protected override send(options: DispatchOptionsWithTrailers, handler: Dispatcher.DispatchHandler): boolean {
    const exchange = new Http1Exchange(options, handler, this)
    if (!exchange.begin()) return true
    this.#waiting.push(exchange)
    if (this.#free.length > 0) this.#serveSoon()
    this.#connectMore()
    return true
  }

  /** Resolves when the requests under way have ended. */
  override close(): Promise<void>
  override close(callback: () => void): void
  override close(callback?: () => void): Promise<void> | void {
    this.#closing ??= new Promise((resolve) => (this.#closed = resolve))
    if (this.#waiting.length === 0) this.#closeFree()
    this.#settle()
    if (callback === undefined) return this.#closing
    void this.#closing.then(callback)
  }

  // Of a request that waits: there is nothing to hold back.
  pause(): void {}
  resume(): void {}

  drop(exchange: Http1Exchange): void {
    const at = this.#waiting.indexOf(exchange)
    if (at !== -1) this.#waiting.splice(at, 1)
    this.#settle()
  }

  onFree(connection: Http1Connection): void {
    this.#free.push(connection)
    if (this.#waiting.length > 0) {
      if (this.#servesLater) return
      this.#servesLater = true
      setImmediate(this.#serveSoon)
    } else if (this.#closing !== undefined) this.#closeFree()
  }

  /**
   * A connection is used again only after the loop has looked at the sockets once more: what its backend says unasked is then not
   * taken for the next answer (RFC 9112 §11.2), and one that it has ended is not used. One that has just become free has the next
   * look for that, as this one was for its answer.
   */
  readonly #serveSoon = (): void => {
    this.#servesLater = false
    if (this.#serves) return
    this.#serves = true
    setImmediate(this.#serve)
  }

  readonly #serve = (): void => {
    this.#serves = false
    while (this.#waiting.length > 0) {
      const connection = this.#takeFree()
      if (connection === undefined) break
      connection.start(this.#waiting.shift()!) // there is one, see above
    }
    if (this.#closing !== undefined && this.#waiting.length === 0) this.#closeFree()
    this.#connectMore()
  }

  #closeFree(): void {
    for (const connection of [...this.#free]) connection.closeIfFree()
  }

  onGone(connection: Http1Connection, error: Error): void {
    this.#all.delete(connection)
    const at = this.#free.lastIndexOf(connection)
    if (at !== -1) this.#free.splice(at, 1)
    this.emit('disconnect', this.#origin, [this], error as errors.UndiciError) // what the type asks for, nobody reads
    this.#connectMore()
    this.#settle()
  }

  #takeFree(): Http1Connection | undefined {
    for (;;) {
      const connection = this.#free.pop()
      if (connection === undefined || connection.isFresh) return connection
      connection.closeIfFree()
    }
  }

  /** One for each that waits, as far as that is allowed. */
  #connectMore(): void {
    while (
      this.#connecting + this.#free.length < this.#waiting.length &&
      this.#all.size + this.#connecting < this.#most
    )
      this.#connect()
  }

  #connect(): void {
    this.#connecting++
    try {
      this.#connector(connectingTo(this.#origin), this.#connected)
    } catch (error) {
      setImmediate(this.#connected, error as Error, null)
    }
  }

  readonly #connected: buildConnector.Callback = (...[error, socket]) => {
    this.#connecting--
    if (error !== null) {
      this.emit('connectionError', this.#origin, [this], error as errors.UndiciError) // as above
      this.#failFirst(error)
    } else {
      const connection = new Http1Connection(socket, this.#settings, this)
      this.#all.add(connection)
      this.emit('connect', this.#origin, [this])
      this.#use(connection)
    }
    this.#settle()
  }

  /** A new one has nothing behind it. */
  #use(connection: Http1Connection): void {
    const exchange = this.#waiting.shift()
    if (exchange === undefined) this.onFree(connection)
    else connection.start(exchange)
  }

  #failFirst(error: Error): void {
    this.#waiting.shift()?.fail(error)
    this.#connectMore()
  }

  #settle(): void {
    if (this.#all.size === 0 && this.#connecting === 0 && this.#waiting.length === 0) this.#closed?.()
  }
}
