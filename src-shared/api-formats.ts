import { Type, type Static } from 'typebox'
import { FieldError } from './problem'

/** Characters of a file that is imported as an API: GitHub's description has 13 million. */
export const LONGEST_API_FILE = 16 * 1024 * 1024

/** What an API can be read from. */
export const ImportedFormat = Type.Union([
  Type.Literal('gravitee-v4', { description: 'A Gravitee API definition, version 4' }),
  Type.Literal('gravitee-v4-export', { description: "Gravitee's export of a version 4 API, with its plans" }),
  Type.Literal('gravitee-v2', { description: 'A Gravitee API definition of version 1 or 2, or its export' }),
  Type.Literal('openapi', { description: 'OpenAPI 3.0 or 3.1' }),
])
export type ImportedFormat = Static<typeof ImportedFormat>

/** What an API can be written as. */
export const ExportedFormat = Type.Union([
  Type.Literal('gravitee-v4-export', { description: "As Gravitee's import takes it" }),
  Type.Literal('gravitee-v4', { description: 'The definition alone, as the gateway of Gravitee reads it' }),
  Type.Literal('openapi', { description: 'OpenAPI 3.1, from the flows' }),
])
export type ExportedFormat = Static<typeof ExportedFormat>

/**
 * How a part of a file fares: taken over as it is; made into something else; in the draft, and nothing here acts on it; in the
 * draft, and deploying is refused until it is mended; not taken over.
 */
export const FormatNoteKind = Type.Union([
  Type.Literal('kept'),
  Type.Literal('changed'),
  Type.Literal('unused'),
  Type.Literal('blocks'),
  Type.Literal('dropped'),
])
export type FormatNoteKind = Static<typeof FormatNoteKind>

export const FormatNote = Type.Object({
  kind: FormatNoteKind,
  pointer: Type.String({
    description: 'JSON pointer: into what is read; of the kinds unused and blocks, into the draft that comes of it',
  }),
  sentence: Type.String(),
  remedy: Type.Optional(Type.String()),
})
export type FormatNote = Static<typeof FormatNote>

/** Choices of a person for an OpenAPI document; other formats leave none open. */
export const ImportChoices = Type.Object(
  {
    mocks: Type.Optional(Type.Boolean({ description: 'Answer each operation with its example; no backend is called' })),
    checks: Type.Optional(
      Type.Boolean({
        description: 'Check parameters and JSON bodies against their descriptions, by policy-request-validation',
      }),
    ),
    tokens: Type.Optional(
      Type.Union([Type.Literal('policy'), Type.Literal('plan')], {
        description:
          'What OAuth2, OpenID Connect and bearer schemes become: the OAuth2 policy in each flow (unless given), or plans, which let in only applications that have subscribed',
      }),
    ),
    allServers: Type.Optional(Type.Boolean({ description: 'Share the load among all servers, not the first alone' })),
  },
  { additionalProperties: false },
)
export type ImportChoices = Static<typeof ImportChoices>

/** Something of this workspace that stands where the import would. */
export const ImportConflict = Type.Object({
  what: Type.Union([Type.Literal('path'), Type.Literal('name'), Type.Literal('id')]),
  value: Type.String(),
  apiId: Type.String(),
  apiName: Type.String(),
  sentence: Type.String(),
  remedy: Type.String(),
})
export type ImportConflict = Static<typeof ImportConflict>

/** What an import would do, before it does it. */
export const ApiImportPreview = Type.Object({
  format: ImportedFormat,
  formatName: Type.String({ description: 'e.g. OpenAPI 3.1.0' }),
  name: Type.String(),
  paths: Type.Array(Type.String()),
  endpoints: Type.Array(Type.String({ description: 'Addresses of the backends' })),
  flows: Type.Integer(),
  steps: Type.Integer(),
  plans: Type.Array(Type.String()),
  resources: Type.Array(Type.String()),
  notes: Type.Array(FormatNote),
  conflicts: Type.Array(ImportConflict, {
    description: 'An import as a new API is refused for those of path and name',
  }),
  problems: Type.Array(FieldError, { description: 'What has to be mended in the file before it can be imported' }),
  hasExamples: Type.Boolean({ description: 'Whether operations have examples that could answer' }),
  describesRequests: Type.Boolean({
    description: 'Whether parameters or bodies are described, which could be checked',
  }),
  tokenSchemes: Type.Integer({ description: 'How many schemes ask for tokens, which could become plans' }),
  servers: Type.Integer({ description: 'How many backends the file names' }),
  freeName: Type.String({ description: 'The name, or one like it that is free' }),
  freePath: Type.String({ description: 'The first path, or one like it that is free' }),
})
export type ApiImportPreview = Static<typeof ApiImportPreview>

/** An API as text, with what the format has no place for. */
export const ApiExport = Type.Object({
  fileName: Type.String(),
  mediaType: Type.String(),
  content: Type.String(),
  notes: Type.Array(FormatNote),
})
export type ApiExport = Static<typeof ApiExport>
