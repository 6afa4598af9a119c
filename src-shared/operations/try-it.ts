import { Type } from 'typebox'
import { ScopeKey } from '../domain'
import { MessageParameter, Prompt, ResponseMode, TryItAnswer, TryItExchange, TryItStart } from '../try-it'
import { input, ofApplication, type OperationList } from './parts'

const ofAttempt = { attemptId: Type.String({ minLength: 1, description: 'Id of the attempt, from tryIt.begin' }) }

/** A login as an application does it, step by step. */
export const tryItOperations = {
  'tryIt.begin': {
    summary:
      'Begin a login as an application does: state, nonce and code verifier, and where to send the browser; pushed if wanted (RFC 9126)',
    input: input({
      ...ofApplication,
      redirectUri: Type.String({
        title: 'Redirect address',
        minLength: 1,
        maxLength: 2048,
        description: 'Need not be registered: the server has the word',
      }),
      scopes: Type.Array(ScopeKey, { maxItems: 200 }),
      prompt: Type.Optional(Prompt),
      loginHint: Type.Optional(Type.String({ title: 'Login hint', maxLength: 320 })),
      responseMode: Type.Optional(ResponseMode),
      push: Type.Optional(Type.Boolean()),
    }),
    output: TryItStart,
  },
  'tryIt.address': {
    summary: 'Where the browser of an attempt is sent, and where it is to come back to',
    input: input(ofAttempt),
    output: Type.Object({ address: Type.String(), redirectUri: Type.String() }),
  },
  'tryIt.receive': {
    summary: 'Judge an authorization response as the application has to; its code is kept when it is believed',
    input: input({
      ...ofAttempt,
      parameters: Type.Array(
        Type.Object({
          name: MessageParameter.properties.name,
          value: Type.String({ maxLength: 65_536 }),
        }),
        { maxItems: 100 },
      ),
    }),
    output: TryItAnswer,
  },
  'tryIt.redeem': {
    summary: 'Change the code for tokens, and validate the ID token',
    input: input(ofAttempt),
    output: TryItExchange,
  },
  'tryIt.userinfo': {
    summary: 'Ask who the user is, with the access token of the attempt',
    input: input(ofAttempt),
    output: TryItExchange,
  },
  'tryIt.refresh': {
    summary: 'Get new tokens for the refresh token of the attempt',
    input: input(ofAttempt),
    output: TryItExchange,
  },
  'tryIt.revoke': {
    summary: 'Take back what the attempt got: its refresh token with the whole grant, or else its access token',
    input: input(ofAttempt),
    output: TryItExchange,
  },
  'tryIt.clientCredentials': {
    summary: 'Get a token for the application itself, and see both messages',
    input: input({ ...ofApplication, scopes: Type.Array(ScopeKey, { maxItems: 200 }) }),
    output: TryItExchange,
  },
} as const satisfies OperationList
