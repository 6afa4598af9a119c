import type { ApiDefinition } from '@shared/api-definition'
import { formatJson } from '../workspace/files/json-text'
import { schemas } from '../workspace/layout'
import type { HandlersOf, Context } from './context'
import { apiState, runningRevision } from './api-state'
import { pathsOf } from './definition/context-path'
import { refuseTakenPath } from './definition/path-taken'
import { saveChecked } from './definition/save-draft'
import { draftChanges } from './draft-changes/draft-changes'
import { apiOf } from './lookup'
import { conflict, notFound } from './problems'
import type { Change } from './running/running'
import { withDeployment, withStopped } from './running/workspace-view'
import type { StoredDeployment } from '../workspace/store'

type DeploymentOperation =
  | 'apis.changes'
  | 'apis.deploy'
  | 'apis.discard'
  | 'apis.deployments'
  | 'apis.compare'
  | 'apis.restore'
  | 'apis.stop'
  | 'apis.start'

/** From draft to what runs, and back. */
export function deploymentHandlers(context: Context): Pick<HandlersOf<'apis'>, DeploymentOperation> {
  const { store, running, exclusive } = context

  /** A change by which an API is served again; none when it is served already. */
  const started = (apiId: string): Pick<Change, 'view' | 'save'> => ({
    view: (saved) => ({ ...saved, document: withStopped(saved.document, apiId, false) }),
    save: () => saveStopped(apiId, false),
  })
  async function saveStopped(apiId: string, isStopped: boolean): Promise<void> {
    const document = withStopped(store.document(), apiId, isStopped)
    if (document !== store.document()) await store.saveDocument(document)
  }
  function revisionOf(apiId: string, revision: number): ApiDefinition {
    const found = store.deployments(apiId).find((each) => each.revision === revision)
    if (!found) throw notFound('revision', String(revision))
    return found.definition
  }

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
          await running.change({ ...started(apiId), apiId })
        } else {
          const deployment: StoredDeployment = {
            apiId,
            revision: (before?.revision ?? 0) + 1,
            deployedAt: new Date().toISOString(),
            changes: changes.map(({ sentence }) => sentence),
            definition,
          }
          const { view, save } = started(apiId)
          await running.change({
            view: (saved) => withDeployment(view(saved), deployment),
            // Killed in between, the new revision is there and the API still stopped.
            save: () => store.addDeployment(deployment).then(save),
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

    'apis.compare': async ({ apiId, before, after }) => {
      const { definition } = apiOf(store, apiId)
      const [was, is] = [before, after].map((revision) =>
        revision === undefined ? definition : revisionOf(apiId, revision),
      ) as [ApiDefinition, ApiDefinition] // of two, two
      return {
        changes: draftChanges(was, is),
        before: formatJson(was, schemas.api),
        after: formatJson(is, schemas.api),
      }
    },

    'apis.restore': ({ apiId, revision }) =>
      exclusive(() => saveChecked(context, revisionOf(apiId, revision), apiOf(store, apiId))),

    'apis.stop': ({ apiId }) =>
      exclusive(async () => {
        const { definition } = apiOf(store, apiId)
        if (!runningRevision(store, apiId))
          throw conflict(
            'API_NOT_DEPLOYED',
            `${definition.name} has never been deployed: there is nothing to stop`,
            'Deploy it first.',
          )
        await running.change({
          view: (saved) => ({ ...saved, document: withStopped(saved.document, apiId, true) }),
          save: () => saveStopped(apiId, true),
        })
        return apiState(store, apiOf(store, apiId))
      }),

    'apis.start': ({ apiId }) =>
      exclusive(async () => {
        const { definition } = apiOf(store, apiId)
        if (!runningRevision(store, apiId))
          throw conflict('API_NOT_DEPLOYED', `${definition.name} has never been deployed`, 'Deploy it: that starts it.')
        await running.change({ ...started(apiId), apiId })
        return apiState(store, apiOf(store, apiId))
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
