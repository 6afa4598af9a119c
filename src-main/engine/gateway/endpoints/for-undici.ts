import { Dispatcher } from 'undici'

/**
 * A dispatcher of ours as undici's own callers want it: `request` and its Agent hand over handlers of an older kind, which undici
 * translates wherever a dispatcher is composed with something.
 */
export class ForUndici extends Dispatcher {
  readonly #inner: Dispatcher
  override readonly dispatch: Dispatcher['dispatch']

  constructor(inner: Dispatcher) {
    super()
    this.#inner = inner
    const { dispatch } = inner.compose((plain) => plain)
    this.dispatch = dispatch
  }

  /** Of its connections; the Agent lets go of a dispatcher that has none any more. */
  override on(event: string, listener: (...told: never[]) => void): this {
    this.#inner.on(event as 'drain', listener as () => void) // whichever: the types name each by itself
    return this
  }

  override close(): Promise<void>
  override close(callback: () => void): void
  override close(callback?: () => void): Promise<void> | void {
    return callback === undefined ? this.#inner.close() : this.#inner.close(callback)
  }
}
