import type { Application, ApplicationType, ClientAuthenticationMethod, GrantType } from './domain'

/** What a new application of a kind starts with. */
export interface ApplicationKind {
  readonly type: ApplicationType
  /** As the window calls it. */
  readonly label: string
  readonly meaning: string
  readonly grantTypes: readonly GrantType[]
  /** Grants that make sense for it. */
  readonly possibleGrantTypes: readonly GrantType[]
  /** Undefined: its secret, by Basic or in the body. */
  readonly tokenEndpointAuthMethod: ClientAuthenticationMethod | undefined
  /** Runs where nothing can be kept secret (RFC 6749 §2.1): it has no secret, and PKCE is demanded whatever it says. */
  readonly isPublic: boolean
}

const USER_GRANTS = ['authorization_code', 'refresh_token'] as const

/** The kinds of Access Management, in the order that they are offered. */
export const applicationKinds: readonly ApplicationKind[] = [
  {
    type: 'web',
    label: 'Web',
    meaning: 'A site with a server of its own, which keeps its secret',
    grantTypes: USER_GRANTS,
    possibleGrantTypes: [...USER_GRANTS, 'client_credentials', 'password'],
    tokenEndpointAuthMethod: undefined,
    isPublic: false,
  },
  {
    type: 'browser',
    label: 'Single page',
    meaning: 'Runs in the browser alone and can keep no secret: the code flow with PKCE',
    grantTypes: USER_GRANTS,
    possibleGrantTypes: USER_GRANTS,
    tokenEndpointAuthMethod: 'none',
    isPublic: true,
  },
  {
    type: 'native',
    label: 'Native',
    meaning: 'Installed on a phone or a desktop: the code flow with PKCE',
    grantTypes: USER_GRANTS,
    possibleGrantTypes: [...USER_GRANTS, 'password'],
    tokenEndpointAuthMethod: 'none',
    isPublic: true,
  },
  {
    type: 'service',
    label: 'Service',
    meaning: 'Backend to backend, no user: client credentials',
    grantTypes: ['client_credentials'],
    possibleGrantTypes: ['client_credentials'],
    tokenEndpointAuthMethod: undefined,
    isPublic: false,
  },
  {
    type: 'resource_server',
    label: 'Resource server',
    meaning: 'An API or gateway that asks about tokens and gets none itself',
    grantTypes: [],
    possibleGrantTypes: ['client_credentials'],
    tokenEndpointAuthMethod: undefined,
    isPublic: false,
  },
  {
    type: 'agent',
    label: 'Agent',
    meaning: 'An AI agent that acts for itself or for a user',
    grantTypes: ['client_credentials', ...USER_GRANTS],
    possibleGrantTypes: ['client_credentials', ...USER_GRANTS],
    tokenEndpointAuthMethod: undefined,
    isPublic: false,
  },
]

export function applicationKind(type: ApplicationType): ApplicationKind {
  return applicationKinds.find((kind) => kind.type === type)! // one for each member of the union
}

/** Access Management's defaults, in seconds. */
export const DEFAULT_REFRESH_TOKEN_VALIDITY_SECONDS = 14_400
export const DEFAULT_ID_TOKEN_VALIDITY_SECONDS = 14_400

/** Whether the application has to send a code challenge: if it says so, and whenever it proves nothing about itself (RFC 9700 §2.1.1). */
export function demandsPkce({
  type,
  forcePKCE,
  tokenEndpointAuthMethod,
}: Pick<Application, 'type' | 'forcePKCE' | 'tokenEndpointAuthMethod'>): boolean {
  return forcePKCE === true || tokenEndpointAuthMethod === 'none' || applicationKind(type).isPublic
}

/** The ways by which an application may authenticate: the one that it is set to, or its secret in either of the two. */
export function authenticationMethods({
  type,
  tokenEndpointAuthMethod = applicationKind(type).tokenEndpointAuthMethod,
}: Pick<Application, 'type' | 'tokenEndpointAuthMethod'>): readonly ClientAuthenticationMethod[] {
  return tokenEndpointAuthMethod === undefined
    ? ['client_secret_basic', 'client_secret_post']
    : [tokenEndpointAuthMethod]
}

/** Whether the application can get a token by client credentials, and ask about tokens (RFC 6749 §4.4, RFC 7662). */
export function actsForItself({
  grantTypes,
  clientSecret,
  enabled,
}: Pick<Application, 'grantTypes' | 'clientSecret' | 'enabled'>): boolean {
  return enabled && clientSecret !== undefined && grantTypes.includes('client_credentials')
}
