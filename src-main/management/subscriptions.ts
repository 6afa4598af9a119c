import { randomUUID, X509Certificate } from 'node:crypto'
import type { Plan } from '@shared/api-definition'
import type { OperationInput } from '@shared/operations'
import { isValidatedByHand, needsSubscription, planSecurity, planStatus } from '@shared/plans'
import { apiKeySecretId, type Subscription, type SubscriptionDetails } from '@shared/subscriptions'
import type { Store } from '../workspace/store'
import type { Context, HandlersOf } from './context'
import { apiOf, applicationOf, domainOf } from './lookup'
import { conflict, fieldInvalid, notFound } from './problems'
import { keyHandlers, newKey, revokedKeys } from './subscriptions/keys'
import { detailsOf, planOf } from './subscriptions/details'
import { saveSubscriptions, subscriptionOf, subscriptionsOf } from './subscriptions/save'

export { apiKeyOf, apiKeySecretsOf } from './subscriptions/keys'

/** Who may call an API by which plan. What is saved counts at once; the API is not deployed for it. */
export function subscriptionHandlers(context: Context): HandlersOf<'subscriptions' | 'apiKeys'> {
  const { store, exclusive } = context

  /** Changes one subscription, and answers it. */
  const change = (ids: Ids, made: (subscription: Subscription) => Subscription): Promise<SubscriptionDetails> =>
    exclusive(async () => {
      const changed = made(subscriptionOf(store, ids))
      await saveSubscriptions(context, ids.apiId, changed)
      return detailsOf(store, ids.apiId, changed)
    })

  return {
    ...keyHandlers(context),

    'subscriptions.list': async ({ apiId }) => {
      apiOf(store, apiId)
      return subscriptionsOf(store, apiId)
        .map((each) => detailsOf(store, apiId, each))
        .reverse()
    },

    'subscriptions.create': (given) =>
      exclusive(async () => {
        const plan = openPlan(store, given)
        const application = applicationOf(domainOf(store, given.domainId), given.applicationId)
        refuseTwice(store, given, application.name, plan)
        refusePast(given.endingAt)
        const subscription: Subscription = {
          id: randomUUID(),
          planId: plan.id,
          domainId: given.domainId,
          applicationId: given.applicationId,
          status: 'PENDING',
          createdAt: new Date().toISOString(),
          ...(given.endingAt === undefined ? {} : { endingAt: given.endingAt }),
          ...certificateFor(plan, given.clientCertificate),
        }
        if (isValidatedByHand(plan)) {
          await saveSubscriptions(context, given.apiId, subscription)
          return { subscription: detailsOf(store, given.apiId, subscription) }
        }
        return accept(context, given.apiId, subscription, plan)
      }),

    'subscriptions.accept': ({ startingAt, endingAt, ...ids }) =>
      exclusive(async () => {
        const subscription = inStatus(subscriptionOf(store, ids), ['PENDING'], 'accepted')
        const plan = planOf(store, ids.apiId, subscription.planId)
        if (plan === undefined) throw notFound('plan', subscription.planId)
        refusePast(endingAt)
        refuseBackwards(startingAt, endingAt)
        return accept(
          context,
          ids.apiId,
          {
            ...subscription,
            ...(startingAt === undefined ? {} : { startingAt }),
            ...(endingAt === undefined ? {} : { endingAt }),
          },
          plan,
        )
      }),

    'subscriptions.setPeriod': ({ startingAt, endingAt, ...ids }) =>
      change(ids, (subscription) => {
        const { startingAt: _start, endingAt: before, ...rest } = inStatus(subscription, ['ACCEPTED', 'PAUSED'], 'timed') // prettier-ignore
        if (endingAt !== before) refusePast(endingAt)
        refuseBackwards(startingAt, endingAt)
        return {
          ...rest,
          ...(startingAt === undefined ? {} : { startingAt }),
          ...(endingAt === undefined ? {} : { endingAt }),
        }
      }),

    'subscriptions.reject': ({ reason, ...ids }) =>
      change(ids, (subscription) => ({
        ...inStatus(subscription, ['PENDING'], 'rejected'),
        status: 'REJECTED',
        processedAt: new Date().toISOString(),
        ...(reason?.trim() ? { reason: reason.trim() } : {}),
      })),

    'subscriptions.pause': (ids) =>
      change(ids, (subscription) => ({
        ...inStatus(subscription, ['ACCEPTED'], 'paused'),
        status: 'PAUSED',
        pausedAt: new Date().toISOString(),
      })),

    'subscriptions.resume': (ids) =>
      change(ids, (subscription) => {
        const { pausedAt: _paused, ...rest } = inStatus(subscription, ['PAUSED'], 'resumed')
        return { ...rest, status: 'ACCEPTED' }
      }),

    'subscriptions.close': (ids) =>
      change(ids, (subscription) => {
        const closedAt = new Date().toISOString()
        return {
          ...revokedKeys(inStatus(subscription, ['PENDING', 'ACCEPTED', 'PAUSED'], 'closed'), closedAt),
          status: 'CLOSED',
          closedAt,
        }
      }),
  }
}

