import type { Clock } from './clock'

/** A clock that a test moves. It begins now, for what runs beside it asks the real one. */
export interface TestClock extends Clock {
  /** Moves it, and does once what is done again and again. */
  advance(milliseconds: number): void
}

export function createTestClock(): TestClock {
  let now = Date.now()
  const repeated = new Set<() => void>()
  return {
    now: () => now,
    every(_milliseconds, work) {
      repeated.add(work)
      return () => repeated.delete(work)
    },
    advance(milliseconds) {
      now += milliseconds
      for (const work of repeated) work()
    },
  }
}
