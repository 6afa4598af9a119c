import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Domain, Group, Role, User } from '@shared/domain'
import { parsePasswordHash } from '@shared/password-hash'
import { passwordFault } from '@shared/password-policy'
import type { Fault } from '@shared/problem'
import type { ImportRefusal } from '@shared/user-import'
import { claimNameFault, claimValueFault, MOST_CLAIMS } from '@shared/user-claims'
import { emailFault, personNameFault, usernameFault, usernameKey } from '@shared/users'
import type { Secrets } from '../../../workspace/store'
import { withProfile, type Profile } from '../profile'
import { userSecretId } from '../user-details'
import type { ImportRow, RowFault } from './row'

/** What an import makes of a domain. Nothing of it is saved, and no password of it is hashed yet. */
export interface ImportPlan {
  /** With every user that is not refused. */
  readonly domain: Domain
  readonly created: number
  readonly changed: number
  readonly unchanged: number
  readonly refusedRows: number
  readonly refused: readonly ImportRefusal[]
  readonly passwords: readonly PlannedPassword[]
  readonly claims: readonly string[]
  readonly missingRoles: readonly string[]
  readonly missingGroups: readonly string[]
}

/** A password by the line that it stands in, since a plan that is made anew gives new users other ids. */
export interface PlannedPassword {
  readonly line: number
  readonly userId: string
  readonly given: { readonly text: string } | { readonly hash: string }
}

export interface ImportTerms {
  /** Whether roles and groups that are named and not there are made; else the row is refused. */
  readonly createMissing: boolean
  /** The hash of a user's password, so that the same one again is no change. */
  readonly hashOf: (userId: string) => string | undefined
  /** ISO 8601. */
  readonly now: string
}

/**
 * Plans an import into the domain as it is: rows that are not right are refused with the reason, users that are there are changed in
 * what their row tells. Pure but for the ids of what is new.
 *
 */
export function planImport(
  domain: Domain,
  rows: readonly ImportRow[],
  { createMissing, hashOf, now }: ImportTerms,
): ImportPlan {
  const users = new Map((domain.users ?? []).map((user) => [usernameKey(user.username), user]))
  const roles = namesOf<Role>(domain.roles ?? [], createMissing, (name) => ({
    id: randomUUID(),
    name,
    oauthScopes: [],
  }))
  const groups = namesOf<Group>(domain.groups ?? [], createMissing, (name) => ({
    ...{ id: randomUUID(), name },
    members: [],
    roles: [],
  }))
  const members = new Map<string, Set<string>>()
  const membersOf = (group: Group) => {
    const known = members.get(group.id) ?? new Set(group.members)
    members.set(group.id, known)
    return known
  }
  for (const group of domain.groups ?? []) membersOf(group)

  const lines = new Map<string, number>()
  const claims = new Set<string>()
  const refused: ImportRefusal[] = []
  const passwords: PlannedPassword[] = []
  const counts = { created: 0, changed: 0, unchanged: 0, refusedRows: 0 }

  for (const row of rows) {
    const key = usernameKey(row.username)
    const first = lines.get(key)
    const roleNames = roles.find(row.roles)
    const groupNames = groups.find(row.groups)
    const faults = [
      ...rowFaults(row),
      ...(first === undefined || key === '' ? [] : [twice(row.username, first)]),
      ...unknown('role', roleNames.missing),
      ...unknown('group', groupNames.missing),
    ]
    if (first === undefined) lines.set(key, row.line)
    if (faults.length > 0) {
      counts.refusedRows++
      const who = row.username === '' ? {} : { username: row.username.slice(0, 255) }
      refused.push(...faults.map((fault) => ({ line: row.line, ...who, ...fault })))
      continue
    }
    for (const name of Object.keys(row.claims)) claims.add(name)
    const known = users.get(key)
    const before = known ?? newUser(row.username, now)
    const user = withProfile(before, profileOf(row, before, roles.take(roleNames)))
    const isMoved = row.groups !== undefined && moveTo(user.id, groups.take(groupNames), groups.all(), membersOf)
    const password = passwordOf(row, hashOf(user.id))
    if (password !== undefined) passwords.push({ line: row.line, userId: user.id, given: password })
    if (known === undefined) counts.created++
    else if (isMoved || password !== undefined || !isDeepStrictEqual(known, user)) counts.changed++
    else {
      counts.unchanged++
      continue
    }
    users.set(key, known === undefined ? user : { ...user, updatedAt: now })
  }

  return {
    domain: {
      ...domain,
      users: [...users.values()],
      ...(roles.all().length === 0 ? {} : { roles: [...roles.all()] }),
      ...(groups.all().length === 0
        ? {}
        : { groups: groups.all().map((group) => ({ ...group, members: [...membersOf(group)] })) }),
    },
    ...counts,
    refused,
    passwords,
    claims: [...claims].sort(),
    missingRoles: roles.missing(),
    missingGroups: groups.missing(),
  }
}

/** The terms of an import that is made now. */
export function importTerms(secrets: Pick<Secrets, 'get'>, createMissing: boolean): ImportTerms {
  return { createMissing, hashOf: (userId) => secrets.get(userSecretId(userId)), now: new Date().toISOString() }
}

function newUser(username: string, now: string): User {
  return { id: randomUUID(), username: username.trim().normalize('NFC'), enabled: true, createdAt: now, updatedAt: now }
}

