import type { ResourceTest } from '@shared/operations'
import type { SigningAlgorithm } from '@shared/signing-key'
import type { Evidence } from '@shared/traffic'
import type { Static, TObject } from 'typebox'
import type { CertificateFault } from '../tls/certificate-fault'
import type { Connectors } from '../tls/connector'

/** What an authorization-server resource says of a token. */
export type Introspection =
  /** `claims` is the introspection answer as it came (RFC 7662 §2.2); `inProcess` is there where this engine is the server. */
  | {
      readonly outcome: 'active'
      readonly claims: Readonly<Record<string, unknown>>
      readonly inProcess: IntrospectionInProcess | undefined
    }
  /** `reason` is known only where this engine is the server: why, in a sentence. The caller is never told. */
  | {
      readonly outcome: 'inactive'
      readonly inProcess: boolean
      readonly reason?: string
      readonly evidence?: readonly Evidence[]
    }
  | { readonly outcome: 'unreadable'; readonly sentence: string; readonly evidence: readonly Evidence[] }
  | {
      readonly outcome: 'unavailable'
      readonly sentence: string
      readonly evidence: readonly Evidence[]
      /** Where its certificate is not accepted. */
      readonly fault?: CertificateFault
    }

/** What the request's record tells of an introspection in process that found the token active. */
export interface IntrospectionInProcess {
  readonly domainPath: string
  readonly durationMs: number
}

/** A resource that can tell whether a token is good. */
export interface TokenAuthority {
  readonly kind: 'token-authority'
  readonly name: string
  readonly type: string
  /** Claim that names the user. */
  readonly userClaim: string
  /** Path of the domain where it is one of this engine, for remedies. */
  readonly localDomainPath?: string | undefined
  /** @param digest gives that of the token, where somebody keeps it; asked for only in process */
  introspect(token: string, digest?: () => string): Introspection | Promise<Introspection>
}

/** A resource that remembers values for a while. */
export interface Cache {
  readonly kind: 'cache'
  readonly name: string
  get(key: string): unknown
  /** `expiresAt` in milliseconds since the epoch; never kept longer than the cache's own limits. */
  set(key: string, value: unknown, expiresAt: number): void
  delete(key: string): void
}

export type BoundResource = TokenAuthority | Cache

/** The enabled resources of one API, by name. */
export type BoundResources = ReadonlyMap<string, BoundResource>

/** In-process way to a domain of this very engine; undefined when the address is not ours. */
export interface LocalAuthorization {
  /** Whether the URL's host and port are those of this engine's authorization server. */
  serves(url: URL): boolean
  /**
   * The outcome that POST /:domainPath/oauth/introspect with these credentials would have, with the reason. Give the same
   * `client` object for the same credentials, never a changed one: accepted ones are known again by it. It has a record of its
   * own unless the token is active: then the caller's record tells of it.
   *
   * @param digest of the token, as of `tokenDigest`, where it is known
   */
  introspect(
    domainPath: string,
    client: { readonly clientId: string; readonly clientSecret: string },
    token: string,
    digest?: string,
  ): LocalIntrospection | Promise<LocalIntrospection>
  /** The domain that the issuer is, and its key with this kid if it has one that is not over; undefined when it is none of ours. */
  keyOf(issuer: string, kid: string | undefined): DomainKey | undefined
}

/** A domain of this engine with one of its keys. */
export interface DomainKey {
  readonly domainName: string
  readonly domainPath: string
  /** Of all its keys. */
  readonly kids: readonly string[]
  /** The same object as long as the key is the same. */
  readonly key?: {
    readonly kid: string
    readonly algorithm: SigningAlgorithm
    verify(signingInput: string, signature: string): boolean
  }
}

export type LocalIntrospection =
  | { readonly status: 200; readonly active: true; readonly claims: Readonly<Record<string, unknown>> }
  | { readonly status: 200; readonly active: false; readonly reason: string; readonly evidence: readonly Evidence[] }
  /** 401: the credentials are not accepted. 404: no such domain. */
  | { readonly status: 401 | 404; readonly reason: string }

export interface ResourceDefinition<S extends TObject = TObject> {
  readonly id: string
  readonly name: string
  readonly summary: string
  readonly icon: string
  readonly configuration: S
  readonly guide: string
  create(
    name: string,
    configuration: Static<S>,
    local: LocalAuthorization,
    connectors: Connectors,
  ): { readonly bound: BoundResource; close(): void }
  /** Tries the configuration for real, step by step. */
  test?(configuration: Static<S>, local: LocalAuthorization, connectors: Connectors): Promise<ResourceTest>
}

export function defineResource<S extends TObject>(definition: ResourceDefinition<S>): ResourceDefinition<S> {
  return definition
}
