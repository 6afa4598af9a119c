import type { ApiDefinition } from '@shared/api-definition'
import type { ApiState } from '@shared/operations'
import type { FieldError } from '@shared/problem'
import type { StoredApi } from '../../workspace/store'
import { apiState } from '../api-state'
import type { Context } from '../context'
import { apiOf } from '../lookup'
import { conflict, inputInvalid } from '../problems'
import { draftErrors, foreignReferences } from './check-draft'
import { normalisePaths, pathsOf } from './context-path'
import { refuseTakenPath } from './path-taken'
import { sealSecrets } from './seal-secrets'

/** Checks the draft of an API that is there, and saves it. Within `exclusive`. */
export async function saveDraft(context: Context, given: ApiDefinition, version: string): Promise<ApiState> {
  const before = apiOf(context.store, given.id)
  if (before.version !== version)
    throw conflict(
      'API_CHANGED',
      `${before.definition.name} was changed elsewhere meanwhile`,
      'Look at what is there now and make your change again; what you typed was not saved over it.',
    )
  return saveChecked(context, given, before)
}

/**
 * Checks a draft, seals the secrets in it and saves it. Within `exclusive`. Secrets come before the draft that refers to them, and
 * those that it gave up stay, so that an edit can be taken back, until the workspace is closed or opened.
 *
 * @param before the draft that it takes the place of; undefined for a new API
 */
export async function saveChecked(
  context: Context,
  given: ApiDefinition,
  before: StoredApi | undefined,
): Promise<ApiState> {
  const { store } = context
  const { definition, errors } = normalisePaths({ ...given, name: given.name.trim() })
  const wrong: FieldError[] = [...errors, ...draftErrors(definition), ...foreignReferences(definition)]
  if (wrong.length > 0) throw inputInvalid(wrong)
  if (definition.name !== before?.definition.name) refuseTakenName(context, definition.name, '/definition/name')
  refuseTakenPath(store, pathsOf(definition), (path) => pathPointer(definition, path), definition.id)

  const { value: sealed, secrets } = sealSecrets(definition)
  if (Object.keys(secrets).length > 0) await store.secrets.set(secrets)
  let saved
  try {
    saved = await store.saveApi(sealed, before?.version)
  } catch (error) {
    await store.secrets.remove(Object.keys(secrets))
    throw error
  }
  return apiState(store, saved)
}

/** Throws ProblemError API_NAME_TAKEN when another API has the name. */
export function refuseTakenName({ store }: Context, name: string, field: string): void {
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
