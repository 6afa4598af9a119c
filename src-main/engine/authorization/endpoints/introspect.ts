import { CLIENT_AUTHENTICATION, type ClientAuthentication } from '../client-authentication/require-client'
import { answerOf, type Endpoint } from '../http/endpoint'
import type { AccessTokenClaims } from '../tokens/access-token'
import type { TokenInspector } from '../tokens/inspect-token'
import { requireToken } from './token-parameter'

/** POST /:domainPath/oauth/introspect (RFC 7662), and the address that version 1 of Access Management had for it. */
export function introspectEndpoint(clients: ClientAuthentication, inspector: TokenInspector): Endpoint {
  return {
    name: 'introspect',
    methods: ['POST'],
    parameters: 'body',
    readers: 'of-application',
    paths: ['/:domainPath/oauth/introspect', '/:domainPath/oauth/check_token'],
    stations: [CLIENT_AUTHENTICATION, 'Token'],

    async handle(call) {
      await clients.requireClient(call)
      const token = requireToken(call)
      const inspection = inspector.inspect(call.domain, call.domains, token, call.now)
      if (!inspection.active) {
        call.report.inactive(inspection)
        return answerOf({ active: false })
      }
      const { aud, scope } = inspection.claims
      call.report.trace?.passed('Token', `The token is active; it was issued to ${aud}`, [
        { label: 'Client id', value: aud },
        { label: 'Scopes', value: scope ?? 'none' },
      ])
      return answerOf(introspectionOf(inspection.claims))
    },
  }
}

/** The answer for an active token (RFC 7662 §2.2), with Access Management's members. */
export function introspectionOf(claims: AccessTokenClaims): Readonly<Record<string, unknown>> {
  const { sub, aud, iss, exp, iat, jti, scope, domain } = claims
  return {
    active: true,
    client_id: aud,
    sub,
    aud,
    iss,
    exp,
    iat,
    jti,
    ...(scope === undefined ? {} : { scope }),
    token_type: 'bearer',
    domain,
  }
}
