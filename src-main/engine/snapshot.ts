import type { ApiDefinition } from '@shared/api-definition'
import type {
  AccessTokenFormat,
  ApplicationType,
  Branding,
  ClientAuthenticationMethod,
  GrantType,
  Scope,
  TokenCustomClaim,
} from '@shared/domain'
import type { SigningAlgorithm } from '@shared/signing-key'
import type { SubscriptionStatus } from '@shared/subscriptions'

/**
 * Everything the engine runs, as one immutable value: references resolved, secrets in the clear, only what is deployed.
 * It crosses a thread (`snapshot-message.ts`), lives in memory only, and is never logged.
 */
export interface Snapshot {
  /** Grows with every snapshot that is built; tells two of them apart. */
  readonly version: number
  readonly gateway: ListenAddress
  readonly authorization: ListenAddress
  /** By which clients reach the authorization server, where that is not where it listens: `https://login.example.com`. */
  readonly publicAuthorizationAddress?: string
  /** Certificates of authorities, PEM, that may vouch for other servers beside those that Node trusts; none when undefined. */
  readonly authorities?: readonly string[]
  readonly domains: readonly DomainSnapshot[]
  readonly apis: readonly ApiSnapshot[]
  /** To plans of the APIs, whatever their state: of those that do not count the gateway says why. */
  readonly subscriptions?: readonly SubscriptionSnapshot[]
  /** Values that expressions of every API can read; none when undefined. */
  readonly dictionaries?: readonly DictionarySnapshot[]
}

/** Port 0 picks a free one. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
  /** HTTPS with this certificate; HTTP without. */
  readonly tls?: ServerCertificate
  /** Why it does not listen, in a sentence with the remedy: HTTPS is wanted and cannot be had, and HTTP would be less. */
  readonly refused?: string
}

/** What a server proves itself with. PEM; the server's certificate first, then those that lead to its authority. */
export interface ServerCertificate {
  readonly certificate: string
  readonly key: string
  /** Clients are asked for a certificate. One that shows none, or one by whomever, is let in all the same: plans and policies judge. */
  readonly asksClients?: boolean
}

export interface DomainSnapshot {
  readonly id: string
  readonly name: string
  readonly path: string
  readonly enabled: boolean
  readonly scopes: readonly Scope[]
  /** At least one is active, and at most one an algorithm; the first active one signs where no other algorithm is asked for. */
  readonly keys: readonly KeySnapshot[]
  readonly applications: readonly ApplicationSnapshot[]
  readonly users: readonly UserSnapshot[]
  readonly branding: Branding
  /** Seconds that a login lasts. */
  readonly sessionSeconds: number
  /** Wrong passwords in a row before an account is blocked, and for how many seconds. */
  readonly maxLoginAttempts: number
  readonly accountBlockedSeconds: number
  readonly accessTokenFormat: AccessTokenFormat
}

export interface KeySnapshot {
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  readonly status: 'active' | 'retired'
  /** When a retired key is over, in milliseconds since the epoch; undefined when it verifies until it is removed. */
  readonly expiresAt?: number
  /** HS256, HS384, HS512: the secret, base64url. Others: the private key as a JWK. */
  readonly material: { readonly secret: string } | { readonly privateJwk: Readonly<Record<string, unknown>> }
}

/** One secret that a client may authenticate with. */
export interface ClientSecretSnapshot {
  readonly id: string
  /** As a person called it. */
  readonly name?: string
  readonly secret: string
  /** Milliseconds since the epoch; it is not accepted from then on. */
  readonly expiresAt?: number
}

export interface ApplicationSnapshot {
  readonly id: string
  readonly name: string
  readonly type: ApplicationType
  readonly enabled: boolean
  readonly clientId: string
  /** The newest first; none for a public client. */
  readonly secrets: readonly ClientSecretSnapshot[]
  /** How it may authenticate; exactly these. */
  readonly authenticationMethods: readonly ClientAuthenticationMethod[]
  /** Its public keys, as JWKs. */
  readonly jwks: readonly Readonly<Record<string, unknown>>[]
  readonly grantTypes: readonly GrantType[]
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly allowedResources: readonly string[]
  readonly scopeSettings: readonly { readonly scope: string; readonly defaultScope: boolean }[]
  readonly enhanceScopesWithUserPermissions: boolean
  readonly demandsPkce: boolean
  /** The code challenge method `plain` is taken too. */
  readonly allowsPlainPkce: boolean
  readonly requireParRequest: boolean
  readonly skipConsent: boolean
  /** Seconds. */
  readonly accessTokenValiditySeconds: number
  readonly refreshTokenValiditySeconds: number
  readonly idTokenValiditySeconds: number
  /** Each use of a refresh token gives a new one, and the old one is spent. */
  readonly rotatesRefreshTokens: boolean
  /** Undefined: by the domain's default key. */
  readonly signingAlgorithm?: SigningAlgorithm
  /** Undefined: userinfo is answered as JSON. */
  readonly userinfoSigningAlgorithm?: SigningAlgorithm
  readonly customClaims: readonly TokenCustomClaim[]
}

export interface UserSnapshot {
  readonly id: string
  readonly username: string
  /** Neither disabled nor locked by hand. */
  readonly mayLogIn: boolean
  /** As of `password-hash.ts`; undefined: has no password and cannot log in. */
  readonly passwordHash?: string
  /** Standard claims of OpenID Connect Core §5.1 and the user's own ones; without `sub`. */
  readonly claims: Readonly<Record<string, unknown>>
  /** Names. */
  readonly roles: readonly string[]
  readonly groups: readonly string[]
  /** Scopes of the roles, those of the groups' roles included. */
  readonly scopes: readonly string[]
}

/** A deployed revision. The same id and revision is always the same content, so that a compiled API can be kept. */
export interface ApiSnapshot {
  readonly id: string
  readonly revision: number
  /**
   * Changes when a secret that the revision refers to does, or when who is trusted does; the compiled API is then made anew, and
   * with it its connections.
   */
  readonly secretsVersion: string
  readonly definition: ApiDefinition
}

/** An application that may call an API by one of its plans, or may not. */
export interface SubscriptionSnapshot {
  readonly id: string
  readonly apiId: string
  readonly planId: string
  readonly applicationId: string
  readonly applicationName: string
  /** Not while the application is disabled. */
  readonly applicationEnabled: boolean
  /** Of the application's tokens. */
  readonly clientId: string
  readonly status: SubscriptionStatus
  /** Milliseconds since the epoch: it counts from then on, and up to then. */
  readonly startingAt?: number
  readonly endingAt?: number
  /** SHA-256 in base64url of the certificate (DER) that its calls come with. */
  readonly certificateThumbprint?: string
  readonly apiKeys: readonly ApiKeySnapshot[]
}

export interface ApiKeySnapshot {
  readonly id: string
  /** SHA-256 in base64url of the key: the engine never has the key itself. */
  readonly digest: string
  /** Milliseconds since the epoch; it is not accepted from then on. */
  readonly expiresAt?: number
  readonly revoked: boolean
}

export interface DictionarySnapshot {
  /** What expressions call it by. */
  readonly key: string
  readonly values: Readonly<Record<string, string>>
  /** Those of the values that no record may show. */
  readonly secretValues: readonly string[]
}
