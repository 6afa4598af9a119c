import { Type, type Static, type TSchema } from 'typebox'
import { ApiDefinition, ChallengeStyle, Resource } from './api-definition'
import { AuditEntry, AuditFilter } from './audit'
import { Catalogue } from './catalogue'
import { ConsoleExchange, ConsoleRequest, ConsoleToken, SavedRequest } from './console'
import { Application, ApplicationScope, DomainOverview, DomainPath, Name, Scope, ScopeKey } from './domain'
import { EngineStatus } from './engine-status'
import { LiveCounts, WalkthroughStep, WalkthroughStepId } from './overview'
import { SigningAlgorithm } from './signing-key'
import { RequestRecord } from './traffic'
import { Port, Workspace } from './workspace'

/**
 * Every operation of the product, once: its name, what it takes and what it answers. The types on both sides, the
 * validation at the boundary, the IPC channel, the HTTP management API and its OpenAPI document come from this list.
 * Failures are `Problem`s.
 */

const Empty = Type.Object({}, { additionalProperties: false })
const id = (what: string) => Type.String({ minLength: 1, description: `Id of the ${what}` })
const input = <P extends Record<string, TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false })

/** An API with its draft and how the draft stands to what is deployed. */
export const ApiState = Type.Object({
  definition: ApiDefinition,
  file: Type.String(),
  version: Type.String({
    description: 'Changes with every change of the draft; given back on save so that no edit is lost',
  }),
  deployedRevision: Type.Optional(Type.Integer()),
  deployedAt: Type.Optional(Type.String()),
  deployedPaths: Type.Optional(
    Type.Array(Type.String(), { description: 'Context paths of the revision that runs; the draft may have others' }),
  ),
  inSync: Type.Boolean({ description: 'Whether the draft is what runs' }),
  changeCount: Type.Integer(),
})
export type ApiState = Static<typeof ApiState>

/** One difference between the draft and what runs, in words, with both values. */
export const DraftChange = Type.Object({
  path: Type.String({ description: 'JSON pointer into the definition' }),
  sentence: Type.String({ description: 'e.g. OAuth2 added to flow All paths' }),
  before: Type.Optional(Type.Unknown()),
  after: Type.Optional(Type.Unknown()),
})
export type DraftChange = Static<typeof DraftChange>

export const Deployment = Type.Object({
  apiId: Type.String(),
  revision: Type.Integer({ minimum: 1 }),
  deployedAt: Type.String(),
  changes: Type.Array(Type.String({ description: 'What was new against the revision before, in words' })),
})
export type Deployment = Static<typeof Deployment>

/** One check of a resource test: what was asked, what came back. */
export const ResourceTestStep = Type.Object({
  title: Type.String(),
  ok: Type.Boolean(),
  sentence: Type.String(),
  durationMs: Type.Optional(Type.Number()),
})
export const ResourceTest = Type.Object({
  ok: Type.Boolean(),
  sentence: Type.String(),
  remedy: Type.Optional(Type.String()),
  steps: Type.Array(ResourceTestStep),
})
export type ResourceTest = Static<typeof ResourceTest>

/** A client secret in the clear: answered once, when it is made. */
const WithSecret = Type.Object({ application: Application, clientSecret: Type.String() })

