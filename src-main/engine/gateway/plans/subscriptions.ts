import type { ApiKeySnapshot, SubscriptionSnapshot } from '../../snapshot'
import type { Evidence } from '@shared/traffic'

/** Who has subscribed to what, ready to be asked with each call. */
export interface Subscriptions {
  /** By the digest of an API key, whatever the state of both. */
  byKey(apiId: string, digest: string): SubscribedKey | undefined
  /** The one that counts, where several of the plan are the client's; else the newest. */
  byClient(apiId: string, planId: string, clientId: string): SubscriptionSnapshot | undefined
  byCertificate(apiId: string, planId: string, thumbprint: string): SubscriptionSnapshot | undefined
}

export interface SubscribedKey {
  readonly subscription: SubscriptionSnapshot
  readonly key: ApiKeySnapshot
}

/** @param subscriptions the newest last */
export function indexSubscriptions(subscriptions: readonly SubscriptionSnapshot[]): Subscriptions {
  const keys = new Map<string, SubscribedKey>()
  const clients = new Map<string, SubscriptionSnapshot>()
  const certificates = new Map<string, SubscriptionSnapshot>()
  for (const subscription of subscriptions) {
    const { apiId, planId, clientId, certificateThumbprint } = subscription
    for (const key of subscription.apiKeys) keys.set(`${apiId} ${key.digest}`, { subscription, key })
    keep(clients, `${apiId} ${planId} ${clientId}`, subscription)
    if (certificateThumbprint !== undefined)
      keep(certificates, `${apiId} ${planId} ${certificateThumbprint}`, subscription)
  }
  return {
    byKey: (apiId, digest) => keys.get(`${apiId} ${digest}`),
    byClient: (apiId, planId, clientId) => clients.get(`${apiId} ${planId} ${clientId}`),
    byCertificate: (apiId, planId, thumbprint) => certificates.get(`${apiId} ${planId} ${thumbprint}`),
  }
}

function keep(known: Map<string, SubscriptionSnapshot>, key: string, subscription: SubscriptionSnapshot): void {
  if (known.get(key)?.status === 'ACCEPTED' && subscription.status !== 'ACCEPTED') return
  known.set(key, subscription)
}

const STATES = {
  PENDING: 'waits to be accepted',
  REJECTED: 'was rejected',
  PAUSED: 'is paused',
  CLOSED: 'is closed',
} as const

/** Why a subscription does not count at this moment, to be read after "plan …:"; undefined when it does. @param now milliseconds since the epoch */
export function subscriptionFlaw(
  { status, applicationName, applicationEnabled, startingAt, endingAt }: SubscriptionSnapshot,
  now: number,
): { readonly reason: string; readonly evidence: readonly Evidence[] } | undefined {
  const whose = `the subscription of ${applicationName}`
  if (status !== 'ACCEPTED') return { reason: `${whose} ${STATES[status]}`, evidence: [] }
  if (!applicationEnabled) return { reason: `the application ${applicationName} is disabled`, evidence: [] }
  if (startingAt !== undefined && now < startingAt)
    return { reason: `${whose} has not begun yet`, evidence: [at('Begins', startingAt)] }
  if (endingAt !== undefined && now >= endingAt)
    return { reason: `${whose} is over`, evidence: [at('Ended', endingAt)] }
  return undefined
}

const at = (label: string, time: number): Evidence => ({ label, value: new Date(time).toISOString() })
