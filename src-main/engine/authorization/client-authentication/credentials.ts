import { isUtf8 } from 'node:buffer'
import { decodeFormComponent, type Form } from '../http/form'
import { malformed, OAuthRefusal } from '../http/oauth-refusal'

export interface ClientCredentials {
  readonly clientId: string
  readonly clientSecret: string
  readonly method: 'client_secret_basic' | 'client_secret_post'
}

/** Every 401 for a client carries it (RFC 6749 §5.2, RFC 9110 §15.5.2). */
export const BASIC_CHALLENGE = { 'WWW-Authenticate': 'Basic realm="gravitee-io"' } as const

/**
 * Takes the client's credentials from the Basic header or from the form, whichever of the two is used (RFC 6749 §2.3.1).
 *
 * @throws OAuthRefusal `invalid_request` when both are used at once (§2.3), `invalid_client` when there are none to read.
 */
export function readCredentials(authorization: string | undefined, form: Form): ClientCredentials {
  const clientId = form.get('client_id')
  const clientSecret = form.get('client_secret')
  if (authorization !== undefined) {
    const credentials = readBasic(authorization)
    if (clientSecret !== undefined) {
      throw malformed(
        'CLIENT_AUTHENTICATED_TWICE',
        'Use one way of client authentication: Basic or the body, not both',
        {
          sentence: 'The client authenticates twice: by the Authorization header and by client_secret in the body',
          source: 'RFC 6749 §2.3',
        },
      )
    }
    // The id alone in the body is no second authentication; it must only name the same client.
    if (clientId !== undefined && clientId !== credentials.clientId) {
      throw malformed('CLIENT_ID_CONTRADICTS', 'client_id in the body is not the client of the Authorization header', {
        source: 'RFC 6749 §2.3',
      })
    }
    return credentials
  }
  if (clientId === undefined) {
    throw unreadable('CLIENT_CREDENTIALS_MISSING', 'The request carries no client credentials')
  }
  if (clientSecret === undefined) {
    throw unreadable('CLIENT_SECRET_MISSING', 'The request names a client but carries no client secret')
  }
  return { clientId, clientSecret, method: 'client_secret_post' }
}

function readBasic(authorization: string): ClientCredentials {
  const [, scheme = '', encoded = ''] = /^([^ ]*) *(.*)$/.exec(authorization.trim()) ?? []
  if (scheme.toLowerCase() !== 'basic') {
    throw unreadable('CLIENT_SCHEME_UNSUPPORTED', 'The Authorization header of this endpoint must use the Basic scheme')
  }
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(encoded)) {
    throw unreadable('BASIC_NOT_BASE64', 'The Basic credentials are not Base64')
  }
  const bytes = Buffer.from(encoded, 'base64')
  const pair = isUtf8(bytes) ? bytes.toString('utf8') : undefined
  const colon = pair?.indexOf(':') ?? -1
  if (pair === undefined || colon < 0) {
    throw unreadable('BASIC_WITHOUT_COLON', 'The Basic credentials are not of the form id:secret')
  }
  const clientId = decodeFormComponent(pair.slice(0, colon))
  const clientSecret = decodeFormComponent(pair.slice(colon + 1))
  if (clientId === undefined || clientSecret === undefined) {
    throw unreadable(
      'BASIC_NOT_FORM_ENCODED',
      'The id and the secret must be form-encoded before they become Basic credentials: % is written %25',
    )
  }
  return { clientId, clientSecret, method: 'client_secret_basic' }
}

function unreadable(key: string, description: string): OAuthRefusal {
  const reason = { key, sentence: description, source: 'RFC 6749 §2.3.1' }
  return new OAuthRefusal(401, 'invalid_client', description, reason, BASIC_CHALLENGE)
}