function profileOf(row: ImportRow, before: User, roles: readonly Role[] | undefined): Profile {
  const { line: _line, username: _name, password: _password, groups: _groups, faults: _faults, claims, ...fields } = row
  return {
    ...fields,
    additionalInformation: { ...before.additionalInformation, ...claims },
    roles: roles?.map(({ id }) => id),
  }
}

/** Puts the user into exactly these groups; answers whether that changes anything. */
function moveTo(
  userId: string,
  wanted: readonly Group[] | undefined,
  all: readonly Group[],
  membersOf: (group: Group) => Set<string>,
): boolean {
  let isMoved = false
  for (const group of all) {
    const members = membersOf(group)
    const shouldBe = wanted?.includes(group) === true
    if (members.has(userId) === shouldBe) continue
    isMoved = true
    if (shouldBe) members.add(userId)
    else members.delete(userId)
  }
  return isMoved
}

function passwordOf({ password }: ImportRow, hash: string | undefined): PlannedPassword['given'] | undefined {
  if (password === undefined || password === hash) return undefined
  return parsePasswordHash(password) === undefined ? { text: password } : { hash: password }
}

/** What is wrong with a row by itself: the first thing of each field, and of a row that could not be read nothing else. */
function rowFaults(row: ImportRow): RowFault[] {
  const faults = fieldFaults(row)
  const whole = row.faults.filter(({ field }) => field === '')
  return whole.length > 0
    ? whole
    : faults.filter(({ field }, index) => faults.findIndex((fault) => fault.field === field) === index)
}

function fieldFaults(row: ImportRow): RowFault[] {
  const { username, password, email, firstName = '', lastName = '', displayName = '', claims } = row
  const isHash = password !== undefined && parsePasswordHash(password) !== undefined
  return [
    ...row.faults,
    ...at('username', usernameFault(username)),
    ...at(
      'password',
      password === undefined || isHash ? undefined : (foreignHash(password) ?? passwordFault(password, username)),
    ),
    ...at('email', email === undefined ? undefined : emailFault(email)),
    ...at('firstName', personNameFault(firstName)),
    ...at('lastName', personNameFault(lastName)),
    ...at('displayName', personNameFault(displayName)),
    ...Object.entries(claims).flatMap(([name, value]) =>
      at(name, claimNameFault(name) ?? claimValueFault(name, value)),
    ),
    ...at('', Object.keys(claims).length > MOST_CLAIMS ? tooManyClaims : undefined),
  ]
}

const tooManyClaims: Fault = { message: `A user has at most ${MOST_CLAIMS} further claims`, remedy: 'Leave some out.' }

/** Forms of bcrypt, Argon2, PBKDF2, crypt and LDAP: taken for passwords, nobody could log in with the right one. */
const foreignHashes =
  /^(?:\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}|\$(?:argon2(?:id|i|d)|pbkdf2[a-z0-9-]*|scrypt|[156y])\$.+|\{[A-Za-z0-9-]+\}.{20,})$/

function foreignHash(password: string): Fault | undefined {
  if (!foreignHashes.test(password)) return undefined
  return {
    message: 'The password is a hash that Gatehouse does not know',
    remedy: 'Give it as $scrypt$ln=15,r=8,p=1$<salt>$<hash>, or leave it out and set a new password afterwards.',
  }
}

function at(field: string, fault: Fault | undefined): RowFault[] {
  return fault === undefined ? [] : [{ field, ...fault }]
}

function twice(username: string, line: number): RowFault {
  return {
    field: 'username',
    message: `${username} stands in line ${line} already`,
    remedy: 'Leave one of the two rows out; capitals make no difference.',
  }
}

function unknown(what: 'role' | 'group', names: readonly string[]): RowFault[] {
  return names.map((name) => ({
    field: `${what}s`,
    message: `The domain has no ${what} ${name.slice(0, 128)}`,
    remedy: `Add the ${what} first, have the import add what is missing, or correct the name.`,
  }))
}

interface Named {
  readonly id: string
  readonly name: string
}

interface Found {
  /** Undefined when the row does not tell any. */
  readonly names: readonly string[] | undefined
  /** Those that are not there and are not to be made. */
  readonly missing: readonly string[]
}

/** Roles or groups by name or id, and those that an import adds. */
function namesOf<T extends Named>(known: readonly T[], createMissing: boolean, make: (name: string) => T) {
  const byName = new Map([
    ...known.map((each) => [each.id, each] as const),
    ...known.map((each) => [each.name, each] as const),
  ])
  const all = [...known]
  const missing = new Set<string>()
  return {
    find(names: readonly string[] | undefined): Found {
      const notThere = (names ?? []).filter((name) => !byName.has(name))
      for (const name of notThere) missing.add(name)
      const canBeMade = (name: string) => createMissing && name.trim() !== '' && name.length <= 128
      return { names, missing: notThere.filter((name) => !canBeMade(name)) }
    },
    /** Those of a row that is taken, made where they are missing. */
    take({ names }: Found): T[] | undefined {
      return (
        names &&
        [...new Set(names)].map((name) => {
          const found = byName.get(name)
          if (found !== undefined) return found
          const made = make(name)
          byName.set(name, made)
          all.push(made)
          return made
        })
      )
    },
    all: (): readonly T[] => all,
    missing: () => [...missing].sort(),
  }
}
