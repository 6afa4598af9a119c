import { Type, type Static } from 'typebox'

/** As of Gravitee. Only an accepted one lets calls in. */
export const SubscriptionStatus = Type.Union([
  Type.Literal('PENDING', { description: 'Waits to be accepted' }),
  Type.Literal('ACCEPTED'),
  Type.Literal('REJECTED'),
  Type.Literal('PAUSED', { description: 'Lets nothing in until it is resumed' }),
  Type.Literal('CLOSED', { description: 'For good' }),
])
export type SubscriptionStatus = Static<typeof SubscriptionStatus>
