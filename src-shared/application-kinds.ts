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
    possibleGrantTypes: [],
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

type Authenticating = Pick<Application, 'type' | 'tokenEndpointAuthMethod'>

/** The ways by which an application may authenticate: the one that it is set to, or its secret in either of the two. */
export function authenticationMethods({
  type,
  tokenEndpointAuthMethod = applicationKind(type).tokenEndpointAuthMethod,
}: Authenticating): readonly ClientAuthenticationMethod[] {
  return tokenEndpointAuthMethod === undefined
    ? ['client_secret_basic', 'client_secret_post']
    : [tokenEndpointAuthMethod]
}

/** Whether the application proves who it is by a secret; one that does not has none. */
export function usesSecret(application: Authenticating): boolean {
  return authenticationMethods(application).some((method) => method.startsWith('client_secret'))
}

/** Whether the application proves nothing about itself, whatever its kind: it is a public client (RFC 6749 §2.1). */
export function isPublicClient(application: Authenticating): boolean {
  return authenticationMethods(application).includes('none')
}

/** Whether a user logs in to the application: by a page of the domain or, with the legacy grant, by its own. */
export function actsForUsers({ grantTypes }: Pick<Application, 'grantTypes'>): boolean {
  return grantTypes.includes('authorization_code') || grantTypes.includes('password')
}

/** Whether a token can be got for the application by client credentials with the secret that the workspace has (RFC 6749 §4.4). */
export function actsForItself(
  application: Authenticating & Pick<Application, 'grantTypes' | 'clientSecret' | 'enabled'>,
): boolean {
  const { enabled, clientSecret, grantTypes } = application
  return enabled && clientSecret !== undefined && usesSecret(application) && grantTypes.includes('client_credentials')
}

/** Whether a resource of an API can ask about tokens with the application's credentials: it sends them by HTTP Basic (RFC 7662 §2.1). */
export function asksAboutTokens(application: Authenticating & Pick<Application, 'clientSecret' | 'enabled'>): boolean {
  const { enabled, clientSecret } = application
  return enabled && clientSecret !== undefined && authenticationMethods(application).includes('client_secret_basic')
}

/** Whether the whole walk-through can be gone with the one application, once it is enabled: it gets tokens, and asks about them. */
export function canWalkThrough(application: Parameters<typeof actsForItself>[0]): boolean {
  const enabled = { ...application, enabled: true }
  return actsForItself(enabled) && asksAboutTokens(enabled)
}
