import type { Plan } from '@shared/api-definition'
import type { Subscription, SubscriptionDetails } from '@shared/subscriptions'
import type { Store } from '../../workspace/store'
import { runningRevision } from '../api-state'
import { apiOf } from '../lookup'

/** A plan of the draft or, where it is not there any more, of what runs. */
export function planOf(store: Store, apiId: string, planId: string): Plan | undefined {
  const isIt = ({ id }: Plan) => id === planId
  return apiOf(store, apiId).definition.plans.find(isIt) ?? runningRevision(store, apiId)?.definition.plans.find(isIt)
}

/** A subscription with the names of its parts. */
export function detailsOf(store: Store, apiId: string, subscription: Subscription): SubscriptionDetails {
  const plan = planOf(store, apiId, subscription.planId)
  const domain = store.domains().find(({ id }) => id === subscription.domainId)
  const application = domain?.applications.find(({ id }) => id === subscription.applicationId)
  return {
    ...subscription,
    ...(plan === undefined ? {} : { planName: plan.name, planSecurity: plan.security.type }),
    ...(domain === undefined ? {} : { domainName: domain.name }),
    ...(application === undefined ? {} : { applicationName: application.name, clientId: application.clientId }),
  }
}
