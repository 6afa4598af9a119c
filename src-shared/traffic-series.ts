import { Type, type Static } from 'typebox'

/** How far back the charts look. */
export const TrafficSpan = Type.Union([
  Type.Literal('minute', { description: 'In buckets of 1 s' }),
  Type.Literal('quarter', { description: '15 minutes, in buckets of 15 s' }),
  Type.Literal('hour', { description: 'In buckets of 1 minute' }),
  Type.Literal('day', { description: 'In buckets of 15 minutes' }),
])
export type TrafficSpan = Static<typeof TrafficSpan>

const Milliseconds = (what: string) =>
  Type.Optional(Type.Number({ description: `${what}, to 6 %; left out where nothing was answered` }))

/** The requests that arrived within one bucket of time. */
export const TrafficBucket = Type.Object({
  at: Type.Integer({ description: 'When it begins; milliseconds since the epoch' }),
  requests: Type.Integer(),
  answered: Type.Integer(),
  refused: Type.Integer(),
  failed: Type.Integer(),
  aborted: Type.Integer(),
  statusClasses: Type.Array(Type.Integer(), { description: 'How many by the first digit of the status, from 0 to 5' }),
  p50: Milliseconds('Milliseconds that half of the answers took at most'),
  p95: Milliseconds('The same of 95 %'),
  p99: Milliseconds('The same of 99 %'),
})
export type TrafficBucket = Static<typeof TrafficBucket>

/** Requests over time, oldest first, without a gap. */
export const TrafficSeries = Type.Object({
  bucketMs: Type.Integer(),
  buckets: Type.Array(TrafficBucket),
  keptSince: Type.Optional(
    Type.Integer({
      description:
        'Where the numbers are of the requests that are kept: when the oldest of them came, milliseconds since the epoch',
    }),
  ),
})
export type TrafficSeries = Static<typeof TrafficSeries>
