import { Type, type Static } from 'typebox'
import { KeyRotation, SigningAlgorithm, SigningKey } from './signing-key'

/** Scope tokens of RFC 6749 §3.3: printable ASCII without space, quote and backslash. */
export const ScopeKey = Type.String({ pattern: '^[!#-\\[\\]-~]+$', minLength: 1, maxLength: 128 })

/** Path of a security domain, the first segment of every address of its authorization server. */
export const DomainPath = Type.String({ pattern: '^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$', minLength: 1, maxLength: 64 })

export const Name = Type.String({ minLength: 1, maxLength: 128, pattern: '\\S' })

export const Scope = Type.Object({
  key: ScopeKey,
  name: Type.Optional(Type.String({ maxLength: 128 })),
  description: Type.Optional(Type.String({ maxLength: 1024 })),
})
export type Scope = Static<typeof Scope>

export const ApplicationScope = Type.Object({
  scope: ScopeKey,
  defaultScope: Type.Boolean({ description: 'Granted when a token request names no scope' }),
})

export type ApplicationScope = Static<typeof ApplicationScope>

/** Kinds of applications, with Access Management's names; `browser` is a single-page application. */
export const ApplicationType = Type.Union([
  Type.Literal('web'),
  Type.Literal('browser'),
  Type.Literal('native'),
  Type.Literal('service'),
  Type.Literal('resource_server'),
  Type.Literal('agent'),
])
export type ApplicationType = Static<typeof ApplicationType>

/** Values of `grant_type` (RFC 6749); `password` is legacy (RFC 9700 §2.4 says it must not be used). */
export const GrantType = Type.Union([
  Type.Literal('authorization_code'),
  Type.Literal('refresh_token'),
  Type.Literal('client_credentials'),
  Type.Literal('password'),
])
export type GrantType = Static<typeof GrantType>

/** How a client proves who it is (OpenID Connect Core §9). */
export const ClientAuthenticationMethod = Type.Union([
  Type.Literal('client_secret_basic'),
  Type.Literal('client_secret_post'),
  Type.Literal('client_secret_jwt'),
  Type.Literal('private_key_jwt'),
  Type.Literal('none'),
])
export type ClientAuthenticationMethod = Static<typeof ClientAuthenticationMethod>

/** A reference, never the secret itself: secret://gatehouse/… or secret://env/GATEHOUSE_SECRET_… */
const SecretReferenceText = Type.String({
  description: 'A secret reference, never the secret: secret://gatehouse/… or secret://env/GATEHOUSE_SECRET_…',
})

const Expiry = Type.String({ format: 'date-time', description: 'ISO 8601; it is not accepted from then on' })

/** One more secret of an application, so that it can be rotated without a gap. Sealed under `application/<id>/<secret id>`. */
export const ApplicationSecret = Type.Object({
  id: Type.String({ minLength: 1 }),
  name: Type.Optional(Type.String({ maxLength: 128 })),
  secret: SecretReferenceText,
  createdAt: Type.String(),
  expiresAt: Type.Optional(Expiry),
})
export type ApplicationSecret = Static<typeof ApplicationSecret>

/** A claim that tokens of the application carry beside their own, with Access Management's names. */
export const TokenCustomClaim = Type.Object({
  tokenType: Type.Union([Type.Literal('ACCESS_TOKEN'), Type.Literal('ID_TOKEN')]),
  claimName: Type.String({ minLength: 1, maxLength: 128, pattern: '^[\\x21-\\x7e]+$' }),
  claimValue: Type.String({
    maxLength: 4096,
    description: "Text, or an expression over the request's client and user: {#context.attributes['user'].email}",
  }),
})
export type TokenCustomClaim = Static<typeof TokenCustomClaim>

const Uri = Type.String({ minLength: 1, maxLength: 2048 })
const Validity = Type.Integer({ minimum: 1, maximum: 31_536_000, description: 'Seconds' })

