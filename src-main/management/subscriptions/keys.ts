import { randomBytes, randomUUID } from 'node:crypto'
import { planSecurity } from '@shared/plans'
import { apiKeySecretId, isKeyGood, type ApiKey, type Subscription } from '@shared/subscriptions'
import type { Store } from '../../workspace/store'
import type { Context, HandlersOf } from '../context'
import { conflict, fieldInvalid, notFound } from '../problems'
import { detailsOf, planOf } from './details'
import { saveSubscriptions, subscriptionOf, subscriptionsOf } from './save'

interface KeyIds {
  readonly apiId: string
  readonly subscriptionId: string
  readonly keyId: string
}

/** Keys that are over are kept, to be seen in the list; beyond so many the oldest go. */
const MOST_KEYS = 20
const HINT_LENGTH = 4

/** API keys of subscriptions: made, shown once, and over when a person says so. */
export function keyHandlers(context: Context): HandlersOf<'apiKeys'> {
  const { store, exclusive } = context
  return {
    'apiKeys.renew': ({ overlapSeconds = 0, ...ids }) =>
      exclusive(async () => {
        const subscription = subscriptionOf(store, ids)
        const plan = planOf(store, ids.apiId, subscription.planId)
        if (plan === undefined || planSecurity(plan.security.type) !== 'API_KEY')
          throw conflict(
            'PLAN_WITHOUT_KEYS',
            'The plan of this subscription has no API keys',
            'Subscribe to a plan with keys.',
          )
        if (!['ACCEPTED', 'PAUSED'].includes(subscription.status))
          throw conflict(
            'SUBSCRIPTION_STATUS',
            `A subscription that is ${subscription.status.toLowerCase()} gets no keys`,
            'Accept it first, or subscribe anew.',
          )
        const { key, value } = newKey()
        const kept = (subscription.apiKeys ?? []).map((each) => ending(each, Date.now() + overlapSeconds * 1000))
        const changed = { ...subscription, apiKeys: [key, ...kept].slice(0, MOST_KEYS) }
        const gone = kept.slice(MOST_KEYS - 1).map(({ id }) => apiKeySecretId(subscription.id, id))
        await saveSubscriptions(context, ids.apiId, changed, { [apiKeySecretId(subscription.id, key.id)]: value })
        if (gone.length > 0) await store.secrets.remove(gone)
        return { subscription: detailsOf(store, ids.apiId, changed), apiKey: value }
      }),

    'apiKeys.setExpiry': ({ expiresAt, ...ids }) =>
      exclusive(async () => {
        if (expiresAt !== undefined && !(Date.parse(expiresAt) > Date.now()))
          throw fieldInvalid('/expiresAt', 'The key would be over already', 'Choose a moment that is still to come, or revoke the key.') // prettier-ignore
        return changeKey(context, ids, (key) => {
          const { expiresAt: _before, ...rest } = key
          return expiresAt === undefined ? rest : { ...rest, expiresAt }
        })
      }),

    'apiKeys.revoke': (ids) =>
      exclusive(() => changeKey(context, ids, (key) => ({ ...key, revokedAt: new Date().toISOString() }))),
  }
}

async function changeKey(context: Context, ids: KeyIds, change: (key: ApiKey) => ApiKey) {
  const { store } = context
  const subscription = subscriptionOf(store, ids)
  const key = keyOf(subscription, ids.keyId)
  if (key.revokedAt !== undefined)
    throw conflict('API_KEY_REVOKED', 'This key was revoked, and stays so', 'Renew the key to get another one.')
  const apiKeys = (subscription.apiKeys ?? []).map((each) => (each === key ? change(key) : each))
  const changed = { ...subscription, apiKeys }
  await saveSubscriptions(context, ids.apiId, changed)
  return detailsOf(store, ids.apiId, changed)
}

/** 256 bits, in characters that need no encoding in a header or an address. */
export function newKey(): { readonly key: ApiKey; readonly value: string } {
  const value = randomBytes(32).toString('base64url')
  return { key: { id: randomUUID(), hint: value.slice(-HINT_LENGTH), createdAt: new Date().toISOString() }, value }
}

/** The key so that it is over at the moment, unless it is over before. */
function ending(key: ApiKey, at: number): ApiKey {
  if (!isKeyGood(key, Date.now())) return key
  if (key.expiresAt !== undefined && Date.parse(key.expiresAt) <= at) return key
  return { ...key, expiresAt: new Date(at).toISOString() }
}

/** The subscription with all of its keys revoked. */
export function revokedKeys(subscription: Subscription, revokedAt: string): Subscription {
  const { apiKeys } = subscription
  if (apiKeys === undefined) return subscription
  return { ...subscription, apiKeys: apiKeys.map((key) => ({ ...key, revokedAt: key.revokedAt ?? revokedAt })) }
}

function keyOf({ apiKeys = [] }: Subscription, keyId: string): ApiKey {
  const key = apiKeys.find(({ id }) => id === keyId)
  if (key === undefined) throw notFound('API key', keyId)
  return key
}

/** A key in the clear, for the console, which sends it to our own gateway alone. */
export function apiKeyOf(store: Store, ids: KeyIds): string {
  const subscription = subscriptionOf(store, ids)
  const key = keyOf(subscription, ids.keyId)
  const value = store.secrets.get(apiKeySecretId(subscription.id, key.id))
  if (value !== undefined) return value
  throw conflict(
    'API_KEY_MISSING',
    'The value of this API key is missing',
    'Renew the key in the subscriptions of the API.',
  )
}

/** Where the keys of an API's subscriptions are sealed. */
export function apiKeySecretsOf(store: Store, apiId: string): string[] {
  return subscriptionsOf(store, apiId).flatMap(({ id, apiKeys = [] }) =>
    apiKeys.map((key) => apiKeySecretId(id, key.id)),
  )
}
