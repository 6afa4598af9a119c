import { Type, type Static } from 'typebox'
import { HeaderList } from './console'
import type { RequestRecord } from './traffic'

const Body = Type.String({ maxLength: 100_000 })

/** A request, and what came of it, that an expression is tried on. */
export const ExpressionSample = Type.Object({
  method: Type.Optional(Type.String({ maxLength: 32 })),
  path: Type.Optional(Type.String({ maxLength: 8192, description: 'With the context path, and with the query' })),
  headers: Type.Optional(HeaderList),
  body: Type.Optional(Body),
  pathParams: Type.Optional(Type.Record(Type.String(), Type.String())),
  attributes: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  response: Type.Optional(
    Type.Object({ status: Type.Integer(), headers: Type.Optional(HeaderList), body: Type.Optional(Body) }),
  ),
  error: Type.Optional(
    Type.Object({
      key: Type.String(),
      message: Type.String(),
      status: Type.Integer(),
      parameters: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    }),
  ),
})
export type ExpressionSample = Static<typeof ExpressionSample>

/** What a text is for: a condition is wanted in braces, and a response template may look at the failure. */
export const ExpressionKind = Type.Union([
  Type.Literal('text'),
  Type.Literal('condition'),
  Type.Literal('response-template'),
])
export type ExpressionKind = Static<typeof ExpressionKind>

/** What a value is; `nothing` is what is not there. */
export const ValueType = Type.Union([
  Type.Literal('text'),
  Type.Literal('number'),
  Type.Literal('boolean'),
  Type.Literal('list'),
  Type.Literal('map'),
  Type.Literal('nothing'),
])
export type ValueType = Static<typeof ValueType>

/** What a text with expressions comes to, or why it cannot be understood. */
export const ExpressionTrial = Type.Union([
  Type.Object({
    ok: Type.Literal(true),
    type: ValueType,
    value: Type.Unknown({ description: 'As JSON; null for what is not there' }),
    text: Type.String({ description: 'As it would stand in a text; at most the first 10,000 characters' }),
  }),
  Type.Object({
    ok: Type.Literal(false),
    reason: Type.String(),
    at: Type.Optional(Type.Integer({ description: 'Offset of the character, from 0' })),
  }),
])
export type ExpressionTrial = Static<typeof ExpressionTrial>

/**
 * What is known of a recorded request: headers and query only of one that was traced, and no credential. Bodies are not
 * kept, nor is what the policies left but for the client.
 */
export function sampleOf({ method, path, status, carried, clientId, refusal }: RequestRecord): ExpressionSample {
  return {
    method,
    path: carried?.query ? `${path}?${carried.query}` : path,
    headers: carried?.headers ?? [],
    attributes: clientId === undefined ? {} : { 'oauth.client_id': clientId },
    response: { status },
    ...(refusal === undefined
      ? {}
      : { error: { key: refusal.key, message: refusal.message ?? '', status: refusal.status } }),
  }
}
