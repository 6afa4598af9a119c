import { hash } from 'node:crypto'
import { signingAlgorithms, type SigningAlgorithm } from '@shared/signing-key'
import { customClaimsOf } from '../claims/custom-claims'
import { claimsByRequest, claimsByScope } from '../claims/user-claims'
import type { CompiledApplication, CompiledDomain } from '../compiled-domain'
import type { UserGrant } from '../grants/user-grant'
import { requireIdTokenSigner } from './id-token-signer'
import { signJwt } from './sign-jwt'

/** What an ID token says beside the user's claims (OpenID Connect Core §2). Times in seconds since the epoch. */
export interface IdTokenClaims {
  readonly iss: string
  /** Id of the user. */
  readonly sub: string
  /** The client alone, so that no `azp` is needed. */
  readonly aud: string
  readonly exp: number
  readonly iat: number
  readonly auth_time: number
  readonly nonce?: string
  readonly at_hash?: string
  readonly acr?: string
  readonly amr: readonly string[]
  /** See `sidOf`. */
  readonly sid?: string
}

export interface IdTokenIssue {
  readonly issuer: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The one that is issued with it, for `at_hash`. */
  readonly accessToken?: string
}

/**
 * Makes the ID token of a grant (OpenID Connect Core §2, §3.1.3.6) with the claims of its scopes, as Access Management does, and those
 * asked for by the parameter `claims`. At a refresh the caller leaves the grant's `nonce` out (§12.2).
 *
 * @throws OAuthRefusal when no key can sign it: ask `requireIdTokenSigner` before something is spent for it
 */
export async function issueIdToken(
  domain: CompiledDomain,
  application: CompiledApplication,
  grant: UserGrant,
  { issuer, now, accessToken }: IdTokenIssue,
): Promise<string> {
  const signer = requireIdTokenSigner(domain, application, now)
  const user = domain.users.get(grant.userId)
  const iat = Math.floor(now / 1000)
  const { nonce, acr, sessionId } = grant
  const claims: IdTokenClaims = {
    iss: issuer,
    sub: grant.userId,
    aud: application.snapshot.clientId,
    exp: iat + application.snapshot.idTokenValiditySeconds,
    iat,
    auth_time: grant.authTime,
    ...(nonce === undefined ? {} : { nonce }),
    ...(accessToken === undefined ? {} : { at_hash: leftHalfHash(signer.algorithm, accessToken) }),
    ...(acr === undefined ? {} : { acr }),
    amr: grant.amr,
    ...(sessionId === undefined ? {} : { sid: sidOf(sessionId) }),
  }
  const ofUser =
    user === undefined ? {} : { ...claimsByScope(user, grant.scopes), ...claimsByRequest(user, grant.claims?.id_token) }
  const added = customClaimsOf(application, 'ID_TOKEN', {
    scopes: grant.scopes,
    grant,
    ...(user === undefined ? {} : { user }),
  })
  return signJwt(signer, { ...ofUser, ...added, ...claims })
}

/** The `sid` by which a logout finds the session: the start of its id, which is a digest already, 132 bits of it. */
export function sidOf(sessionId: string): string {
  return sessionId.slice(0, 22)
}

/** The left half of the hash of a token, by the hash of the signature's algorithm (OpenID Connect Core §3.1.3.6). */
function leftHalfHash(algorithm: SigningAlgorithm, token: string): string {
  const traits = signingAlgorithms[algorithm]
  // Ed25519 hashes with SHA-512 (RFC 8032 §5.1), and so clients reckon.
  const digest = hash('hash' in traits ? traits.hash : 'sha512', token, 'buffer')
  return digest.subarray(0, digest.length / 2).toString('base64url')
}
