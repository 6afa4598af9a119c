import { randomUUID } from 'node:crypto'
import type { ApiDefinition } from '@shared/api-definition'
import type { ApiState } from '@shared/operations'
import type { FieldError } from '@shared/problem'
import { apiState, apiStates } from './api-state'
import type { Context, HandlersOf } from './context'
import { deploymentHandlers } from './deployments'
import { draftErrors, foreignReferences, targetErrors } from './definition/check-draft'
import { contextPath, normalisePaths, pathsOf } from './definition/context-path'
import { newApi } from './definition/new-api'
import { refuseTakenPath } from './definition/path-taken'
import { ownSecretIds, sealSecrets } from './definition/seal-secrets'
import { apiOf } from './lookup'
import { conflict, fieldInvalid, inputInvalid, notConfirmed } from './problems'
import { resourceHandlers } from './resources'
import { withoutApi } from './running/workspace-view'

/** APIs and their drafts. A draft runs when it is deployed, see deployments.ts. */
export function apiHandlers(context: Context): HandlersOf<'apis'> {
  const { store, running, exclusive } = context
  return {
    ...deploymentHandlers(context),
    ...resourceHandlers(context),

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
        const secrets = ownSecretIds([definition, ...store.deployments(apiId).map((each) => each.definition)])
        await running.change({ view: (saved) => withoutApi(saved, apiId), save: () => store.deleteApi(apiId) })
        await store.secrets.remove([...secrets])
        return {}
      }),
  }
}

/**
 * Checks a draft, seals the secrets in it and saves it. Within `exclusive`. Secrets come before the draft that refers to them, and
 * those that it gave up go after it: a kill in between leaves at most a secret that nobody refers to.
 */
async function saveDraft(context: Context, given: ApiDefinition, version: string): Promise<ApiState> {
  const { store } = context
  const before = apiOf(store, given.id)
  if (before.version !== version)
    throw conflict(
      'API_CHANGED',
      `${before.definition.name} was changed elsewhere meanwhile`,
      'Look at what is there now and make your change again; what you typed was not saved over it.',
    )

  const { definition, errors } = normalisePaths({ ...given, name: given.name.trim() })
  const wrong: FieldError[] = [...errors, ...draftErrors(definition), ...foreignReferences(definition)]
  if (wrong.length > 0) throw inputInvalid(wrong)
  if (definition.name !== before.definition.name) refuseTakenName(context, definition.name, '/definition/name')
  refuseTakenPath(store, pathsOf(definition), (path) => pathPointer(definition, path), definition.id)

  const { value: sealed, secrets } = sealSecrets(definition)
  if (Object.keys(secrets).length > 0) await store.secrets.set(secrets)
  let saved
  try {
    saved = await store.saveApi(sealed, version)
  } catch (error) {
    await store.secrets.remove(Object.keys(secrets))
    throw error
  }
  await forgetUnused(context, before.definition, sealed)
  return apiState(store, saved)
}

/** Secrets that the draft before had and that neither the new one nor a revision refers to any more. */
async function forgetUnused({ store }: Context, before: ApiDefinition, after: ApiDefinition): Promise<void> {
  const used = ownSecretIds([after, ...store.deployments(after.id).map(({ definition }) => definition)])
  const unused = [...ownSecretIds([before])].filter((id) => !used.has(id))
  if (unused.length > 0) await store.secrets.remove(unused)
}

function refuseTakenName({ store }: Context, name: string, field: string): void {
  const wanted = name.trim().toLowerCase()
  if (!store.apis().some(({ definition }) => definition.name.toLowerCase() === wanted)) return
  throw conflict('API_NAME_TAKEN', `There is an API called ${name.trim()} already`, 'Choose another name.', { field })
}

function pathPointer({ listeners }: ApiDefinition, path: string): string {
  for (const [l, { paths }] of listeners.entries())
    for (const [p, entry] of paths.entries())
      if (entry.path === path) return `/definition/listeners/${l}/paths/${p}/path`
  return '/definition/listeners'
}
