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
export function bearerToken({ request }: Exchange): FoundToken {
  const header = request.headers.authorization
  const credentials = typeof header === 'string' ? header.trim() : ''
  const space = credentials.search(/\s/)
  const scheme = space === -1 ? credentials : credentials.slice(0, space)
  if (scheme.toLowerCase() === 'bearer') {
    const token = credentials.slice(scheme.length).trim()
    return token === '' ? { found: 'empty' } : { found: 'token', token }
  }
  const inQuery = request.query.get('access_token')
  if (inQuery !== null) return inQuery === '' ? { found: 'empty' } : { found: 'token', token: inQuery }
  return credentials === '' ? { found: 'nothing' } : { found: 'other', scheme: shownScheme(scheme, credentials) }
}

/** Of a header without a scheme the first word may be a token. */
function shownScheme(scheme: string, credentials: string): string {
  return scheme === credentials || !/^[A-Za-z0-9-]{1,20}$/.test(scheme) ? '••••' : scheme
}
