import type { AuditEntry } from '@shared/audit'

/** Entries that are like one another and come within this time, milliseconds, are written one by one up to a number, and counted beyond it. */
export const FOLDED_WITHIN_MS = 60_000
export const WRITTEN_ONE_BY_ONE = 10

/** An entry without its place in the log. */
export type NewEntry = Omit<AuditEntry, 'seq'>

/** Keeps a flood of the same from filling the log: an hour of guesses is some sixty entries, each with how many it stands for. */
export interface Folding {
  /** Whether the entry is to be written as it is; else it is counted. */
  take(entry: NewEntry, likeness: string): boolean
  /** What stands for those that were counted until a moment, milliseconds since the epoch; the newest of each, with their number. */
  counted(until: number): NewEntry[]
}

interface Window {
  readonly until: number
  taken: number
  counted?: { entry: NewEntry; count: number }
}

export function createFolding(): Folding {
  const windows = new Map<string, Window>()
  let due: NewEntry[] = []

  function end(likeness: string, { counted }: Window): void {
    windows.delete(likeness)
    if (counted === undefined) return
    due.push(counted.count === 1 ? counted.entry : { ...counted.entry, count: counted.count })
  }

  return {
    take(entry, likeness) {
      let window = windows.get(likeness)
      if (window !== undefined && window.until <= entry.at) {
        end(likeness, window)
        window = undefined
      }
      if (window === undefined) windows.set(likeness, (window = { until: entry.at + FOLDED_WITHIN_MS, taken: 0 }))
      if (++window.taken <= WRITTEN_ONE_BY_ONE) return true
      window.counted = { entry, count: (window.counted?.count ?? 0) + 1 }
      return false
    },
    counted(until) {
      for (const [likeness, window] of windows) if (window.until <= until) end(likeness, window)
      const told = due
      due = []
      return told
    },
  }
}
