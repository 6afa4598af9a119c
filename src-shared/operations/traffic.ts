import { Type } from 'typebox'
import { Sampling } from '../sampling'
import { KeptRecord, RequestRecord } from '../traffic'
import { TrafficExport, TrafficFormat } from '../traffic-export'
import { TrafficFilter } from '../traffic-filter'
import { TrafficSeries, TrafficSpan } from '../traffic-series'
import { TrafficSettings, TrafficStatus } from '../workspace'
import { Empty, input, Limit, type OperationList } from './parts'

const { from: _from, to: _to, ...seriesFilter } = TrafficFilter.properties

/** The requests that both servers answered. */
export const trafficOperations = {
  'traffic.list': {
    summary: 'Requests of both servers that are kept, newest first',
    input: input({
      filter: Type.Optional(TrafficFilter),
      limit: Limit,
      before: Type.Optional(
        Type.Integer({ minimum: 1, description: 'Only requests older than the one with this seq' }),
      ),
      traces: Type.Optional(
        Type.Boolean({ description: 'Whether the way they took is answered too; it is unless given' }),
      ),
    }),
    output: Type.Array(KeptRecord),
  },
  'traffic.get': {
    summary: 'One request that is kept, with the way it took as far as it was traced',
    input: input({
      id: Type.String({ minLength: 1, maxLength: 256, description: 'Transaction id' }),
      server: Type.Optional(RequestRecord.properties.server),
    }),
    output: KeptRecord,
  },
  'traffic.series': {
    summary:
      'Requests over time in numbers: outcomes, status classes and how long they took. Of a server, an API or a domain all that came; by any other filter those that are kept',
    input: input({ span: TrafficSpan, ...seriesFilter }),
    output: TrafficSeries,
  },
  'traffic.export': {
    summary: 'The newest requests that fit, as a file: HAR 1.2, or JSON lines with everything that is kept of each',
    input: input({
      format: TrafficFormat,
      filter: Type.Optional(TrafficFilter),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 50_000, description: 'Requests at most; 10,000 unless given' }),
      ),
    }),
    output: TrafficExport,
  },
  'traffic.status': {
    summary: 'What of the requests is kept, and how much there is',
    input: Empty,
    output: TrafficStatus,
  },
  'traffic.configure': {
    summary: 'Switch the recording of requests on or off, set what it may take on disk, and which requests are traced',
    input: input({
      ...TrafficSettings.properties,
      sampling: Type.Optional(
        Type.Union([
          Sampling,
          Type.Null({ description: 'None: of the console alone, unless every request is traced' }),
        ]),
      ),
    }),
    output: TrafficStatus,
  },
  'traffic.clear': { summary: 'Forget the recorded requests', input: Empty, output: Empty },
} as const satisfies OperationList
