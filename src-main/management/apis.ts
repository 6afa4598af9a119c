import { randomUUID } from 'node:crypto'
import { apiState, apiStates } from './api-state'
import type { Context, HandlersOf } from './context'
import { deploymentHandlers } from './deployments'
import { targetErrors } from './definition/check-draft'
import { contextPath } from './definition/context-path'
import { newApi } from './definition/new-api'
import { refuseTakenPath } from './definition/path-taken'
import { refuseTakenName, saveDraft } from './definition/save-draft'
import { ownerOf } from './definition/seal-secrets'
import { formatHandlers } from './formats'
import { apiOf } from './lookup'
import { fieldInvalid, inputInvalid, notConfirmed } from './problems'
import { resourceHandlers } from './resources'
import { withoutApi, withStopped } from './running/workspace-view'
import { apiKeySecretsOf } from './subscriptions'

/** APIs and their drafts. A draft runs when it is deployed, see deployments.ts. */
export function apiHandlers(context: Context): HandlersOf<'apis'> {
  const { store, running, exclusive } = context
  return {
    ...deploymentHandlers(context),
    ...resourceHandlers(context),
    ...formatHandlers(context),

    'apis.list': async () => apiStates(store),
    'apis.get': async ({ apiId }) => apiState(store, apiOf(store, apiId)),

    'apis.create': ({ name, path: given, target }) =>
      exclusive(async () => {
        const path = contextPath(given)
        const backend = target?.trim()
        const wrong = backend === undefined ? [] : targetErrors(backend, '/target')
        if (typeof path !== 'string') throw inputInvalid([{ field: '/path', ...path }, ...wrong])
        if (wrong.length > 0) throw inputInvalid(wrong)
        refuseTakenName(context, name, '/name')
        refuseTakenPath(store, [path], () => '/path')
        const definition = newApi(randomUUID(), randomUUID(), name.trim(), path, backend)
        return apiState(store, await store.saveApi(definition))
      }),

    'apis.save': ({ apiId, definition, version }) =>
      exclusive(async () => {
        if (definition.id !== apiId)
          throw fieldInvalid('/definition/id', 'An API keeps its id', `Leave the id as it is: ${apiId}.`)
        apiOf(store, apiId)
        return saveDraft(context, definition, version)
      }),

    'apis.setChallengeStyle': ({ apiId, challengeStyle }) =>
      exclusive(async () => {
        const { definition } = apiOf(store, apiId)
        const changed = { ...definition, gatehouse: { ...definition.gatehouse, challengeStyle } }
        return apiState(store, await store.saveApi(changed))
      }),

    'apis.delete': ({ apiId, confirmName }) =>
      exclusive(async () => {
        const { definition } = apiOf(store, apiId)
        if (confirmName.trim() !== definition.name) throw notConfirmed('API', definition.name)
        const secrets = new Set(store.secrets.ids().filter((id) => ownerOf(id) === apiId))
        for (const secret of apiKeySecretsOf(store, apiId)) secrets.add(secret)
        await running.change({ view: (saved) => withoutApi(saved, apiId), save: () => store.deleteApi(apiId) })
        const document = withStopped(store.document(), apiId, false)
        if (document !== store.document()) await store.saveDocument(document)
        await store.secrets.remove([...secrets])
        return {}
      }),
  }
}
