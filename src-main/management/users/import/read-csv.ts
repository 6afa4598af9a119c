import { standardClaims } from '@shared/user-claims'
import { fieldInvalid } from '../../problems'
import { parseCsv, type CsvRecord } from './csv'
import { truthOf, type ImportRow, type ReadFile, type RowFault } from './row'

type Text = 'username' | 'password' | 'email' | 'firstName' | 'lastName' | 'displayName'
type Truth = 'emailVerified' | 'enabled' | 'accountNonLocked'
type List = 'roles' | 'groups'

/** Columns that are a field of the user, by their names in small letters; those of OpenID Connect's claims are taken too. */
const texts: Readonly<Record<string, Text>> = {
  ...{ username: 'username', preferred_username: 'username', password: 'password', email: 'email' },
  ...{ firstname: 'firstName', given_name: 'firstName', lastname: 'lastName', family_name: 'lastName' },
  ...{ displayname: 'displayName', name: 'displayName' },
}
const truths: Readonly<Record<string, Truth>> = {
  ...{ emailverified: 'emailVerified', email_verified: 'emailVerified' },
  ...{ enabled: 'enabled', accountnonlocked: 'accountNonLocked' },
}
const lists: Readonly<Record<string, List>> = { roles: 'roles', groups: 'groups' }

/**
 * Users of a CSV file with a header. Every column that is no field of a user becomes a claim, `address.locality` a member of one. An
 * empty cell says nothing.
 *
 * @throws ProblemError INPUT_INVALID for what makes the file useless as a whole
 */
export function readCsv(content: string): ReadFile {
  const [header, ...records] = parseCsv(content)
  if (header === undefined) throw unusable('The file is empty', 'Choose a file with a header and a row for each user.')
  const columns = header.cells.map((cell) => cell.trim())
  const fields = columns.map(fieldOf)
  if (!fields.includes('username')) {
    const names = columns.slice(0, 5).join(', ')
    throw unusable(`The first line names no column username; it begins with ${names.slice(0, 100)}`, HEADER)
  }
  const twice = fields.find((field, index) => fields.indexOf(field) < index)
  if (twice !== undefined) throw unusable(`Two columns are ${twice}`, 'Leave one of them out.')
  if (columns.includes('')) throw unusable(`Column ${columns.indexOf('') + 1} has no name`, HEADER)
  return { rows: records.map((record) => readRow(record, columns, fields)), ignored: [] }
}

const HEADER = 'Begin the file with a line such as username,password,email,firstName,lastName,roles.'

/** What a column is: a field, or the claim of its name. */
function fieldOf(column: string): string {
  const name = column.toLowerCase()
  const known = [texts, truths, lists].find((kind) => Object.hasOwn(kind, name))
  return known?.[name] ?? column
}

function readRow({ line, cells, fault }: CsvRecord, columns: readonly string[], fields: readonly string[]): ImportRow {
  const faults: RowFault[] = fault === undefined ? [] : [{ field: '', ...fault }]
  if (fault === undefined && cells.length !== fields.length) {
    const message = `The row has ${cells.length} cells, and the header names ${fields.length}`
    faults.push({ field: '', message, remedy: 'Put a cell that holds a comma in quotes; leave empty cells empty.' })
  }
  const row: Record<string, unknown> = {}
  const claims = new Map<string, unknown>()
  fields.forEach((field, index) => {
    const column = columns[index]!
    // A password is what it is, with its spaces.
    const cell = field === 'password' ? (cells[index] ?? '') : (cells[index] ?? '').trim()
    if (cell === '') return
    const name = column.toLowerCase()
    if (Object.hasOwn(texts, name)) row[field] = cell
    else if (Object.hasOwn(lists, name))
      row[field] = cell
        .split(/[;,]/)
        .map((part) => part.trim())
        .filter(Boolean)
    else if (Object.hasOwn(truths, name)) {
      const truth = truthOf(cell)
      if (truth === undefined)
        faults.push({ field: column, message: `${cell} is neither true nor false`, remedy: 'Write true or false.' })
      else row[field] = truth
    } else putClaim(claims, column, cell)
  })
  return { username: '', ...row, line, claims: Object.fromEntries(claims), faults }
}

/** A cell is text, unless the claim is known to be something else. */
function putClaim(claims: Map<string, unknown>, column: string, cell: string): void {
  const [, member] = /^address\.(\w+)$/.exec(column) ?? []
  if (member !== undefined) {
    const address = claims.get('address')
    claims.set('address', { ...(typeof address === 'object' ? address : {}), [member]: cell })
    return
  }
  const kind = standardClaims.find(({ name }) => name === column)?.kind
  if (kind === 'boolean') claims.set(column, truthOf(cell) ?? cell)
  else claims.set(column, kind === 'address' ? { formatted: cell } : cell)
}

function unusable(message: string, remedy: string) {
  return fieldInvalid('/content', message, remedy)
}
