import { DEFAULT_ID_TOKEN_VALIDITY_SECONDS, DEFAULT_REFRESH_TOKEN_VALIDITY_SECONDS } from '@shared/application-kinds'
import type { ApplicationSettings } from '@shared/application-settings'
import type { Application } from '@shared/domain'
import { publicMembers } from './check-keys'

/** What may be changed of an application. */
export type ApplicationChange = ApplicationSettings & Partial<Pick<Application, 'name' | 'type'>>

/** What an application is when its document says nothing. */
const defaults: Partial<Application> = {
  description: '',
  enhanceScopesWithUserPermissions: false,
  forcePKCE: false,
  forceS256CodeChallengeMethod: true,
  requireParRequest: false,
  skipConsent: false,
  disableRefreshTokenRotation: false,
  refreshTokenValiditySeconds: DEFAULT_REFRESH_TOKEN_VALIDITY_SECONDS,
  idTokenValiditySeconds: DEFAULT_ID_TOKEN_VALIDITY_SECONDS,
}
/** Lists that are left out while they are empty. */
const optionalLists = new Set([
  'redirectUris',
  'postLogoutRedirectUris',
  'allowedOrigins',
  'allowedResources',
  'tokenCustomClaims',
])

/** The application with a change. What is as by default is left out of it, so that its file tells what was chosen. */
export function withChange(application: Application, { name, ...change }: ApplicationChange): Application {
  const merged = { ...application, ...change, ...(name === undefined ? {} : { name: name.trim() }) }
  const chosen = Object.entries(merged).filter(([member, value]) => !isDefault(member, value))
  return Object.fromEntries(chosen) as Application // nothing that an application needs is a default
}

/** The application with keys that hold nothing but what a public key is made of. */
export function withPublicKeys(application: Application): Application {
  const { jwks } = application
  return jwks === undefined ? application : { ...application, jwks: { keys: jwks.keys.map(publicMembers) } }
}

function isDefault(member: string, value: unknown): boolean {
  if (value === null || value === undefined) return true
  if (member === 'jwks') return (value as NonNullable<Application['jwks']>).keys.length === 0
  if (optionalLists.has(member)) return (value as unknown[]).length === 0
  return Object.hasOwn(defaults, member) && defaults[member as keyof Application] === value
}
