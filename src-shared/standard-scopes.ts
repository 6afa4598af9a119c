import type { Domain, Scope } from './domain'

/**
 * Scopes that every domain has unasked, as the consent page calls them: claims about the user (OpenID Connect Core §5.4; `roles`, `groups` and
 * `full_profile` are Access Management's), and `offline_access` (§11). `openid` is none of them: every application may ask for it.
 */
export const standardScopes: readonly Scope[] = [
  { key: 'profile', name: 'Your profile', description: 'Name, picture, birthday and the like' },
  { key: 'email', name: 'Your email address' },
  { key: 'address', name: 'Your postal address' },
  { key: 'phone', name: 'Your phone number' },
  { key: 'roles', name: 'Your roles' },
  { key: 'groups', name: 'Your groups' },
  { key: 'full_profile', name: 'All that is known of you here' },
  { key: 'offline_access', name: 'Access while you are away', description: 'Also when you are not logged in' },
]

/** The scopes that applications of the domain may be given: its own, which may describe a standard one anew, and the standard ones. */
export function scopesOf({ scopes }: Pick<Domain, 'scopes'>): readonly Scope[] {
  return [...scopes, ...standardScopes.filter(({ key }) => scopes.every((own) => own.key !== key))]
}

/** What a new application with users is given unasked: what its first request will say. */
export const FIRST_USER_SCOPES: readonly string[] = ['profile', 'email', 'offline_access']
