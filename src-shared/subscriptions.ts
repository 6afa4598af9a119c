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

const Moment = Type.String({ format: 'date-time', description: 'ISO 8601' })

/** A key of a subscription; its value is sealed under `subscription/<subscription>/<id>` and shown once. */
export const ApiKey = Type.Object({
  id: Type.String({ minLength: 1 }),
  hint: Type.String({ description: 'The last characters of the key, to know it again' }),
  createdAt: Moment,
  expiresAt: Type.Optional(Moment),
  revokedAt: Type.Optional(Moment),
})
export type ApiKey = Static<typeof ApiKey>

/** An application that may call an API by one of its plans, or wants to. */
export const Subscription = Type.Object({
  id: Type.String({ minLength: 1 }),
  planId: Type.String({ minLength: 1 }),
  domainId: Type.String({ minLength: 1 }),
  applicationId: Type.String({ minLength: 1 }),
  status: SubscriptionStatus,
  createdAt: Moment,
  processedAt: Type.Optional(Type.String({ format: 'date-time', description: 'When it was accepted or rejected' })),
  startingAt: Type.Optional(Moment),
  endingAt: Type.Optional(Moment),
  pausedAt: Type.Optional(Moment),
  closedAt: Type.Optional(Moment),
  reason: Type.Optional(Type.String({ maxLength: 1024, description: 'Why it was rejected' })),
  clientCertificate: Type.Optional(
    Type.String({ maxLength: 100_000, description: 'PEM: by which a plan with certificates knows the client' }),
  ),
  apiKeys: Type.Optional(Type.Array(ApiKey, { description: 'The newest first' })),
})
export type Subscription = Static<typeof Subscription>

/** `subscriptions/<api>.json`: all of one API, oldest first. */
export const SubscriptionsDocument = Type.Object({
  apiId: Type.String({ minLength: 1 }),
  subscriptions: Type.Array(Subscription),
})
export type SubscriptionsDocument = Static<typeof SubscriptionsDocument>

/** A subscription with the names that people know its parts by; without one where the part is not there any more. */
export const SubscriptionDetails = Type.Object({
  ...Subscription.properties,
  planName: Type.Optional(Type.String()),
  planSecurity: Type.Optional(Type.String()),
  applicationName: Type.Optional(Type.String()),
  clientId: Type.Optional(Type.String()),
  domainName: Type.Optional(Type.String()),
})
export type SubscriptionDetails = Static<typeof SubscriptionDetails>

/** Whether a key is accepted at a moment, as far as itself goes. @param now milliseconds since the epoch */
export function isKeyGood({ expiresAt, revokedAt }: Pick<ApiKey, 'expiresAt' | 'revokedAt'>, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || Date.parse(expiresAt) > now)
}

/** Where the value of a key is sealed. */
export const apiKeySecretId = (subscriptionId: string, keyId: string) => `subscription/${subscriptionId}/${keyId}`
