import type { ApiDefinition } from '@shared/api-definition'
import type { Scope, SigningAlgorithm } from '@shared/domain'

/**
 * Everything the engine runs, as one immutable value: references resolved, secrets in the clear, only what is deployed.
 * It crosses a thread by structured clone, lives in memory only, and is never logged.
 */
export interface Snapshot {
  /** Grows with every snapshot that is built; tells two of them apart. */
  readonly version: number
  readonly gateway: ListenAddress
  readonly authorization: ListenAddress
  readonly domains: readonly DomainSnapshot[]
  readonly apis: readonly ApiSnapshot[]
}

/** Port 0 picks a free one. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

export interface DomainSnapshot {
  readonly id: string
  readonly name: string
  readonly path: string
  readonly enabled: boolean
  readonly scopes: readonly Scope[]
  /** Exactly one is active. */
  readonly keys: readonly KeySnapshot[]
  readonly applications: readonly ApplicationSnapshot[]
}

export interface KeySnapshot {
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  readonly status: 'active' | 'retired'
  /** HS256: the secret, base64url. Others: the private key as a JWK. */
  readonly material: { readonly secret: string } | { readonly privateJwk: Readonly<Record<string, unknown>> }
}

export interface ApplicationSnapshot {
  readonly id: string
  readonly name: string
  readonly enabled: boolean
  readonly clientId: string
  readonly clientSecret: string
  readonly grantTypes: readonly string[]
  readonly scopeSettings: readonly { readonly scope: string; readonly defaultScope: boolean }[]
  /** Seconds. */
  readonly accessTokenValiditySeconds: number
}

/** A deployed revision. The same id and revision is always the same content, so that a compiled API can be kept. */
export interface ApiSnapshot {
  readonly id: string
  readonly revision: number
  /** Changes when a secret that the revision refers to does; the compiled API is then made anew. */
  readonly secretsVersion: string
  readonly definition: ApiDefinition
}
