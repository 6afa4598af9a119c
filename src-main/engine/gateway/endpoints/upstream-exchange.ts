import type { Dispatcher } from 'undici'
import type { DispatchOptionsWithTrailers } from './trailers'

/** One request and its answer, told to a handler as undici's own dispatchers tell theirs. */
export abstract class UpstreamExchange implements Dispatcher.DispatchController {
  aborted = false
  paused = false
  reason: Error | null = null
  isOver = false

  constructor(
    readonly options: DispatchOptionsWithTrailers,
    protected readonly handler: Dispatcher.DispatchHandler,
  ) {}

  abstract pause(): void
  abstract resume(): void
  /** Lets go of what is open at the backend. */
  protected abstract drop(): void

  abort(reason: Error): void {
    if (this.isOver) return
    this.aborted = true
    this.reason = reason
    this.fail(reason)
  }

  fail(error: Error): void {
    if (this.isOver) return
    this.isOver = true
    this.drop()
    this.tell(error)
  }

  /** A handler that fails at hearing of a failure has been told; nothing else is to end with it. */
  protected tell(error: Error): void {
    try {
      this.handler.onResponseError?.(this, error)
    } catch {
      // See above.
    }
  }

  protected ended(trailers: Record<string, string | string[] | undefined>): void {
    if (this.isOver) return
    this.isOver = true
    this.handler.onResponseEnd?.(this, trailers)
  }

  /** A handler that cannot go on ends the request. */
  protected guarded(tell: () => void): void {
    if (this.isOver) return
    try {
      tell()
    } catch (error) {
      this.abort(asError(error))
    }
  }
}

/** Anything may be thrown. */
export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
