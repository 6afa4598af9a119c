/** Keeps calls from what fails each time, for a while. */
export interface CircuitBreaker {
  /**
   * Whether a call may be made now; it has then to be ended by one of the others.
   *
   * @param now milliseconds, of any clock that only goes on
   */
  admits(now: number): boolean
  succeeded(): void
  failed(now: number): void
  /** The call came to nothing, by no fault of what was called. */
  cancelled(): void
  /** Milliseconds until it lets a call through again; 0 when it does. */
  closedFor(now: number): number
}

/**
 * Opens after so many failures in a row; after its time one call may try, and decides.
 *
 * @param openFor milliseconds
 */
export function createCircuitBreaker(maxFailures: number, openFor: number): CircuitBreaker {
  let inARow = 0
  let openUntil: number | undefined
  let trying = false
  return {
    admits(now) {
      if (openUntil === undefined) return true
      if (trying || now < openUntil) return false
      trying = true
      return true
    },
    succeeded() {
      inARow = 0
      openUntil = undefined
      trying = false
    },
    failed(now) {
      inARow++
      if (!trying && inARow < maxFailures) return
      openUntil = now + openFor
      trying = false
    },
    cancelled: () => void (trying = false),
    closedFor: (now) => (openUntil === undefined ? 0 : Math.max(0, openUntil - now)),
  }
}
