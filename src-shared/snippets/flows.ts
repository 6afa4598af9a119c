import type { Application } from '../domain'

/** What can be shown of an application in a few lines. */
export type SnippetFlow = 'authorization_code' | 'client_credentials' | 'password' | 'introspection'

export type SnippetApplication = Pick<
  Application,
  | 'type'
  | 'clientId'
  | 'tokenEndpointAuthMethod'
  | 'jwks'
  | 'grantTypes'
  | 'redirectUris'
  | 'scopeSettings'
  | 'requireParRequest'
>

/** An application with the place of its domain. */
export interface SnippetSubject {
  /** Of the authorization server, e.g. http://127.0.0.1:8092 */
  readonly authorizationAddress: string
  readonly domainPath: string
  /** Certificate of the local authority, where the server speaks HTTPS by it. */
  readonly caFile?: string | undefined
  readonly application: SnippetApplication
}

/** The flows that an application can go, the one that it is for first. */
export function flowsOf({ type, grantTypes }: Pick<Application, 'type' | 'grantTypes'>): SnippetFlow[] {
  if (type === 'resource_server') return ['introspection']
  return (['authorization_code', 'client_credentials', 'password'] as const).filter((flow) => grantTypes.includes(flow))
}

/** The address that the code comes back to; one that carries a query last, for libraries leave that out when they name it again. */
export function redirectOf({ redirectUris = [] }: Pick<Application, 'redirectUris'>): string | undefined {
  return redirectUris.find((address) => !address.includes('?')) ?? redirectUris[0]
}

/** All scopes that the application may have, and `openid` where a user logs in. */
export function scopesOf(flow: SnippetFlow, { scopeSettings }: Pick<Application, 'scopeSettings'>): string[] {
  const scopes = scopeSettings.map(({ scope }) => scope)
  return flow === 'authorization_code' && !scopes.includes('openid') ? ['openid', ...scopes] : scopes
}
