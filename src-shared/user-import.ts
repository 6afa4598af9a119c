import { Type, type Static } from 'typebox'
import { Problem } from './problem'
import { RevokedGrants } from './users'

export const ImportFormat = Type.Union([Type.Literal('csv'), Type.Literal('json')])
export type ImportFormat = Static<typeof ImportFormat>

/** Characters of a file that is imported: some 20,000 users. */
export const LONGEST_IMPORT = 16 * 1024 * 1024

/** A row of the file that cannot be imported as it stands, and why. */
export const ImportRefusal = Type.Object({
  line: Type.Integer({ description: 'Of the file, counted from 1: where the row begins' }),
  username: Type.Optional(Type.String()),
  field: Type.String({ description: 'Name of the column or member; empty for the row as a whole' }),
  message: Type.String(),
  remedy: Type.String(),
})
export type ImportRefusal = Static<typeof ImportRefusal>

/** What an import would do to the domain as it is now. */
export const ImportPreview = Type.Object({
  format: ImportFormat,
  created: Type.Integer(),
  changed: Type.Integer(),
  unchanged: Type.Integer({ description: 'Users that are there already, just so' }),
  refusedRows: Type.Integer(),
  refused: Type.Array(ImportRefusal, { description: 'Why; the first thousand reasons' }),
  passwordsToHash: Type.Integer(),
  hashesTaken: Type.Integer({ description: 'Passwords that are hashed already' }),
  estimatedSeconds: Type.Integer({ description: 'How long hashing the passwords takes on this machine' }),
  claims: Type.Array(Type.String(), { description: 'Further claims that users get' }),
  ignored: Type.Array(Type.String(), { description: 'Columns or members that are not taken over' }),
  missingRoles: Type.Array(Type.String(), { description: 'Names of roles that the domain does not have' }),
  missingGroups: Type.Array(Type.String()),
})
export type ImportPreview = Static<typeof ImportPreview>

export const ImportResult = Type.Object({
  created: Type.Integer(),
  changed: Type.Integer(),
  unchanged: Type.Integer(),
  refusedRows: Type.Integer({ description: 'Rows that were skipped' }),
  createdRoles: Type.Array(Type.String()),
  createdGroups: Type.Array(Type.String()),
  revoked: Type.Optional(RevokedGrants),
})
export type ImportResult = Static<typeof ImportResult>

/** An import under way, or how the last one ended. Until it is done, nothing of it is saved. */
export const ImportProgress = Type.Object({
  domainId: Type.String(),
  state: Type.Union([
    Type.Literal('hashing'),
    Type.Literal('saving'),
    Type.Literal('done'),
    Type.Literal('failed'),
    Type.Literal('cancelled'),
  ]),
  hashed: Type.Integer({ description: 'Passwords hashed so far' }),
  passwordsToHash: Type.Integer(),
  result: Type.Optional(ImportResult),
  problem: Type.Optional(Problem),
})
export type ImportProgress = Static<typeof ImportProgress>
