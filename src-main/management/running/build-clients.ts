import {
  authenticationMethods,
  DEFAULT_ID_TOKEN_VALIDITY_SECONDS,
  DEFAULT_REFRESH_TOKEN_VALIDITY_SECONDS,
  demandsPkce,
} from '@shared/application-kinds'
import type { Application, Domain, User } from '@shared/domain'
import { formatSecretReference } from '@shared/secret-reference'
import { claimNameFault } from '@shared/user-claims'
import { fullName } from '@shared/users'
import type { ApplicationSnapshot, ClientSecretSnapshot, UserSnapshot } from '../../engine/snapshot'
import { publicMembers } from '../applications/check-keys'
import { resolveClientSecret } from '../applications/resolve-client-secret'
import { membershipsOf } from '../users/memberships'
import { userSecretId } from '../users/user-details'
import type { WorkspaceView } from './workspace-view'

type Resolve = Pick<WorkspaceView, 'resolve'>

/** Undefined when it authenticates by a secret and that is missing. A further secret that is missing is left out. */
export function buildApplication(application: Application, view: Resolve): ApplicationSnapshot | undefined {
  const methods = authenticationMethods(application)
  const secrets = buildSecrets(application, view)
  if (methods.some((method) => method.startsWith('client_secret')) && secrets === undefined) return undefined
  const { signingAlgorithm, userinfoSignedResponseAlg } = application
  return {
    id: application.id,
    name: application.name,
    type: application.type,
    enabled: application.enabled,
    clientId: application.clientId,
    secrets: secrets ?? [],
    authenticationMethods: methods,
    jwks: application.jwks?.keys.map(publicMembers) ?? [],
    grantTypes: application.grantTypes,
    redirectUris: application.redirectUris ?? [],
    postLogoutRedirectUris: application.postLogoutRedirectUris ?? [],
    allowedOrigins: application.allowedOrigins ?? [],
    allowedResources: application.allowedResources ?? [],
    scopeSettings: application.scopeSettings,
    enhanceScopesWithUserPermissions: application.enhanceScopesWithUserPermissions ?? false,
    demandsPkce: demandsPkce(application),
    allowsPlainPkce: application.forceS256CodeChallengeMethod === false,
    requireParRequest: application.requireParRequest ?? false,
    skipConsent: application.skipConsent ?? false,
    accessTokenValiditySeconds: application.accessTokenValiditySeconds,
    refreshTokenValiditySeconds: application.refreshTokenValiditySeconds ?? DEFAULT_REFRESH_TOKEN_VALIDITY_SECONDS,
    idTokenValiditySeconds: application.idTokenValiditySeconds ?? DEFAULT_ID_TOKEN_VALIDITY_SECONDS,
    rotatesRefreshTokens: application.disableRefreshTokenRotation !== true,
    customClaims: application.tokenCustomClaims ?? [],
    ...(signingAlgorithm === undefined ? {} : { signingAlgorithm }),
    ...(userinfoSignedResponseAlg === undefined ? {} : { userinfoSigningAlgorithm: userinfoSignedResponseAlg }),
  }
}

/** The newest first. Undefined when the application's own secret is missing. */
function buildSecrets(
  { id, clientSecret, clientSecretName, clientSecretExpiresAt, furtherSecrets = [] }: Application,
  view: Resolve,
): ClientSecretSnapshot[] | undefined {
  const own =
    clientSecret === undefined
      ? undefined
      : resolved({ id, name: clientSecretName, secret: clientSecret, expiresAt: clientSecretExpiresAt }, view)
  if (own === undefined) return undefined
  const further = furtherSecrets.flatMap((each) => resolved(each, view) ?? [])
  return [own, ...further]
}

interface KeptSecret {
  readonly id: string
  readonly name?: string | undefined
  /** A reference. */
  readonly secret: string
  readonly expiresAt?: string | undefined
}

function resolved(
  { id, name, secret: reference, expiresAt }: KeptSecret,
  view: Resolve,
): ClientSecretSnapshot | undefined {
  const secret = resolveClientSecret(reference, view)
  if (secret === undefined || secret === '') return undefined
  return {
    id,
    ...(name === undefined ? {} : { name }),
    secret,
    // A leap second passes for a moment and cannot be read: such a secret is over.
    ...(expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) || 0 }),
  }
}

/** Users as they were built last, each with what of the domain went into it beside the user's own document. */
export type BuiltUsers = WeakMap<User, { readonly from: readonly unknown[]; readonly snapshot: UserSnapshot }>

/**
 * @param before built from the same document: a user whose part of it did not change is the same object again, so that the engine
 *   need not be given it anew
 */
export function buildUsers(domain: Domain, view: Resolve, before: BuiltUsers = new WeakMap()): UserSnapshot[] {
  const { users = [] } = domain
  const membershipOf = membershipsOf(domain, users)
  return users.map((user) => {
    const { groups, roles, scopes } = membershipOf(user)
    const passwordHash = view.resolve(formatSecretReference({ provider: 'gatehouse', path: userSecretId(user.id) }))
    const names = { roles: roles.map(({ name }) => name), groups: groups.map(({ name }) => name) }
    const counts = [names.roles.length, names.groups.length]
    const from = [passwordHash, ...counts, ...names.roles, ...names.groups, ...scopes]
    const known = before.get(user)
    if (known?.from.length === from.length && known.from.every((part, index) => part === from[index])) {
      return known.snapshot
    }
    const snapshot: UserSnapshot = {
      id: user.id,
      username: user.username,
      mayLogIn: user.enabled && user.accountNonLocked !== false,
      claims: claimsOf(user),
      ...names,
      scopes,
      ...(passwordHash === undefined ? {} : { passwordHash }),
    }
    before.set(user, { from, snapshot })
    return snapshot
  })
}

/**
 * The standard claims (OpenID Connect Core §5.1) and the user's own. What a file says in further information under a name that is not
 * a user's to have, such as `roles` or `sub`, counts for nothing.
 */
function claimsOf(user: User): Record<string, unknown> {
  const { username, email, emailVerified, firstName, lastName, additionalInformation = {} } = user
  const name = fullName(user)
  const claims = {
    preferred_username: username,
    ...(name === '' ? {} : { name }),
    ...(firstName === undefined ? {} : { given_name: firstName }),
    ...(lastName === undefined ? {} : { family_name: lastName }),
    ...(email === undefined ? {} : { email, email_verified: emailVerified ?? false }),
    updated_at: Math.floor(Date.parse(user.updatedAt) / 1000),
  }
  const own = Object.entries(additionalInformation).filter(([name]) => claimNameFault(name) === undefined)
  return { ...Object.fromEntries(own), ...claims }
}
