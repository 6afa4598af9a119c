import { Type, type Static, type TSchema } from 'typebox'
import { ApiDefinition, ChallengeStyle, Resource } from './api-definition'
import { ApiExport, ApiImportPreview, ExportedFormat, FormatNote, ImportChoices, LONGEST_API_FILE } from './api-formats'
import { ApplicationCheck, ApplicationSettings, MAX_OVERLAP_SECONDS } from './application-settings'
import { AuditEntry, AuditFilter } from './audit'
import { Catalogue } from './catalogue'
import { Certificates } from './certificates'
import { ConsoleExchange, ConsoleRequest, ConsoleToken, SavedRequest } from './console'
import { DictionaryDetails, dictionaryFields, DictionaryKey } from './dictionary'
import {
  AccessTokenFormat,
  Application,
  ApplicationSecret,
  ApplicationType,
  Branding,
  DomainOverview,
  DomainPath,
  LoginSettings,
  Name,
  Scope,
  ScopeKey,
  User,
} from './domain'
import { EngineStatus } from './engine-status'
import { ExpressionKind, ExpressionSample, ExpressionTrial } from './expression-trial'
import { EndpointHealth } from './health'
import { GivenConsent, LiveAccessTokenPage, LiveGrant, LiveSession, TokenReport } from './live'
import { LiveCounts, WalkthroughStep, WalkthroughStepId } from './overview'
import { KeyId, KeyRotation, ModulusBits, OverlapSeconds, SigningAlgorithm, SigningKey } from './signing-key'
import { Sampling } from './sampling'
import { SubscriptionDetails } from './subscriptions'
import { KeptRecord, OpenAuthorities, RequestRecord } from './traffic'
import { TrafficExport, TrafficFormat } from './traffic-export'
import { TrafficFilter } from './traffic-filter'
import { TrafficSeries, TrafficSpan } from './traffic-series'
import { MessageParameter, Prompt, ResponseMode, TryItAnswer, TryItExchange, TryItStart } from './try-it'
import { ImportFormat, ImportPreview, ImportProgress, ImportResult, LONGEST_IMPORT } from './user-import'
import { GroupDetails, RoleDetails, UserDetails, UserStatus } from './users'
import { Port, TrafficSettings, TrafficStatus, Workspace } from './workspace'

/**
 * Every operation of the product, once: its name, what it takes and what it answers. The types on both sides, the
 * validation at the boundary, the IPC channel, the HTTP management API and its OpenAPI document come from this list.
 * Failures are `Problem`s.
 */

/** Characters of a certificate chain or key as text: more than any has. */
const PEM_LIMIT = 100_000

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
  stopped: Type.Optional(Type.Boolean({ description: 'Deployed, and not served: a person has stopped it' })),
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

/** What differs between two versions of an API. */
export const Comparison = Type.Object({
  changes: Type.Array(DraftChange, { description: 'In words' }),
  before: Type.String({ description: 'The definition as JSON, in the order of its file' }),
  after: Type.String(),
})
export type Comparison = Static<typeof Comparison>

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
  remedies: Type.Optional(Type.Array(OpenAuthorities, { description: 'The same as buttons of the window' })),
  steps: Type.Array(ResourceTestStep),
})
export type ResourceTest = Static<typeof ResourceTest>

/** A client secret in the clear: answered once, when it is made. */
const WithSecret = Type.Object({ application: Application, clientSecret: Type.String() })
/** The same where a secret is made only for applications that use one. */
const WithSecretIfAny = Type.Object({ application: Application, clientSecret: Type.Optional(Type.String()) })
const ofApplication = { domainId: id('domain'), applicationId: id('application') }
const ofSecret = {
  ...ofApplication,
  secretId: Type.String({ minLength: 1, description: 'Id of the secret; the main one has that of its application' }),
}

/** A user, and a password in the clear when one was generated: answered once. */
const WithPassword = Type.Object({ user: UserDetails, password: Type.Optional(Type.String()) })

