import type { State } from '../state'

/** How often something has happened within a period, which began with the first time. */
export interface Count {
  /** This time included. */
  readonly count: number
  /** Milliseconds since the epoch: when the next period begins. */
  readonly resetAt: number
}

export interface Counters {
  /**
   * Counts one more under the key, in a new period when the one before is over.
   *
   * @param now milliseconds since the epoch
   * @param endOf when a period ends that begins at this moment; asked only when one begins
   */
  hit(key: string, now: number, endOf: (start: number) => number): Count | Promise<Count>
}

export interface LastingCounters extends Counters {
  /** Writes what has changed since the last time. */
  close(): Promise<void>
}

interface Counter {
  count: number
  resetAt: number
}

/** How many keys are kept. Keys may come from callers: beyond it, the period that began first is forgotten. */
const MOST = 500_000
/** So many are held before it is looked for the first time which are over. */
const FIRST_SWEEP = 4096
/** What may be lost of a count when the machine goes down, milliseconds. */
const WRITE_AFTER_MS = 200
const PREFIX = 'counter/'

/** Counts in memory alone. */
export function createCounters(most = MOST): Counters {
  const counters = createMemory(most)
  return {
    hit(key, now, endOf) {
      const counter = counters.get(key)
      return counted(counter === undefined ? counters.begin(key, now, endOf) : renewed(counter, now, endOf))
    },
  }
}

/** Counts in memory, and writes to the state a moment later: a restart goes on where it stopped. */
export function createLastingCounters(state: State, most = MOST): LastingCounters {
  const counters = createMemory(most)
  const reading = new Map<string, Promise<Counter>>()
  let changed = new Map<string, Counter>()
  let writing: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  async function read(key: string, now: number, endOf: (start: number) => number): Promise<Counter> {
    const kept = changed.get(key) ?? parse(await state.get(PREFIX + key))
    return kept === undefined ? counters.begin(key, now, endOf) : counters.put(key, kept)
  }

  function written(key: string, counter: Counter): Count {
    changed.set(key, counter)
    timer ??= setTimeout(() => void (writing = writing.then(write)), WRITE_AFTER_MS)
    return counted(counter)
  }

  async function write(): Promise<void> {
    timer = undefined
    const batch = changed
    changed = new Map()
    try {
      await state.batchLazily(
        [...batch].map(([key, { count, resetAt }]) => ({
          type: 'put',
          key: PREFIX + key,
          value: JSON.stringify({ count, resetAt }),
          expiresAt: resetAt,
        })),
      )
    } catch {
      // The disk may be full for a while: what was not written is written with what changes next.
      changed = new Map([...batch, ...changed])
    }
  }

  return {
    hit(key, now, endOf) {
      const known = counters.get(key)
      if (known !== undefined) return written(key, renewed(known, now, endOf))
      let underWay = reading.get(key)
      if (underWay === undefined) {
        underWay = read(key, now, endOf).finally(() => reading.delete(key))
        reading.set(key, underWay)
      }
      return underWay.then((counter) => written(key, renewed(counter, now, endOf)))
    },
    async close() {
      clearTimeout(timer)
      await writing
      await write()
    },
  }
}

function counted(counter: Counter): Count {
  counter.count++
  return { count: counter.count, resetAt: counter.resetAt }
}

function renewed(counter: Counter, now: number, endOf: (start: number) => number): Counter {
  if (counter.resetAt > now) return counter
  counter.count = 0
  counter.resetAt = endOf(now)
  return counter
}

function createMemory(most: number) {
  const counters = new Map<string, Counter>()
  let sweepAt = FIRST_SWEEP

  function sweep(now: number): void {
    for (const [key, { resetAt }] of counters) if (resetAt <= now) counters.delete(key)
    for (const key of counters.keys()) {
      if (counters.size < most) break
      counters.delete(key)
    }
    sweepAt = Math.min(most, Math.max(FIRST_SWEEP, counters.size * 2))
  }

  const put = (key: string, counter: Counter): Counter => {
    if (counters.size >= Math.min(sweepAt, most)) sweep(Date.now())
    counters.set(key, counter)
    return counter
  }
  return {
    get: (key: string) => counters.get(key),
    put,
    begin: (key: string, now: number, endOf: (start: number) => number) => put(key, { count: 0, resetAt: endOf(now) }),
  }
}

/** Undefined for an entry that cannot be read, as if it were not there. */
function parse(text: string | undefined): Counter | undefined {
  if (text === undefined) return undefined
  try {
    const { count, resetAt } = JSON.parse(text) as Partial<Counter>
    return typeof count === 'number' && typeof resetAt === 'number' ? { count, resetAt } : undefined
  } catch {
    return undefined
  }
}
