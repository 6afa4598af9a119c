export { createWorkspace } from './create-workspace'
export { isWorkspace, openWorkspace } from './open-workspace'
export type { Keyring, OpenOptions, Secrets, Store, StoredApi, StoredDeployment } from './store'
