import type { RequestRecord } from '@shared/traffic'
import { statusClassOf } from '@shared/traffic-filter'
import type { TrafficBucket, TrafficSeries, TrafficSpan } from '@shared/traffic-series'

/** Width of a bucket in milliseconds, and how many there are. */
const spans: Readonly<Record<TrafficSpan, { readonly bucketMs: number; readonly count: number }>> = {
  minute: { bucketMs: 1000, count: 60 },
  quarter: { bucketMs: 15_000, count: 60 },
  hour: { bucketMs: 60_000, count: 60 },
  day: { bucketMs: 900_000, count: 96 },
}
const spanNames = Object.keys(spans) as TrafficSpan[]

/** How far back any series looks, milliseconds. */
export const LONGEST_SPAN_MS = spans.day.bucketMs * spans.day.count

/** APIs, domains and servers whose numbers are kept; the one that was quiet the longest goes first. About 100 kB each at most. */
const MOST_SUBJECTS = 100

/** Durations are counted in steps of this ratio, from the shortest on: 12 % wide, so that a percentile is right to 6 %. */
const STEP = 2 ** (1 / 6)
const SHORTEST_MS = 0.05
/** The last step begins at two minutes, beyond every time-out of ours. */
const STEPS = 130

const outcomes = ['answered', 'refused', 'failed', 'aborted'] as const

interface Bucket {
  readonly outcomes: Uint32Array
  readonly statusClasses: Uint32Array
  readonly durations: Uint32Array
}

/** The buckets of one span by their numbers, and the one that was counted into last. */
interface Row {
  readonly span: TrafficSpan
  readonly buckets: Map<number, Bucket>
  lastNumber: number
  last: Bucket | undefined
}

/** The numbers of a subject. */
interface Counted {
  readonly rows: readonly Row[]
  /** When its newest request came, milliseconds since the epoch. */
  busyAt: number
}

/** What of a request is counted. */
interface Counting {
  readonly at: number
  readonly outcome: number
  readonly statusClass: number
  /** Undefined where the client went away: that took as long as it had patience. */
  readonly step: number | undefined
}

/** What a series is about: one API, one domain, one server, or both servers. */
export type Subject = Pick<RequestRecord, 'apiId' | 'domainPath'> & { readonly server?: RequestRecord['server'] }

/** Requests counted by time as they come, apart from the records: under load those of an hour are more than are kept. */
export interface Series {
  add(record: RequestRecord): void
  read(span: TrafficSpan, subject: Subject, now: number): TrafficSeries
  clear(): void
}

export function createSeries(): Series {
  const subjects = new Map<string, Counted>()

  function countedOf(key: string, at: number): Counted {
    const known = subjects.get(key)
    if (known !== undefined) {
      known.busyAt = Math.max(known.busyAt, at)
      return known
    }
    const rows = spanNames.map((span): Row => ({ span, buckets: new Map(), lastNumber: -1, last: undefined }))
    const counted = { rows, busyAt: at }
    if (subjects.size >= MOST_SUBJECTS) {
      const [quietest] = [...subjects].reduce((one, other) => (other[1].busyAt < one[1].busyAt ? other : one))
      subjects.delete(quietest)
    }
    subjects.set(key, counted)
    return counted
  }

  function countFor(key: string, counting: Counting): void {
    for (const row of countedOf(key, counting.at).rows) count(bucketAt(row, counting.at), counting)
  }

  return {
    add(record) {
      const { server, at, outcome, status, durationMs, apiId, domainPath, introspections } = record
      const counting: Counting = {
        at,
        outcome: outcomes.indexOf(outcome),
        statusClass: Math.min(5, Math.max(0, statusClassOf(status))),
        step: outcome === 'aborted' ? undefined : stepOf(durationMs),
      }
      countFor(server, counting)
      if (apiId !== undefined) countFor(`api ${apiId}`, counting)
      if (domainPath !== undefined) countFor(`domain ${domainPath}`, counting)
      if (introspections === undefined) return
      for (const { domainPath: asked, durationMs: took } of introspections) {
        const answered: Counting = { at, outcome: 0, statusClass: 2, step: stepOf(took) }
        countFor('authorization', answered)
        countFor(`domain ${asked}`, answered)
      }
    },
    read(span, subject, now) {
      const { bucketMs, count } = spans[span]
      const kept = keyOf(subject).flatMap(
        (key) => subjects.get(key)?.rows.find((row) => row.span === span)?.buckets ?? [],
      )
      const first = Math.floor(now / bucketMs) - count + 1
      const buckets = Array.from({ length: count }, (_, index) => {
        const number = first + index
        return told(
          number * bucketMs,
          kept.flatMap((each) => each.get(number) ?? []),
        )
      })
      return { bucketMs, buckets }
    },
    clear: () => subjects.clear(),
  }
}

