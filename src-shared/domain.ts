import { Type, type Static } from 'typebox'

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

/** Signature algorithms a domain can sign with (RFC 7518 §3.1, RFC 8037). */
export const SigningAlgorithm = Type.Union([
  Type.Literal('HS256'),
  Type.Literal('RS256'),
  Type.Literal('ES256'),
  Type.Literal('EdDSA'),
])
export type SigningAlgorithm = Static<typeof SigningAlgorithm>

/** Metadata of a signing key; its private part or secret is sealed in the workspace under `key/<id>`. */
export const SigningKey = Type.Object({
  id: Type.String(),
  kid: Type.String({ description: 'The `kid` of tokens signed by it; unique in the domain' }),
  algorithm: SigningAlgorithm,
  status: Type.Union([Type.Literal('active'), Type.Literal('retired')], {
    description: 'One key is active and signs; retired ones still verify until they are removed',
  }),
  createdAt: Type.String({ description: 'ISO 8601' }),
})
export type SigningKey = Static<typeof SigningKey>

export const ApplicationScope = Type.Object({
  scope: ScopeKey,
  defaultScope: Type.Boolean({ description: 'Granted when a token request names no scope' }),
})

/** An OAuth2 client of a domain, with Access Management's names. Its secret is sealed under `application/<id>`. */
export const Application = Type.Object({
  id: Type.String(),
  name: Name,
  description: Type.Optional(Type.String({ maxLength: 1024 })),
  type: Type.Literal('service', { description: 'Backend to backend: client credentials' }),
  enabled: Type.Boolean(),
  clientId: Type.String({ minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' }),
  clientSecret: Type.String({
    description: 'A secret reference, never the secret: secret://gatehouse/… or secret://env/…',
  }),
  grantTypes: Type.Array(Type.Literal('client_credentials')),
  scopeSettings: Type.Array(ApplicationScope),
  accessTokenValiditySeconds: Type.Integer({ minimum: 1, maximum: 31_536_000, description: 'Seconds' }),
  createdAt: Type.String(),
  updatedAt: Type.String(),
})
export type Application = Static<typeof Application>

/** A security domain, as it is kept in `domains/<path>.json`. */
export const Domain = Type.Object({
  id: Type.String(),
  name: Name,
  path: DomainPath,
  description: Type.Optional(Type.String({ maxLength: 1024 })),
  enabled: Type.Boolean(),
  scopes: Type.Array(Scope),
  keys: Type.Array(SigningKey),
  applications: Type.Array(Application),
  createdAt: Type.String(),
  updatedAt: Type.String(),
})
export type Domain = Static<typeof Domain>

/** The `kid` of a domain's default HS256 secret, as Access Management publishes it. */
export const DEFAULT_KEY_ID = 'default-gravitee-AM-key'
/** Default access-token lifetime in seconds (Access Management's). */
export const DEFAULT_ACCESS_TOKEN_VALIDITY_SECONDS = 7200
