export { openLevelState } from './level'
export { StateError, type PutOptions, type State, type StateChange, type StateEntry } from './state'
