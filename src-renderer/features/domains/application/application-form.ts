import {
  applicationKind,
  DEFAULT_ID_TOKEN_VALIDITY_SECONDS,
  DEFAULT_REFRESH_TOKEN_VALIDITY_SECONDS,
} from '@shared/application-kinds'
import type { ApplicationSettings } from '@shared/application-settings'
import type { Application, ApplicationType, ClientAuthenticationMethod, GrantType } from '@shared/domain'

/** An application as its forms hold it: nothing left out, whether it was chosen or is as by default. */
export type ApplicationForm = Required<ApplicationSettings> & Pick<Application, 'name' | 'type'>

export type ApplicationTab = 'overview' | 'oauth' | 'scopes' | 'tokens' | 'settings'

/** An application as its forms show it. */
export function formOf(application: Application): ApplicationForm {
  return {
    name: application.name,
    type: application.type,
    description: application.description ?? '',
    enabled: application.enabled,
    tokenEndpointAuthMethod: application.tokenEndpointAuthMethod ?? null,
    jwks: application.jwks ?? { keys: [] },
    grantTypes: application.grantTypes,
    redirectUris: application.redirectUris ?? [],
    postLogoutRedirectUris: application.postLogoutRedirectUris ?? [],
    allowedOrigins: application.allowedOrigins ?? [],
    allowedResources: application.allowedResources ?? [],
    scopeSettings: application.scopeSettings,
    enhanceScopesWithUserPermissions: application.enhanceScopesWithUserPermissions ?? false,
    forcePKCE: application.forcePKCE ?? false,
    forceS256CodeChallengeMethod: application.forceS256CodeChallengeMethod ?? true,
    requireParRequest: application.requireParRequest ?? false,
    skipConsent: application.skipConsent ?? false,
    accessTokenValiditySeconds: application.accessTokenValiditySeconds,
    refreshTokenValiditySeconds: application.refreshTokenValiditySeconds ?? DEFAULT_REFRESH_TOKEN_VALIDITY_SECONDS,
    idTokenValiditySeconds: application.idTokenValiditySeconds ?? DEFAULT_ID_TOKEN_VALIDITY_SECONDS,
    disableRefreshTokenRotation: application.disableRefreshTokenRotation ?? false,
    signingAlgorithm: application.signingAlgorithm ?? null,
    userinfoSignedResponseAlg: application.userinfoSignedResponseAlg ?? null,
    tokenCustomClaims: application.tokenCustomClaims ?? [],
  }
}

/** What of the form is other than the application has it: only that is sent, so that nothing else is written down. */
export function changeOf(application: Application, form: ApplicationForm): Partial<ApplicationForm> {
  const saved = formOf(application)
  const members = Object.keys(saved) as (keyof ApplicationForm)[]
  return Object.fromEntries(
    members.filter((member) => !same(saved[member], form[member])).map((member) => [member, form[member]]),
  )
}

/**
 * What else of a form changes with the kind: grants and way of authentication are those that a new one of the kind has, or those that
 * it has now where that is its kind. The rest stays, since it may go with the kind.
 */
export function ofKind(application: Application, type: ApplicationType): Partial<ApplicationForm> {
  const saved = formOf(application)
  if (type === saved.type) {
    const { grantTypes, tokenEndpointAuthMethod, disableRefreshTokenRotation } = saved
    return { type, grantTypes, tokenEndpointAuthMethod, disableRefreshTokenRotation }
  }
  const { grantTypes, isPublic } = applicationKind(type)
  return {
    ...{ type, grantTypes: [...grantTypes], tokenEndpointAuthMethod: null },
    ...(isPublic ? { disableRefreshTokenRotation: false } : {}),
  }
}

/** The chosen method as an application has it: left out when none is chosen. */
export function typedMethod({
  tokenEndpointAuthMethod: method,
}: Pick<ApplicationForm, 'tokenEndpointAuthMethod'>): Pick<Application, 'tokenEndpointAuthMethod'> {
  return method === null ? {} : { tokenEndpointAuthMethod: method }
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

const tabOfMember: Readonly<Record<keyof ApplicationForm, ApplicationTab>> = {
  name: 'settings',
  type: 'settings',
  description: 'settings',
  enabled: 'settings',
  tokenEndpointAuthMethod: 'oauth',
  jwks: 'oauth',
  grantTypes: 'oauth',
  redirectUris: 'oauth',
  postLogoutRedirectUris: 'oauth',
  allowedOrigins: 'oauth',
  allowedResources: 'oauth',
  scopeSettings: 'scopes',
  enhanceScopesWithUserPermissions: 'scopes',
  forcePKCE: 'oauth',
  forceS256CodeChallengeMethod: 'oauth',
  requireParRequest: 'oauth',
  skipConsent: 'oauth',
  accessTokenValiditySeconds: 'tokens',
  refreshTokenValiditySeconds: 'tokens',
  idTokenValiditySeconds: 'tokens',
  disableRefreshTokenRotation: 'tokens',
  signingAlgorithm: 'tokens',
  userinfoSignedResponseAlg: 'tokens',
  tokenCustomClaims: 'tokens',
}

/** Where a field is changed, by its JSON pointer. */
export function tabOf(pointer: string): ApplicationTab {
  const member = pointer.split('/')[1] ?? ''
  return Object.hasOwn(tabOfMember, member) ? tabOfMember[member as keyof ApplicationForm] : 'settings'
}

/** The sections that make sense for a kind: a resource server gets no tokens. */
export function tabsOf(type: ApplicationType): { key: ApplicationTab; label: string }[] {
  const getsTokens = applicationKind(type).possibleGrantTypes.length > 0
  return [
    { key: 'overview', label: 'Overview' },
    { key: 'oauth', label: 'OAuth' },
    ...(getsTokens
      ? [
          { key: 'scopes' as const, label: 'Scopes' },
          { key: 'tokens' as const, label: 'Tokens' },
        ]
      : []),
    { key: 'settings', label: 'Settings' },
  ]
}

/** Grants as a person reads them. */
export const grantTexts: Readonly<Record<GrantType, { label: string; meaning: string }>> = {
  authorization_code: {
    label: 'Authorization code',
    meaning: 'Users log in on a page of the domain, and the application acts for them.',
  },
  refresh_token: { label: 'Refresh token', meaning: 'It stays logged in after an access token has expired.' },
  client_credentials: { label: 'Client credentials', meaning: 'It acts for itself, without a user.' },
  password: {
    label: 'Password',
    meaning: 'Legacy: it asks its users for their passwords itself. Only for what cannot be changed yet.',
  },
}

/** `default` stands for no method chosen. */
export const methodTexts: Readonly<Record<ClientAuthenticationMethod | 'default', { label: string; meaning: string }>> =
  {
    default: {
      label: 'Secret, in either way',
      meaning: 'The secret by HTTP Basic or in the form, whichever the client sends.',
    },
    client_secret_basic: {
      label: 'Secret by HTTP Basic',
      meaning: 'The secret in the Authorization header, and nowhere else.',
    },
    client_secret_post: {
      label: 'Secret in the form',
      meaning: 'The secret as client_secret in the body, and nowhere else.',
    },
    client_secret_jwt: {
      label: 'Signed with the secret',
      meaning: 'A short-lived JWT signed with the secret, so that the secret itself never travels (RFC 7523).',
    },
    private_key_jwt: {
      label: 'Signed with its own key',
      meaning:
        'A short-lived JWT signed with a private key that only the application has; its public key stands here (RFC 7523).',
    },
    none: { label: 'None', meaning: 'A public client: it says who it is and proves nothing.' },
  }
