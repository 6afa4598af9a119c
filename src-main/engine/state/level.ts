import type { State } from './state'

/** Opens the state in a folder, made when missing. Rejects with StateError when it is locked or corrupt. */
export async function openLevelState(_folder: string): Promise<State> {
  return Promise.reject(new Error('The state store is not built yet'))
}
