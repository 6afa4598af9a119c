import { Type, type Static } from 'typebox'
import { ConsoleExchange, HeaderList } from './console'

/** A parameter of a message by its name; those that are secret are masked. */
export const MessageParameter = Type.Object({ name: Type.String(), value: Type.String() })
export type MessageParameter = Static<typeof MessageParameter>

/** Something that an application has to look at before it believes an answer. */
export const TryItCheck = Type.Object({
  title: Type.String(),
  ok: Type.Boolean(),
  sentence: Type.String(),
  source: Type.String({ description: 'Where the rule stands, e.g. RFC 9207 §2.4' }),
})
export type TryItCheck = Static<typeof TryItCheck>

/** A token that came back, taken apart where it is a JWT. */
export const TryItToken = Type.Object({
  kind: Type.Union([Type.Literal('access_token'), Type.Literal('id_token'), Type.Literal('refresh_token')]),
  token: Type.String(),
  header: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  claims: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
})
export type TryItToken = Static<typeof TryItToken>

/** One message of the back channel: what the application sent, what it got, and what it makes of it. */
export const TryItExchange = Type.Object({
  request: Type.Object({
    method: Type.String(),
    url: Type.String(),
    headers: HeaderList,
    parameters: Type.Array(MessageParameter),
  }),
  /** The client's secret is masked in it, tokens are not. */
  answer: ConsoleExchange,
  succeeded: Type.Boolean(),
  checks: Type.Array(TryItCheck),
  tokens: Type.Array(TryItToken),
  /** What userinfo told. */
  claims: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
})
export type TryItExchange = Static<typeof TryItExchange>

export const ResponseMode = Type.Union([Type.Literal('query'), Type.Literal('fragment'), Type.Literal('form_post')])
export type ResponseMode = Static<typeof ResponseMode>

export const Prompt = Type.Union([
  Type.Literal('login'),
  Type.Literal('consent'),
  Type.Literal('select_account'),
  Type.Literal('none'),
])
export type Prompt = Static<typeof Prompt>

/** A login as the application begins it: what it keeps, and where it sends the browser. */
export const TryItStart = Type.Object({
  attemptId: Type.String(),
  codeVerifier: Type.String({ description: 'Kept by the application until it changes the code (RFC 7636 §4.1)' }),
  codeChallenge: Type.String(),
  state: Type.String(),
  nonce: Type.Optional(Type.String()),
  pushed: Type.Optional(TryItExchange),
  address: Type.Optional(
    Type.String({ description: 'Of the authorization request; absent when it was pushed and refused' }),
  ),
})
export type TryItStart = Static<typeof TryItStart>

/** What the application makes of an authorization response. */
export const TryItAnswer = Type.Object({
  checks: Type.Array(TryItCheck),
  code: Type.Boolean({ description: 'Whether there is a code that may be changed for tokens' }),
  error: Type.Optional(Type.String()),
  errorDescription: Type.Optional(Type.String()),
})
export type TryItAnswer = Static<typeof TryItAnswer>
