import { CLIENT_AUTHENTICATION, type ClientAuthentication } from '../client-authentication/require-client'
import type { CompiledDomain } from '../compiled-domain'
import type { FoundRefreshToken, TokenFamilies } from '../grants/token-families'
import { answerOf, type Answer, type Call, type Endpoint } from '../http/endpoint'
import { clientIdOf, grantIdOf, type AccessTokenClaims } from '../tokens/access-token'
import { inspectRefreshToken } from '../tokens/inspect-refresh-token'
import type { TokenInspector } from '../tokens/inspect-token'
import type { TokenFlaw } from '../tokens/verify-signature'
import { requireToken } from './token-parameter'

/** POST /:domainPath/oauth/introspect (RFC 7662), and the address that version 1 of Access Management had for it. */
export function introspectEndpoint(
  clients: ClientAuthentication,
  inspector: TokenInspector,
  families: TokenFamilies,
): Endpoint {
  return {
    name: 'introspect',
    methods: ['POST'],
    parameters: 'body',
    readers: 'of-application',
    paths: ['/:domainPath/oauth/introspect', '/:domainPath/oauth/check_token'],
    stations: [CLIENT_AUTHENTICATION, 'Token'],

    async handle(call) {
      const application = await clients.requireClient(call)
      const token = requireToken(call)
      const refresh = await inspectRefreshToken(families, call.domain, application, token)
      if (refresh !== undefined) {
        return refresh.active ? answerRefreshToken(call, refresh.token) : answerInactive(call, refresh)
      }
      const inspection = inspector.inspect(call.domain, call.domains, token, call.now)
      if (!inspection.active) return answerInactive(call, inspection)
      const { claims } = inspection
      tell(call, 'token', clientIdOf(claims), claims.scope)
      return answerOf(introspectionOf(call.domain, claims))
    },
  }
}

/** The answer for an active access token (RFC 7662 §2.2), with Access Management's members and the token's further claims. */
export function introspectionOf(
  { users }: CompiledDomain,
  claims: AccessTokenClaims,
): Readonly<Record<string, unknown>> {
  const clientId = clientIdOf(claims)
  const answer: Record<string, unknown> = { active: true, client_id: clientId, ...claims }
  // An application may call claims of its own what it likes.
  answer.active = true
  answer.client_id = clientId
  answer.token_type = 'bearer'
  const user = grantIdOf(claims) === undefined ? undefined : users.get(claims.sub)
  if (user === undefined) delete answer.username
  else answer.username = user.username
  return answer
}

function answerRefreshToken(call: Call, { family: { grant }, issuedAt, expiresAt }: FoundRefreshToken): Answer {
  const { clientId, userId, scopes } = grant
  tell(call, 'refresh token', clientId, scopes.join(' '))
  return answerOf({
    active: true,
    client_id: clientId,
    sub: userId,
    username: call.domain.users.get(userId)?.username,
    aud: clientId,
    iss: call.issuer,
    exp: Math.floor(expiresAt / 1000),
    iat: Math.floor(issuedAt / 1000),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    token_type: 'refresh_token',
    domain: call.domain.snapshot.id,
  })
}

function answerInactive({ report }: Call, flaw: TokenFlaw): Answer {
  report.inactive(flaw)
  return answerOf({ active: false })
}

function tell({ report }: Call, what: string, clientId: string, scope: string | undefined): void {
  report.trace?.passed('Token', `The ${what} is active; it was issued to ${clientId}`, [
    { label: 'Client id', value: clientId },
    { label: 'Scopes', value: scope === undefined || scope === '' ? 'none' : scope },
  ])
}
