import type { ClaimRequest } from '../grants/user-grant'
import type { UserSnapshot } from '../../snapshot'

/** Claims by their names. */
export type Claims = Readonly<Record<string, unknown>>

/** What each scope stands for: OpenID Connect Core §5.4, and Access Management's `roles` and `groups`. */
export const scopeClaims: Readonly<Record<string, readonly string[]>> = {
  profile: [
    'name',
    'family_name',
    'given_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
  roles: ['roles'],
  groups: ['groups'],
}

/** Access Management's scope for all that is known of a user. */
const FULL_PROFILE = 'full_profile'

/** What tokens say of themselves: never taken from a user's own claims, which may be called anything. */
const RESERVED = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'iat',
  'nbf',
  'jti',
  'azp',
  'auth_time',
  'nonce',
  'acr',
  'amr',
  'at_hash',
  'c_hash',
  's_hash',
  'sid',
  'cnf',
])

/** Whether tokens say it of themselves or of the login, not of the user. */
export function isTokenClaim(name: string): boolean {
  return RESERVED.has(name)
}

/** The claims that the scopes stand for, as far as the user has them (OpenID Connect Core §5.4). */
export function claimsByScope(user: UserSnapshot, scopes: readonly string[]): Claims {
  const names = scopes.flatMap((scope) => {
    if (scope === FULL_PROFILE) return Object.keys(user.claims)
    return Object.hasOwn(scopeClaims, scope) ? scopeClaims[scope]! : [] // just looked up
  })
  return pick(user, names)
}

/** The claims that one member of the parameter `claims` asks for, as far as the user has them (OpenID Connect Core §5.5). */
export function claimsByRequest(
  user: UserSnapshot,
  requested: Readonly<Record<string, ClaimRequest>> | undefined,
): Claims {
  return pick(user, Object.keys(requested ?? {}))
}

function pick(user: UserSnapshot, names: readonly string[]): Claims {
  const known: Claims = { ...namesOf('roles', user.roles), ...namesOf('groups', user.groups), ...user.claims }
  return Object.fromEntries(
    names
      .filter((name) => Object.hasOwn(known, name) && !isTokenClaim(name))
      .map((name) => [name, name === 'address' ? asAddress(known[name]) : known[name]])
      // OpenID Connect Core §5.3.2: what has no value is left out.
      .filter(([, value]) => value !== undefined && value !== null && value !== ''),
  )
}

function namesOf(claim: 'roles' | 'groups', names: readonly string[]): Claims {
  return names.length === 0 ? {} : { [claim]: names }
}

/** An address is an object (OpenID Connect Core §5.1.1); people write it down as one text too. */
function asAddress(value: unknown): unknown {
  return typeof value === 'string' && value !== '' ? { formatted: value } : value
}
