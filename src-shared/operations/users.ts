import { Type } from 'typebox'
import { User } from '../domain'
import { ImportFormat, ImportPreview, ImportProgress, ImportResult, LONGEST_IMPORT } from '../user-import'
import { RevokedGrants, UserDetails, UserStatus } from '../users'
import { Empty, id, input, type OperationList } from './parts'

/** A user, and a password in the clear when one was generated: answered once. */
const WithPassword = Type.Object({ user: UserDetails, password: Type.Optional(Type.String()) })

const { username, emailVerified, email, firstName, lastName, displayName, additionalInformation } = User.properties

/** What of a user can be set. An empty text removes what is there. */
const userFields = {
  enabled: Type.Optional(Type.Boolean()),
  email,
  emailVerified,
  firstName,
  lastName,
  displayName,
  additionalInformation,
  roles: Type.Optional(Type.Array(id('role'))),
  groups: Type.Optional(Type.Array(id('group'))),
}

/** Long enough for every password that is taken, and for the sentence about one that is too long. */
const Password = Type.String({ maxLength: 8192, description: 'At least 8 characters, at most 1024 bytes' })

const importFile = {
  domainId: id('domain'),
  content: Type.String({ maxLength: LONGEST_IMPORT, description: 'The text of the file' }),
  format: Type.Optional(ImportFormat),
  createMissing: Type.Optional(
    Type.Boolean({ description: 'Add roles and groups that are named and not there; else their rows are refused' }),
  ),
}

/** Users of a domain, one by one and by file. */
export const userOperations = {
  'users.list': {
    summary: 'Users of a domain by name, a page of them',
    input: input({
      domainId: id('domain'),
      search: Type.Optional(Type.String({ maxLength: 256, description: 'Part of a name or an e-mail address' })),
      status: Type.Optional(UserStatus),
      roleId: Type.Optional(Type.String({ description: 'Only users that have the role themselves' })),
      groupId: Type.Optional(Type.String({ description: 'Only members of the group' })),
      offset: Type.Optional(Type.Integer({ minimum: 0 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    }),
    output: Type.Object({
      users: Type.Array(UserDetails),
      total: Type.Integer({ description: 'How many there are of this kind, on all pages' }),
    }),
  },
  'users.get': {
    summary: 'One user',
    input: input({ domainId: id('domain'), userId: id('user') }),
    output: UserDetails,
  },
  'users.create': {
    summary: 'A new user; a generated password is answered this once',
    input: input({
      domainId: id('domain'),
      username,
      ...userFields,
      password: Type.Optional(Password),
      generatePassword: Type.Optional(Type.Boolean()),
    }),
    output: WithPassword,
  },
  'users.update': {
    summary: 'Change a user; what is left out stays',
    input: input({
      domainId: id('domain'),
      userId: id('user'),
      username: Type.Optional(username),
      ...userFields,
    }),
    output: UserDetails,
  },
  'users.setPassword': {
    summary: 'Set the password of a user, which ends a block too; without one, it is generated and answered this once',
    input: input({
      domainId: id('domain'),
      userId: id('user'),
      password: Type.Optional(Password),
      keepTokens: Type.Optional(
        Type.Boolean({
          description: 'Leave the tokens of the user as they are; else they are revoked, as sessions end',
        }),
      ),
    }),
    output: Type.Object({
      ...WithPassword.properties,
      revoked: Type.Optional(RevokedGrants),
    }),
  },
  'users.removePassword': {
    summary: 'Remove the password of a user with every token, who cannot log in until there is a new one',
    input: input({ domainId: id('domain'), userId: id('user') }),
    output: Type.Object({ ...UserDetails.properties, revoked: Type.Optional(RevokedGrants) }),
  },
  'users.lock': {
    summary: 'Keep a user from logging in',
    input: input({ domainId: id('domain'), userId: id('user') }),
    output: UserDetails,
  },
  'users.unlock': {
    summary: 'Let a user log in again who is locked, or blocked after too many wrong passwords',
    input: input({ domainId: id('domain'), userId: id('user') }),
    output: UserDetails,
  },
  'users.delete': {
    summary: 'Delete a user with the password and every membership',
    input: input({ domainId: id('domain'), userId: id('user') }),
    output: Empty,
  },
  'users.previewImport': {
    summary: 'What an import of a CSV or JSON file would do to the domain; changes nothing',
    input: input(importFile),
    output: ImportPreview,
  },
  'users.import': {
    summary:
      'Import users from a CSV or JSON file, all that are not refused at once; answers when it is done, which takes a while where passwords have to be hashed',
    input: input({
      ...importFile,
      onRefused: Type.Union([Type.Literal('stop'), Type.Literal('skip')], {
        description: 'Whether one refused row stops the whole import, or is left out',
      }),
    }),
    output: ImportResult,
  },
  'users.importProgress': {
    summary: 'The import into a domain that is under way, or how the last one ended since the start',
    input: input({ domainId: id('domain') }),
    output: Type.Object({ progress: Type.Optional(ImportProgress) }),
  },
  'users.cancelImport': {
    summary: 'Cancel the import under way into a domain; nothing of it is saved',
    input: input({ domainId: id('domain') }),
    output: Empty,
  },
} as const satisfies OperationList
