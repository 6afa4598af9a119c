import { randomUUID } from 'node:crypto'
import { ApiDefinition } from '@shared/api-definition'
import type { FormatNote, ImportChoices, ImportedFormat } from '@shared/api-formats'
import type { FieldError } from '@shared/problem'
import { draftErrors, foreignReferences } from '../definition/check-draft'
import { normalisePaths } from '../definition/context-path'
import { schemaErrors } from '@shared/schema-errors'
import { readDefinitionV2 } from './gravitee/definition-v2'
import { definitionV4 } from './gravitee/definition-v4'
import { readExportV4 } from './gravitee/export-envelope'
import { collectNotes } from './notes'
import { readOpenApi } from './openapi/read-openapi'
import { readText, type ReadText } from './read-text'
import type { Drafted, ReadContext } from './reader'
import { placeName, unreadable } from './unreadable'
import { counted, entries, isObject, members, text, type Open } from './values'

/** A file as an API, as far as it is one. */
export interface ApiFile {
  readonly format: ImportedFormat
  /** The format with its version, e.g. `OpenAPI 3.1.0`. */
  readonly formatName: string
  /** What comes of the file; only a definition when there are no problems. */
  readonly draft: Open & Pick<ApiDefinition, 'id'>
  /** The draft as a definition; undefined when there are problems. */
  readonly definition: ApiDefinition | undefined
  readonly notes: readonly FormatNote[]
  /** Why the draft cannot be saved; fields start at `/definition`. */
  readonly problems: readonly FieldError[]
  readonly hasExamples: boolean
  readonly servers: number
  readonly describesRequests: boolean
  readonly tokenSchemes: number
}

/** Ids become parts of addresses and of the names of secrets. */
const ID = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/

/**
 * Reads an API from the text of a file, whose format its content tells. Pure but for the ids that it draws.
 *
 * @throws ProblemError API_FILE_UNREADABLE when it is no API, naming the place and what to do
 */
export function readApiFile(
  content: string,
  {
    fileName,
    choices = {},
    newId = randomUUID,
  }: { fileName?: string; choices?: ImportChoices; newId?: () => string } = {},
): ApiFile {
  const read = readText(content, fileName)
  const notes = collectNotes()
  const { format, formatName, source, at } = detect(read, fileName)
  const context: ReadContext = {
    notes: notes.within(at),
    choices,
    newId,
    refuse(pointer, message, remedy) {
      throw unreadable(fileName, message, remedy, read.placeOf(at + pointer))
    },
  }
  if (at !== '')
    notes.add('dropped', '', 'What only the Kubernetes operator reads: apiVersion, kind, metadata, and the status')
  const {
    definition: given,
    hasExamples,
    servers,
    describesRequests = false,
    tokenSchemes = 0,
  } = readers[format](source, context)
  const draft = ID.test(given.id) ? given : { ...given, id: newId() }
  if (draft.id !== given.id) notes.add('changed', '/id', 'The API gets a new id: the one it has cannot be one here')
  const problems = draftProblems(draft, fileName, read, format === 'gravitee-v4-export' ? `${at}/api` : at)
  if (format !== 'openapi') noteKept(draft, notes.add)
  return {
    format,
    formatName,
    draft,
    definition: problems.length === 0 ? (draft as unknown as ApiDefinition) : undefined, // checked by its schema just now
    notes: notes.all,
    problems,
    hasExamples,
    servers,
    describesRequests,
    tokenSchemes,
  }
}

const readers: Readonly<Record<ImportedFormat, (source: Open, context: ReadContext) => Drafted>> = {
  'gravitee-v4': (source, context) => ({
    definition: definitionV4(source, '', context),
    hasExamples: false,
    servers: 1,
  }),
  'gravitee-v4-export': readExportV4,
  'gravitee-v2': readDefinitionV2,
  openapi: readOpenApi,
}

interface Detected {
  readonly format: ImportedFormat
  readonly formatName: string
  readonly source: Open
  /** Pointer to the source in the file. */
  readonly at: string
}

