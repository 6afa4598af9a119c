import { Type, type Static } from 'typebox'
import { Group, Role, User } from './domain'
import type { Fault } from './problem'

/** What a change of a password took back from applications. */
export const RevokedGrants = Type.Integer({
  minimum: 0,
  description: 'Grants that were revoked with their tokens; missing where the engine does not run, so that they stay',
})

/** A user as operations answer it: with what stands elsewhere in the domain, and never with the password or its hash. */
export const UserDetails = Type.Object({
  ...User.properties,
  hasPassword: Type.Boolean({ description: 'A user without a password cannot log in' }),
  groups: Type.Array(Type.String({ description: 'Ids of groups' })),
  scopes: Type.Array(Type.String(), { description: 'Of the roles, those of the groups included' }),
  blockedUntil: Type.Optional(
    Type.Integer({
      description:
        'Until when no login is taken after too many wrong passwords, milliseconds since the epoch; told of one user alone, while the servers run',
    }),
  ),
})
export type UserDetails = Static<typeof UserDetails>

/** A role and who has it. */
export const RoleDetails = Type.Object({
  ...Role.properties,
  userCount: Type.Integer({ description: 'Users that have it themselves' }),
  groupCount: Type.Integer(),
})
export type RoleDetails = Static<typeof RoleDetails>

/** A group without its members, who are listed by `users.list`. */
export const GroupDetails = Type.Object({
  ...Type.Omit(Group, ['members']).properties,
  memberCount: Type.Integer(),
})
export type GroupDetails = Static<typeof GroupDetails>

/** Whether somebody can log in, and what keeps them from it. */
export const UserStatus = Type.Union([
  Type.Literal('active'),
  Type.Literal('no-password'),
  Type.Literal('locked'),
  Type.Literal('disabled'),
])
export type UserStatus = Static<typeof UserStatus>

/** Of several things that keep a user from logging in, the one that a person has to undo first. */
export function userStatus({
  enabled,
  accountNonLocked,
  hasPassword,
}: Pick<UserDetails, 'enabled' | 'accountNonLocked' | 'hasPassword'>): UserStatus {
  if (!enabled) return 'disabled'
  if (accountNonLocked === false) return 'locked'
  return hasPassword ? 'active' : 'no-password'
}

/** What two usernames are compared by: people heed neither case nor spaces around them, nor how a letter was composed. */
export function usernameKey(username: string): string {
  return username.trim().normalize('NFC').toLowerCase()
}

/** What a person is called in lists: the name to show, or first and last name, or nothing. */
export function fullName({ displayName, firstName, lastName }: Pick<User, 'displayName' | 'firstName' | 'lastName'>) {
  return displayName ?? [firstName, lastName].filter((part) => part !== undefined).join(' ')
}

const LONGEST_USERNAME = 255
/** RFC 5321 §4.5.3.1: 64 and 255, and the @. */
const LONGEST_EMAIL = 320
/** Characters of a name of a person. */
const LONGEST_NAME = 256

/** Why nobody can be called so; whether somebody is called so already is another question. */
export function usernameFault(username: string): Fault | undefined {
  if (username.trim() === '')
    return { message: 'A user needs a name to log in with', remedy: 'Give a name such as ada.' }
  if (username.length > LONGEST_USERNAME) {
    const message = `A username has at most ${LONGEST_USERNAME} characters; this one has ${username.length}`
    return { message, remedy: 'Make it shorter.' }
  }
  if (/\p{Cc}/u.test(username)) {
    return { message: 'The username holds control characters', remedy: 'Write it on one line, without tabs.' }
  }
  return undefined
}

/** Why a text cannot be a first name, last name or display name. */
export function personNameFault(name: string): Fault | undefined {
  if (name.length <= LONGEST_NAME) return undefined
  return {
    message: `A name has at most ${LONGEST_NAME} characters; this one has ${name.length}`,
    remedy: 'Make it shorter.',
  }
}

/** Why a text is no e-mail address. Loosely: whether one exists is known only by writing to it. */
export function emailFault(email: string): Fault | undefined {
  if (email.length > LONGEST_EMAIL) {
    return { message: `An e-mail address has at most ${LONGEST_EMAIL} characters`, remedy: 'Make it shorter.' }
  }
  if (/^[^\s@]+@[^\s@]+$/.test(email)) return undefined
  const message = email.includes('@')
    ? `${email} is not an e-mail address`
    : `${email} is not an e-mail address: it has no @`
  return { message, remedy: 'Give an address such as ada@example.org.' }
}
