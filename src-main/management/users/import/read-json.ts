import { fieldClaims, isProtocolClaim, standardClaims } from '@shared/user-claims'
import { parseJson, type PlacedSyntaxError } from '../../../workspace/files/json-text'
import { fieldInvalid } from '../../problems'
import { elementLines } from './json-lines'
import type { ImportRow, ReadFile, RowFault } from './row'

/** Members under which other systems list users: ours, a page of Access Management, a SCIM ListResponse (RFC 7644 §3.4.2). */
const LISTS = ['users', 'data', 'Resources', 'items'] as const

/**
 * Users of a JSON text: a list of them, or an object that holds one. A user has the members of ours, which are Access Management's, or
 * is a SCIM resource (RFC 7643 §4.1).
 *
 * @throws ProblemError INPUT_INVALID for what makes the text useless as a whole
 */
export function readJson(content: string): ReadFile {
  const [name, list] = listOf(parsed(content))
  const lines = elementLines(content).get(name) ?? []
  const ignored = new Set<string>()
  const rows = list.map((value, index) => readUser(value, lines[index] ?? 1, ignored))
  return { rows, ignored: [...ignored].sort() }
}

function parsed(content: string): unknown {
  try {
    return parseJson(content.startsWith('\uFEFF') ? content.slice(1) : content)
  } catch (error) {
    const { place } = error as PlacedSyntaxError // the only one that it raises
    const [line, column] = place?.split(':') ?? []
    const where = line === undefined ? '' : ` in line ${line}, column ${column}`
    throw fieldInvalid('/content', `The file is not JSON${where}`, 'Correct it there, or choose another file.')
  }
}

function listOf(value: unknown): readonly [name: string, list: readonly unknown[]] {
  if (Array.isArray(value)) return ['', value]
  const object = objectOf(value) ?? {}
  const name = LISTS.find((each) => Array.isArray(object[each]))
  if (name !== undefined) return [name, object[name] as unknown[]]
  if ('username' in object || 'userName' in object) return ['', [value]]
  throw fieldInvalid('/content', 'The file holds no list of users', 'Give a list, as [{ "username": "ada" }, …].')
}

/** Collects what is read of one user, and what is not as it should be. */
function readUser(value: unknown, line: number, ignored: Set<string>): ImportRow {
  const user = objectOf(value)
  if (user === undefined) {
    const fault = {
      field: '',
      message: 'The entry is not an object',
      remedy: 'Give an object such as { "username": "ada" }.',
    }
    return { line, username: '', claims: {}, faults: [fault] }
  }
  const reading = startReading(ignored)
  if ('userName' in user) readScim(user, reading)
  else readOwn(user, reading)
  return reading.row(line)
}

type Reading = ReturnType<typeof startReading>

function startReading(ignored: Set<string>) {
  const fields = new Map<string, unknown>()
  const claims = new Map<string, unknown>()
  const faults: RowFault[] = []
  const isNothing = (value: unknown) => value === undefined || value === null || value === ''

  return {
    text(field: string, member: string, value: unknown) {
      if (isNothing(value)) return
      if (typeof value === 'string') fields.set(field, field === 'password' ? value : value.trim())
      else faults.push({ field: member, message: `${member} is not a text`, remedy: 'Put it in quotes.' })
    },
    truth(field: string, member: string, value: unknown) {
      if (isNothing(value)) return
      if (typeof value === 'boolean') fields.set(field, value)
      else
        faults.push({
          field: member,
          message: `${member} is neither true nor false`,
          remedy: 'Write true or false, without quotes.',
        })
    },
    /** Names: texts, or objects that have one. */
    names(field: 'roles' | 'groups', member: string, value: unknown) {
      if (isNothing(value)) return
      const names = Array.isArray(value) ? value.map(nameOf) : [undefined]
      if (names.every((name) => name !== undefined)) fields.set(field, names)
      else
        faults.push({
          field: member,
          message: `${member} is not a list of names`,
          remedy: 'Give a list, as ["Reader"].',
        })
    },
    claim(name: string, value: unknown) {
      if (!isNothing(value)) claims.set(name, value)
    },
    has: (field: string) => fields.has(field),
    ignore: (member: string) => void ignored.add(member),
    fault: (fault: RowFault) => void faults.push(fault),
    row: (line: number): ImportRow => ({
      username: '',
      ...Object.fromEntries(fields),
      line,
      claims: Object.fromEntries(claims),
      faults,
    }),
  }
}

/** Fields by the claims that are made from them: an export of an identity provider may hold them so. */
const ofClaims: Readonly<Record<string, string>> = {
  ...{ preferred_username: 'username', name: 'displayName', given_name: 'firstName', family_name: 'lastName' },
  ...{ email: 'email', email_verified: 'emailVerified' },
}

const ownTexts = ['username', 'password', 'email', 'firstName', 'lastName', 'displayName']
const ownTruths = ['emailVerified', 'enabled', 'accountNonLocked']
/** Members of Access Management that are a claim here. */
const amClaims: Readonly<Record<string, string>> = {
  ...{ nickName: 'nickname', preferredLanguage: 'locale', picture: 'picture', profile: 'profile', website: 'website' },
}

