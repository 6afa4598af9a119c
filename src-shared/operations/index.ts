import type { Static } from 'typebox'
import { apiOperations } from './apis'
import { applicationOperations } from './applications'
import { auditOperations } from './audit'
import { certificateOperations } from './certificates'
import { consoleOperations } from './console'
import { dictionaryOperations } from './dictionaries'
import { domainOperations } from './domains'
import { engineOperations } from './engine'
import { expressionOperations } from './expressions'
import { keyOperations } from './keys'
import { liveOperations } from './live'
import { overviewOperations } from './overview'
import { roleOperations } from './roles'
import { subscriptionOperations } from './subscriptions'
import { trafficOperations } from './traffic'
import { tryItOperations } from './try-it'
import { userOperations } from './users'
import { workspaceOperations } from './workspace'

export { ApiState, Comparison, Deployment, DraftChange, ResourceTest, ResourceTestStep } from './apis'
export { ExportedKey, KeyFormat } from './keys'

/**
 * Every operation of the product, once: its name, what it takes and what it answers. The types on both sides, the
 * validation at the boundary, the IPC channel, the HTTP management API and its OpenAPI document come from this list.
 * Failures are `Problem`s.
 */
export const operations = {
  ...workspaceOperations,
  ...certificateOperations,
  ...engineOperations,
  ...overviewOperations,
  ...domainOperations,
  ...keyOperations,
  ...applicationOperations,
  ...userOperations,
  ...roleOperations,
  ...apiOperations,
  ...subscriptionOperations,
  ...dictionaryOperations,
  ...expressionOperations,
  ...consoleOperations,
  ...tryItOperations,
  ...liveOperations,
  ...auditOperations,
  ...trafficOperations,
} as const

export type Operations = typeof operations
export type OperationName = keyof Operations
export type OperationInput<N extends OperationName> = Static<Operations[N]['input']>
export type OperationOutput<N extends OperationName> = Static<Operations[N]['output']>

/** How an operation is called, whatever carries it; rejects with ProblemError. */
export type CallOperation = <N extends OperationName>(name: N, input: OperationInput<N>) => Promise<OperationOutput<N>>
