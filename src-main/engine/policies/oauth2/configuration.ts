import { Type, type Static } from 'typebox'

/** Gravitee's configuration of the `oauth2` policy. */
export const configuration = Type.Object({
  oauthResource: Type.String({
    title: 'OAuth2 resource',
    description: 'The resource of this API that knows whether a token is good',
    minLength: 1,
    'x-resource': '^oauth2',
    'x-expression': true,
  }),
  oauthCacheResource: Type.Optional(
    Type.String({
      title: 'Cache resource',
      description: 'Remembers good tokens until they expire, so that they are not asked about again',
      'x-resource': '^cache$',
      'x-expression': true,
      'x-advanced': true,
    }),
  ),
  extractPayload: Type.Optional(
    Type.Boolean({
      title: 'Keep the introspection answer',
      description: 'Puts it into the context attribute oauth.payload, for policies that come after',
      default: false,
      'x-advanced': true,
    }),
  ),
  checkRequiredScopes: Type.Optional(
    Type.Boolean({
      title: 'Require scopes',
      description: 'Lets in only tokens that carry the scopes below',
      default: false,
    }),
  ),
  requiredScopes: Type.Optional(
    Type.Array(Type.String({ minLength: 1, title: 'Scope' }), {
      title: 'Required scopes',
      default: [],
      'x-scopes': true,
      'x-condition': { checkRequiredScopes: true },
    }),
  ),
  modeStrict: Type.Optional(
    Type.Boolean({
      title: 'All of them',
      description: 'On: the token must carry every required scope. Off: one of them is enough',
      default: true,
      'x-condition': { checkRequiredScopes: true },
    }),
  ),
  propagateAuthHeader: Type.Optional(
    Type.Boolean({
      title: 'Pass the token on',
      description: 'Off: the Authorization header is removed before the backend',
      default: true,
      'x-advanced': true,
    }),
  ),
})
export type Configuration = Static<typeof configuration>
