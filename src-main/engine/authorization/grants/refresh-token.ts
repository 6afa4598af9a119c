import { isPublicClient } from '../client-authentication/require-client'
import type { CompiledApplication } from '../compiled-domain'
import type { Call } from '../http/endpoint'
import { malformed, type OAuthRefusal } from '../http/oauth-refusal'
import { stored } from '../http/stored'
import type { IssuedTokens } from '../tokens/issued-tokens'
import { answerTokens, newTokens, requireSigner, type TokenOrder } from './answer-tokens'
import type { Grant } from './grant'
import { invalidGrant, reportRevokedGrant, requireGrantUser } from './grant-user'
import { grantResources } from './resources'
import { remainingScopes } from './scopes'
import type { NewTokens, Refresh, TokenFamilies } from './token-families'
import type { UserGrant } from './user-grant'

/** New tokens for what a user has granted before (RFC 6749 §6, OpenID Connect Core §12). */
export function refreshToken(families: TokenFamilies, issued: IssuedTokens): Grant {
  return {
    grantType: 'refresh_token',
    // Their tokens are always rotated.
    acceptsPublicClients: true,
    stations: ['Refresh token', 'User', 'Scopes', 'Token'],

    async handle(call, application) {
      const token = call.form.get('refresh_token')
      if (token === undefined) throw malformed('REFRESH_TOKEN_MISSING', 'The parameter refresh_token is missing')
      const { clientId } = application.snapshot
      let order: Omit<TokenOrder, 'refreshToken'> | undefined
      const refreshed = families.refresh(call.domain.snapshot.id, token, clientId, call.now, (grant) => {
        order = requireFit(call, application, grant)
        return tokensOf(call, application)
      })
      const refresh = await stored(refreshed, 'The use of the refresh token', 'REFRESH', 'Try again')
      if (refresh.outcome !== 'fresh') throw refused(call, application, refresh)
      return answerTokens(call, application, { ...order!, refreshToken: refresh.refreshToken }, issued) // it was accepted, which made it
    },
  }
}

/** Checks what the tokens may be. @throws OAuthRefusal */
function requireFit(
  call: Call,
  application: CompiledApplication,
  familyGrant: UserGrant,
): Omit<TokenOrder, 'refreshToken'> {
  // OpenID Connect Core §12.2: the nonce was for the first ID token.
  const { nonce: _nonce, ...grant } = familyGrant
  call.report.proved()
  call.report.trace?.passed('Refresh token', 'It was given to this application and is the newest of its family')
  const user = requireGrantUser(call, grant.userId)
  call.report.trace?.passed('User', `User ${user.username}, who may log in`)
  const scopes = remainingScopes(call, application, user, grant.scopes, call.form.get('scope'))
  const resources = grantResources(call, application, grant.resources)
  requireSigner(call, application, scopes)
  return { user, grant, scopes, resources }
}

/** A public client's token is always rotated: nothing else would show that somebody else has it (RFC 9700 §4.14.2). */
function tokensOf(call: Call, application: CompiledApplication): NewTokens {
  const { accessTokenUntil, ...refresh } = newTokens(call, application)
  const rotates = application.snapshot.rotatesRefreshTokens || isPublicClient(application)
  return { accessTokenUntil, ...(rotates ? refresh : {}) }
}

function refused(
  call: Call,
  { snapshot: { name, refreshTokenValiditySeconds } }: CompiledApplication,
  refresh: Exclude<Refresh, { outcome: 'fresh' }>,
): OAuthRefusal {
  const source = 'RFC 6749 §6'
  switch (refresh.outcome) {
    case 'unknown':
      return invalidGrant('The refresh token is unknown or has expired', {
        key: 'REFRESH_TOKEN_UNKNOWN',
        sentence: 'There is no such refresh token of this domain: it has expired, or was never given out',
        source,
        evidence: [{ label: 'A refresh token of the application lasts', value: `${refreshTokenValiditySeconds} s` }],
      })
    case 'foreign':
      return invalidGrant('The refresh token was given to another client', {
        key: 'TOKEN_OF_ANOTHER_CLIENT',
        sentence: `Application ${name} presented a refresh token that was given to ${refresh.grant.clientId}`,
        source,
        evidence: [{ label: 'Given to', value: refresh.grant.clientId }],
      })
    case 'revoked': {
      const at = new Date(refresh.revocation.at).toISOString()
      return invalidGrant('The refresh token was revoked', {
        key: 'REFRESH_TOKEN_REVOKED',
        sentence: `All tokens of this grant were revoked at ${at}. ${refresh.revocation.why}`,
        source,
        evidence: [{ label: 'Revoked at', value: at }],
      })
    }
    case 'reused': {
      const spentAt = new Date(refresh.spentAt).toISOString()
      reportRevokedGrant(call, refresh.grant.userId)
      return invalidGrant('The refresh token was used before', {
        key: 'REFRESH_TOKEN_REUSED',
        sentence:
          `Application ${name} presented a refresh token that had been exchanged ${call.now - refresh.spentAt} ms before: ` +
          'somebody else may have it, or the application sent it twice. All tokens of the grant are revoked now',
        source: 'RFC 9700 §4.14.2',
        evidence: [{ label: 'Exchanged at', value: spentAt }],
      })
    }
  }
}
