import type { OperationAnswer } from '@shared/bridge'
import type { GatehouseEvent } from '@shared/events'
import type { CallOperation } from '@shared/operations'
import type { Engine } from '../engine/messages'
import type { Store } from '../workspace/store'

export interface ManagementOptions {
  readonly store: Store
  /** Started already; management gives it its first snapshot in `start`. */
  readonly engine: Engine
  /** The product's version, for `User-Agent` and the OpenAPI document. */
  readonly version: string
  /** Told what failed by a fault of ours, which the caller gets to know only as INTERNAL. Never holds a secret. */
  readonly onFault?: (what: string, error: unknown) => void
}

/** The operations of an open workspace, for every transport: the window, HTTP and the command line. */
export interface Management {
  /**
   * Builds the first snapshot and has the engine run it. Resolves also when documents do not compile: what compiles
   * runs, the rest is told in `workspace.get`'s problems.
   */
  start(): Promise<void>
  /** Runs an operation whose name and input are not to be trusted. Never rejects. */
  run(name: string, input: unknown): Promise<OperationAnswer>
  /** The same for callers within the process, typed; rejects with ProblemError. */
  readonly call: CallOperation
  /** Listens to events; answers how to stop. */
  onEvent(listener: (event: GatehouseEvent) => void): () => void
  /** Whether every request is traced, which a window wants and a server without one does not. */
  traceAll(on: boolean): void
  /** Waits for the operations under way, then stops listening to store and engine; both stay open. */
  close(): Promise<void>
}

export function createManagement(_options: ManagementOptions): Management {
  throw new Error('The management is not built yet')
}
