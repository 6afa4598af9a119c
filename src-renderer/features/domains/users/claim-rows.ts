import type { Fault } from '@shared/problem'
import { addressMembers, claimNameFault, claimValueFault, standardClaims } from '@shared/user-claims'

/** A claim as it is edited: everything is text until it is saved. A member of the address is a row of its own. */
export interface ClaimRow {
  name: string
  value: string
  /** How the text is meant; what a standard claim is, is known. */
  kind: 'text' | 'json'
}

type Claims = Record<string, unknown>

const addressNames: readonly string[] = addressMembers.map((member) => `address.${member}`)
/** What a row may be called without being a claim of one's own, with an example of its value. */
export const knownNames: readonly { readonly name: string; readonly label: string; readonly example: string }[] = [
  ...standardClaims.filter(({ kind }) => kind !== 'address'),
  ...addressNames.map((name) => ({
    name,
    label: name.replace('address.', 'Address: ').replaceAll('_', ' '),
    example: '',
  })),
]

/** Whether the kind of value follows from the name. */
export function isKnown(name: string): boolean {
  return knownNames.some((known) => known.name === name)
}

export function rowsOf(claims: Claims): ClaimRow[] {
  return Object.entries(claims).flatMap(([name, value]): ClaimRow[] => {
    if (name === 'address' && typeof value === 'object' && value !== null) {
      return Object.entries(value).map(([member, part]) => rowOf(`address.${member}`, part))
    }
    return [rowOf(name, value)]
  })
}

function rowOf(name: string, value: unknown): ClaimRow {
  if (typeof value === 'string') return { name, value, kind: 'text' }
  return { name, value: JSON.stringify(value), kind: isKnown(name) ? 'text' : 'json' }
}

/** The claims of rows that have no fault. Empty rows are none. */
export function claimsOf(rows: readonly ClaimRow[]): Claims {
  const claims: Claims = {}
  for (const row of rows.filter((each) => !isBlank(each))) {
    const name = row.name.trim()
    if (!addressNames.includes(name)) claims[name] = valueOf(row)
    else
      claims.address = { ...(claims.address as Claims | undefined), [name.slice('address.'.length)]: row.value.trim() }
  }
  return claims
}

/** What is wrong with each row; undefined for one that is right or empty. */
export function rowFaults(rows: readonly ClaimRow[]): (Fault | undefined)[] {
  return rows.map((row, index) => {
    if (isBlank(row)) return undefined
    const name = row.name.trim()
    const first = rows.findIndex((each) => each.name.trim() === name)
    if (first < index) return { message: `${name} stands above already`, remedy: 'Remove one of the two.' }
    if (name === 'address') {
      return { message: 'An address has members', remedy: 'Name one, such as address.locality.' }
    }
    if (addressNames.includes(name)) return claimValueFault('address', row.value.trim() && { locality: row.value })
    if (row.kind === 'json' && !isKnown(name) && valueOf(row) === undefined) {
      return {
        message: 'This is not JSON',
        remedy: 'Write a text in quotes, a number, true, false, a list or an object.',
      }
    }
    return claimNameFault(name) ?? claimValueFault(name, valueOf(row))
  })
}

function isBlank({ name, value }: ClaimRow): boolean {
  return name.trim() === '' && value.trim() === ''
}

/** Undefined for what is meant as JSON and is none. */
function valueOf({ name, value, kind }: ClaimRow): unknown {
  const text = value.trim()
  const known = standardClaims.find((each) => each.name === name.trim())
  if (known?.kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (known !== undefined || kind === 'text') return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
