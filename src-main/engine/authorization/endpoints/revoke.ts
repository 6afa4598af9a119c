import { CLIENT_AUTHENTICATION, type ClientAuthentication } from '../client-authentication/require-client'
import type { CompiledApplication } from '../compiled-domain'
import type { FoundRefreshToken, TokenFamilies } from '../grants/token-families'
import { NO_STORE, type Answer, type Call, type Endpoint } from '../http/endpoint'
import { OAuthRefusal } from '../http/oauth-refusal'
import { stored } from '../http/stored'
import type { Revocations } from '../revocations'
import { clientIdOf, type AccessTokenClaims } from '../tokens/access-token'
import { mayBeRefreshToken } from '../tokens/inspect-refresh-token'
import type { TokenInspector } from '../tokens/inspect-token'
import { requireToken } from './token-parameter'

const DONE: Answer = { status: 200, headers: NO_STORE, body: '' }

/** POST /:domainPath/oauth/revoke (RFC 7009) */
export function revokeEndpoint(
  clients: ClientAuthentication,
  inspector: TokenInspector,
  revocations: Revocations,
  families: TokenFamilies,
): Endpoint {
  return {
    name: 'revoke',
    methods: ['POST'],
    parameters: 'body',
    readers: 'of-application',
    paths: ['/:domainPath/oauth/revoke'],
    stations: [CLIENT_AUTHENTICATION, 'Token'],

    async handle(call) {
      const application = await clients.requireClient(call, { acceptsPublic: true })
      const token = requireToken(call)
      const domainId = call.domain.snapshot.id
      const refresh = mayBeRefreshToken(token) ? await written(families.findByRefreshToken(domainId, token)) : undefined
      if (refresh !== undefined) return revokeFamily(call, application, refresh, families)
      const { claims } = inspector.inspect(call.domain, call.domains, token, call.now)
      if (claims !== undefined) return revokeToken(call, application, claims, revocations)
      // RFC 7009 §2.2: what is not a token of ours is as good as revoked.
      call.report.trace?.passed('Token', 'There is nothing to revoke: it is not a token of this domain')
      return DONE
    },
  }
}

/** RFC 7009 §2.1: with a refresh token all that is based on the same grant goes. */
async function revokeFamily(
  call: Call,
  { snapshot: { name, clientId } }: CompiledApplication,
  { family: { grant } }: FoundRefreshToken,
  families: TokenFamilies,
): Promise<Answer> {
  if (grant.clientId !== clientId) throw issuedToAnother(name, grant.clientId)
  const why = `Application ${name} revoked its refresh token`
  await written(families.revoke(call.domain.snapshot.id, grant.grantId, { at: call.now, why }))
  call.report.proved()
  const username = call.domain.users.get(grant.userId)?.username
  const summary = `A refresh token of ${name} was revoked, with all tokens of its grant`
  call.report.about({ summary, userId: grant.userId, ...(username === undefined ? {} : { username }) })
  call.report.trace?.passed('Token', 'The refresh token and all tokens of its grant are refused from now on', [
    { label: 'Client id', value: clientId },
  ])
  return DONE
}

async function revokeToken(
  call: Call,
  { snapshot: { name, clientId } }: CompiledApplication,
  claims: AccessTokenClaims,
  revocations: Revocations,
): Promise<Answer> {
  const owner = clientIdOf(claims)
  if (owner !== clientId) throw issuedToAnother(name, owner)
  const { jti, exp } = claims
  // Also when it is revoked already: the write of that revocation may still be under way.
  if (exp * 1000 > call.now) await written(revocations.revoke(call.domain.snapshot.id, jti, exp * 1000))
  call.report.proved()
  call.report.about({ summary: `An access token of ${name} was revoked` })
  call.report.trace?.passed('Token', 'Revoked: it is refused from now on', [{ label: 'Token id', value: jti }])
  return DONE
}

/** RFC 7009 §2.1: the request is refused and the client informed; the code is the one of RFC 6749 §5.2 for "issued to another client". */
function issuedToAnother(name: string, clientId: string): OAuthRefusal {
  return new OAuthRefusal(400, 'invalid_grant', 'The token was issued to another client', {
    key: 'TOKEN_OF_ANOTHER_CLIENT',
    sentence: `Application ${name} may not revoke a token that was issued to ${clientId}`,
    source: 'RFC 7009 §2.1',
    evidence: [{ label: 'Issued to', value: clientId }],
  })
}

/** RFC 7009 §2.2.1 */
function written<T>(revocation: Promise<T>): Promise<T> {
  const advice = 'The token is refused until the engine stops; try again'
  return stored(revocation, 'The revocation', 'REVOCATION', advice)
}
