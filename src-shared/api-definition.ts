import { Type, type Static } from 'typebox'
import { Sampling } from './sampling'

/**
 * The parts of Gravitee's v4 API definition that Gatehouse acts on. Members it does not know are kept as they are
 * (every object is open), so that a definition from elsewhere survives being edited here.
 * Source: gravitee-apim-definition, `io.gravitee.definition.model.v4`.
 */

/** A policy's or resource's own configuration; its schema is in the catalogue. */
export const Configuration = Type.Record(Type.String(), Type.Unknown())
export type Configuration = Static<typeof Configuration>

export const HttpMethod = Type.Union([
  Type.Literal('GET'),
  Type.Literal('POST'),
  Type.Literal('PUT'),
  Type.Literal('PATCH'),
  Type.Literal('DELETE'),
  Type.Literal('HEAD'),
  Type.Literal('OPTIONS'),
  Type.Literal('CONNECT'),
  Type.Literal('TRACE'),
  Type.Literal('OTHER'),
])
export type HttpMethod = Static<typeof HttpMethod>

/** One use of a policy in a flow's phase. */
export const Step = Type.Object({
  name: Type.Optional(Type.String({ maxLength: 256 })),
  description: Type.Optional(Type.String()),
  enabled: Type.Boolean({ default: true }),
  policy: Type.String({ minLength: 1, description: "A policy's id, e.g. oauth2" }),
  condition: Type.Optional(Type.String({ description: 'Expression; the step runs only when it is true' })),
  configuration: Type.Optional(Configuration),
})
export type Step = Static<typeof Step>

export const HttpSelector = Type.Object({
  type: Type.Literal('http'),
  path: Type.String({ pattern: '^/', maxLength: 2048 }),
  pathOperator: Type.Union([Type.Literal('EQUALS'), Type.Literal('START_WITH')]),
  methods: Type.Optional(Type.Array(HttpMethod, { description: 'Empty: every method' })),
})
export const ConditionSelector = Type.Object({ type: Type.Literal('condition'), condition: Type.String() })

export const Flow = Type.Object({
  id: Type.Optional(Type.String()),
  name: Type.Optional(Type.String({ maxLength: 256 })),
  enabled: Type.Boolean({ default: true }),
  selectors: Type.Array(Type.Union([HttpSelector, ConditionSelector])),
  request: Type.Array(Step),
  response: Type.Array(Step),
})
export type Flow = Static<typeof Flow>

export const Resource = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 256, pattern: '\\S' }),
  type: Type.String({ minLength: 1, description: "A resource type's id, e.g. oauth2-am-resource" }),
  enabled: Type.Boolean({ default: true }),
  configuration: Configuration,
})
export type Resource = Static<typeof Resource>

/** Something that an API or its endpoints have beside the requests, such as health checks. On unless it says that it is off. */
export const Service = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
  type: Type.Optional(Type.String({ description: 'http-health-check' })),
  overrideConfiguration: Type.Optional(
    Type.Boolean({ description: 'Of an endpoint: its configuration counts in place of the group’s' }),
  ),
  configuration: Type.Optional(Configuration),
})
export type Service = Static<typeof Service>

/** `http-proxy` calls its target; `mock` answers by itself. Schemas of the configurations: endpoint-settings.ts. */
export const Endpoint = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 256 }),
  type: Type.String({ default: 'http-proxy' }),
  /** Ours: Gravitee’s endpoints are always on. */
  enabled: Type.Optional(Type.Boolean()),
  weight: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  secondary: Type.Optional(Type.Boolean({ description: 'Gets requests only while no other of the group is up' })),
  inheritConfiguration: Type.Optional(Type.Boolean({ description: 'Connects as the group says' })),
  configuration: Type.Object({
    target: Type.Optional(
      Type.String({ description: 'http(s) address, or gatehouse:echo for the built-in echo backend' }),
    ),
  }),
  sharedConfigurationOverride: Type.Optional(Configuration),
  services: Type.Optional(Type.Object({ healthCheck: Type.Optional(Service) })),
})
export type Endpoint = Static<typeof Endpoint>

/** The first group is the default one; the others are reached by their names. */
export const EndpointGroup = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 256 }),
  type: Type.String({ default: 'http-proxy' }),
  loadBalancer: Type.Optional(Type.Object({ type: Type.String() })),
  sharedConfiguration: Type.Optional(Configuration),
  services: Type.Optional(Type.Object({ healthCheck: Type.Optional(Service) })),
  endpoints: Type.Array(Endpoint),
})
export type EndpointGroup = Static<typeof EndpointGroup>

export const Listener = Type.Object({
  type: Type.Literal('http'),
  paths: Type.Array(Type.Object({ path: Type.String({ pattern: '^/', maxLength: 2048 }) }), { minItems: 1 }),
  entrypoints: Type.Array(Type.Object({ type: Type.String() })),
})
export type Listener = Static<typeof Listener>

