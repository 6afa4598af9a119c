import { Type, type Static } from 'typebox'
import { ApiDefinition, ChallengeStyle, Resource } from '../api-definition'
import {
  ApiExport,
  ApiImportPreview,
  ExportedFormat,
  FormatNote,
  ImportChoices,
  LONGEST_API_FILE,
} from '../api-formats'
import { Name } from '../domain'
import { EndpointHealth } from '../health'
import { OpenAuthorities } from '../traffic'
import { Empty, id, input, type OperationList } from './parts'

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

/** APIs: drafts, deployments, files, and trials of what a draft names. */
export const apiOperations = {
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
} as const satisfies OperationList
