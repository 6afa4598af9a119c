import { Type, type Static } from 'typebox'
import { Evidence } from './traffic'

const At = (description: string) => Type.Integer({ description: `${description}; milliseconds since the epoch` })

/** What a user has granted to an application, and lasts: a family of access and refresh tokens. */
export const LiveGrant = Type.Object({
  grantId: Type.String(),
  clientId: Type.String(),
  userId: Type.String(),
  username: Type.Optional(Type.String({ description: 'Left out when the user is gone' })),
  scopes: Type.Array(Type.String()),
  createdAt: At('When the user logged in for it'),
  until: At('When the last of its tokens ends'),
})
export type LiveGrant = Static<typeof LiveGrant>

/** An access token that was given out, and is neither over nor revoked; it cannot be made from this. */
export const LiveAccessToken = Type.Object({
  jti: Type.String(),
  clientId: Type.String(),
  userId: Type.Optional(Type.String({ description: 'Left out where the application acts for itself' })),
  username: Type.Optional(Type.String()),
  grantId: Type.Optional(Type.String({ description: 'Of the grant that it belongs to, where there is a user' })),
  scopes: Type.Array(Type.String()),
  issuedAt: At('To the second'),
  expiresAt: At('To the second'),
})
export type LiveAccessToken = Static<typeof LiveAccessToken>

export const LiveAccessTokenPage = Type.Object({
  tokens: Type.Array(LiveAccessToken),
  next: Type.Optional(Type.String({ description: 'Where the next page begins; left out on the last one' })),
})
export type LiveAccessTokenPage = Static<typeof LiveAccessTokenPage>

/** A login that lasts, in one browser. */
export const LiveSession = Type.Object({
  id: Type.String({ description: 'Opens nothing' }),
  userId: Type.String(),
  username: Type.Optional(Type.String()),
  createdAt: At('When the user logged in'),
  lastSeen: At('To the minute'),
  until: At('When it ends by itself'),
  amr: Type.Array(Type.String({ description: 'How the user logged in (RFC 8176)' })),
  userAgent: Type.Optional(Type.String({ description: 'What the browser calls itself' })),
})
export type LiveSession = Static<typeof LiveSession>

/** What a user has allowed an application. */
export const GivenConsent = Type.Object({
  userId: Type.String(),
  username: Type.Optional(Type.String()),
  clientId: Type.String(),
  scopes: Type.Array(Type.String()),
  claims: Type.Array(Type.String()),
  resources: Type.Array(Type.String()),
  givenAt: At('The first time'),
  changedAt: At('The last time'),
})
export type GivenConsent = Static<typeof GivenConsent>

/** What there is to know of a token that somebody pasted. */
export const TokenReport = Type.Object({
  kind: Type.Union([Type.Literal('access token'), Type.Literal('refresh token'), Type.Literal('unknown')]),
  active: Type.Boolean(),
  sentence: Type.String({ description: 'Whether it is good and, if not, why' }),
  evidence: Type.Array(Evidence),
  header: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  claims: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  clientId: Type.Optional(Type.String()),
  userId: Type.Optional(Type.String()),
  username: Type.Optional(Type.String()),
})
export type TokenReport = Static<typeof TokenReport>