/**
 * An OAuth2 client of a domain, with Access Management's names. Its secret is sealed under `application/<id>`. What is optional has
 * a default by the application's kind (`application-kinds.ts`).
 */
export const Application = Type.Object({
  id: Type.String(),
  name: Name,
  description: Type.Optional(Type.String({ maxLength: 1024 })),
  type: ApplicationType,
  enabled: Type.Boolean(),
  clientId: Type.String({ minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' }),
  clientSecret: Type.Optional(SecretReferenceText),
  clientSecretName: Type.Optional(Type.String({ maxLength: 128 })),
  clientSecretCreatedAt: Type.Optional(Type.String({ format: 'date-time', description: 'ISO 8601' })),
  clientSecretExpiresAt: Type.Optional(Expiry),
  furtherSecrets: Type.Optional(Type.Array(ApplicationSecret)),
  tokenEndpointAuthMethod: Type.Optional(ClientAuthenticationMethod),
  jwks: Type.Optional(
    Type.Object(
      { keys: Type.Array(Type.Record(Type.String(), Type.Unknown()), { maxItems: 20 }) },
      { description: 'Public keys of a client that authenticates by private_key_jwt (RFC 7517 §5)' },
    ),
  ),
  grantTypes: Type.Array(GrantType),
  redirectUris: Type.Optional(Type.Array(Uri, { maxItems: 100 })),
  postLogoutRedirectUris: Type.Optional(Type.Array(Uri, { maxItems: 100 })),
  allowedOrigins: Type.Optional(
    Type.Array(Uri, { maxItems: 100, description: 'Origins of pages that may call the endpoints (CORS)' }),
  ),
  allowedResources: Type.Optional(
    Type.Array(Uri, { maxItems: 100, description: 'APIs that a token may be asked for (RFC 8707)' }),
  ),
  scopeSettings: Type.Array(ApplicationScope),
  enhanceScopesWithUserPermissions: Type.Optional(
    Type.Boolean({ description: "Tokens get the scopes of the user's roles too" }),
  ),
  forcePKCE: Type.Optional(Type.Boolean({ description: 'RFC 7636; always so for clients without a secret' })),
  forceS256CodeChallengeMethod: Type.Optional(
    Type.Boolean({ description: 'Refuses the method plain; true unless set' }),
  ),
  requireParRequest: Type.Optional(Type.Boolean({ description: 'Takes authorization requests by RFC 9126 only' })),
  skipConsent: Type.Optional(Type.Boolean({ description: 'The user is not asked for consent' })),
  accessTokenValiditySeconds: Validity,
  refreshTokenValiditySeconds: Type.Optional(Validity),
  idTokenValiditySeconds: Type.Optional(Validity),
  disableRefreshTokenRotation: Type.Optional(Type.Boolean()),
  signingAlgorithm: Type.Optional(SigningAlgorithm),
  userinfoSignedResponseAlg: Type.Optional(SigningAlgorithm),
  tokenCustomClaims: Type.Optional(Type.Array(TokenCustomClaim, { maxItems: 100 })),
  createdAt: Type.String(),
  updatedAt: Type.String(),
})
export type Application = Static<typeof Application>

/** A name for scopes: users get those of their roles, and of the roles of their groups. */
export const Role = Type.Object({
  id: Type.String(),
  name: Name,
  description: Type.Optional(Type.String({ maxLength: 1024 })),
  oauthScopes: Type.Array(ScopeKey),
})
export type Role = Static<typeof Role>

export const Group = Type.Object({
  id: Type.String(),
  name: Name,
  description: Type.Optional(Type.String({ maxLength: 1024 })),
  members: Type.Array(Type.String({ description: 'Ids of users' })),
  roles: Type.Array(Type.String({ description: 'Ids of roles' })),
})
export type Group = Static<typeof Group>

/**
 * Somebody who logs in to a domain, with Access Management's names. The hash of the password is sealed under `user/<id>`; a user
 * without one cannot log in.
 */
export const User = Type.Object({
  id: Type.String(),
  username: Type.String({
    minLength: 1,
    maxLength: 255,
    pattern: '^[^\\x00-\\x1f\\x7f]*[^\\s\\x00-\\x1f\\x7f][^\\x00-\\x1f\\x7f]*$',
  }),
  enabled: Type.Boolean(),
  accountNonLocked: Type.Optional(Type.Boolean({ description: 'False: locked by hand' })),
  email: Type.Optional(Type.String({ maxLength: 320 })),
  emailVerified: Type.Optional(Type.Boolean()),
  firstName: Type.Optional(Type.String({ maxLength: 256 })),
  lastName: Type.Optional(Type.String({ maxLength: 256 })),
  displayName: Type.Optional(Type.String({ maxLength: 256 })),
  additionalInformation: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description:
        'Further claims of OpenID Connect Core §5.1: phone_number, address, locale …, and claims of one’s own',
    }),
  ),
  roles: Type.Optional(Type.Array(Type.String({ description: 'Ids of roles' }))),
  createdAt: Type.String(),
  updatedAt: Type.String(),
})
export type User = Static<typeof User>

