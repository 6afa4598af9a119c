import { claimsByRequest, claimsByScope, type Claims } from '../claims/user-claims'
import { OPENID } from '../grants/scopes'
import type { TokenFamilies } from '../grants/token-families'
import { answerBearerRefusal, requireBearerToken, tokenRefused } from '../http/bearer-token'
import { answerOf, NO_STORE, type Answer, type Call, type Endpoint } from '../http/endpoint'
import { clientIdOf, grantIdOf, type AccessTokenClaims } from '../tokens/access-token'
import type { TokenInspector } from '../tokens/inspect-token'
import { signJwt } from '../tokens/sign-jwt'
import { requireUserinfoSigner } from '../tokens/userinfo-signer'
import type { UserSnapshot } from '../../snapshot'

/** GET and POST /:domainPath/oidc/userinfo (OpenID Connect Core §5.3) */
export function userinfoEndpoint(inspector: TokenInspector, families: TokenFamilies): Endpoint {
  return {
    name: 'userinfo',
    methods: ['GET', 'POST'],
    parameters: 'body',
    bodyOptional: true,
    readers: 'of-application',
    paths: ['/:domainPath/oidc/userinfo'],
    stations: ['Token', 'Audience', 'User', 'Scope'],
    answerRefusal: (refusal) => answerBearerRefusal(refusal, OPENID),

    async handle(call) {
      const token = requireActive(call, inspector)
      requireAudience(call, token)
      const { user, grantId } = requireUser(call, token)
      const scopes = requireOpenid(call, token)
      const found = await families.find(call.domain.snapshot.id, grantId)
      const requested = claimsByRequest(user, found?.family.grant.claims?.userinfo)
      return answer(call, token, { sub: user.id, ...claimsByScope(user, scopes), ...requested })
    },
  }
}

function requireActive(call: Call, inspector: TokenInspector): AccessTokenClaims {
  const inspection = inspector.inspect(call.domain, call.domains, requireBearerToken(call), call.now)
  if (inspection.claims !== undefined) call.report.client(clientIdOf(inspection.claims))
  if (!inspection.active) {
    throw tokenRefused(401, 'invalid_token', 'The access token is not active', {
      key: 'TOKEN_INACTIVE',
      sentence: `The access token is not active: ${inspection.reason}`,
      evidence: inspection.evidence,
    })
  }
  const clientId = clientIdOf(inspection.claims)
  call.report.proved()
  call.report.trace?.passed('Token', `The token is active; it was issued to ${clientId}`, [
    { label: 'Client id', value: clientId },
  ])
  return inspection.claims
}

/**
 * A token that was asked for other APIs (RFC 8707) is theirs: one of them that is broken into does not get to know who the user is.
 *
 * @throws OAuthRefusal 401 `invalid_token`
 */
function requireAudience(call: Call, token: AccessTokenClaims): void {
  const audience = [token.aud].flat()
  const evidence = [{ label: 'Audience of the token', value: audience.join(', ').slice(0, 1024) }]
  const own = [call.issuer, `${call.issuer}/userinfo`]
  // By Access Management's claims a token that was asked for no API has its client for audience, and names it nowhere else.
  if (token.client_id === undefined || audience.some((each) => own.includes(each))) {
    call.report.trace?.passed('Audience', 'The token may be used here', evidence)
    return
  }
  const clientId = clientIdOf(token)
  throw tokenRefused(401, 'invalid_token', 'The access token is for another API', {
    key: 'TOKEN_OF_ANOTHER_API',
    sentence: `The token was asked for other APIs by resource, and userinfo is none of them: name ${call.issuer} as a resource too, or ask for a token without resource`,
    source: 'RFC 8707 §2, RFC 9068 §4',
    evidence,
    remedies: [
      { action: 'open-application', label: 'Open the application', domainPath: call.domain.snapshot.path, clientId },
    ],
  })
}

/** An active token of a user has one who may log in; a token by which an application acts for itself has none. */
function requireUser(call: Call, token: AccessTokenClaims): { readonly user: UserSnapshot; readonly grantId: string } {
  // A client id may be the same as the id of a user (RFC 9068 §5): only a token with a family is a user's.
  const grantId = grantIdOf(token)
  const user = call.domain.users.get(token.sub)
  if (grantId === undefined || user === undefined) {
    throw tokenRefused(401, 'invalid_token', 'The access token does not stand for a user', {
      key: 'TOKEN_WITHOUT_USER',
      sentence:
        'The token was issued by client credentials: it stands for the application itself, and there is no user to tell of',
    })
  }
  const { username } = user
  call.report.about({ userId: user.id, username })
  call.report.trace?.passed('User', `It stands for ${username}`, [{ label: 'User', value: username }])
  return { user, grantId }
}

function requireOpenid(call: Call, { scope = '' }: AccessTokenClaims): readonly string[] {
  const scopes = scope.split(' ')
  const evidence = [{ label: 'Scopes of the token', value: scope || 'none' }]
  if (scopes.includes(OPENID)) {
    call.report.trace?.passed('Scope', 'The token has the scope openid', evidence)
    return scopes
  }
  throw tokenRefused(403, 'insufficient_scope', `The access token needs the scope ${OPENID}`, {
    key: 'SCOPE_OPENID_MISSING',
    sentence: 'The token lacks the scope openid, by which an application asks who the user is',
    source: 'OpenID Connect Core §5.3.1, RFC 6750 §3.1',
    evidence,
  })
}

/** As JSON, or signed when the application wants it so: then with issuer and audience (OpenID Connect Core §5.3.2). */
async function answer(call: Call, token: AccessTokenClaims, claims: Claims): Promise<Answer> {
  const clientId = clientIdOf(token)
  const application = call.domain.applications.get(clientId)! // an active token's application is there
  const algorithm = application.snapshot.userinfoSigningAlgorithm
  call.report.about({ summary: `Told ${Object.keys(claims).join(', ')}` })
  if (algorithm === undefined) return answerOf(claims)
  const signer = requireUserinfoSigner(call.domain, application, algorithm, call.now)
  // It lasts as long as the token, as with Access Management.
  const envelope = { iss: call.issuer, aud: clientId, iat: Math.floor(call.now / 1000), exp: token.exp }
  const body = await signJwt(signer, { ...claims, ...envelope })
  return { status: 200, headers: { 'Content-Type': 'application/jwt', ...NO_STORE }, body }
}
