import { answerOf } from '../http/endpoint'
import { issueAccessToken } from '../tokens/access-token'
import type { Grant } from './grant'
import { grantScopes } from './scopes'

/** The application acts for itself (RFC 6749 §4.4). No refresh token is given (§4.4.3). */
export const clientCredentials: Grant = {
  grantType: 'client_credentials',

  async handle(call, application) {
    const scopes = grantScopes(call, application)
    const { token, expiresIn } = await issueAccessToken(call.domain, application, scopes, call)
    const { algorithm, kid } = call.domain.activeKey
    call.report.trace?.passed('Token', `Signed with ${algorithm} by key ${kid}; it lasts ${expiresIn} s`, [
      { label: 'Key', value: kid },
      { label: 'Algorithm', value: algorithm },
    ])
    return answerOf({
      access_token: token,
      token_type: 'bearer',
      expires_in: expiresIn,
      ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    })
  },
}