/** How the pages of a domain look. */
export const Branding = Type.Object({
  logo: Type.Optional(
    Type.String({
      maxLength: 350_000,
      pattern: '^data:image/(png|jpeg|webp|svg\\+xml);base64,[A-Za-z0-9+/]+={0,2}$',
      description: 'A picture as a data: address, 256 KiB at most',
    }),
  ),
  color: Type.Optional(Type.String({ pattern: '^#[0-9a-fA-F]{6}$' })),
})
export type Branding = Static<typeof Branding>

/** How logins of a domain last, and when guessing is stopped. */
export const LoginSettings = Type.Object({
  sessionSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 31_536_000, description: 'Seconds' })),
  maxLoginAttempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  accountBlockedSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 604_800, description: 'Seconds' })),
})
export type LoginSettings = Static<typeof LoginSettings>

/** Access tokens with Access Management's claims, or by the profile of RFC 9068. */
export const AccessTokenFormat = Type.Union([Type.Literal('am'), Type.Literal('rfc9068')])
export type AccessTokenFormat = Static<typeof AccessTokenFormat>

/** A security domain, as it is kept in `domains/<path>.json`. */
export const Domain = Type.Object({
  id: Type.String(),
  name: Name,
  path: DomainPath,
  description: Type.Optional(Type.String({ maxLength: 1024 })),
  enabled: Type.Boolean(),
  scopes: Type.Array(Scope),
  keys: Type.Array(SigningKey, { description: 'The first active one signs, unless another algorithm is asked for' }),
  keyRotation: Type.Optional(KeyRotation),
  applications: Type.Array(Application),
  users: Type.Optional(Type.Array(User)),
  roles: Type.Optional(Type.Array(Role)),
  groups: Type.Optional(Type.Array(Group)),
  branding: Type.Optional(Branding),
  loginSettings: Type.Optional(LoginSettings),
  accessTokenFormat: Type.Optional(AccessTokenFormat),
  createdAt: Type.String(),
  updatedAt: Type.String(),
})
export type Domain = Static<typeof Domain>

/** A domain as operations answer it: its users and groups, of whom there may be many thousands, are listed page by page. */
export const DomainOverview = Type.Object({
  ...Type.Omit(Domain, ['users', 'groups']).properties,
  userCount: Type.Integer({ minimum: 0 }),
  groupCount: Type.Integer({ minimum: 0 }),
})
export type DomainOverview = Static<typeof DomainOverview>

/** Default access-token lifetime in seconds (Access Management's). */
export const DEFAULT_ACCESS_TOKEN_VALIDITY_SECONDS = 7200
/** How long a login lasts, and when guessing is stopped, unless a domain says otherwise. */
export const DEFAULT_SESSION_SECONDS = 8 * 3600
export const DEFAULT_MAX_LOGIN_ATTEMPTS = 10
export const DEFAULT_ACCOUNT_BLOCKED_SECONDS = 300
