import type { Call } from '../http/endpoint'
import { malformed } from '../http/oauth-refusal'

/**
 * The `token` that introspection and revocation are about. `token_type_hint` is never needed: refresh tokens look differently from access
 * tokens, and whatever the hint says, all are searched (RFC 7009 §2.1).
 *
 * @throws OAuthRefusal
 */
export function requireToken(call: Call): string {
  const token = call.form.get('token')
  if (token !== undefined) return token
  throw malformed('TOKEN_MISSING', 'The parameter token is missing', { source: 'RFC 7662 §2.1, RFC 7009 §2.1' })
}