function readOwn(user: Readonly<Record<string, unknown>>, reading: Reading): void {
  const information = objectOf(user.additionalInformation)
  for (const [member, value] of Object.entries(user)) {
    if (ownTexts.includes(member)) reading.text(member, member, value)
    else if (ownTruths.includes(member)) reading.truth(member, member, value)
    else if (Object.hasOwn(amClaims, member)) reading.claim(amClaims[member]!, value)
    else if (standardClaims.some(({ name }) => name === member)) reading.claim(member, value)
    else if (member === 'phoneNumbers') reading.claim('phone_number', primary(value))
    else if (member === 'groups') reading.names('groups', member, value)
    else if (member === 'roles') reading.names('roles', member, user.rolesPermissions ?? value)
    else if (member === 'additionalInformation' && information === undefined && value !== null) {
      reading.fault({
        field: member,
        message: `${member} is not an object`,
        remedy: 'Give an object with a member for each claim.',
      })
    } else if (!['additionalInformation', 'rolesPermissions'].includes(member) && !Object.hasOwn(ofClaims, member)) {
      reading.ignore(member)
    }
  }
  const { email: _isAField, ...others } = user
  readFieldClaims(others, '', reading)
  readInformation(information ?? {}, reading)
}

/** What an identity provider left in Access Management's further information beside claims of one's own. */
function readInformation(information: Readonly<Record<string, unknown>>, reading: Reading): void {
  readFieldClaims(information, 'additionalInformation.', reading)
  for (const [name, value] of Object.entries(information)) {
    if (isProtocolClaim(name) || Object.hasOwn(fieldClaims, name)) {
      if (!Object.hasOwn(ofClaims, name)) reading.ignore(`additionalInformation.${name}`)
    } else reading.claim(name, value)
  }
}

/** A field that has a member of its own is that. */
function readFieldClaims(from: Readonly<Record<string, unknown>>, at: string, reading: Reading): void {
  for (const [claim, field] of Object.entries(ofClaims)) {
    if (!Object.hasOwn(from, claim) || reading.has(field)) continue
    if (field === 'emailVerified') reading.truth(field, at + claim, from[claim])
    else reading.text(field, at + claim, from[claim])
  }
}

/** A SCIM user: attributes of RFC 7643 §4.1.1 and §4.1.2 that have a claim of OpenID Connect. */
function readScim(user: Readonly<Record<string, unknown>>, reading: Reading): void {
  const name = objectOf(user.name) ?? {}
  reading.text('username', 'userName', user.userName)
  reading.text('password', 'password', user.password)
  reading.text('firstName', 'name.givenName', name.givenName)
  reading.text('lastName', 'name.familyName', name.familyName)
  reading.text('displayName', 'displayName', user.displayName ?? name.formatted)
  reading.text('email', 'emails', primary(user.emails))
  reading.truth('enabled', 'active', user.active)
  reading.names('roles', 'roles', user.roles)
  reading.names('groups', 'groups', user.groups)
  reading.claim('middle_name', name.middleName)
  reading.claim('nickname', user.nickName)
  reading.claim('profile', user.profileUrl)
  reading.claim('picture', primary(user.photos))
  reading.claim('phone_number', primary(user.phoneNumbers)?.replace(/^tel:/, ''))
  reading.claim('zoneinfo', user.timezone)
  reading.claim('locale', user.locale ?? user.preferredLanguage)
  reading.claim('address', addressOf(user.addresses))
  for (const member of Object.keys(user)) if (!scimMembers.has(member)) reading.ignore(member)
}

const scimMembers: ReadonlySet<string> = new Set([
  ...['schemas', 'userName', 'password', 'name', 'displayName', 'emails', 'active', 'roles', 'groups', 'nickName'],
  ...['profileUrl', 'photos', 'phoneNumbers', 'timezone', 'locale', 'preferredLanguage', 'addresses'],
])

/** The value of the primary entry, or of the first one (RFC 7643 §2.4). */
function primary(entries: unknown): string | undefined {
  const value = primaryOf(entries)?.value
  return typeof value === 'string' ? value : undefined
}

function primaryOf(entries: unknown): Record<string, unknown> | undefined {
  if (!Array.isArray(entries)) return undefined
  const objects = entries.map(objectOf).filter((entry) => entry !== undefined)
  return objects.find((entry) => entry.primary === true) ?? objects[0]
}

const addressNames: Readonly<Record<string, string>> = {
  ...{ formatted: 'formatted', streetAddress: 'street_address', locality: 'locality', region: 'region' },
  ...{ postalCode: 'postal_code', country: 'country' },
}

function addressOf(entries: unknown): Record<string, unknown> | undefined {
  const address = primaryOf(entries) ?? {}
  const members = Object.entries(addressNames).filter(([name]) => typeof address[name] === 'string')
  return members.length === 0 ? undefined : Object.fromEntries(members.map(([name, claim]) => [claim, address[name]]))
}

/** The name of a role or group: itself, or what an object calls it. */
function nameOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim()
  const { name, display, value: id } = objectOf(value) ?? {}
  const found = name ?? display ?? id
  return typeof found === 'string' ? found.trim() : undefined
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}
