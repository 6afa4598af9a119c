import type { ApiState } from '@shared/operations'
import type { Store, StoredApi, StoredDeployment } from '../workspace/store'
import { pathsOf } from './definition/context-path'
import { draftChanges } from './draft-changes/draft-changes'

/** An API with how its draft stands to the revision that runs. */
export function apiState(store: Store, api: StoredApi): ApiState {
  return compared(store, api, runningRevision(store, api.definition.id))
}

/** Every API, as `apiState` tells of one. */
export function apiStates(store: Store): ApiState[] {
  const running = runningRevisions(store)
  return store.apis().map((api) => compared(store, api, running.get(api.definition.id)))
}

function compared(
  store: Store,
  { definition, file, version }: StoredApi,
  deployment: StoredDeployment | undefined,
): ApiState {
  const changeCount = draftChanges(deployment?.definition, definition).length
  return {
    definition,
    file,
    version,
    ...(deployment
      ? {
          deployedRevision: deployment.revision,
          deployedAt: deployment.deployedAt,
          deployedPaths: pathsOf(deployment.definition),
        }
      : {}),
    ...(deployment && store.document().stoppedApis?.includes(definition.id) ? { stopped: true } : {}),
    inSync: deployment !== undefined && changeCount === 0,
    changeCount,
  }
}

/** The newest revision of an API, which is the one that runs; undefined before the first deploy. */
export function runningRevision(store: Store, apiId: string): StoredDeployment | undefined {
  return store.deployments(apiId).at(-1)
}

/** The same for every API, by its id: one look at the revisions, of which there may be thousands. */
export function runningRevisions(store: Store): ReadonlyMap<string, StoredDeployment> {
  return new Map(store.deployed().map((deployment) => [deployment.apiId, deployment]))
}
