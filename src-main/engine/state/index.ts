export { isStateFailure, openLevelState } from './level'
export { createTurns, type InTurn } from './turns'
export {
  StateError,
  type EntriesOptions,
  type PutOptions,
  type State,
  type StateChange,
  type StateEntry,
} from './state'
