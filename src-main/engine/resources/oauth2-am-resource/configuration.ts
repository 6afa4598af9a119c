import { Type, type Static } from 'typebox'

/** Gravitee's configuration of the resource `oauth2-am-resource`; `connectTimeout` and `readTimeout` are ours. */
export const configuration = Type.Object({
  serverURL: Type.String({
    title: 'Gravitee.io AM Server URL',
    description: 'Address of the authorization server, without the domain',
    examples: ['http://localhost:8092'],
    minLength: 1,
    pattern: '^https?://',
  }),
  version: Type.Optional(
    Type.Union([Type.Literal('V1_X'), Type.Literal('V2_X'), Type.Literal('V3_X')], {
      title: 'Version of the server',
      default: 'V3_X',
      'x-enum-labels': { V1_X: '1.x', V2_X: '2.x', V3_X: '3.x and later' },
      'x-advanced': true,
    }),
  ),
  securityDomain: Type.String({
    title: 'Security domain',
    description: 'Path of the domain that issues the tokens',
    minLength: 1,
    pattern: '^[^\\s/?#]+$',
  }),
  clientId: Type.String({
    title: 'Client ID',
    description: 'Of an application of that domain; introspection is asked for in its name',
    minLength: 1,
  }),
  clientSecret: Type.String({ title: 'Client secret', minLength: 1, writeOnly: true }),
  userClaim: Type.Optional(
    Type.String({
      title: 'Claim that names the user',
      default: 'sub',
      minLength: 1,
      'x-advanced': true,
    }),
  ),
  connectTimeout: Type.Optional(
    Type.Integer({
      title: 'Longest time to connect',
      description: 'Milliseconds',
      default: 5000,
      minimum: 1,
      maximum: 600_000,
      'x-advanced': true,
    }),
  ),
  readTimeout: Type.Optional(
    Type.Integer({
      title: 'Longest time to the answer',
      description: 'Milliseconds',
      default: 30_000,
      minimum: 1,
      maximum: 600_000,
      'x-advanced': true,
    }),
  ),
})
export type Configuration = Static<typeof configuration>
