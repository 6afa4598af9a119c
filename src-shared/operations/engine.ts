import { Catalogue } from '../catalogue'
import { EngineStatus } from '../engine-status'
import { Empty, type OperationList } from './parts'

/** The engine, and what it can do. */
export const engineOperations = {
  'engine.status': { summary: 'State and addresses of the two servers', input: Empty, output: EngineStatus },
  'engine.restart': { summary: 'Start the engine anew', input: Empty, output: EngineStatus },
  'catalogue.get': { summary: 'The policies and resource types of the engine', input: Empty, output: Catalogue },
} as const satisfies OperationList