/** Who may call an API, by what credential, and what they get. */
export const Plan = Type.Object({
  id: Type.String({ minLength: 1 }),
  name: Type.String({ maxLength: 256 }),
  description: Type.Optional(Type.String({ maxLength: 4096 })),
  security: Type.Object({
    type: Type.String({ description: 'KEY_LESS, API_KEY, JWT, OAUTH2 or MTLS' }),
    configuration: Type.Optional(Configuration),
  }),
  mode: Type.Optional(Type.String({ description: 'STANDARD for HTTP calls' })),
  validation: Type.Optional(
    Type.String({ description: 'AUTO: a subscription counts at once. MANUAL: when somebody accepts it' }),
  ),
  selectionRule: Type.Optional(
    Type.String({ description: 'Expression; the plan is only for the calls for which it is true' }),
  ),
  status: Type.Optional(Type.String({ description: 'STAGING, PUBLISHED, DEPRECATED or CLOSED' })),
  flows: Type.Optional(Type.Array(Flow)),
})
export type Plan = Static<typeof Plan>

export const Property = Type.Object({
  key: Type.String({ minLength: 1 }),
  value: Type.String(),
  /** Whether the value is sealed: here it is a reference then. One that another installation sealed cannot be read. */
  encrypted: Type.Optional(Type.Boolean()),
  /** Whether the value is a secret: it is sealed when the draft is saved. */
  encryptable: Type.Optional(Type.Boolean()),
})
export type Property = Static<typeof Property>

/** What is answered in place of the gateway's own words for a failure. */
export const ResponseTemplate = Type.Object({
  statusCode: Type.Optional(Type.Integer({ minimum: 200, maximum: 599 })),
  /** As definitions of version 2 call it. */
  status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599 })),
  headers: Type.Optional(Type.Record(Type.String(), Type.String({ description: 'May hold expressions' }))),
  body: Type.Optional(Type.String({ description: 'May hold expressions' })),
})
export type ResponseTemplate = Static<typeof ResponseTemplate>

/** By failure key, or DEFAULT for those that have none of their own; then by media type, or the one for any. */
export const ResponseTemplates = Type.Record(Type.String(), Type.Record(Type.String(), ResponseTemplate))
export type ResponseTemplates = Static<typeof ResponseTemplates>

/** How a refusal's WWW-Authenticate reads: the quick start's words, RFC 6750's parameters, or nothing but the realm. */
export const ChallengeStyle = Type.Union([Type.Literal('quickstart'), Type.Literal('rfc6750'), Type.Literal('terse')])
export type ChallengeStyle = Static<typeof ChallengeStyle>

export const ApiDefinition = Type.Object({
  id: Type.String({ minLength: 1 }),
  name: Type.String({ minLength: 1, maxLength: 128, pattern: '\\S' }),
  description: Type.Optional(Type.String()),
  apiVersion: Type.Optional(Type.String()),
  gravitee: Type.Literal('4.0.0'),
  type: Type.Literal('proxy'),
  listeners: Type.Array(Listener, { minItems: 1 }),
  endpointGroups: Type.Array(EndpointGroup, { minItems: 1 }),
  /** Its schema is in endpoint-settings.ts. */
  failover: Type.Optional(Configuration),
  flowExecution: Type.Optional(
    Type.Object({
      mode: Type.Union([Type.Literal('default'), Type.Literal('best-match')]),
      matchRequired: Type.Boolean(),
    }),
  ),
  flows: Type.Array(Flow),
  plans: Type.Array(Plan),
  resources: Type.Array(Resource),
  properties: Type.Optional(Type.Array(Property)),
  responseTemplates: Type.Optional(ResponseTemplates),
  /** Of which calls the trace is kept; while they are off, of none by this. Logging is kept as it is. */
  analytics: Type.Optional(Type.Object({ enabled: Type.Optional(Type.Boolean()), sampling: Type.Optional(Sampling) })),
  /** What Gravitee has no place for. Left out of exports. */
  gatehouse: Type.Optional(
    Type.Object({
      challengeStyle: Type.Optional(ChallengeStyle),
      resourceMetadata: Type.Optional(
        Type.Boolean({ description: 'Tells whose tokens the OAuth2 policy takes (RFC 9728)' }),
      ),
    }),
  ),
})
export type ApiDefinition = Static<typeof ApiDefinition>

/** The target that stands for the engine's built-in echo backend, wherever its port is. */
export const ECHO_TARGET = 'gatehouse:echo'
/** What the address of a backend may begin with, as `URL` has it; those of gRPC are HTTP/2. */
export const TARGET_PROTOCOLS: readonly string[] = ['http:', 'https:', 'grpc:', 'grpcs:']

/** Where an endpoint leads; nowhere when it is one that answers by itself, or not filled in yet. */
export function targetOf(endpoint: Endpoint | undefined): string {
  return endpoint?.configuration.target ?? ''
}
