import { randomBytes, randomUUID } from 'node:crypto'
import type { ApplicationSnapshot, DomainSnapshot } from '../../snapshot'
import { signingKeyOf, type CompiledApplication, type CompiledDomain } from '../compiled-domain'
import { customClaimsOf } from '../claims/custom-claims'
import type { Claims } from '../claims/user-claims'
import type { UserGrant } from '../grants/user-grant'

/**
 * What an access token says, with Access Management's claims or, where the domain is set so, with those of RFC 9068 as well. Times in
 * seconds since the epoch.
 */
export interface AccessTokenClaims {
  /** Id of the user, or the client id when the application acts for itself. */
  readonly sub: string
  /** The APIs that it was asked for (RFC 8707); without any, the client that it was issued to or, by RFC 9068 §3, the issuer. */
  readonly aud: string | readonly string[]
  /** The client that it was issued to, where `aud` is not. */
  readonly client_id?: string
  /** Id of the domain. */
  readonly domain: string
  readonly scope?: string
  readonly iss: string
  readonly exp: number
  readonly iat: number
  /** Of a user's token: the id of its family, a dot, and its own. */
  readonly jti: string
  readonly auth_time?: number
  readonly acr?: string
  readonly amr?: readonly string[]
}

/** What a token is issued for. */
export interface AccessTokenOrder {
  readonly scopes: readonly string[]
  /** Empty: none was asked for. */
  readonly resources: readonly string[]
  /** Of the user on whose behalf the application acts; undefined: it acts for itself. */
  readonly grant?: UserGrant
}

export interface SignedAccessToken {
  readonly token: string
  readonly claims: AccessTokenClaims
  /** Whole seconds left: always one less than the lifetime, since the second in which it is issued has begun. */
  readonly expiresIn: number
}

/** Signs an access token with the key of the application's algorithm. */
export async function issueAccessToken(
  domain: CompiledDomain,
  application: CompiledApplication,
  order: AccessTokenOrder,
  context: { readonly issuer: string; readonly now: number },
): Promise<SignedAccessToken> {
  const claims = claimsOf(domain.snapshot, application.snapshot, order, context)
  const payload = { ...customOf(domain, application, order), ...claims }
  const key = signingKeyOf(domain, application)
  const header = domain.snapshot.accessTokenFormat === 'rfc9068' ? key.typedHeader : key.header
  const signingInput = `${header}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`
  const signature = await key.sign(signingInput)
  return {
    token: `${signingInput}.${signature}`,
    claims,
    expiresIn: application.snapshot.accessTokenValiditySeconds - 1,
  }
}

/** What the application adds: it never takes the place of what the token says of itself. */
function customOf({ users }: CompiledDomain, application: CompiledApplication, order: AccessTokenOrder): Claims {
  const { scopes, grant } = order
  const user = grant === undefined ? undefined : users.get(grant.userId)
  return customClaimsOf(application, 'ACCESS_TOKEN', {
    scopes,
    ...(user === undefined ? {} : { user }),
    ...(grant === undefined ? {} : { grant }),
  })
}

function claimsOf(
  domain: DomainSnapshot,
  { clientId, accessTokenValiditySeconds }: ApplicationSnapshot,
  { scopes, resources, grant }: AccessTokenOrder,
  { issuer, now }: { readonly issuer: string; readonly now: number },
): AccessTokenClaims {
  const iat = Math.floor(now / 1000)
  const isProfiled = domain.accessTokenFormat === 'rfc9068'
  const [resource = isProfiled ? issuer : clientId, ...further] = resources
  return {
    sub: grant?.userId ?? clientId,
    aud: further.length === 0 ? resource : resources,
    ...(isProfiled || resources.length > 0 ? { client_id: clientId } : {}),
    domain: domain.id,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    iss: issuer,
    exp: iat + accessTokenValiditySeconds,
    iat,
    jti: grant === undefined ? randomUUID() : `${grant.grantId}.${randomBytes(16).toString('base64url')}`,
    ...(isProfiled && grant !== undefined ? loginClaims(grant) : {}),
  }
}

/** RFC 9068 §2.2.1 */
function loginClaims({ authTime, acr, amr }: UserGrant): Pick<AccessTokenClaims, 'auth_time' | 'acr' | 'amr'> {
  return { auth_time: authTime, ...(acr === undefined ? {} : { acr }), amr }
}

/** The client that a token was issued to. */
export function clientIdOf({ client_id, aud }: AccessTokenClaims): string {
  return client_id ?? (typeof aud === 'string' ? aud : '')
}

/** The family of a user's token; undefined for one by which an application acts for itself. */
export function grantIdOf({ jti }: Pick<AccessTokenClaims, 'jti'>): string | undefined {
  const dot = jti.indexOf('.')
  return dot < 0 ? undefined : jti.slice(0, dot)
}

/** Whether a verified payload is an access token's: other JWTs may be signed with the same key. */
export function isAccessTokenClaims(payload: unknown): payload is AccessTokenClaims {
  if (typeof payload !== 'object' || payload === null) return false
  const claims = payload as Record<string, unknown>
  const { aud, client_id } = claims
  return (
    ['sub', 'domain', 'iss', 'jti'].every((name) => typeof claims[name] === 'string') &&
    ['scope', 'client_id'].every((name) => claims[name] === undefined || typeof claims[name] === 'string') &&
    (typeof aud === 'string' || (isTextList(aud) && client_id !== undefined)) &&
    Number.isSafeInteger(claims.exp) &&
    Number.isSafeInteger(claims.iat)
  )
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')
}
