import type { Store } from '../../workspace/store'
import { ownerOf, ownSecretIds } from './seal-secrets'

/**
 * Removes the secrets of APIs that neither their drafts nor their revisions refer to any more. Not while an API is edited: an edit
 * that is taken back refers to them again. Nothing is removed while a file cannot be read, for it may refer to them.
 */
export async function forgetUnused(store: Store): Promise<void> {
  if (store.problems().length > 0) return
  const sealed = store.secrets.ids()
  const owners = new Set(sealed.map(ownerOf))
  const apis = store.apis().filter(({ definition }) => owners.has(definition.id))
  const used = new Map(
    apis.map(({ definition }) => {
      const { id } = definition
      return [id, ownSecretIds([definition, ...store.deployments(id).map((each) => each.definition)])]
    }),
  )
  const unused = sealed.filter((id) => used.get(ownerOf(id) ?? '')?.has(id) === false)
  if (unused.length > 0) await store.secrets.remove(unused)
}
