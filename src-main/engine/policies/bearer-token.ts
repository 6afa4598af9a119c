import type { Exchange } from '../gateway/exchange'

/** Where a caller's token was looked for, and what was there. */
export type FoundToken =
  | { readonly found: 'token'; readonly token: string }
  | { readonly found: 'nothing' | 'empty' }
  /** An Authorization header of another scheme, which is named where it can be. */
  | { readonly found: 'other'; readonly scheme: string }

/**
 * The bearer token of a request: in the Authorization header (RFC 6750 §2.1) or, as Gravitee takes it too, in the query parameter
 * access_token (§2.3).
 */
export function bearerToken(exchange: Exchange): FoundToken {
  const { scheme, credentials, token } = authorizationOf(exchange) ?? NOTHING
  if (token !== undefined) return token === '' ? { found: 'empty' } : { found: 'token', token }
  const inQuery = exchange.request.query.get('access_token')
  if (inQuery !== null) return inQuery === '' ? { found: 'empty' } : { found: 'token', token: inQuery }
  return credentials === '' ? { found: 'nothing' } : { found: 'other', scheme: shownScheme(scheme, credentials) }
}

/** An Authorization header (RFC 9110 §11.6.2), read. */
export interface Authorization {
  /** As it came. */
  readonly header: string
  /** Without spaces around it. */
  readonly credentials: string
  readonly scheme: string
  /** What follows the scheme Bearer; undefined with another. */
  readonly token: string | undefined
}

const NOTHING: Authorization = { header: '', credentials: '', scheme: '', token: undefined }

/** Read once for all steps that ask, as long as none of them changes it. Undefined when there is no such header, or more than one. */
export function authorizationOf(exchange: Exchange): Authorization | undefined {
  const header = exchange.request.headers.authorization
  if (typeof header !== 'string') return undefined
  if (exchange.authorization?.header !== header) exchange.authorization = read(header)
  return exchange.authorization
}

function read(header: string): Authorization {
  const credentials = header.trim()
  const space = credentials.search(/\s/)
  const scheme = space === -1 ? credentials : credentials.slice(0, space)
  const token = scheme.toLowerCase() === 'bearer' ? credentials.slice(scheme.length).trim() : undefined
  return { header, credentials, scheme, token }
}

/** Of a header without a scheme the first word may be a token. */
function shownScheme(scheme: string, credentials: string): string {
  return scheme === credentials || !/^[A-Za-z0-9-]{1,20}$/.test(scheme) ? '••••' : scheme
}