const { username, emailVerified, email, firstName, lastName, displayName, additionalInformation } = User.properties
/** What of a user can be set. An empty text removes what is there. */
const userFields = {
  enabled: Type.Optional(Type.Boolean()),
  email,
  emailVerified,
  firstName,
  lastName,
  displayName,
  additionalInformation,
  roles: Type.Optional(Type.Array(id('role'))),
  groups: Type.Optional(Type.Array(id('group'))),
}
/** Long enough for every password that is taken, and for the sentence about one that is too long. */
const Password = Type.String({ maxLength: 8192, description: 'At least 8 characters, at most 1024 bytes' })
const Description = Type.String({ maxLength: 1024 })
const importFile = {
  domainId: id('domain'),
  content: Type.String({ maxLength: LONGEST_IMPORT, description: 'The text of the file' }),
  format: Type.Optional(ImportFormat),
  createMissing: Type.Optional(
    Type.Boolean({ description: 'Add roles and groups that are named and not there; else their rows are refused' }),
  ),
}

const apiFile = {
  content: Type.String({
    maxLength: LONGEST_API_FILE,
    description: 'A Gravitee definition or export, or an OpenAPI 3 document, as JSON or YAML',
  }),
  fileName: Type.Optional(Type.String({ maxLength: 300, description: 'What it is called in messages' })),
  choices: Type.Optional(ImportChoices),
  apiId: Type.Optional(
    Type.String({ minLength: 1, description: 'The API whose draft it takes the place of; without it: a new API' }),
  ),
  name: Type.Optional(Type.String({ maxLength: 128, description: 'In place of the name in the file' })),
  path: Type.Optional(Type.String({ maxLength: 2048, description: 'Context path in place of those in the file' })),
}

/** How a key is written: a JWK (RFC 7517), or PEM, which is SPKI for the public part and PKCS #8 for the private one. */
export const KeyFormat = Type.Union([Type.Literal('jwk'), Type.Literal('pem')])
export type KeyFormat = Static<typeof KeyFormat>

export const ExportedKey = Type.Object({ kid: Type.String(), format: KeyFormat, text: Type.String() })
export type ExportedKey = Static<typeof ExportedKey>
const Token = Type.String({ minLength: 1, maxLength: 65_536 })
const Moment = Type.String({ format: 'date-time', description: 'ISO 8601' })
const ofSubscription = { apiId: id('API'), subscriptionId: id('subscription') }
const ofApiKey = { ...ofSubscription, keyId: id('key') }
/** A key in the clear: answered once, when it is made. */
const WithApiKey = Type.Object({ subscription: SubscriptionDetails, apiKey: Type.Optional(Type.String()) })
const Overlap = Type.Integer({
  minimum: 0,
  maximum: MAX_OVERLAP_SECONDS,
  description: 'Seconds that the keys before go on to work; 0, at once not any more, unless given',
})
const { from: _from, to: _to, ...seriesFilter } = TrafficFilter.properties
const ofAttempt = { attemptId: Type.String({ minLength: 1, description: 'Id of the attempt, from tryIt.begin' }) }
const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 }))
const whose = {
  userId: Type.Optional(id('user')),
  clientId: Type.Optional(Type.String({ minLength: 1, description: 'Client id of the application' })),
}

