import { Type } from 'typebox'
import { GivenConsent, LiveAccessTokenPage, LiveGrant, LiveSession, TokenReport } from '../live'
import { Empty, id, input, Limit, type OperationList } from './parts'

const Token = Type.String({ minLength: 1, maxLength: 65_536 })

const whose = {
  userId: Type.Optional(id('user')),
  clientId: Type.Optional(Type.String({ minLength: 1, description: 'Client id of the application' })),
}

/** What a domain has given out and lasts: grants, sessions, consents, tokens. */
export const liveOperations = {
  'grants.list': {
    summary: 'What users have granted to applications and lasts, newest first: each a family of tokens',
    input: input({ domainId: id('domain'), ...whose, limit: Limit }),
    output: Type.Array(LiveGrant),
  },
  'grants.revoke': {
    summary: 'Revoke a grant with all its tokens',
    input: input({ domainId: id('domain'), grantId: id('grant') }),
    output: Empty,
  },
  'grants.revokeAll': {
    summary:
      'Revoke every token of a user, of an application, or of a user at an application; of an application also those that it got for itself',
    input: input({ domainId: id('domain'), ...whose }),
    output: Type.Object({ revoked: Type.Integer({ description: 'Grants that were revoked' }) }),
  },
  'sessions.list': {
    summary: 'The logins that last, newest first',
    input: input({ domainId: id('domain'), userId: whose.userId, limit: Limit }),
    output: Type.Array(LiveSession),
  },
  'sessions.end': {
    summary: 'End a session: its browser has to log in again',
    input: input({ domainId: id('domain'), sessionId: id('session') }),
    output: Empty,
  },
  'consents.list': {
    summary: 'What users have allowed applications, newest first',
    input: input({ domainId: id('domain'), userId: whose.userId, limit: Limit }),
    output: Type.Array(GivenConsent),
  },
  'consents.revoke': {
    summary: 'Forget what a user has allowed an application, and revoke the tokens that came of it',
    input: input({ domainId: id('domain'), userId: id('user'), clientId: Type.String({ minLength: 1 }) }),
    output: Empty,
  },
  'tokens.list': {
    summary:
      'The live access tokens, newest first; one that was given out within the last fifth of a second before a crash is missing',
    input: input({
      domainId: id('domain'),
      ...whose,
      limit: Limit,
      after: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 200,
          description: 'Only those after this place: next of the page before',
        }),
      ),
    }),
    output: LiveAccessTokenPage,
  },
  'tokens.revokeById': {
    summary: 'Revoke one live access token by its jti; what else came of its grant stays',
    input: input({ domainId: id('domain'), jti: Type.String({ minLength: 1, maxLength: 200 }) }),
    output: Empty,
  },
  'tokens.inspect': {
    summary: 'Whether a token is good and, if not, why',
    input: input({ domainId: id('domain'), token: Token }),
    output: TokenReport,
  },
  'tokens.revoke': {
    summary: 'Revoke a token; with a refresh token its whole grant',
    input: input({ domainId: id('domain'), token: Token }),
    output: Empty,
  },
} as const satisfies OperationList
