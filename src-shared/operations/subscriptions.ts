import { Type } from 'typebox'
import { MAX_OVERLAP_SECONDS } from '../application-settings'
import { SubscriptionDetails } from '../subscriptions'
import { PEM_LIMIT, id, input, ofSubscription, ofApiKey, type OperationList } from './parts'

const Moment = Type.String({ format: 'date-time', description: 'ISO 8601' })

/** A key in the clear: answered once, when it is made. */
const WithApiKey = Type.Object({ subscription: SubscriptionDetails, apiKey: Type.Optional(Type.String()) })

const Overlap = Type.Integer({
  minimum: 0,
  maximum: MAX_OVERLAP_SECONDS,
  description: 'Seconds that the keys before go on to work; 0, at once not any more, unless given',
})

/** Who may call an API by which plan, and their keys. */
export const subscriptionOperations = {
  'subscriptions.list': {
    summary: 'The subscriptions to the plans of an API, newest first',
    input: input({ apiId: id('API') }),
    output: Type.Array(SubscriptionDetails),
  },
  'subscriptions.create': {
    summary:
      'Subscribe an application to a plan; it waits to be accepted where the plan says so. A new API key is answered once',
    input: input({
      apiId: id('API'),
      planId: id('plan'),
      domainId: id('domain'),
      applicationId: id('application'),
      endingAt: Type.Optional(Moment),
      clientCertificate: Type.Optional(
        Type.String({ maxLength: PEM_LIMIT, description: 'PEM; for a plan with certificates' }),
      ),
    }),
    output: WithApiKey,
  },
  'subscriptions.accept': {
    summary: 'Accept a subscription that waits; of a plan with keys the first key is made',
    input: input({ ...ofSubscription, startingAt: Type.Optional(Moment), endingAt: Type.Optional(Moment) }),
    output: WithApiKey,
  },
  'subscriptions.reject': {
    summary: 'Reject a subscription that waits',
    input: input({ ...ofSubscription, reason: Type.Optional(Type.String({ maxLength: 1024 })) }),
    output: SubscriptionDetails,
  },
  'subscriptions.setPeriod': {
    summary: 'Say when a subscription begins and ends; without a moment it counts at once, or does not end',
    input: input({ ...ofSubscription, startingAt: Type.Optional(Moment), endingAt: Type.Optional(Moment) }),
    output: SubscriptionDetails,
  },
  'subscriptions.pause': {
    summary: 'Let nothing in by a subscription until it is resumed',
    input: input(ofSubscription),
    output: SubscriptionDetails,
  },
  'subscriptions.resume': {
    summary: 'Let calls in again by a paused subscription',
    input: input(ofSubscription),
    output: SubscriptionDetails,
  },
  'subscriptions.close': {
    summary: 'Close a subscription for good; its keys are revoked',
    input: input(ofSubscription),
    output: SubscriptionDetails,
  },
  'apiKeys.renew': {
    summary: 'Make another key of a subscription, answered once; those before go on for the overlap',
    input: input({ ...ofSubscription, overlapSeconds: Type.Optional(Overlap) }),
    output: WithApiKey,
  },
  'apiKeys.setExpiry': {
    summary: 'Say when a key expires; without a moment it does not',
    input: input({ ...ofApiKey, expiresAt: Type.Optional(Moment) }),
    output: SubscriptionDetails,
  },
  'apiKeys.revoke': {
    summary: 'Revoke a key: it is refused from the next call on',
    input: input(ofApiKey),
    output: SubscriptionDetails,
  },
} as const satisfies OperationList
