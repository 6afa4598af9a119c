import type { SubscriptionStatus } from '@shared/subscriptions'

/** What a subscription's status is called, and how it looks. */
export const subscriptionStatuses: Readonly<
  Record<SubscriptionStatus, { readonly label: string; readonly color: 'success' | 'neutral' | 'warning' | 'error' }>
> = {
  PENDING: { label: 'Waits to be accepted', color: 'warning' },
  ACCEPTED: { label: 'Accepted', color: 'success' },
  PAUSED: { label: 'Paused', color: 'warning' },
  REJECTED: { label: 'Rejected', color: 'error' },
  CLOSED: { label: 'Closed', color: 'neutral' },
}