function detect({ value, placeOf }: ReadText, fileName: string | undefined): Detected {
  const no = (message: string, remedy: string, pointer = '') => unreadable(fileName, message, remedy, placeOf(pointer))
  const wanted = 'Give a Gravitee API definition or export, or an OpenAPI 3.0 or 3.1 document.'
  if (!isObject(value)) throw no('this is no description of an API', wanted)
  const openapi = text(value.openapi)
  if (openapi !== undefined) {
    if (!/^3\.[01](\.|$)/.test(openapi))
      throw no(`OpenAPI ${openapi.slice(0, 20)} is not known here`, 'Give OpenAPI 3.0 or 3.1.', '/openapi')
    return { format: 'openapi', formatName: `OpenAPI ${openapi.slice(0, 20)}`, source: value, at: '' }
  }
  if (value.swagger !== undefined)
    throw no(
      'this is Swagger 2.0',
      'Convert it to OpenAPI 3, which the editors for it do, and import that.',
      '/swagger',
    )
  if (value.asyncapi !== undefined)
    throw no('this is AsyncAPI, which describes messages', 'Only APIs over HTTP are served here.', '/asyncapi')
  // The Kubernetes operator's resource holds the definition in `spec`.
  const inOperator = isObject(value.spec) && text(value.apiVersion)?.startsWith('gravitee.io') === true
  const whole = inOperator ? members(value.spec) : value
  const at = inOperator ? '/spec' : ''
  if (isObject(whole.api)) {
    if (isObject(whole.api.proxy))
      return {
        format: 'gravitee-v2',
        formatName: 'Gravitee export of a version 2 API',
        source: { ...whole, ...whole.api, api: null },
        at,
      }
    if (whole.api.listeners !== undefined || whole.api.definitionVersion !== undefined)
      return { format: 'gravitee-v4-export', formatName: 'Gravitee export of a version 4 API', source: whole, at }
  }
  const isV4 = text(whole.gravitee)?.startsWith('4') === true || whole.definitionVersion === 'V4'
  if (isV4 && isObject(whole.security) && whole.listeners === undefined)
    throw no('this is a plan alone', 'Give the definition or the export of the API that has the plan.')
  if (Array.isArray(whole.listeners) || isV4)
    return { format: 'gravitee-v4', formatName: 'Gravitee definition, version 4', source: whole, at }
  if (isObject(whole.proxy)) {
    const version = text(whole.gravitee)?.startsWith('2') || Array.isArray(whole.flows) ? '2' : '1'
    return { format: 'gravitee-v2', formatName: `Gravitee definition, version ${version}`, source: whole, at }
  }
  throw no('this is no description of an API that is known here', wanted)
}

/**
 * What is wrong with a draft, each with its place in the file, or the nearest one that both have.
 *
 * @param at pointer to the definition in the file
 */
function draftProblems(draft: Open, fileName: string | undefined, { placeOf }: ReadText, at: string): FieldError[] {
  const wrong = schemaErrors({ ...ApiDefinition }, draft, '/definition')
  const found = wrong.length > 0 ? wrong : deeperProblems(draft as unknown as ApiDefinition) // its schema holds
  return found.map(({ field, message, remedy }) => {
    const pointer = field.slice('/definition'.length)
    const place = placeOf(at + pointer)
    const where = place === undefined ? '' : ` (${placeName(fileName, place)})`
    return { field, message: `${message}${where}`, ...(remedy === undefined ? {} : { remedy }) }
  })
}

function deeperProblems(definition: ApiDefinition): FieldError[] {
  const { definition: normal, errors } = normalisePaths(definition)
  return [...errors, ...draftErrors(normal), ...foreignReferences(normal)]
}

function noteKept(draft: Open, add: ReturnType<typeof collectNotes>['add']): void {
  const flows = entries(draft.flows, '')
  const steps = flows.reduce((sum, { value }) => {
    const { request, response } = members(value)
    return sum + entries(request, '').length + entries(response, '').length
  }, 0)
  const count = (name: string) => entries(draft[name], '').length
  add(
    'kept',
    '',
    [
      `${counted(flows.length, 'flow')} with ${counted(steps, 'step')}`,
      counted(count('plans'), 'plan'),
      counted(count('resources'), 'resource'),
      `${count('properties')} ${count('properties') === 1 ? 'property' : 'properties'}`,
    ].join(', '),
  )
}
