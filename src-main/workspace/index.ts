import type { OpenOptions, Store } from './store'

export type { Keyring, OpenOptions, Secrets, Store, StoredApi, StoredDeployment } from './store'

/**
 * Makes a workspace in a folder that is missing or empty; it holds nothing but its document. Rejects with ProblemError
 * FOLDER_NOT_EMPTY or FOLDER_UNUSABLE.
 */
export async function createWorkspace(_folder: string, _options: { readonly name: string }): Promise<void> {
  throw new Error('Not written yet')
}

/**
 * Opens the workspace of a folder, for this process alone. Rejects with ProblemError WORKSPACE_MISSING, WORKSPACE_BROKEN,
 * WORKSPACE_NEWER or WORKSPACE_LOCKED; anything else that is wrong is told by `problems()`.
 */
export async function openWorkspace(_folder: string, _options: OpenOptions = {}): Promise<Store> {
  throw new Error('Not written yet')
}
