import type { LiveCounts } from '@shared/overview'
import { turnedAway, type RequestRecord } from '@shared/traffic'

/** Seconds that the live counts look back. */
const WINDOW_SECONDS = 60

/** The requests of the last minute in numbers, whether they are kept or not. */
export interface LastMinute {
  add(record: RequestRecord): void
  read(): LiveCounts
  clear(): void
}

type Counts = Omit<LiveCounts, 'refusalsByKey'> & {
  readonly refusals: Map<string, { sentence: string; count: number }>
}

/** @param now the time in milliseconds since the epoch */
export function createLastMinute(now: () => number = Date.now): LastMinute {
  const seconds = new Map<number, Counts>()
  const countsOf = (second: number) => {
    let counts = seconds.get(second)
    if (!counts) seconds.set(second, (counts = noCounts()))
    return counts
  }
  const forgetOld = () => {
    const oldest = Math.floor(now() / 1000) - WINDOW_SECONDS
    for (const second of seconds.keys()) if (second <= oldest) seconds.delete(second)
  }

  return {
    add(record) {
      const second = Math.floor(record.at / 1000)
      if (!seconds.has(second)) forgetOld()
      count(countsOf(second), record)
    },
    read() {
      forgetOld()
      const total = noCounts()
      for (const counts of seconds.values()) addUp(total, counts)
      const { refusals, ...numbers } = total
      const refusalsByKey = [...refusals].map(([key, refusal]) => ({ key, ...refusal }))
      return { ...numbers, refusalsByKey: refusalsByKey.sort((a, b) => b.count - a.count) }
    },
    clear: () => seconds.clear(),
  }
}

function noCounts(): Counts {
  return { requests: 0, answered: 0, refused: 0, failed: 0, tokens: 0, introspections: 0, refusals: new Map() }
}

function count(counts: Counts, record: RequestRecord): void {
  const { server, outcome, endpoint, refusal } = record
  if (server === 'authorization') {
    if (endpoint === 'token' && outcome === 'answered') counts.tokens++
    if (endpoint === 'introspect') counts.introspections++
    return
  }
  counts.requests++
  counts.introspections += record.introspections?.length ?? 0
  if (turnedAway(record)) counts.refused++
  else if (outcome === 'answered' || outcome === 'failed') counts[outcome]++
  if (refusal) addRefusal(counts, refusal.key, refusal.sentence, 1)
}

function addUp(total: Counts, counts: Counts): void {
  for (const name of ['requests', 'answered', 'refused', 'failed', 'tokens', 'introspections'] as const)
    total[name] += counts[name]
  for (const [key, { sentence, count }] of counts.refusals) addRefusal(total, key, sentence, count)
}

function addRefusal({ refusals }: Counts, key: string, sentence: string, count: number): void {
  refusals.set(key, { sentence, count: (refusals.get(key)?.count ?? 0) + count })
}
