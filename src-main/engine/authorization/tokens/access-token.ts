import { randomUUID } from 'node:crypto'
import type { CompiledApplication, CompiledDomain } from '../compiled-domain'

/** What an access token says, with Access Management's claims. Times in seconds since the epoch. */
export interface AccessTokenClaims {
  readonly sub: string
  /** The client that it was issued to. */
  readonly aud: string
  /** Id of the domain. */
  readonly domain: string
  readonly scope?: string
  readonly iss: string
  readonly exp: number
  readonly iat: number
  readonly jti: string
}

export interface IssuedToken {
  readonly token: string
  /** Whole seconds left: always one less than the lifetime, since the second in which it is issued has begun. */
  readonly expiresIn: number
}

/** Signs a token by which the application acts for itself (RFC 6749 §4.4): subject and audience are its client id. */
export async function issueAccessToken(
  domain: CompiledDomain,
  application: CompiledApplication,
  scopes: readonly string[],
  { issuer, now }: { readonly issuer: string; readonly now: number },
): Promise<IssuedToken> {
  const { clientId, accessTokenValiditySeconds } = application.snapshot
  const iat = Math.floor(now / 1000)
  const claims: AccessTokenClaims = {
    sub: clientId,
    aud: clientId,
    domain: domain.snapshot.id,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    iss: issuer,
    exp: iat + accessTokenValiditySeconds,
    iat,
    jti: randomUUID(),
  }
  const key = domain.activeKey
  const signingInput = `${key.header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  const signature = await key.sign(signingInput)
  return { token: `${signingInput}.${signature}`, expiresIn: accessTokenValiditySeconds - 1 }
}

/** Whether a verified payload is an access token's: other JWTs may be signed with the same key. */
export function isAccessTokenClaims(payload: unknown): payload is AccessTokenClaims {
  if (typeof payload !== 'object' || payload === null) return false
  const claims = payload as Record<string, unknown>
  return (
    ['sub', 'aud', 'domain', 'iss', 'jti'].every((name) => typeof claims[name] === 'string') &&
    (claims.scope === undefined || typeof claims.scope === 'string') &&
    Number.isSafeInteger(claims.exp) &&
    Number.isSafeInteger(claims.iat)
  )
}
