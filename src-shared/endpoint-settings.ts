import { Type, type Static, type TSchema } from 'typebox'

/*
 * Configurations of endpoints and of what stands around them, as Gravitee's forms know them. In a definition they are open
 * records, so that a draft may be incomplete and nothing from elsewhere is lost; the engine checks them by these schemas, and
 * the window draws its forms from them. Sources: the http-proxy endpoint's and http-health-check's `schema-form.json`,
 * `io.gravitee.definition.model.v4.failover.Failover`.
 */

/** Longest time that can be set, milliseconds. */
const HOUR = 3_600_000

const milliseconds = (title: string, description: string, standard: number, minimum: number, more: object = {}) =>
  Type.Optional(Type.Integer({ title, description, default: standard, minimum, maximum: HOUR, ...more }))
const onOff = (title: string, description: string, standard: boolean, more: object = {}) =>
  Type.Optional(Type.Boolean({ title, description, default: standard, ...more }))
const oneOf = <T extends string>(values: readonly T[], title: string, labels: Readonly<Record<string, string>>, more: object = {}) =>
  Type.Unsafe<T>(Type.Enum([...values], { title, 'x-enum-labels': labels, ...more })) // prettier-ignore

/** A header by its name (RFC 9110 §5.1) and value. */
const header = (value: object = {}) =>
  Type.Object({
    name: Type.String({ title: 'Name', minLength: 1, maxLength: 256, pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" }),
    value: Type.String({ title: 'Value', maxLength: 8192, pattern: '^[^\\r\\n\\0]*$', ...value }),
  })

const ADVANCED = { 'x-advanced': true }

export const HttpOptions = Type.Object(
  {
    connectTimeout: milliseconds('Connect time-out', 'Milliseconds until the connection stands; then 504.', 5000, 1),
    readTimeout: milliseconds('Read time-out', 'Milliseconds until the answer begins; then 504.', 10_000, 1),
    idleTimeout: milliseconds('Idle time-out', 'Milliseconds without a byte after which an answer under way is given up; 0 for never.', 60_000, 0), // prettier-ignore
    keepAlive: onOff('Keep connections', 'Off: each request has a connection of its own.', true, ADVANCED),
    keepAliveTimeout: milliseconds('Keep unused connections for', 'Milliseconds', 30_000, 1, ADVANCED),
    maxConcurrentConnections: Type.Optional(
      Type.Integer({ title: 'Connections at once', description: 'Requests beyond wait their turn.', default: 100, minimum: 1, maximum: 10_000, ...ADVANCED }), // prettier-ignore
    ),
    version: Type.Optional(
      oneOf(['HTTP_1_1', 'HTTP_2'], 'Protocol', { HTTP_1_1: 'HTTP/1.1', HTTP_2: 'HTTP/2' }, { default: 'HTTP_1_1', ...ADVANCED }), // prettier-ignore
    ),
    clearTextUpgrade: onOff(
      'Begin HTTP/2 by an upgrade',
      'Cannot be done here: without TLS, HTTP/2 is begun at once.',
      false,
      { 'x-condition': { version: 'HTTP_2' }, ...ADVANCED },
    ),
    useCompression: Type.Optional(
      Type.Boolean({
        title: 'Ask the backend for compressed answers',
        description:
          'They are unpacked for a client that cannot do it. Left as it is, the client’s own wish is passed on.',
        ...ADVANCED,
      }),
    ),
    propagateClientAcceptEncoding: onOff('Pass on the client’s Accept-Encoding', '', false, {
      'x-condition': { useCompression: false },
      ...ADVANCED,
    }),
    propagateClientHost: onOff('Pass on the client’s Host', 'Off: the host of the target.', false, ADVANCED),
    followRedirects: onOff('Follow redirects', 'Of GET and HEAD; credentials stay with the host they are for.', false, ADVANCED), // prettier-ignore
  },
  { title: 'HTTP' },
)
export type HttpOptions = Static<typeof HttpOptions>

export const ProxyOptions = Type.Object(
  {
    enabled: onOff('Through a proxy', '', false),
    useSystemProxy: onOff(
      'The system’s proxy',
      'As HTTP_PROXY, HTTPS_PROXY and NO_PROXY name it where Gatehouse was started.',
      false,
      { 'x-condition': { enabled: true } },
    ),
    type: Type.Optional(
      oneOf(['HTTP', 'SOCKS4', 'SOCKS5'], 'Kind', { HTTP: 'HTTP', SOCKS4: 'SOCKS 4', SOCKS5: 'SOCKS 5' }, { default: 'HTTP', 'x-condition': { enabled: true, useSystemProxy: false } }), // prettier-ignore
    ),
    host: Type.Optional(Type.String({ title: 'Host', maxLength: 255, 'x-condition': { enabled: true, useSystemProxy: false } })), // prettier-ignore
    port: Type.Optional(
      Type.Integer({ title: 'Port', minimum: 0, maximum: 65_535, 'x-condition': { enabled: true, useSystemProxy: false } }), // prettier-ignore
    ),
    username: Type.Optional(Type.String({ title: 'User name', maxLength: 512, 'x-condition': { enabled: true, useSystemProxy: false } })), // prettier-ignore
    password: Type.Optional(Type.String({ title: 'Password', maxLength: 1024, writeOnly: true, 'x-condition': { enabled: true, useSystemProxy: false } })), // prettier-ignore
  },
  { title: 'Proxy' },
)
export type ProxyOptions = Static<typeof ProxyOptions>

const STORE_LABELS = { NONE: 'None', PEM: 'PEM', PKCS12: 'PKCS #12', JKS: 'JKS (Java)' }
const BINARY = ['PKCS12', 'JKS']
const path = (title: string, type: string | string[]) =>
  Type.Optional(Type.String({ title, description: 'A file of this machine, from the root', maxLength: 4096, 'x-condition': { type } })) // prettier-ignore
const pem = (title: string, more: object = {}) =>
  Type.Optional(Type.String({ title, maxLength: 200_000, 'x-condition': { type: 'PEM' }, ...more }))
const password = (title: string, type: string | string[]) =>
  Type.Optional(Type.String({ title, maxLength: 1024, writeOnly: true, 'x-condition': { type } }))

export const TrustStore = Type.Object(
  {
    type: Type.Optional(oneOf(['NONE', 'PEM', 'PKCS12', 'JKS'], 'Kind', STORE_LABELS, { default: 'NONE' })),
    path: path('File with the certificates', ['PEM', ...BINARY]),
    content: pem('Certificates', { description: 'Of the authorities that are trusted in place of the usual ones: PEM, or a store in Base64', format: 'text', 'x-condition': { type: ['PEM', ...BINARY] } }), // prettier-ignore
    password: password('Password', BINARY),
  },
  { title: 'Trusted authorities' },
)
export const KeyStore = Type.Object(
  {
    type: Type.Optional(oneOf(['NONE', 'PEM', 'PKCS12', 'JKS'], 'Kind', STORE_LABELS, { default: 'NONE' })),
    certPath: path('File with the certificate', 'PEM'),
    certContent: pem('Certificate', {
      description: 'PEM, followed by those that lead to its authority',
      format: 'text',
    }),
    keyPath: path('File with the key', 'PEM'),
    keyContent: pem('Private key', { description: 'PEM, without a password', writeOnly: true }),
    path: path('File', BINARY),
    content: Type.Optional(Type.String({ title: 'Content', description: 'Base64', maxLength: 200_000, writeOnly: true, 'x-condition': { type: BINARY } })), // prettier-ignore
    password: password('Password', BINARY),
    alias: Type.Optional(Type.String({ title: 'Name of the key', description: 'The first unless given', maxLength: 256, 'x-condition': { type: 'JKS' } })), // prettier-ignore
    keyPassword: password('Password of the key', 'JKS'),
  },
  { title: 'Client certificate' },
)

export const SslOptions = Type.Object(
  {
    hostnameVerifier: onOff('Verify the host name', 'Off: a certificate for any name will do.', true),
    trustAll: onOff('Trust every certificate', 'Whoever stands between can then read and change everything.', false),
    trustStore: Type.Optional(TrustStore),
    keyStore: Type.Optional(KeyStore),
  },
  { title: 'TLS' },
)
export type SslOptions = Static<typeof SslOptions>

/** How endpoints are connected to: `sharedConfiguration` of a group, `sharedConfigurationOverride` of an endpoint. */
export const SharedConfiguration = Type.Object({
  http: Type.Optional(HttpOptions),
  headers: Type.Optional(
    Type.Array(header({ 'x-expression': true }), {
      title: 'Headers',
      description: 'Set on every request to the backend, in place of the client’s.',
      maxItems: 100,
    }),
  ),
  ssl: Type.Optional(Type.Object(SslOptions.properties, { title: 'TLS', ...ADVANCED })),
  proxy: Type.Optional(Type.Object(ProxyOptions.properties, { title: 'Proxy', ...ADVANCED })),
})
export type SharedConfiguration = Static<typeof SharedConfiguration>

/** The health check of a group's endpoints, or of one: the service of the type `http-health-check`. */
export const HealthCheckConfiguration = Type.Object({
  schedule: Type.String({
    title: 'Schedule',
    description:
      'Seconds, minutes, hours, day of the month, month, day of the week; */30 * * * * * is every 30 seconds',
    examples: ['*/30 * * * * *'],
    minLength: 1,
    maxLength: 200,
  }),
  target: Type.String({
    title: 'Target',
    description: 'A path at the endpoint, or a whole address',
    examples: ['/health'],
    minLength: 1,
    maxLength: 2048,
    pattern: '^\\S+$',
  }),
  overrideEndpointPath: onOff('In place of the endpoint’s own path', 'Off: it follows that path.', true),
  method: Type.Optional(
    oneOf(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'], 'Method', {}, { default: 'GET' }),
  ),
  headers: Type.Optional(Type.Array(header(), { title: 'Headers', maxItems: 100, ...ADVANCED })),
  body: Type.Optional(Type.String({ title: 'Body', format: 'text', maxLength: 100_000, ...ADVANCED })),
  assertion: Type.Optional(
    Type.String({
      title: 'Assertion',
      description: "Holds when the endpoint is well, such as {#response.jsonContent.status == 'green'}",
      default: '{#response.status == 200}',
      maxLength: 10_000,
      'x-expression': 'condition',
    }),
  ),
  successThreshold: Type.Optional(
    Type.Integer({ title: 'Up after', description: 'Good checks in a row', default: 2, minimum: 1, maximum: 100 }),
  ),
  failureThreshold: Type.Optional(
    Type.Integer({ title: 'Down after', description: 'Bad checks in a row', default: 2, minimum: 1, maximum: 100 }),
  ),
})
export type HealthCheckConfiguration = Static<typeof HealthCheckConfiguration>

/** What an API does when an endpoint fails: tries another, and stops trying for a while when all fail. */
export const FailoverConfiguration = Type.Object({
  enabled: onOff('Try again when an endpoint fails', '', false),
  maxRetries: Type.Optional(
    Type.Integer({ title: 'Retries', description: 'After the first attempt, each with another endpoint where there is one', default: 2, minimum: 0, maximum: 100, 'x-condition': { enabled: true } }), // prettier-ignore
  ),
  slowCallDuration: milliseconds('Longest time to the answer', 'Milliseconds that each attempt may take until its answer begins', 2000, 50, { 'x-condition': { enabled: true } }), // prettier-ignore
  maxFailures: Type.Optional(
    Type.Integer({ title: 'Open the circuit after', description: 'Requests in a row that failed with all their attempts', default: 5, minimum: 1, maximum: 10_000, 'x-condition': { enabled: true } }), // prettier-ignore
  ),
  openStateDuration: milliseconds('Keep it open for', 'Milliseconds in which no endpoint is called; then one request tries', 10_000, 500, { 'x-condition': { enabled: true } }), // prettier-ignore
  perSubscription: onOff('A circuit for each subscription', 'Off: one for the whole API.', true, {
    'x-condition': { enabled: true },
  }),
  failureCondition: Type.Optional(
    Type.String({
      title: 'Answers that count as failures',
      description: 'None unless told otherwise',
      examples: ['{#response.status >= 500}'],
      maxLength: 10_000,
      'x-expression': 'condition',
      'x-condition': { enabled: true },
    }),
  ),
})
export type FailoverConfiguration = Static<typeof FailoverConfiguration>

/** An endpoint of the type `mock`: answers by itself, so that an API needs no backend. Its members are ours. */
export const MockConfiguration = Type.Object({
  status: Type.Optional(Type.Integer({ title: 'Status', default: 200, minimum: 200, maximum: 599 })),
  headers: Type.Optional(Type.Array(header({ 'x-expression': true }), { title: 'Headers', maxItems: 100 })),
  body: Type.Optional(
    Type.String({ title: 'Body', description: 'May hold expressions, such as {#request.pathInfo}', format: 'text', maxLength: 1_000_000, 'x-expression': true }), // prettier-ignore
  ),
})
export type MockConfiguration = Static<typeof MockConfiguration>

/** A schema as the JSON Schema that it is, without what TypeBox keeps beside it, for drawing a form. */
export function plainSchema(schema: TSchema): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema)) as Record<string, unknown> // JSON in, JSON out
}
