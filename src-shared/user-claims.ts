import type { Fault } from './problem'

/** What the value of a claim is. */
export type ClaimKind = 'text' | 'address' | 'url' | 'date' | 'boolean' | 'locale' | 'time-zone'

export interface StandardClaim {
  readonly name: string
  readonly label: string
  readonly kind: ClaimKind
  /** A value as an example. */
  readonly example: string
}

/** The claims of OpenID Connect Core §5.1 that a user's further information holds, in the text's order. */
export const standardClaims: readonly StandardClaim[] = [
  { name: 'middle_name', label: 'Middle name', kind: 'text', example: 'Augusta' },
  { name: 'nickname', label: 'Nickname', kind: 'text', example: 'Ada' },
  { name: 'profile', label: 'Profile page', kind: 'url', example: 'https://example.org/ada' },
  { name: 'picture', label: 'Picture', kind: 'url', example: 'https://example.org/ada.png' },
  { name: 'website', label: 'Website', kind: 'url', example: 'https://example.org/' },
  { name: 'gender', label: 'Gender', kind: 'text', example: 'female' },
  { name: 'birthdate', label: 'Date of birth', kind: 'date', example: '1815-12-10' },
  { name: 'zoneinfo', label: 'Time zone', kind: 'time-zone', example: 'Europe/London' },
  { name: 'locale', label: 'Language', kind: 'locale', example: 'en-GB' },
  { name: 'phone_number', label: 'Phone number', kind: 'text', example: '+44 20 7946 0018' },
  { name: 'phone_number_verified', label: 'Phone number verified', kind: 'boolean', example: 'true' },
  { name: 'address', label: 'Address', kind: 'address', example: '{ "locality": "London" }' },
]

/** The members of the claim `address` (OpenID Connect Core §5.1.1). */
export const addressMembers = ['formatted', 'street_address', 'locality', 'region', 'postal_code', 'country'] as const

/** Claims that are made from a field of the user, or from roles and groups. */
export const fieldClaims: Readonly<Record<string, string>> = {
  preferred_username: 'username',
  name: 'display name',
  given_name: 'first name',
  family_name: 'last name',
  email: 'e-mail address',
  email_verified: 'verified e-mail address',
  updated_at: 'time of the last change',
  roles: 'roles',
  groups: 'groups',
}

/** What a token says of itself or of the login (RFC 7519 §4.1, OpenID Connect Core §2, RFC 9068 §2.2): never a user's. */
const protocolClaims: ReadonlySet<string> = new Set([
  ...['sub', 'iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'auth_time', 'nonce', 'acr', 'amr', 'azp', 'sid'],
  ...['at_hash', 'c_hash', 's_hash', 'client_id', 'scope', 'cnf', 'act', 'may_act', 'events', 'active'],
])

export const MOST_CLAIMS = 100
const LONGEST_NAME = 128
/** Characters of a value as JSON: claims travel in tokens, and tokens in headers. */
const LONGEST_VALUE = 4096

/** Whether a claim stands for the token or the login, so that no user may have it. */
export function isProtocolClaim(name: string): boolean {
  return protocolClaims.has(name)
}

/** Why a user cannot have the claim; undefined when they can. */
export function claimNameFault(name: string): Fault | undefined {
  if (name.trim() === '') return { message: 'The claim has no name', remedy: 'Give it a name such as department.' }
  if (name.length > LONGEST_NAME) {
    return { message: `The name of a claim has at most ${LONGEST_NAME} characters`, remedy: 'Make it shorter.' }
  }
  if (/[\x00-\x1f\x7f]/.test(name) || name !== name.trim() || name === '__proto__') {
    return {
      message: `A claim cannot be called ${JSON.stringify(name)}`,
      remedy: 'Use letters, digits and signs, without spaces around them.',
    }
  }
  if (isProtocolClaim(name)) {
    return {
      message: `${name} is what a token says of itself or of the login, not of a user`,
      remedy: 'Choose another name.',
    }
  }
  const field = Object.hasOwn(fieldClaims, name) ? fieldClaims[name] : undefined
  if (field !== undefined) {
    return { message: `The claim ${name} is made from the ${field}`, remedy: `Change the ${field} instead.` }
  }
  return undefined
}

/** Why a claim cannot have the value; undefined when it can. */
export function claimValueFault(name: string, value: unknown): Fault | undefined {
  if (value === undefined || value === null || value === '') {
    return { message: `The claim ${name} has no value`, remedy: 'Give it a value, or leave the claim out.' }
  }
  if (JSON.stringify(value).length > LONGEST_VALUE) {
    return {
      message: `The claim ${name} is longer than ${LONGEST_VALUE} characters`,
      remedy: 'Make it shorter: claims travel in tokens.',
    }
  }
  const claim = standardClaims.find((each) => each.name === name)
  if (claim === undefined || isOfKind(value, claim.kind)) return undefined
  return {
    message: `The claim ${name} ${kindWords[claim.kind]} (OpenID Connect Core §5.1)`,
    remedy: `Give a value such as ${claim.example}.`,
  }
}

const kindWords: Readonly<Record<ClaimKind, string>> = {
  text: 'is a text',
  address: `is an object of texts with members among ${addressMembers.join(', ')}`,
  url: 'is an address that begins with http:// or https://',
  date: 'is a date as YYYY-MM-DD, or a year',
  boolean: 'is true or false',
  locale: 'is a language tag (RFC 5646)',
  'time-zone': 'is a name of the time zone database',
}

function isOfKind(value: unknown, kind: ClaimKind): boolean {
  if (kind === 'boolean') return typeof value === 'boolean'
  if (kind === 'address') return isAddress(value)
  if (typeof value !== 'string') return false
  switch (kind) {
    case 'text':
      return true
    case 'url':
      return URL.canParse(value) && /^https?:\/\//i.test(value)
    case 'date':
      return isDate(value)
    case 'locale':
      // en_US stands in many files, and the text allows it (§5.1).
      return taken(() => Intl.getCanonicalLocales(value.replaceAll('_', '-')))
    case 'time-zone':
      return taken(() => new Intl.DateTimeFormat('en', { timeZone: value }))
  }
}

function isAddress(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const members = Object.entries(value)
  const known: readonly string[] = addressMembers
  return members.length > 0 && members.every(([name, part]) => known.includes(name) && typeof part === 'string')
}

/** A day that there is; its year may be 0000 when it is not told, and the day may be left out (§5.1). */
function isDate(value: string): boolean {
  if (/^\d{4}$/.test(value)) return true
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value) ?? []
  if (year === undefined) return false
  const date = new Date(Date.UTC(2000, Number(month) - 1, Number(day)))
  date.setUTCFullYear(year === '0000' ? 2000 : Number(year), Number(month) - 1, Number(day))
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
}

function taken(attempt: () => unknown): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}