interface Ids {
  readonly apiId: string
  readonly subscriptionId: string
}

/** Counts from now on; of a plan with keys the first is made. Within `exclusive`. */
async function accept(context: Context, apiId: string, pending: Subscription, plan: Plan) {
  const accepted: Subscription = { ...pending, status: 'ACCEPTED', processedAt: new Date().toISOString() }
  if (planSecurity(plan.security.type) !== 'API_KEY') {
    await saveSubscriptions(context, apiId, accepted)
    return { subscription: detailsOf(context.store, apiId, accepted) }
  }
  const { key, value } = newKey()
  const subscription = { ...accepted, apiKeys: [key] }
  await saveSubscriptions(context, apiId, subscription, { [apiKeySecretId(accepted.id, key.id)]: value })
  return { subscription: detailsOf(context.store, apiId, subscription), apiKey: value }
}

/** A plan that takes subscriptions: of the draft, or of what runs. */
function openPlan(store: Store, { apiId, planId }: OperationInput<'subscriptions.create'>): Plan {
  const plan = planOf(store, apiId, planId)
  if (plan === undefined) throw notFound('plan', planId)
  if (!needsSubscription(plan.security.type))
    throw conflict('PLAN_KEYLESS', `${plan.name} takes calls without a subscription`, 'Choose another plan.', { field: '/planId' }) // prettier-ignore
  if (planStatus(plan) !== 'PUBLISHED')
    throw conflict('PLAN_NOT_PUBLISHED', `${plan.name} is not published, and takes no new subscriptions`, 'Publish it first, or choose another plan.', { field: '/planId' }) // prettier-ignore
  return plan
}

function refuseTwice(
  store: Store,
  { apiId, planId, applicationId }: OperationInput<'subscriptions.create'>,
  name: string,
  plan: Plan,
): void {
  const open = ['PENDING', 'ACCEPTED', 'PAUSED']
  const there = subscriptionsOf(store, apiId).some(
    (each) => each.planId === planId && each.applicationId === applicationId && open.includes(each.status),
  )
  if (!there) return
  throw conflict('SUBSCRIPTION_EXISTS', `${name} has subscribed to ${plan.name} already`, 'Use that subscription, or close it first.', { field: '/applicationId' }) // prettier-ignore
}

function refuseBackwards(startingAt: string | undefined, endingAt: string | undefined): void {
  if (startingAt !== undefined && endingAt !== undefined && Date.parse(endingAt) <= Date.parse(startingAt))
    throw fieldInvalid('/endingAt', 'It would end before it begins', 'Choose a later moment.')
}

function refusePast(endingAt: string | undefined): void {
  if (endingAt === undefined || Date.parse(endingAt) > Date.now()) return
  throw fieldInvalid('/endingAt', 'The subscription would be over already', 'Choose a moment that is still to come.')
}

/** The certificate of the client, for a plan that knows clients by it. */
function certificateFor(plan: Plan, text: string | undefined): Pick<Subscription, 'clientCertificate'> {
  const field = '/clientCertificate'
  if (planSecurity(plan.security.type) !== 'MTLS') return {}
  if (text === undefined || text.trim() === '')
    throw fieldInvalid(field, `${plan.name} knows clients by their certificates`, 'Paste the certificate of the client in PEM.') // prettier-ignore
  if (text.includes('PRIVATE KEY'))
    throw fieldInvalid(field, 'This holds a private key, which belongs to the client alone', 'Paste the certificate without its key.') // prettier-ignore
  try {
    return { clientCertificate: new X509Certificate(text).toString() }
  } catch {
    throw fieldInvalid(field, 'This is no certificate', 'Paste it in PEM: it begins with -----BEGIN CERTIFICATE-----.')
  }
}

function inStatus(subscription: Subscription, wanted: readonly Subscription['status'][], done: string): Subscription {
  if (wanted.includes(subscription.status)) return subscription
  throw conflict(
    'SUBSCRIPTION_STATUS',
    `A subscription that is ${subscription.status.toLowerCase()} cannot be ${done}`,
    `Only one that is ${wanted.map((each) => each.toLowerCase()).join(' or ')} can be.`,
  )
}
