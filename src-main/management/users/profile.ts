import type { User } from '@shared/domain'

type Settable =
  | 'enabled'
  | 'accountNonLocked'
  | 'email'
  | 'emailVerified'
  | 'firstName'
  | 'lastName'
  | 'displayName'
  | 'additionalInformation'
  | 'roles'

/** What of a user can be set. What is undefined stays; an empty text, list or object removes what was there. */
export type Profile = { readonly [Member in Settable]?: User[Member] | undefined }

/** The user with what is given, as a document holds it: trimmed, and without what says nothing. */
export function withProfile(user: User, given: Profile): User {
  const merged = { ...user, ...withoutNothing(given) }
  const email = merged.email?.trim() ?? ''
  // Another address is not verified because the one before was.
  const isVerified = given.emailVerified ?? (email === user.email ? user.emailVerified : undefined)
  const members = Object.entries({
    ...merged,
    emailVerified: email === '' ? undefined : isVerified,
    accountNonLocked: merged.accountNonLocked === false ? false : undefined,
  }).map(([name, value]) => [name, typeof value === 'string' ? value.trim() : value] as const)
  return Object.fromEntries(members.filter(([, value]) => !saysNothing(value))) as unknown as User // its required members are never empty
}

function withoutNothing(given: Profile): Partial<User> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<User> // the same members
}

function saysNothing(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return value === undefined || value === ''
}