export const operations = {
  'workspace.get': { summary: 'The open workspace', input: Empty, output: Workspace },
  'workspace.update': {
    summary:
      'Change the name, host, ports or public address of the workspace, or turn HTTPS on or off; the servers move at once',
    input: input({
      name: Type.Optional(Name),
      host: Type.Optional(Type.String({ minLength: 1 })),
      gatewayPort: Type.Optional(Port),
      authorizationPort: Type.Optional(Port),
      publicAuthorizationAddress: Type.Optional(
        Type.String({
          maxLength: 300,
          description:
            'By which clients reach the authorization server, where that is not where it listens; tokens name it as their issuer. Empty: where it listens',
        }),
      ),
      tls: Type.Optional(
        input({ gateway: Type.Optional(Type.Boolean()), authorization: Type.Optional(Type.Boolean()) }),
      ),
    }),
    output: Workspace,
  },
  'certificates.get': { summary: 'The certificates of HTTPS; never a key', input: Empty, output: Certificates },
  'certificates.useOwn': {
    summary: 'Serve HTTPS with a certificate of your own; its key is sealed',
    input: input({
      certificate: Type.String({
        minLength: 1,
        maxLength: PEM_LIMIT,
        description: "PEM: the server's certificate first, then those that lead to its authority",
      }),
      key: Type.String({ minLength: 1, maxLength: PEM_LIMIT, description: 'PEM, without a passphrase' }),
    }),
    output: Certificates,
  },
  'certificates.useLocal': {
    summary: 'Serve HTTPS with a certificate of the local authority again; the one of your own is forgotten',
    input: Empty,
    output: Certificates,
  },
  'certificates.newAuthority': {
    summary: 'Make a new certificate authority in place of the one before; clients have to trust the new one',
    input: Empty,
    output: Certificates,
  },
  'certificates.trust': {
    summary: 'Trust further certificate authorities, beside those that Node trusts, wherever another server is called',
    input: input({
      certificate: Type.String({
        minLength: 1,
        maxLength: PEM_LIMIT,
        description: 'PEM: the certificates of one or several authorities',
      }),
    }),
    output: Certificates,
  },
  'certificates.distrust': {
    summary: 'Trust a further certificate authority no longer',
    input: input({ fingerprint: Type.String({ minLength: 1, description: 'SHA-256, as certificates.get tells it' }) }),
    output: Certificates,
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
    summary:
      'A new security domain. It signs with an HS256 secret of its own, and ID tokens with an RS256 key, unless another algorithm is chosen',
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
      branding: Type.Optional(Branding),
      loginSettings: Type.Optional(LoginSettings),
      accessTokenFormat: Type.Optional(AccessTokenFormat),
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
  'keys.add': {
    summary: 'A new key of an algorithm that has no active one; it signs where its algorithm is asked for',
    input: input({
      domainId: id('domain'),
      algorithm: SigningAlgorithm,
      modulusBits: Type.Optional(ModulusBits),
      makeDefault: Type.Optional(Type.Boolean({ description: 'Whether it signs where no algorithm is asked for' })),
    }),
    output: DomainOverview,
  },
  'keys.makeDefault': {
    summary: 'Have an active key sign where no algorithm is asked for',
    input: input({ domainId: id('domain'), keyId: id('key') }),
    output: DomainOverview,
  },
  'keys.rotate': {
    summary:
      'Put a new key of the same algorithm in the place of an active one, which is retired and verifies for the overlap',
    input: input({ domainId: id('domain'), keyId: id('key'), overlapSeconds: Type.Optional(OverlapSeconds) }),
    output: DomainOverview,
  },
  'keys.retire': {
    summary: 'Have a key sign no more and verify for the overlap only; of a retired key, change when it is over',
    input: input({ domainId: id('domain'), keyId: id('key'), overlapSeconds: Type.Optional(OverlapSeconds) }),
    output: DomainOverview,
  },
  'keys.remove': {
    summary: 'Remove a retired key; tokens it signed are refused from then on',
    input: input({ domainId: id('domain'), keyId: id('key') }),
    output: DomainOverview,
  },
  'keys.setRotation': {
    summary:
      'Rotate the active keys of a domain by schedule, and at once those that are due; without keyRotation no more',
    input: input({ domainId: id('domain'), keyRotation: Type.Optional(KeyRotation) }),
    output: DomainOverview,
  },
  'keys.import': {
    summary: 'Take in a private key: PEM (PKCS #8, PKCS #1, SEC 1), a JWK, or a JWK set of one key',
    input: input({
      domainId: id('domain'),
      key: Type.String({ minLength: 1, maxLength: 65_536, description: 'The text of the key file' }),
      algorithm: Type.Optional(SigningAlgorithm),
      kid: Type.Optional(KeyId),
      status: Type.Optional(SigningKey.properties.status),
      overlapSeconds: Type.Optional(OverlapSeconds),
    }),
    output: DomainOverview,
  },
  'keys.export': {
    summary: 'The public part of a key pair',
    input: input({ domainId: id('domain'), keyId: id('key'), format: KeyFormat }),
    output: ExportedKey,
  },
  'keys.exportPrivate': {
    summary: 'A key with its private part or secret; its kid confirms it',
    input: input({ domainId: id('domain'), keyId: id('key'), format: KeyFormat, confirmKid: Type.String() }),
    output: ExportedKey,
  },
  'applications.create': {
    summary:
      'A new application of a kind, a service unless it is told; its secret, if it uses one, is answered this once',
    input: input({
      domainId: id('domain'),
      name: Name,
      type: Type.Optional(ApplicationType),
      ...ApplicationSettings.properties,
    }),
    output: WithSecretIfAny,
  },
  'applications.update': {
    summary:
      'Change an application. Its secrets go when it authenticates by none any more; one that is made since it does now is answered this once',
    input: input({
      ...ofApplication,
      name: Type.Optional(Name),
      type: Type.Optional(ApplicationType),
      ...ApplicationSettings.properties,
    }),
    output: WithSecretIfAny,
  },
  'applications.check': {
    summary: 'What is wrong with an application as it stands in a form, and what keeps it from working; saves nothing',
    input: input({
      domainId: id('domain'),
      applicationId: Type.Optional(Type.String({ minLength: 1, description: 'Without it: a new one' })),
      name: Type.Optional(Name),
      type: Type.Optional(ApplicationType),
      ...ApplicationSettings.properties,
    }),
    output: ApplicationCheck,
  },
  'applications.readKeys': {
    summary: 'Public keys from a pasted JWK set, JWK or PEM; a private key is refused and not kept',
    input: input({ text: Type.String({ minLength: 1, maxLength: 100_000 }) }),
    output: Type.Required(Type.Pick(Application, ['jwks'])),
  },
  'applications.rotateSecret': {
    summary: 'A new main secret; the one before stays valid for as long as it is told, or ends at once',
    input: input({
      ...ofApplication,
      name: ApplicationSecret.properties.name,
      expiresAt: ApplicationSecret.properties.expiresAt,
      overlapSeconds: Type.Optional(
        Type.Integer({ minimum: 0, maximum: MAX_OVERLAP_SECONDS, description: 'Seconds; 0 unless it is told' }),
      ),
    }),
    output: WithSecret,
  },
  'applications.addSecret': {
    summary: 'One more secret beside the main one, answered this once',
    input: input({
      ...ofApplication,
      name: ApplicationSecret.properties.name,
      expiresAt: ApplicationSecret.properties.expiresAt,
    }),
    output: WithSecret,
  },
  'applications.setSecretExpiry': {
    summary: 'When a secret ends; without a moment it does not',
    input: input({ ...ofSecret, expiresAt: ApplicationSecret.properties.expiresAt }),
    output: Application,
  },
  'applications.makeSecretMain': {
    summary: 'Make one of the further secrets the main one, which the console and API resources use',
    input: input(ofSecret),
    output: Application,
  },
  'applications.removeSecret': {
    summary: 'Remove a further secret; it is refused at once',
    input: input(ofSecret),
    output: Application,
  },
  'applications.delete': {
    summary: 'Delete an application',
    input: input(ofApplication),
    output: Empty,
  },

  'users.list': {
    summary: 'Users of a domain by name, a page of them',
    input: input({
      domainId: id('domain'),
      search: Type.Optional(Type.String({ maxLength: 256, description: 'Part of a name or an e-mail address' })),
      status: Type.Optional(UserStatus),
      roleId: Type.Optional(Type.String({ description: 'Only users that have the role themselves' })),
      groupId: Type.Optional(Type.String({ description: 'Only members of the group' })),
      offset: Type.Optional(Type.Integer({ minimum: 0 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    }),
    output: Type.Object({
      users: Type.Array(UserDetails),
      total: Type.Integer({ description: 'How many there are of this kind, on all pages' }),
    }),
  },
  'users.get': {
    summary: 'One user',
    input: input({ domainId: id('domain'), userId: id('user') }),
    output: UserDetails,
  },
  'users.create': {
    summary: 'A new user; a generated password is answered this once',
    input: input({
      domainId: id('domain'),
      username,
      ...userFields,
      password: Type.Optional(Password),
      generatePassword: Type.Optional(Type.Boolean()),
    }),
    output: WithPassword,
  },
  'users.update': {
    summary: 'Change a user; what is left out stays',
    input: input({
      domainId: id('domain'),
      userId: id('user'),
      username: Type.Optional(username),
      ...userFields,
    }),
    output: UserDetails,
  },
  'users.setPassword': {
    summary: 'Set the password of a user, which ends a block too; without one, it is generated and answered this once',
    input: input({
      domainId: id('domain'),
      userId: id('user'),
      password: Type.Optional(Password),
      keepTokens: Type.Optional(
        Type.Boolean({
          description: 'Leave the tokens of the user as they are; else they are revoked, as sessions end',
        }),
      ),
    }),
    output: Type.Object({
      ...WithPassword.properties,
      revoked: Type.Optional(
        Type.Integer({ minimum: 0, description: 'Grants; missing where the engine does not run, which has them' }),
      ),
    }),
  },
  'users.removePassword': {
    summary: 'Remove the password of a user with every token, who cannot log in until there is a new one',
    input: input({ domainId: id('domain'), userId: id('user') }),
    output: UserDetails,
  },
  'users.lock': {
    summary: 'Keep a user from logging in',
    input: input({ domainId: id('domain'), userId: id('user') }),
    output: UserDetails,
  },
  'users.unlock': {
    summary: 'Let a user log in again who is locked, or blocked after too many wrong passwords',
    input: input({ domainId: id('domain'), userId: id('user') }),
    output: UserDetails,
  },
  'users.delete': {
    summary: 'Delete a user with the password and every membership',
    input: input({ domainId: id('domain'), userId: id('user') }),
    output: Empty,
  },
  'users.previewImport': {
    summary: 'What an import of a CSV or JSON file would do to the domain; changes nothing',
    input: input(importFile),
    output: ImportPreview,
  },
  'users.import': {
    summary:
      'Import users from a CSV or JSON file, all that are not refused at once; answers when it is done, which takes a while where passwords have to be hashed',
    input: input({
      ...importFile,
      onRefused: Type.Union([Type.Literal('stop'), Type.Literal('skip')], {
        description: 'Whether one refused row stops the whole import, or is left out',
      }),
    }),
    output: ImportResult,
  },
  'users.importProgress': {
    summary: 'The import into a domain that is under way, or how the last one ended since the start',
    input: input({ domainId: id('domain') }),
    output: Type.Object({ progress: Type.Optional(ImportProgress) }),
  },
  'users.cancelImport': {
    summary: 'Cancel the import under way into a domain; nothing of it is saved',
    input: input({ domainId: id('domain') }),
    output: Empty,
  },
  'roles.list': {
    summary: 'The roles of a domain and how many have them',
    input: input({ domainId: id('domain') }),
    output: Type.Array(RoleDetails),
  },
  'roles.create': {
    summary: 'A new role: a name for scopes',
    input: input({
      domainId: id('domain'),
      name: Name,
      description: Type.Optional(Description),
      oauthScopes: Type.Optional(Type.Array(ScopeKey)),
    }),
    output: RoleDetails,
  },
  'roles.update': {
    summary: 'Change a role',
    input: input({
      domainId: id('domain'),
      roleId: id('role'),
      name: Type.Optional(Name),
      description: Type.Optional(Description),
      oauthScopes: Type.Optional(Type.Array(ScopeKey)),
    }),
    output: RoleDetails,
  },
  'roles.delete': {
    summary: 'Delete a role; users and groups that had it lose its scopes',
    input: input({ domainId: id('domain'), roleId: id('role') }),
    output: Empty,
  },
  'groups.list': {
    summary: 'The groups of a domain and how many members they have',
    input: input({ domainId: id('domain') }),
    output: Type.Array(GroupDetails),
  },
  'groups.create': {
    summary: 'A new group, whose members have its roles',
    input: input({
      domainId: id('domain'),
      name: Name,
      description: Type.Optional(Description),
      roles: Type.Optional(Type.Array(id('role'))),
    }),
    output: GroupDetails,
  },
  'groups.update': {
    summary: 'Change a group',
    input: input({
      domainId: id('domain'),
      groupId: id('group'),
      name: Type.Optional(Name),
      description: Type.Optional(Description),
      roles: Type.Optional(Type.Array(id('role'))),
    }),
    output: GroupDetails,
  },
  'groups.addMembers': {
    summary: 'Put users into a group',
    input: input({ domainId: id('domain'), groupId: id('group'), userIds: Type.Array(id('user'), { minItems: 1 }) }),
    output: GroupDetails,
  },
  'groups.removeMembers': {
    summary: 'Take users out of a group',
    input: input({ domainId: id('domain'), groupId: id('group'), userIds: Type.Array(id('user'), { minItems: 1 }) }),
    output: GroupDetails,
  },
  'groups.delete': {
    summary: 'Delete a group; its members lose its roles',
    input: input({ domainId: id('domain'), groupId: id('group') }),
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
  'apis.compare': {
    summary: 'What differs between two revisions of an API, or a revision and the draft',
    input: input({
      apiId: id('API'),
      before: Type.Optional(Type.Integer({ minimum: 1, description: 'A revision; without it: the draft' })),
      after: Type.Optional(Type.Integer({ minimum: 1, description: 'A revision; without it: the draft' })),
    }),
    output: Comparison,
  },
  'apis.restore': {
    summary: 'Make a revision the draft; deploy it to roll back',
    input: input({ apiId: id('API'), revision: Type.Integer({ minimum: 1 }) }),
    output: ApiState,
  },
  'apis.stop': {
    summary: 'Serve an API no more until it is started or deployed; its paths stay its own',
    input: input({ apiId: id('API') }),
    output: ApiState,
  },
  'apis.start': {
    summary: 'Serve a stopped API again, as its last revision has it',
    input: input({ apiId: id('API') }),
    output: ApiState,
  },
  'apis.importPreview': {
    summary: 'What an import would do: the format, what would be made, and what is not taken over; saves nothing',
    input: input(apiFile),
    output: ApiImportPreview,
  },
  'apis.import': {
    summary: 'Import an API as a new draft, or in the place of the draft of an API; deploys nothing',
    input: input(apiFile),
    output: Type.Object({ api: ApiState, notes: Type.Array(FormatNote) }),
  },
  'apis.export': {
    summary: 'An API as a file, without its secrets',
    input: input({
      apiId: id('API'),
      format: ExportedFormat,
      revision: Type.Optional(Type.Integer({ minimum: 1, description: 'A deployed revision; without it: the draft' })),
      syntax: Type.Optional(
        Type.Union([Type.Literal('json'), Type.Literal('yaml')], {
          description: 'How it is written; JSON unless given',
        }),
      ),
    }),
    output: ApiExport,
  },
  'apis.testResource': {
    summary: 'Try a resource as it stands in the form: reach the server, authenticate, introspect',
    input: input({ apiId: id('API'), resource: Resource }),
    output: ResourceTest,
  },
  'apis.health': {
    summary: 'How the endpoints of what runs stand whose health is checked, with the checks of late',
    input: input({ apiId: id('API') }),
    output: Type.Array(EndpointHealth),
  },
  'apis.testEndpoint': {
    summary: 'Connect to an endpoint of the draft and ask it for an answer',
    input: input({
      apiId: id('API'),
      endpoint: Type.String({ minLength: 1, maxLength: 256, description: 'Name of the endpoint' }),
    }),
    output: ResourceTest,
  },
  'apis.useApplication': {
    summary:
      'A resource configuration filled in from an application of this workspace; the secret is passed by reference',
    input: input({ domainId: id('domain'), applicationId: id('application') }),
    output: Type.Object({ configuration: Type.Record(Type.String(), Type.Unknown()) }),
  },

  'subscriptions.list': {
    summary: 'The subscriptions to the plans of an API, newest first',
    input: input({ apiId: id('API') }),
    output: Type.Array(SubscriptionDetails),
  },
  'subscriptions.create': {
    summary:
      'Subscribe an application to a plan; it waits to be accepted where the plan says so. A new API key is answered once',
    input: input({
      apiId: id('API'),
      planId: id('plan'),
      domainId: id('domain'),
      applicationId: id('application'),
      endingAt: Type.Optional(Moment),
      clientCertificate: Type.Optional(
        Type.String({ maxLength: PEM_LIMIT, description: 'PEM; for a plan with certificates' }),
      ),
    }),
    output: WithApiKey,
  },
  'subscriptions.accept': {
    summary: 'Accept a subscription that waits; of a plan with keys the first key is made',
    input: input({ ...ofSubscription, startingAt: Type.Optional(Moment), endingAt: Type.Optional(Moment) }),
    output: WithApiKey,
  },
  'subscriptions.reject': {
    summary: 'Reject a subscription that waits',
    input: input({ ...ofSubscription, reason: Type.Optional(Type.String({ maxLength: 1024 })) }),
    output: SubscriptionDetails,
  },
  'subscriptions.pause': {
    summary: 'Let nothing in by a subscription until it is resumed',
    input: input(ofSubscription),
    output: SubscriptionDetails,
  },
  'subscriptions.resume': {
    summary: 'Let calls in again by a paused subscription',
    input: input(ofSubscription),
    output: SubscriptionDetails,
  },
  'subscriptions.close': {
    summary: 'Close a subscription for good; its keys are revoked',
    input: input(ofSubscription),
    output: SubscriptionDetails,
  },
  'apiKeys.renew': {
    summary: 'Make another key of a subscription, answered once; those before go on for the overlap',
    input: input({ ...ofSubscription, overlapSeconds: Type.Optional(Overlap) }),
    output: WithApiKey,
  },
  'apiKeys.setExpiry': {
    summary: 'Say when a key expires; without a moment it does not',
    input: input({ ...ofApiKey, expiresAt: Type.Optional(Moment) }),
    output: SubscriptionDetails,
  },
  'apiKeys.revoke': {
    summary: 'Revoke a key: it is refused from the next call on',
    input: input(ofApiKey),
    output: SubscriptionDetails,
  },

  'dictionaries.list': {
    summary: 'Every dictionary: values that expressions of all APIs can read',
    input: Empty,
    output: Type.Array(DictionaryDetails),
  },
  'dictionaries.get': {
    summary: 'One dictionary',
    input: input({ dictionaryId: id('dictionary') }),
    output: DictionaryDetails,
  },
  'dictionaries.create': {
    summary: 'A new dictionary; it takes effect at once',
    input: input({
      name: dictionaryFields.name,
      key: Type.Optional(DictionaryKey),
      description: Type.Optional(dictionaryFields.description),
      properties: Type.Optional(dictionaryFields.properties),
    }),
    output: DictionaryDetails,
  },
  'dictionaries.update': {
    summary: 'Change a dictionary; it takes effect at once, without a deployment. Its key stays',
    input: input({
      dictionaryId: id('dictionary'),
      name: Type.Optional(dictionaryFields.name),
      description: Type.Optional(dictionaryFields.description),
      properties: Type.Optional(dictionaryFields.properties),
    }),
    output: DictionaryDetails,
  },
  'dictionaries.delete': {
    summary: 'Delete a dictionary; its name confirms it where APIs read it',
    input: input({ dictionaryId: id('dictionary'), confirmName: Type.Optional(Type.String()) }),
    output: Empty,
  },

  'expressions.evaluate': {
    summary: 'Try a text with expressions on a request: one that was recorded with its trace, or one that is given',
    input: input({
      text: Type.String({ maxLength: 100_000 }),
      kind: Type.Optional(ExpressionKind),
      apiId: Type.Optional(id('API')),
      recordId: Type.Optional(id('recorded request')),
      sample: Type.Optional(ExpressionSample),
    }),
    output: ExpressionTrial,
  },

  'console.send': {
    summary: 'Make a call and see the way it took',
    input: input({
      request: ConsoleRequest,
      apiKey: Type.Optional(
        Type.Object(ofApiKey, { description: 'A key of a subscription to send along; to this gateway alone' }),
      ),
    }),
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

  'grants.list': {
    summary: 'What users have granted to applications and lasts, newest first: each a family of tokens',
    input: input({ domainId: id('domain'), ...whose, limit: Limit }),
    output: Type.Array(LiveGrant),
  },
  'grants.revoke': {
    summary: 'Revoke a grant with all its tokens',
    input: input({ domainId: id('domain'), grantId: id('grant') }),
    output: Empty,
  },
  'grants.revokeAll': {
    summary:
      'Revoke every token of a user, of an application, or of a user at an application; of an application also those that it got for itself',
    input: input({ domainId: id('domain'), ...whose }),
    output: Type.Object({ revoked: Type.Integer({ description: 'Grants that were revoked' }) }),
  },
  'sessions.list': {
    summary: 'The logins that last, newest first',
    input: input({ domainId: id('domain'), userId: whose.userId, limit: Limit }),
    output: Type.Array(LiveSession),
  },
  'sessions.end': {
    summary: 'End a session: its browser has to log in again',
    input: input({ domainId: id('domain'), sessionId: id('session') }),
    output: Empty,
  },
  'consents.list': {
    summary: 'What users have allowed applications, newest first',
    input: input({ domainId: id('domain'), userId: whose.userId, limit: Limit }),
    output: Type.Array(GivenConsent),
  },
  'consents.revoke': {
    summary: 'Forget what a user has allowed an application, and revoke the tokens that came of it',
    input: input({ domainId: id('domain'), userId: id('user'), clientId: Type.String({ minLength: 1 }) }),
    output: Empty,
  },
  'tokens.list': {
    summary:
      'The live access tokens, newest first; one that was given out within the last fifth of a second before a crash is missing',
    input: input({
      domainId: id('domain'),
      ...whose,
      limit: Limit,
      after: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 200,
          description: 'Only those after this place: next of the page before',
        }),
      ),
    }),
    output: LiveAccessTokenPage,
  },
  'tokens.revokeById': {
    summary: 'Revoke one live access token by its jti; what else came of its grant stays',
    input: input({ domainId: id('domain'), jti: Type.String({ minLength: 1, maxLength: 200 }) }),
    output: Empty,
  },
  'tokens.inspect': {
    summary: 'Whether a token is good and, if not, why',
    input: input({ domainId: id('domain'), token: Token }),
    output: TokenReport,
  },
  'tokens.revoke': {
    summary: 'Revoke a token; with a refresh token its whole grant',
    input: input({ domainId: id('domain'), token: Token }),
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
    summary: 'Requests of both servers that are kept, newest first',
    input: input({
      filter: Type.Optional(TrafficFilter),
      limit: Limit,
      before: Type.Optional(
        Type.Integer({ minimum: 1, description: 'Only requests older than the one with this seq' }),
      ),
      traces: Type.Optional(
        Type.Boolean({ description: 'Whether the way they took is answered too; it is unless given' }),
      ),
    }),
    output: Type.Array(KeptRecord),
  },
  'traffic.get': {
    summary: 'One request that is kept, with the way it took as far as it was traced',
    input: input({
      id: Type.String({ minLength: 1, maxLength: 256, description: 'Transaction id' }),
      server: Type.Optional(RequestRecord.properties.server),
    }),
    output: KeptRecord,
  },
  'traffic.series': {
    summary:
      'Requests over time in numbers: outcomes, status classes and how long they took. Of a server, an API or a domain all that came; by any other filter those that are kept',
    input: input({ span: TrafficSpan, ...seriesFilter }),
    output: TrafficSeries,
  },
  'traffic.export': {
    summary: 'The newest requests that fit, as a file: HAR 1.2, or JSON lines with everything that is kept of each',
    input: input({
      format: TrafficFormat,
      filter: Type.Optional(TrafficFilter),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 50_000, description: 'Requests at most; 10,000 unless given' }),
      ),
    }),
    output: TrafficExport,
  },
  'traffic.status': {
    summary: 'What of the requests is kept, and how much there is',
    input: Empty,
    output: TrafficStatus,
  },
  'traffic.configure': {
    summary: 'Switch the recording of requests on or off, set what it may take on disk, and which requests are traced',
    input: input({
      ...TrafficSettings.properties,
      sampling: Type.Optional(
        Type.Union([
          Sampling,
          Type.Null({ description: 'None: of the console alone, unless every request is traced' }),
        ]),
      ),
    }),
    output: TrafficStatus,
  },
  'traffic.clear': { summary: 'Forget the recorded requests', input: Empty, output: Empty },
} as const satisfies Record<string, { summary: string; input: TSchema; output: TSchema }>

export type Operations = typeof operations
export type OperationName = keyof Operations
export type OperationInput<N extends OperationName> = Static<Operations[N]['input']>
export type OperationOutput<N extends OperationName> = Static<Operations[N]['output']>

/** How an operation is called, whatever carries it; rejects with ProblemError. */
export type CallOperation = <N extends OperationName>(name: N, input: OperationInput<N>) => Promise<OperationOutput<N>>
