import { answerOf, NO_STORE, type Answer, type Call } from './endpoint'
import { malformed, OAuthRefusal, type OAuthErrorCode, type Reason } from './oauth-refusal'

/** `b64token` of RFC 6750 §2.1. */
const CREDENTIALS = /^Bearer +([\w.~+/-]+=*) *$/i
const REALM = 'gravitee-io'

/**
 * The access token that a request carries in its Authorization header (RFC 6750 §2.1) or in its body (§2.2). In the address it is never
 * taken (§2.3, §5.3): the endpoint's parameters see to that.
 *
 * @throws OAuthRefusal 401 without a token, 400 `invalid_request` for two of them
 */
export function requireBearerToken({ authorization, form }: Call): string {
  const inBody = form.get('access_token')
  if (authorization === undefined) {
    if (inBody !== undefined) return inBody
    throw missing('The request carries no access token')
  }
  if (inBody !== undefined) {
    throw malformed('TOKEN_SENT_TWICE', 'Send the access token in one way: in the header or in the body, not in both', {
      source: 'RFC 6750 §2',
    })
  }
  if (!/^bearer( |$)/i.test(authorization)) {
    throw missing('The Authorization header of this endpoint must use the Bearer scheme')
  }
  const token = CREDENTIALS.exec(authorization)?.[1]
  if (token !== undefined) return token
  throw malformed('BEARER_MALFORMED', 'The Authorization header carries no readable token after Bearer', {
    source: 'RFC 6750 §2.1',
  })
}

/** A token that is not good enough: 401 `invalid_token`, or 403 `insufficient_scope` (RFC 6750 §3.1). */
export function tokenRefused(
  status: 401 | 403,
  error: Extract<OAuthErrorCode, 'invalid_token' | 'insufficient_scope'>,
  description: string,
  reason: Reason,
): OAuthRefusal {
  return new OAuthRefusal(status, error, description, { source: 'RFC 6750 §3.1', ...reason })
}

/**
 * Tells a refusal in the `WWW-Authenticate` header (RFC 6750 §3), and in the body for people who read that.
 *
 * @param scope that the endpoint needs
 */
export function answerBearerRefusal(
  { status, error, description, headers, reason }: OAuthRefusal,
  scope: string,
): Answer {
  if (reason.key === TOKEN_MISSING) {
    // RFC 6750 §3.1: who sent no token is told no error.
    return { status, headers: { ...NO_STORE, 'WWW-Authenticate': `Bearer realm="${REALM}"` }, body: '' }
  }
  const challenge = [
    `Bearer realm="${REALM}"`,
    `error="${error}"`,
    `error_description="${description}"`,
    ...(error === 'insufficient_scope' ? [`scope="${scope}"`] : []),
  ].join(', ')
  const challenged = [400, 401, 403].includes(status) ? { 'WWW-Authenticate': challenge } : {}
  return answerOf({ error, error_description: description }, status, { ...headers, ...challenged })
}

const TOKEN_MISSING = 'BEARER_TOKEN_MISSING'

function missing(sentence: string): OAuthRefusal {
  return new OAuthRefusal(401, 'invalid_token', sentence, { key: TOKEN_MISSING, sentence, source: 'RFC 6750 §3.1' })
}
