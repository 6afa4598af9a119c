import { Type, type Static } from 'typebox'
import { RequestRecord } from './traffic'

export const HeaderList = Type.Array(Type.Object({ name: Type.String(), value: Type.String() }))
export type HeaderList = Static<typeof HeaderList>

export const ConsoleRequest = Type.Object({
  method: Type.String({ minLength: 1, maxLength: 32, pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" }),
  url: Type.String({ title: 'Address', minLength: 1, maxLength: 8192 }),
  headers: HeaderList,
  body: Type.Optional(Type.String()),
})
export type ConsoleRequest = Static<typeof ConsoleRequest>

/** What one call answered, and the way it took. */
export const ConsoleExchange = Type.Object({
  status: Type.Integer(),
  statusText: Type.String(),
  httpVersion: Type.String(),
  headers: HeaderList,
  body: Type.String({ description: 'Text; base64 when bodyEncoding says so' }),
  bodyEncoding: Type.Union([Type.Literal('text'), Type.Literal('base64')]),
  bodyBytes: Type.Integer({ description: 'Whole size in bytes; body holds at most the first 1 MiB' }),
  timing: Type.Object({
    connectMs: Type.Optional(Type.Number()),
    firstByteMs: Type.Number(),
    totalMs: Type.Number(),
  }),
  /** The gateway's record with its trace; absent when another server was called. */
  record: Type.Optional(RequestRecord),
})
export type ConsoleExchange = Static<typeof ConsoleExchange>

/** A token that the console got, with the exchange that got it. */
export const ConsoleToken = Type.Object({
  accessToken: Type.String(),
  tokenType: Type.String(),
  scope: Type.Optional(Type.String()),
  expiresAt: Type.Integer({ description: 'Milliseconds since the epoch' }),
  header: Type.Record(Type.String(), Type.Unknown()),
  claims: Type.Record(Type.String(), Type.Unknown()),
  signature: Type.Object({ valid: Type.Boolean(), sentence: Type.String() }),
  /** Client id and secret are masked in it. */
  exchange: ConsoleExchange,
})
export type ConsoleToken = Static<typeof ConsoleToken>

/** Which token or API key a saved request wants; neither is ever saved. */
export const ConsoleAuthorization = Type.Union([
  Type.Object({ kind: Type.Literal('none') }),
  Type.Object({
    kind: Type.Literal('application'),
    domainId: Type.String(),
    applicationId: Type.String(),
    scopes: Type.Array(Type.String()),
  }),
  Type.Object({ kind: Type.Literal('pasted') }),
  Type.Object({
    kind: Type.Literal('api-key'),
    apiId: Type.String(),
    subscriptionId: Type.String(),
    keyId: Type.String(),
  }),
])
export type ConsoleAuthorization = Static<typeof ConsoleAuthorization>

/** `console/<id>.json`. Authorization headers are left out of what is saved. */
export const SavedRequest = Type.Object({
  id: Type.String(),
  name: Type.String({ minLength: 1, maxLength: 128 }),
  apiId: Type.Optional(Type.String()),
  request: ConsoleRequest,
  authorization: ConsoleAuthorization,
})
export type SavedRequest = Static<typeof SavedRequest>
