import { Type, type Static } from 'typebox'
import { HeaderList } from './console'

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

/** What a text with expressions comes to, or why it cannot be understood. */
export const ExpressionTrial = Type.Union([
  Type.Object({
    ok: Type.Literal(true),
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
