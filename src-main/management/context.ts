import type { GatehouseEvent } from '@shared/events'
import type { CallOperation, OperationInput, OperationName, OperationOutput } from '@shared/operations'
import type { SecureContext } from 'node:tls'
import type { Engine } from '../engine/messages'
import type { Store } from '../workspace/store'
import type { AuditLog } from './audit/audit-log'
import type { Clock } from './clock'
import type { Polling } from './dictionaries/polling'
import type { ApiReader } from './formats/api-reader'
import type { KeySchedule } from './keys/key-schedule'
import type { HealthLog } from './health-log'
import type { Running } from './running/running'
import type { Memory } from './memory'
import type { EffectiveTrafficSettings } from '@shared/workspace'
import type { Traffic } from './traffic/traffic-log'

/** What every handler works with. */
export interface Context {
  readonly store: Store
  readonly engine: Engine
  readonly version: string
  readonly clock: Clock
  readonly running: Running
  readonly keySchedule: KeySchedule
  readonly polling: Polling
  readonly traffic: Traffic
  /** As they count now. */
  trafficSettings(): EffectiveTrafficSettings
  readonly health: HealthLog
  readonly memory: Memory
  readonly audit: AuditLog
  readonly readApi: ApiReader
  /** From now on the address stands for this workspace's own authorization server, wherever that listens. */
  rememberAuthorization(address: string): void
  /** Tells whoever listens. */
  emit(event: GatehouseEvent): void
  /** Another operation of this very management. Never within `exclusive`, which it would wait for. */
  readonly call: CallOperation
  /** Whose certificates other servers may show the console, in place of Node's own authorities; undefined: those. */
  authorities(): SecureContext | undefined
  /** Aborts when the workspace is being closed; calls under way end with it. */
  readonly closing: AbortSignal
  /** Runs one change of the workspace after the other, so that each sees what the one before has saved. */
  exclusive<T>(work: () => Promise<T>): Promise<T>
}

export type Handler<N extends OperationName> = (input: OperationInput<N>) => Promise<OperationOutput<N>>

/** One handler for every operation of the contract: a missing one does not compile. */
export type Handlers = { readonly [N in OperationName]: Handler<N> }

/** The handlers of one noun, e.g. `HandlersOf<'domains'>`. */
export type HandlersOf<Noun extends string> = Pick<Handlers, Extract<OperationName, `${Noun}.${string}`>>