/** The most particular of what is asked for. */
function keyOf({ server, apiId, domainPath }: Subject): string[] {
  if (apiId !== undefined) return [`api ${apiId}`]
  if (domainPath !== undefined) return [`domain ${domainPath}`]
  return server === undefined ? ['gateway', 'authorization'] : [server]
}

/** The bucket of a time: mostly that of the request before. */
function bucketAt(row: Row, at: number): Bucket {
  const number = Math.floor(at / spans[row.span].bucketMs)
  if (row.last !== undefined && row.lastNumber === number) return row.last
  const bucket = row.buckets.get(number) ?? newBucket(row, number)
  row.last = bucket
  row.lastNumber = number
  return bucket
}

/** What is over is forgotten with it. */
function newBucket({ buckets, span }: Row, number: number): Bucket {
  const bucket = { outcomes: new Uint32Array(4), statusClasses: new Uint32Array(6), durations: new Uint32Array(STEPS) }
  buckets.set(number, bucket)
  // One more than are told: requests of a moment ago come in after the next bucket has begun.
  if (buckets.size > spans[span].count + 1) buckets.delete(Math.min(...buckets.keys()))
  return bucket
}

function count(bucket: Bucket, { outcome, statusClass, step }: Counting): void {
  increase(bucket.outcomes, outcome)
  increase(bucket.statusClasses, statusClass)
  if (step !== undefined) increase(bucket.durations, step)
}

function increase(numbers: Uint32Array, index: number): void {
  numbers[index] = (numbers[index] ?? 0) + 1
}

function stepOf(durationMs: number): number {
  const step = Math.floor(Math.log(Math.max(durationMs, SHORTEST_MS) / SHORTEST_MS) / Math.log(STEP))
  return Math.min(STEPS - 1, step)
}

function told(at: number, buckets: readonly Bucket[]): TrafficBucket {
  const byOutcome = sum(
    4,
    buckets.map((bucket) => bucket.outcomes),
  )
  const durations = sum(
    STEPS,
    buckets.map((bucket) => bucket.durations),
  )
  const [answered = 0, refused = 0, failed = 0, aborted = 0] = byOutcome
  const timed = answered + refused + failed
  return {
    at,
    requests: timed + aborted,
    ...{ answered, refused, failed, aborted },
    statusClasses: sum(
      6,
      buckets.map((bucket) => bucket.statusClasses),
    ),
    ...(timed === 0
      ? {}
      : {
          p50: percentile(durations, timed, 0.5),
          p95: percentile(durations, timed, 0.95),
          p99: percentile(durations, timed, 0.99),
        }),
  }
}

function sum(length: number, all: readonly Uint32Array[]): number[] {
  return Array.from({ length }, (_, index) => all.reduce((total, numbers) => total + (numbers[index] ?? 0), 0))
}

/** The middle of the step that holds it, to three digits. */
function percentile(durations: readonly number[], total: number, part: number): number {
  let below = 0
  const step = durations.findIndex((count) => (below += count) >= total * part)
  return Number((SHORTEST_MS * STEP ** (step + 0.5)).toPrecision(3))
}
