import type { ApiState } from '@shared/operations'
import type { Store, StoredApi, StoredDeployment } from '../workspace/store'
import { pathsOf } from './definition/context-path'
import { draftChanges } from './draft-changes/draft-changes'

/** An API with how its draft stands to the revision that runs. */
export function apiState(store: Store, { definition, file, version }: StoredApi): ApiState {
  const deployment = runningRevision(store, definition.id)
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
    inSync: deployment !== undefined && changeCount === 0,
    changeCount,
  }
}

/** The newest revision of an API, which is the one that runs; undefined before the first deploy. */
export function runningRevision(store: Store, apiId: string): StoredDeployment | undefined {
  return store.deployments(apiId).at(-1)
}
