import type { CompiledApplication } from '../compiled-domain'
import { signingKeyOf } from '../compiled-domain'
import { answerOf } from '../http/endpoint'
import type { IssuedTokens } from '../tokens/issued-tokens'
import { issueAccessToken } from '../tokens/access-token'
import type { Grant } from './grant'
import { grantResources } from './resources'
import { grantScopes } from './scopes'

/** What the audit log says of a token that was given. */
export function tokenSummary({ snapshot }: CompiledApplication, scopes: readonly string[]): string {
  return `A token for ${snapshot.name}, ${scopes.length === 0 ? 'without scopes' : `with ${scopes.join(' ')}`}`
}

/** The application acts for itself (RFC 6749 §4.4). No refresh token is given (§4.4.3). */
export function clientCredentials(issued: IssuedTokens): Grant {
  return {
    grantType: 'client_credentials',
    acceptsPublicClients: false, // RFC 6749 §4.4
    stations: ['Scopes', 'Token'],

    async handle(call, application) {
      const scopes = grantScopes(call, application)
      const resources = grantResources(call, application)
      const { token, claims, expiresIn } = await issueAccessToken(call.domain, application, { scopes, resources }, call)
      issued.add(call.domain.snapshot.id, claims)
      const { algorithm, kid } = signingKeyOf(call.domain, application)
      call.report.trace?.passed('Token', `Signed with ${algorithm} by key ${kid}; it lasts ${expiresIn} s`, [
        { label: 'Key', value: kid },
        { label: 'Algorithm', value: algorithm },
      ])
      call.report.about({ summary: tokenSummary(application, scopes) })
      return answerOf({
        access_token: token,
        token_type: 'bearer',
        expires_in: expiresIn,
        ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      })
    },
  }
}
