import { isUtf8 } from 'node:buffer'
import { decodeFormComponent, type Form } from '../http/form'
import { malformed, OAuthRefusal } from '../http/oauth-refusal'
import { BASIC_CHALLENGE } from './wrong-client'

/** What a client sends to prove who it is. */
export type ClientCredentials = SecretCredentials | AssertionCredentials | PublicCredentials

export interface SecretCredentials {
  readonly method: 'client_secret_basic' | 'client_secret_post'
  readonly clientId: string
  readonly clientSecret: string
}

/** A JWT that the client made for this (RFC 7523 §2.2): which method it is stands in its header. */
export interface AssertionCredentials {
  readonly method: 'assertion'
  /** The parameter beside it, which need not be there (RFC 7521 §4.2). */
  readonly clientId: string | undefined
  readonly assertion: string
}

/** The id alone, which proves nothing (RFC 6749 §3.2.1). */
export interface PublicCredentials {
  readonly method: 'none'
  readonly clientId: string
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/**
 * Takes the client's credentials from the Basic header or from the form, whichever is used (RFC 6749 §2.3, RFC 7521 §4.2).
 *
 * @throws OAuthRefusal `invalid_request` when several ways are used at once (§2.3), `invalid_client` when there are none to read.
 */
export function readCredentials(authorization: string | undefined, form: Form): ClientCredentials {
  const clientId = form.get('client_id')
  const clientSecret = form.get('client_secret')
  const assertion = readAssertion(form)
  refuseSeveral(authorization, clientSecret, assertion)
  if (authorization !== undefined) {
    const credentials = readBasic(authorization)
    // The id alone in the body is no second authentication; it must only name the same client.
    if (clientId !== undefined && clientId !== credentials.clientId) throw contradictingId('the Authorization header')
    return credentials
  }
  if (assertion !== undefined) return { method: 'assertion', clientId, assertion }
  if (clientId === undefined) {
    throw unreadable('CLIENT_CREDENTIALS_MISSING', 'The request carries no client credentials')
  }
  if (clientSecret === undefined) return { method: 'none', clientId }
  return { method: 'client_secret_post', clientId, clientSecret }
}

/** The client that the request names in two places is not the same one. */
export function contradictingId(place: string): OAuthRefusal {
  return malformed('CLIENT_ID_CONTRADICTS', `client_id in the body is not the client of ${place}`, {
    source: 'RFC 6749 §2.3, RFC 7521 §4.2',
  })
}

function readAssertion(form: Form): string | undefined {
  const assertion = form.get('client_assertion')
  const type = form.get('client_assertion_type')
  if (assertion === undefined && type === undefined) return undefined
  if (assertion === undefined || type === undefined) {
    const missing = assertion === undefined ? 'client_assertion' : 'client_assertion_type'
    throw malformed('CLIENT_ASSERTION_INCOMPLETE', `The parameter ${missing} is missing`, { source: 'RFC 7521 §4.2' })
  }
  if (type === ASSERTION_TYPE) return assertion
  throw malformed('CLIENT_ASSERTION_TYPE_UNSUPPORTED', `client_assertion_type must be ${ASSERTION_TYPE}`, {
    source: 'RFC 7523 §2.2',
    evidence: [{ label: 'client_assertion_type', value: type.slice(0, 128) }],
  })
}

function refuseSeveral(...ways: readonly [header: unknown, secret: unknown, assertion: unknown]): void {
  const names = ['the Authorization header', 'client_secret in the body', 'client_assertion']
  const used = names.filter((_name, index) => ways[index] !== undefined)
  if (used.length < 2) return
  throw malformed(
    'CLIENT_AUTHENTICATED_TWICE',
    'Use one way of client authentication: Basic, the body or an assertion, not several',
    { sentence: `The client authenticates more than once: by ${used.join(' and by ')}`, source: 'RFC 6749 §2.3' },
  )
}

function readBasic(authorization: string): SecretCredentials {
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
