import type { HandlersOf, Context } from './context'
import { apiState, runningRevision } from './api-state'
import { pathsOf } from './definition/context-path'
import { refuseTakenPath } from './definition/path-taken'
import { draftChanges } from './draft-changes/draft-changes'
import { apiOf } from './lookup'
import { conflict } from './problems'
import { withDeployment } from './running/workspace-view'
import type { StoredDeployment } from '../workspace/store'

type DeploymentOperation = 'apis.changes' | 'apis.deploy' | 'apis.discard' | 'apis.deployments'

/** From draft to what runs, and back. */
export function deploymentHandlers(context: Context): Pick<HandlersOf<'apis'>, DeploymentOperation> {
  const { store, running, exclusive } = context
  return {
    'apis.changes': async ({ apiId }) => {
      const { definition } = apiOf(store, apiId)
      return draftChanges(runningRevision(store, apiId)?.definition, definition)
    },

    'apis.deploy': ({ apiId }) =>
      exclusive(async () => {
        // Somebody who edits the file and deploys means what stands there now.
        await store.takeUp([apiOf(store, apiId).file])
        const { definition } = apiOf(store, apiId)
        const before = runningRevision(store, apiId)
        refuseTakenPath(store, pathsOf(definition), () => undefined, apiId)
        const changes = draftChanges(before?.definition, definition)
        if (before && changes.length === 0) {
          // No new revision for the same content; but what could not run before may run by now.
          await running.change({ view: (saved) => saved, save: () => Promise.resolve(), apiId })
        } else {
          const deployment: StoredDeployment = {
            apiId,
            revision: (before?.revision ?? 0) + 1,
            deployedAt: new Date().toISOString(),
            changes: changes.map(({ sentence }) => sentence),
            definition,
          }
          await running.change({
            view: (saved) => withDeployment(saved, deployment),
            save: () => store.addDeployment(deployment),
            apiId,
          })
        }
        return apiState(store, apiOf(store, apiId))
      }),

    'apis.discard': ({ apiId }) =>
      exclusive(async () => {
        const { definition } = apiOf(store, apiId)
        const deployed = runningRevision(store, apiId)
        if (!deployed)
          throw conflict(
            'API_NOT_DEPLOYED',
            `${definition.name} has never been deployed: there is nothing to go back to`,
            'Deploy it, or delete the API.',
          )
        return apiState(store, await store.saveApi(deployed.definition))
      }),

    'apis.deployments': async ({ apiId }) => {
      apiOf(store, apiId)
      return store
        .deployments(apiId)
        .map(({ revision, deployedAt, changes }) => ({ apiId, revision, deployedAt, changes: [...changes] }))
        .reverse()
    },
  }
}
