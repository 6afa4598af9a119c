import { claimsByScope, type Claims } from '../claims/user-claims'
import { answerBearerRefusal, requireBearerToken, tokenRefused } from '../http/bearer-token'
import { answerOf, NO_STORE, type Answer, type Call, type Endpoint } from '../http/endpoint'
import type { AccessTokenClaims } from '../tokens/access-token'
import type { TokenInspector } from '../tokens/inspect-token'
import { signJwt } from '../tokens/sign-jwt'
import { requireUserinfoSigner } from '../tokens/userinfo-signer'
import type { UserSnapshot } from '../../snapshot'

/** The scope that makes a token one of OpenID Connect. */
const OPENID = 'openid'

/** GET and POST /:domainPath/oidc/userinfo (OpenID Connect Core §5.3) */
export function userinfoEndpoint(inspector: TokenInspector): Endpoint {
  return {
    name: 'userinfo',
    methods: ['GET', 'POST'],
    parameters: 'body',
    bodyOptional: true,
    readers: 'of-application',
    paths: ['/:domainPath/oidc/userinfo'],
    stations: ['Token', 'User', 'Scope'],
    answerRefusal: (refusal) => answerBearerRefusal(refusal, OPENID),

    handle(call) {
      const token = requireActive(call, inspector)
      const user = requireUser(call, token)
      const scopes = requireOpenid(call, token)
      return answer(call, token, { sub: user.id, ...claimsByScope(user, scopes) })
    },
  }
}

function requireActive(call: Call, inspector: TokenInspector): AccessTokenClaims {
  const inspection = inspector.inspect(call.domain, call.domains, requireBearerToken(call), call.now)
  if (inspection.claims !== undefined) call.report.client(inspection.claims.aud)
  if (!inspection.active) {
    throw tokenRefused(401, 'invalid_token', 'The access token is not active', {
      key: 'TOKEN_INACTIVE',
      sentence: `The access token is not active: ${inspection.reason}`,
      evidence: inspection.evidence,
    })
  }
  const { aud } = inspection.claims
  call.report.trace?.passed('Token', `The token is active; it was issued to ${aud}`, [
    { label: 'Client id', value: aud },
  ])
  return inspection.claims
}

function requireUser(call: Call, { sub, aud }: AccessTokenClaims): UserSnapshot {
  const user = call.domain.users.get(sub)
  if (user?.mayLogIn === true) {
    const { username } = user
    call.report.about({ userId: user.id, username })
    call.report.trace?.passed('User', `It stands for ${username}`, [{ label: 'User', value: username }])
    return user
  }
  const refuse = (key: string, sentence: string) =>
    tokenRefused(401, 'invalid_token', 'The access token does not stand for a user', { key, sentence })
  if (user !== undefined) {
    throw refuse('USER_DISABLED', `User ${user.username}, for whom the token was issued, is disabled or locked`)
  }
  if (sub === aud) {
    throw refuse(
      'TOKEN_WITHOUT_USER',
      'The token was issued by client credentials: it stands for the application itself, and there is no user to tell of',
    )
  }
  throw refuse('USER_GONE', 'The user for whom the token was issued is no longer there')
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
async function answer(call: Call, { aud, exp }: AccessTokenClaims, claims: Claims): Promise<Answer> {
  const application = call.domain.applications.get(aud)! // an active token's application is there
  const algorithm = application.snapshot.userinfoSigningAlgorithm
  call.report.about({ summary: `Told ${Object.keys(claims).join(', ')}` })
  if (algorithm === undefined) return answerOf(claims)
  const signer = requireUserinfoSigner(call.domain, application, algorithm, call.now)
  // It lasts as long as the token, as with Access Management.
  const envelope = { iss: call.issuer, aud, iat: Math.floor(call.now / 1000), exp }
  const body = await signJwt(signer, { ...claims, ...envelope })
  return { status: 200, headers: { 'Content-Type': 'application/jwt', ...NO_STORE }, body }
}
