export { openLevelState } from './level'
export { StateError, type PutOptions, type State, type StateEntry } from './state'
