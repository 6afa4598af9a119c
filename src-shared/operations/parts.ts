import { Type, type TSchema } from 'typebox'

/** Characters of a certificate chain or key as text: more than any has. */
export const PEM_LIMIT = 100_000
export const Empty = Type.Object({}, { additionalProperties: false })
export const id = (what: string) => Type.String({ minLength: 1, description: `Id of the ${what}` })
export const input = <P extends Record<string, TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false })
export const ofApplication = { domainId: id('domain'), applicationId: id('application') }
export const ofSubscription = { apiId: id('API'), subscriptionId: id('subscription') }
export const ofApiKey = { ...ofSubscription, keyId: id('key') }
export const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 }))

/** Operations by name. */
export type OperationList = Record<string, { summary: string; input: TSchema; output: TSchema }>
