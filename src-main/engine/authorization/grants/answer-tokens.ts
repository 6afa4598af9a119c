import type { UserSnapshot } from '../../snapshot'
import { signingKeyOf, type CompiledApplication } from '../compiled-domain'
import { answerOf, type Answer, type Call } from '../http/endpoint'
import { issueAccessToken } from '../tokens/access-token'
import type { IssuedTokens } from '../tokens/issued-tokens'
import { issueIdToken } from '../tokens/id-token'
import { requireIdTokenSigner } from '../tokens/id-token-signer'
import { OPENID } from './scopes'
import type { NewTokens } from './token-families'
import type { UserGrant } from './user-grant'

/** Tokens that a user's grant leads to. */
export interface TokenOrder {
  readonly user: UserSnapshot
  /** As the ID token is to tell it. */
  readonly grant: UserGrant
  /** Of this access token. */
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly refreshToken: string | undefined
}

/** Makes sure that nothing is spent for tokens that cannot be made. @throws OAuthRefusal */
export function requireSigner(call: Call, application: CompiledApplication, scopes: readonly string[]): void {
  if (scopes.includes(OPENID)) requireIdTokenSigner(call.domain, application, call.now)
}

/** Until when tokens last that the application gets now; a refresh token when it may use one (RFC 6749 §1.5). */
export function newTokens({ now }: Call, { snapshot }: CompiledApplication): NewTokens {
  const { accessTokenValiditySeconds, refreshTokenValiditySeconds, grantTypes } = snapshot
  const accessTokenUntil = now + accessTokenValiditySeconds * 1000
  if (!grantTypes.includes('refresh_token')) return { accessTokenUntil }
  return { accessTokenUntil, refreshTokenUntil: now + refreshTokenValiditySeconds * 1000 }
}

/** Signs the tokens and answers them (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3). */
export async function answerTokens(
  call: Call,
  application: CompiledApplication,
  { user, grant, scopes, resources, refreshToken }: TokenOrder,
  issued: IssuedTokens,
): Promise<Answer> {
  const { domain, report } = call
  const { token, claims, expiresIn } = await issueAccessToken(domain, application, { scopes, resources, grant }, call)
  const idToken = scopes.includes(OPENID)
    ? await issueIdToken(domain, application, { ...grant, scopes }, { ...call, accessToken: token })
    : undefined
  issued.add(domain.snapshot.id, claims)
  const { algorithm, kid } = signingKeyOf(domain, application)
  const names = [
    'An access token',
    ...(idToken === undefined ? [] : ['an ID token']),
    ...(refreshToken === undefined ? [] : ['a refresh token']),
  ]
  const shown = `${names.join(', ').replace(/, (?=[^,]*$)/, ' and ')} for ${user.username}`
  report.about({ summary: `${shown}, ${scopes.length === 0 ? 'without scopes' : `with ${scopes.join(' ')}`}` })
  report.trace?.passed('Token', `${shown}; signed with ${algorithm} by key ${kid}; it lasts ${expiresIn} s`, [
    { label: 'Key', value: kid },
    { label: 'Algorithm', value: algorithm },
    ...(resources.length === 0 ? [] : [{ label: 'Resources', value: resources.join(', ').slice(0, 1024) }]),
  ])
  return answerOf({
    access_token: token,
    token_type: 'bearer',
    expires_in: expiresIn,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    ...(idToken === undefined ? {} : { id_token: idToken }),
  })
}
