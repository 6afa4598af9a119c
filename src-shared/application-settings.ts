import { Type, type Static, type TSchema } from 'typebox'
import { Application, ClientAuthenticationMethod } from './domain'
import { FieldError } from './problem'
import { SigningAlgorithm } from './signing-key'

const { properties } = Application

/** Null: as it is by default. */
const orDefault = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))

/** What of an application a person chooses, beside its name and kind. What is left out stays as it is, or as its kind has it. */
export const ApplicationSettings = Type.Object({
  description: properties.description,
  enabled: Type.Optional(properties.enabled),
  tokenEndpointAuthMethod: orDefault(ClientAuthenticationMethod),
  jwks: properties.jwks,
  grantTypes: Type.Optional(properties.grantTypes),
  redirectUris: properties.redirectUris,
  postLogoutRedirectUris: properties.postLogoutRedirectUris,
  allowedOrigins: properties.allowedOrigins,
  allowedResources: properties.allowedResources,
  scopeSettings: Type.Optional(properties.scopeSettings),
  enhanceScopesWithUserPermissions: properties.enhanceScopesWithUserPermissions,
  forcePKCE: properties.forcePKCE,
  forceS256CodeChallengeMethod: properties.forceS256CodeChallengeMethod,
  requireParRequest: properties.requireParRequest,
  skipConsent: properties.skipConsent,
  accessTokenValiditySeconds: Type.Optional(properties.accessTokenValiditySeconds),
  refreshTokenValiditySeconds: properties.refreshTokenValiditySeconds,
  idTokenValiditySeconds: properties.idTokenValiditySeconds,
  disableRefreshTokenRotation: properties.disableRefreshTokenRotation,
  signingAlgorithm: orDefault(SigningAlgorithm),
  userinfoSignedResponseAlg: orDefault(SigningAlgorithm),
  tokenCustomClaims: properties.tokenCustomClaims,
})
export type ApplicationSettings = Static<typeof ApplicationSettings>

/** What of an application cannot be, and what keeps it from working, or from working well, although it can be. */
export const ApplicationCheck = Type.Object({ errors: Type.Array(FieldError), warnings: Type.Array(FieldError) })
export type ApplicationCheck = Static<typeof ApplicationCheck>

/** Secrets that an application may have beside its main one. */
export const MAX_FURTHER_SECRETS = 10
/** Longest that a replaced secret may stay valid: 30 days in seconds. */
export const MAX_OVERLAP_SECONDS = 2_592_000
