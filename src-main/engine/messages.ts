import type { EngineStatus } from '@shared/engine-status'
import type { HealthRecord } from '@shared/health'
import type { FieldError } from '@shared/problem'
import type { RequestRecord } from '@shared/traffic'
import type { ResourceTest } from '@shared/operations'
import type { Sampling } from '@shared/sampling'
import type { Endpoint, EndpointGroup, Resource } from '@shared/api-definition'
import type { Administration } from './authorization/administration/administration'
import type { ApiSnapshot, Snapshot } from './snapshot'
import type { SnapshotMessage } from './snapshot-message'

/** What each question of the administration takes. */
export type AskedOf = { readonly [What in keyof Administration]: Parameters<Administration[What]>[0] }

/** What a compile found wrong with an API: which one, and each place with its remedy. */
export interface CompileProblem {
  readonly apiId: string
  readonly apiName: string
  readonly errors: readonly FieldError[]
}

/** The first message to a worker that has not been given its options. */
export interface StartEngine {
  readonly type: 'start'
  readonly options: EngineOptions
}

/** To the worker. Those with `call` are answered with the same number. */
export type ToEngine =
  | {
      readonly type: 'apply'
      readonly call: number
      readonly snapshot: SnapshotMessage
      /** What a port 0 of the snapshot was before a restart: taken again where it is free, so that addresses stay. */
      readonly portsBefore?: PortsBefore
    }
  | { readonly type: 'check'; readonly call: number; readonly apis: readonly ApiSnapshot[] }
  | { readonly type: 'test-resource'; readonly call: number; readonly resource: Resource }
  | {
      readonly type: 'test-endpoint'
      readonly call: number
      readonly endpoint: Endpoint
      readonly group: EndpointGroup
    }
  | {
      readonly type: 'administer'
      readonly call: number
      readonly what: keyof Administration
      readonly asked: AskedOf[keyof Administration]
    }
  | { readonly type: 'drain'; readonly call: number; readonly timeoutMs: number }
  /** Whether every request is traced; else those of the sampling and those that carry the trace key, and refusals carry their reason. */
  | { readonly type: 'trace-all'; readonly on: boolean; readonly sampling?: Sampling | undefined }
  /** So many records have been received: the worker holds back when nobody takes them. */
  | { readonly type: 'records-taken'; readonly count: number }

/** From the worker. */
export type FromEngine =
  | { readonly type: 'answer'; readonly call: number; readonly ok: true; readonly value: unknown }
  | {
      readonly type: 'answer'
      readonly call: number
      readonly ok: false
      readonly message: string
      readonly problems: readonly CompileProblem[]
    }
  | {
      readonly type: 'status'
      readonly gateway: EngineStatus['gateway']
      readonly authorization: EngineStatus['authorization']
    }
  /** The last message of an engine that cannot start, and would not at the next try either: why, and what a person can do. */
  | { readonly type: 'unusable'; readonly reason: string }
  /** A look at an endpoint whose health is checked. */
  | { readonly type: 'health'; readonly record: HealthRecord }
  /** Batched: at most every 100 ms or 256 records. As JSON: a text crosses the thread at a fraction of a structured clone's cost. */
  | { readonly type: 'records'; readonly count: number; readonly packed: string }

export interface PortsBefore {
  readonly gateway?: number
  readonly authorization?: number
}

/** What the worker is started with. */
export interface EngineOptions {
  /** Folder of the engine's own state (classic-level), made when missing. */
  readonly stateFolder: string
  /** A request that carries it in `X-Gatehouse-Trace` is traced; random per start, known to the console only. */
  readonly traceKey: string
}

/** The handle that the other thread holds. */
export interface Engine {
  readonly traceKey: string
  status(): EngineStatus
  /** Runs the snapshot. Rejects with EngineRefusal when an API does not compile; what ran before goes on. */
  apply(snapshot: Snapshot): Promise<void>
  /** Compiles without running. */
  check(apis: readonly ApiSnapshot[]): Promise<readonly CompileProblem[]>
  testResource(resource: Resource): Promise<ResourceTest>
  testEndpoint(endpoint: Endpoint, group: EndpointGroup): Promise<ResourceTest>
  /** What the domains have given out, to be seen and taken back. */
  administer<What extends keyof Administration>(what: What, asked: AskedOf[What]): ReturnType<Administration[What]>
  /** @param sampling of which requests where it is not all; one that cannot be understood is none */
  traceAll(on: boolean, sampling?: Sampling): void
  restart(): Promise<void>
  /** Stops accepting, finishes requests in flight up to `timeoutMs` milliseconds, then ends the thread. */
  stop(timeoutMs?: number): Promise<void>
  onStatus(listener: (status: EngineStatus) => void): () => void
  onHealth(listener: (record: HealthRecord) => void): () => void
  /** @param listener given also each record as the JSON that it came in */
  onRecords(listener: (records: readonly RequestRecord[], lines: readonly string[]) => void): () => void
}

/** Why the engine would not run a snapshot. */
export class EngineRefusal extends Error {
  constructor(
    message: string,
    readonly problems: readonly CompileProblem[],
  ) {
    super(message)
    this.name = 'EngineRefusal'
  }
}
