import type { OperationAnswer } from '@shared/bridge'
import type { GatehouseEvent } from '@shared/events'
import type { Ready } from './ready'

/** An open workspace with its engine running, as much of it as the desktop needs. */
export interface OpenedWorkspace {
  readonly folder: string
  /** By which the servers know a request of the app itself, and let it name its record. */
  readonly traceKey: string
  ready(): Ready
  /** Runs an operation. Never rejects. */
  run(name: string, input: unknown): Promise<OperationAnswer>
  /** Listens to events; answers how to stop. */
  onEvent(listener: (event: GatehouseEvent) => void): () => void
  /** Finishes what is in flight, stops the servers, releases the folder. */
  close(): Promise<void>
}

/** How workspaces come to be. Each rejects with ProblemError when the folder is not as it must be. */
export interface Workspaces {
  open(folder: string): Promise<OpenedWorkspace>
  /** Whether the folder holds a workspace. */
  exists(folder: string): boolean
  /** Whether the folder is missing or empty, so that a workspace can be made there. */
  isVacant(folder: string): boolean
  /** Makes a workspace in a folder that is missing or empty: with the sample, or with nothing in it. */
  create(folder: string, content: 'sample' | 'empty'): Promise<void>
}
