/** How and when a user proved who it is. */
export interface Login {
  readonly userId: string
  /** Digest of the session's cookie (see `sessions/`); undefined when there was no session, as with the password grant. */
  readonly sessionId?: string
  /** Seconds since the epoch (`auth_time`). */
  readonly authTime: number
  /** Methods that were used (RFC 8176), e.g. `pwd`. */
  readonly amr: readonly string[]
  readonly acr?: string
}

/** What a user has granted to an application: the tokens that come of it are one family, and are revoked together. */
export interface UserGrant extends Login {
  /** Every access token of the family begins its `jti` with it and a dot: so one revocation reaches all of them. */
  readonly grantId: string
  readonly clientId: string
  readonly scopes: readonly string[]
  /** Of the authentication request (OpenID Connect Core §3.1.2.1). */
  readonly nonce?: string
  /** Resource indicators that tokens may be asked for (RFC 8707); empty: none was named. */
  readonly resources: readonly string[]
  /** The parameter `claims` (OpenID Connect Core §5.5), read and checked. */
  readonly claims?: RequestedClaims
}

/** Which claims are asked for beside those of the scopes, and where. */
export interface RequestedClaims {
  readonly id_token?: Readonly<Record<string, ClaimRequest>>
  readonly userinfo?: Readonly<Record<string, ClaimRequest>>
}

export type ClaimRequest = {
  readonly essential?: boolean
  readonly value?: unknown
  readonly values?: readonly unknown[]
} | null