export const operations = {
  'workspace.get': { summary: 'The open workspace', input: Empty, output: Workspace },
  'workspace.update': {
    summary: 'Change the name, host or ports of the workspace; the servers move at once',
    input: input({
      name: Type.Optional(Name),
      host: Type.Optional(Type.String({ minLength: 1 })),
      gatewayPort: Type.Optional(Port),
      authorizationPort: Type.Optional(Port),
    }),
    output: Workspace,
  },
  'engine.status': { summary: 'State and addresses of the two servers', input: Empty, output: EngineStatus },
  'engine.restart': { summary: 'Start the engine anew', input: Empty, output: EngineStatus },
  'catalogue.get': { summary: 'The policies and resource types of the engine', input: Empty, output: Catalogue },

  'overview.get': {
    summary: 'The walk-through as it stands, and the last minute in numbers',
    input: Empty,
    output: Type.Object({
      steps: Type.Array(WalkthroughStep),
      live: LiveCounts,
      lastRefusal: Type.Optional(RequestRecord),
    }),
  },
  'overview.perform': {
    summary: 'Do one step of the walk-through, with everything before it that it needs',
    input: input({ step: WalkthroughStepId }),
    output: Type.Object({ steps: Type.Array(WalkthroughStep) }),
  },

  'domains.list': { summary: 'Every domain', input: Empty, output: Type.Array(DomainOverview) },
  'domains.get': { summary: 'One domain', input: input({ domainId: id('domain') }), output: DomainOverview },
  'domains.create': {
    summary: 'A new security domain, signing with its own HS256 secret unless another algorithm is chosen',
    input: input({
      name: Name,
      path: Type.Optional(DomainPath),
      description: Type.Optional(Type.String()),
      signingAlgorithm: Type.Optional(SigningAlgorithm),
    }),
    output: DomainOverview,
  },
  'domains.update': {
    summary: 'Change a domain',
    input: input({
      domainId: id('domain'),
      name: Type.Optional(Name),
      path: Type.Optional(DomainPath),
      description: Type.Optional(Type.String()),
      enabled: Type.Optional(Type.Boolean()),
    }),
    output: DomainOverview,
  },
  'domains.delete': {
    summary: 'Delete a domain with its applications; its name confirms it',
    input: input({ domainId: id('domain'), confirmName: Type.String() }),
    output: Empty,
  },
  'domains.saveScope': {
    summary: 'Add a scope to a domain, or change it',
    input: input({ domainId: id('domain'), scope: Scope }),
    output: DomainOverview,
  },
  'domains.removeScope': {
    summary: 'Remove a scope from a domain and its applications',
    input: input({ domainId: id('domain'), key: ScopeKey }),
    output: DomainOverview,
  },
  'domains.setSigningKey': {
    summary: 'Make a new signing key; the one before is retired and still verifies',
    input: input({ domainId: id('domain'), algorithm: SigningAlgorithm }),
    output: DomainOverview,
  },
  'domains.removeKey': {
    summary: 'Remove a retired key; tokens it signed are refused from then on',
    input: input({ domainId: id('domain'), keyId: id('key') }),
    output: DomainOverview,
  },
  'applications.create': {
    summary: 'A new application with generated credentials; its secret is answered this once',
    input: input({
      domainId: id('domain'),
      name: Name,
      description: Type.Optional(Type.String()),
      scopeSettings: Type.Optional(Type.Array(ApplicationScope)),
    }),
    output: WithSecret,
  },
  'applications.update': {
    summary: 'Change an application',
    input: input({
      domainId: id('domain'),
      applicationId: id('application'),
      name: Type.Optional(Name),
      description: Type.Optional(Type.String()),
      enabled: Type.Optional(Type.Boolean()),
      scopeSettings: Type.Optional(Type.Array(ApplicationScope)),
      accessTokenValiditySeconds: Type.Optional(Application.properties.accessTokenValiditySeconds),
    }),
    output: Application,
  },
  'applications.rotateSecret': {
    summary: 'A new secret; the one before stops working at once',
    input: input({ domainId: id('domain'), applicationId: id('application') }),
    output: WithSecret,
  },
  'applications.delete': {
    summary: 'Delete an application',
    input: input({ domainId: id('domain'), applicationId: id('application') }),
    output: Empty,
  },

  'apis.list': { summary: 'Every API', input: Empty, output: Type.Array(ApiState) },
  'apis.get': { summary: 'One API', input: input({ apiId: id('API') }), output: ApiState },
  'apis.create': {
    summary: 'A new API on a path of the gateway; the built-in echo backend when no target is given',
    input: input({
      name: Name,
      path: Type.String({ minLength: 1, maxLength: 2048 }),
      target: Type.Optional(Type.String({ minLength: 1, maxLength: 2048 })),
    }),
    output: ApiState,
  },
  'apis.save': {
    summary: 'Save the draft of an API. Secrets given in the clear are sealed and replaced by references',
    input: input({ apiId: id('API'), definition: ApiDefinition, version: Type.String() }),
    output: ApiState,
  },
  'apis.setChallengeStyle': {
    summary: 'How refusals of this API challenge the caller',
    input: input({ apiId: id('API'), challengeStyle: ChallengeStyle }),
    output: ApiState,
  },
  'apis.delete': {
    summary: 'Delete an API, its draft and revisions; it stops at once',
    input: input({ apiId: id('API'), confirmName: Type.String() }),
    output: Empty,
  },
  'apis.changes': {
    summary: 'What differs between the draft and what runs',
    input: input({ apiId: id('API') }),
    output: Type.Array(DraftChange),
  },
  'apis.deploy': {
    summary: 'Freeze the draft as a revision and run it',
    input: input({ apiId: id('API') }),
    output: ApiState,
  },
  'apis.discard': { summary: 'Put the draft back to what runs', input: input({ apiId: id('API') }), output: ApiState },
  'apis.deployments': {
    summary: 'The revisions of an API, newest first',
    input: input({ apiId: id('API') }),
    output: Type.Array(Deployment),
  },
  'apis.testResource': {
    summary: 'Try a resource as it stands in the form: reach the server, authenticate, introspect',
    input: input({ apiId: id('API'), resource: Resource }),
    output: ResourceTest,
  },
  'apis.useApplication': {
    summary:
      'A resource configuration filled in from an application of this workspace; the secret is passed by reference',
    input: input({ domainId: id('domain'), applicationId: id('application') }),
    output: Type.Object({ configuration: Type.Record(Type.String(), Type.Unknown()) }),
  },

  'console.send': {
    summary: 'Make a call and see the way it took',
    input: input({ request: ConsoleRequest }),
    output: ConsoleExchange,
  },
  'console.getToken': {
    summary: 'Get a token for an application by client credentials, over HTTP',
    input: input({ domainId: id('domain'), applicationId: id('application'), scopes: Type.Array(ScopeKey) }),
    output: ConsoleToken,
  },
  'console.list': { summary: 'The saved requests', input: Empty, output: Type.Array(SavedRequest) },
  'console.save': { summary: 'Save a request', input: input({ request: SavedRequest }), output: SavedRequest },
  'console.delete': {
    summary: 'Delete a saved request',
    input: input({ requestId: id('saved request') }),
    output: Empty,
  },

  'audit.list': {
    summary:
      'What happened at a domain, newest first: token requests, logins, consents, revocations, with the reason of each refusal',
    input: input({
      domainId: id('domain'),
      filter: Type.Optional(AuditFilter),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
      before: Type.Optional(Type.Integer({ minimum: 1, description: 'Only entries older than the one with this seq' })),
    }),
    output: Type.Array(AuditEntry),
  },
  'audit.clear': {
    summary: "Empty a domain's audit log",
    input: input({ domainId: id('domain') }),
    output: Empty,
  },

  'traffic.list': {
    summary: 'The newest requests of both servers, newest first',
    input: input({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })) }),
    output: Type.Array(RequestRecord),
  },
  'traffic.clear': { summary: 'Forget the recorded requests', input: Empty, output: Empty },
} as const satisfies Record<string, { summary: string; input: TSchema; output: TSchema }>

export type Operations = typeof operations
export type OperationName = keyof Operations
export type OperationInput<N extends OperationName> = Static<Operations[N]['input']>
export type OperationOutput<N extends OperationName> = Static<Operations[N]['output']>

/** How an operation is called, whatever carries it; rejects with ProblemError. */
export type CallOperation = <N extends OperationName>(name: N, input: OperationInput<N>) => Promise<OperationOutput<N>>
