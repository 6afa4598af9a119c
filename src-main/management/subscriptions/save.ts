import type { Subscription } from '@shared/subscriptions'
import type { Store } from '../../workspace/store'
import type { Context } from '../context'
import { apiOf } from '../lookup'
import { notFound } from '../problems'
import { withSecrets, withSubscriptions } from '../running/workspace-view'

/** Of an API, oldest first. */
export function subscriptionsOf(store: Store, apiId: string): readonly Subscription[] {
  return store.subscriptions().find((document) => document.apiId === apiId)?.subscriptions ?? []
}

/** ProblemError SUBSCRIPTION_NOT_FOUND when there is none. */
export function subscriptionOf(
  store: Store,
  { apiId, subscriptionId }: { readonly apiId: string; readonly subscriptionId: string },
): Subscription {
  apiOf(store, apiId)
  const found = subscriptionsOf(store, apiId).find(({ id }) => id === subscriptionId)
  if (found === undefined) throw notFound('subscription', subscriptionId)
  return found
}

/**
 * Runs a subscription and saves it, in the place of the one with its id or as a new one. Within `exclusive`. New keys are sealed
 * before the document that tells of them: a kill in between leaves a secret that nobody refers to.
 */
export async function saveSubscriptions(
  { store, running }: Context,
  apiId: string,
  subscription: Subscription,
  sealed: Readonly<Record<string, string>> = {},
): Promise<void> {
  const before = subscriptionsOf(store, apiId)
  const isNew = !before.some(({ id }) => id === subscription.id)
  const document = {
    apiId,
    subscriptions: isNew
      ? [...before, subscription]
      : before.map((each) => (each.id === subscription.id ? subscription : each)),
  }
  await running.change({
    view: (saved) => withSecrets(withSubscriptions(saved, document), sealed),
    async save() {
      if (Object.keys(sealed).length > 0) await store.secrets.set(sealed)
      await store.saveSubscriptions(document)
    },
  })
}
