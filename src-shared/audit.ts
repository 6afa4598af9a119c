import { Type, type Static } from 'typebox'
import { RequestRecord } from './traffic'

/** What can happen at a domain's authorization server that somebody may have to answer for. */
export const AuditEvent = Type.Union([
  Type.Literal('authorization', { description: 'An application asked for a login, by redirect or pushed' }),
  Type.Literal('login'),
  Type.Literal('consent'),
  Type.Literal('token', { description: 'A token request, by any grant' }),
  Type.Literal('revocation'),
  Type.Literal('logout'),
  Type.Literal('introspection', { description: 'Refusals alone: whoever asked about a token was not answered' }),
  Type.Literal('userinfo', { description: 'Refusals alone' }),
])
export type AuditEvent = Static<typeof AuditEvent>

const { id, at, status, clientId, grantType, userId, username, refusal } = RequestRecord.properties

/** One line of a domain's audit log. It holds no secret, token or code. */
export const AuditEntry = Type.Object({
  seq: Type.Integer({ description: 'Grows by one with each entry of the domain' }),
  id,
  at,
  event: AuditEvent,
  outcome: Type.Union([Type.Literal('succeeded'), Type.Literal('refused'), Type.Literal('failed')]),
  status,
  clientId,
  grantType,
  userId,
  username,
  sentence: Type.String({ description: 'What happened and, when it was turned away, why' }),
  refusal,
  anonymous: Type.Optional(
    Type.Literal(true, {
      description: 'Nobody proved who sent it. Such entries have a limit of their own and push out no other ones',
    }),
  ),
  count: Type.Optional(
    Type.Integer({ minimum: 2, description: 'Of so many like one another within a minute this is the newest' }),
  ),
})
export type AuditEntry = Static<typeof AuditEntry>

/** Which entries are looked for; what is not given does not matter. */
export const AuditFilter = Type.Object(
  {
    events: Type.Optional(Type.Array(AuditEvent)),
    outcomes: Type.Optional(Type.Array(AuditEntry.properties.outcome)),
    clientId: Type.Optional(Type.String()),
    userId: Type.Optional(Type.String()),
    text: Type.Optional(
      Type.String({ maxLength: 256, description: 'Words that must all stand somewhere in the entry' }),
    ),
  },
  { additionalProperties: false },
)
export type AuditFilter = Static<typeof AuditFilter>
