import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long many files may keep the thread from everything else, milliseconds: less than a frame of the window. */
const BUSY_MS = 12

/** Lets what waits for the thread have its turn between two of many files. */
export interface Turns {
  /** Resolves when everybody else has had a turn, if it has been long since the last one; undefined otherwise. */
  mayPause(): Promise<void> | undefined
}

export function createTurns(): Turns {
  let since = performance.now()
  return {
    mayPause() {
      if (performance.now() - since < BUSY_MS) return undefined
      return nextTurn().then(() => void (since = performance.now()))
    },
  }
}
