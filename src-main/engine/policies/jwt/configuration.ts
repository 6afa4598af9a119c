import { Type, type Static } from 'typebox'

const option = (title: string, description: string, byDefault: boolean, more: object = {}) =>
  Type.Optional(Type.Boolean({ title, description, default: byDefault, ...more }))

const ofUrl = { 'x-condition': { publicKeyResolver: 'JWKS_URL' }, 'x-advanced': true }

/** Gravitee's configuration of the `jwt` policy. */
export const configuration = Type.Object({
  signature: Type.Union(
    [
      Type.Literal('RSA_RS256'),
      Type.Literal('RSA_RS384'),
      Type.Literal('RSA_RS512'),
      Type.Literal('HMAC_HS256'),
      Type.Literal('HMAC_HS384'),
      Type.Literal('HMAC_HS512'),
    ],
    {
      title: 'Signature',
      description: 'The one algorithm that tokens may be signed with, whatever they say themselves',
      default: 'RSA_RS256',
      'x-enum-labels': {
        RSA_RS256: 'RS256: RSA with SHA-256',
        RSA_RS384: 'RS384: RSA with SHA-384',
        RSA_RS512: 'RS512: RSA with SHA-512',
        HMAC_HS256: 'HS256: a shared secret of 32 bytes or more',
        HMAC_HS384: 'HS384: a shared secret of 48 bytes or more',
        HMAC_HS512: 'HS512: a shared secret of 64 bytes or more',
      },
    },
  ),
  publicKeyResolver: Type.Union([Type.Literal('GIVEN_KEY'), Type.Literal('GATEWAY_KEYS'), Type.Literal('JWKS_URL')], {
    title: 'Where the key is from',
    default: 'GIVEN_KEY',
    'x-enum-labels': {
      GIVEN_KEY: 'Given below',
      GATEWAY_KEYS: 'The domains of this workspace',
      JWKS_URL: 'A key set (JWKS) at an address',
    },
  }),
  resolverParameter: Type.Optional(
    Type.String({
      title: 'Key or address',
      description: 'The public key in PEM, the shared secret, or the address of the key set',
      format: 'text',
      'x-condition': { publicKeyResolver: ['GIVEN_KEY', 'JWKS_URL'] },
      'x-expression': true,
      'x-secret-when': { publicKeyResolver: ['GIVEN_KEY'], signature: ['HMAC_HS256', 'HMAC_HS384', 'HMAC_HS512'] },
    }),
  ),
  connectTimeout: Type.Optional(
    Type.Integer({ title: 'Time to connect', description: 'Milliseconds', minimum: 1, maximum: 3_600_000, default: 2000, ...ofUrl }), // prettier-ignore
  ),
  requestTimeout: Type.Optional(
    Type.Integer({ title: 'Time to answer', description: 'Milliseconds', minimum: 1, maximum: 3_600_000, default: 2000, ...ofUrl }), // prettier-ignore
  ),
  followRedirects: option('Follow redirects', 'At most five, of the key set’s address', false, ofUrl),
  useSystemProxy: option("Go through the system's proxy", 'Not possible here yet', false, ofUrl),
  checkRequiredScopes: option('Require scopes', 'Lets in only tokens that carry the scopes below', false),
  requiredScopes: Type.Optional(
    Type.Array(Type.String({ minLength: 1, title: 'Scope' }), {
      title: 'Required scopes',
      default: [],
      'x-scopes': true,
      'x-condition': { checkRequiredScopes: true },
    }),
  ),
  modeStrict: option('All of them', 'On: the token must carry every required scope. Off: one of them is enough', true, {
    'x-condition': { checkRequiredScopes: true },
  }),
  userClaim: Type.Optional(
    Type.String({
      title: 'Claim of the user',
      description: 'Dots lead into nested claims: realm_access.preferred_username',
      default: 'sub',
      'x-advanced': true,
    }),
  ),
  clientIdClaim: Type.Optional(
    Type.String({
      title: 'Claim of the client id',
      description: 'Without it: azp, else aud, else client_id',
      'x-advanced': true,
    }),
  ),
  extractClaims: option('Keep the claims', 'Puts them into the context attribute jwt.claims, for policies that come after', false, { 'x-advanced': true }), // prettier-ignore
  propagateAuthHeader: option('Pass the token on', 'Off: the Authorization header is removed before the backend', true, { 'x-advanced': true }), // prettier-ignore
  tokenTypValidation: Type.Optional(
    Type.Object(
      {
        enabled: option('Check the type', 'The header typ must be one of those below', false),
        ignoreMissing: option('Take tokens without a type', 'Those whose header has no typ', false),
        expectedValues: Type.Optional(Type.Array(Type.String(), { title: 'Types', default: ['JWT'], 'x-words': true })),
        ignoreCase: option('Ignore case', 'jwt is JWT then', false),
      },
      { title: 'Type of the token', 'x-advanced': true },
    ),
  ),
  confirmationMethodValidation: Type.Optional(
    Type.Object(
      {
        ignoreMissing: option('Take tokens without it', 'Those that are bound to no certificate', false),
        certificateBoundThumbprint: Type.Optional(
          Type.Object(
            {
              enabled: option('Check it', 'The token’s cnf.x5t#S256 must be that of the client’s certificate (RFC 8705 §3)', false), // prettier-ignore
              extractCertificateFromHeader: option('Take it from a header', 'Where a proxy in front ends TLS. Whoever reaches the gateway past that proxy can send any certificate', false), // prettier-ignore
              headerName: Type.Optional(Type.String({ title: 'Name of the header', default: 'ssl-client-cert' })),
            },
            { title: 'Client certificate' },
          ),
        ),
      },
      { title: 'Bound to a certificate', 'x-advanced': true },
    ),
  ),
  revocationCheck: Type.Optional(
    Type.Object(
      {
        enabled: option('Ask a list of revoked tokens', 'Turns away tokens that it names', false),
        revocationListUrl: Type.Optional(
          Type.String({ title: 'Address of the list', description: 'It answers text with a value in each line', examples: ['https://login.example.com/revoked.txt'] }), // prettier-ignore
        ),
        revocationClaim: Type.Optional(
          Type.String({ title: 'Claim', description: 'Whose value the list names', default: 'jti' }),
        ),
        refreshInterval: Type.Optional(
          Type.Integer({ title: 'Read it again after', description: 'Seconds', minimum: 10, maximum: 86_400, default: 300 }), // prettier-ignore
        ),
        connectTimeout: Type.Optional(
          Type.Integer({ title: 'Time to connect', description: 'Milliseconds', minimum: 1, maximum: 3_600_000, default: 2000 }), // prettier-ignore
        ),
        requestTimeout: Type.Optional(
          Type.Integer({ title: 'Time to answer', description: 'Milliseconds', minimum: 1, maximum: 3_600_000, default: 2000 }), // prettier-ignore
        ),
        followRedirects: option('Follow redirects', 'At most five', false),
        useSystemProxy: option("Go through the system's proxy", 'Not possible here yet', false),
        auth: Type.Optional(
          Type.Object(
            {
              type: Type.Optional(
                Type.Union([Type.Literal('none'), Type.Literal('basic'), Type.Literal('token')], {
                  title: 'By',
                  default: 'none',
                  'x-enum-labels': { none: 'Nothing', basic: 'User name and password', token: 'A bearer token' },
                }),
              ),
              basic: Type.Optional(
                Type.Object(
                  {
                    username: Type.String({ title: 'User name', minLength: 1 }),
                    password: Type.String({ title: 'Password', minLength: 1, writeOnly: true }),
                  },
                  { title: 'User name and password', 'x-condition': { type: 'basic' } },
                ),
              ),
              token: Type.Optional(
                Type.Object(
                  { value: Type.String({ title: 'Token', minLength: 1, writeOnly: true }) },
                  { title: 'Bearer token', 'x-condition': { type: 'token' } },
                ),
              ),
            },
            { title: 'The gateway identifies itself by' },
          ),
        ),
      },
      { title: 'Revoked tokens', 'x-advanced': true },
    ),
  ),
  protectedResourceMetadata: Type.Optional(
    Type.Object(
      {
        authorizationServers: Type.Optional(
          Type.Array(Type.String({ title: 'Issuer' }), {
            title: 'Authorization servers',
            description: 'Their issuers. Callers find them at /.well-known/oauth-protected-resource before the path of the API (RFC 9728)', // prettier-ignore
            default: [],
          }),
        ),
      },
      { title: 'Where tokens are from', 'x-advanced': true },
    ),
  ),
})
export type Configuration = Static<typeof configuration>
