import { Type, type Static } from 'typebox'
import { EngineStatus } from './engine-status'
import { HealthRecord } from './health'
import { RequestRecord } from './traffic'
import { ImportProgress } from './user-import'

/** What the main process tells whoever listens: the window over IPC, others over GET /events. */
export const GatehouseEvent = Type.Union([
  Type.Object({ type: Type.Literal('engine'), status: EngineStatus }),
  Type.Object({ type: Type.Literal('health'), record: HealthRecord }),
  Type.Object({ type: Type.Literal('traffic'), records: Type.Array(RequestRecord) }),
  Type.Object({ type: Type.Literal('user-import'), progress: ImportProgress }),
  Type.Object({
    type: Type.Literal('workspace'),
    /** What changed; a listener reads it anew through the operations. */
    changed: Type.Array(
      Type.Object({
        kind: Type.Union([
          Type.Literal('workspace'),
          Type.Literal('domain'),
          Type.Literal('dictionary'),
          Type.Literal('api'),
          Type.Literal('deployment'),
          Type.Literal('console'),
          Type.Literal('subscriptions'),
        ]),
        id: Type.Optional(Type.String()),
        file: Type.Optional(Type.String()),
      }),
    ),
    source: Type.Union([Type.Literal('here'), Type.Literal('outside')]),
  }),
])
export type GatehouseEvent = Static<typeof GatehouseEvent>

/** What stands in GET /events: an event, or how many were left out for a reader who did not keep up. */
export const StreamedEvent = Type.Union([
  GatehouseEvent,
  Type.Object({ type: Type.Literal('missed'), events: Type.Integer({ minimum: 1 }) }),
])
export type StreamedEvent = Static<typeof StreamedEvent>
