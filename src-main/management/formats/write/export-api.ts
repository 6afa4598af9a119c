import { ApiDefinition, ECHO_TARGET } from '@shared/api-definition'
import type { ApiExport, ExportedFormat } from '@shared/api-formats'
import { parseSecretReference } from '@shared/secret-reference'
import { Document, isScalar, Scalar, visit } from 'yaml'
import { formatJson } from '../../../workspace/files/json-text'
import { slugOf } from '../../../workspace/layout'
import { dictionaryReferences } from '../../../engine/dictionary-references'
import { replaceSecrets } from '../../definition/seal-secrets'
import { collectNotes, type Notes } from '../notes'
import { exportEnvelope } from './export-envelope'
import { openApiDocument } from './openapi-document'

export interface ExportOptions {
  readonly format: ExportedFormat
  readonly syntax: 'json' | 'yaml'
  /** Address of the gateway, for what tells callers where to call. */
  readonly gateway: string
}

/** An API as a file for other tools. No secret is in it, nor a reference that means something in this workspace alone. */
export function exportApi(definition: ApiDefinition, { format, syntax, gateway }: ExportOptions): ApiExport {
  const notes = collectNotes()
  const portable = withoutOurs(definition, format, notes)
  const value = {
    'gravitee-v4': () => portable,
    'gravitee-v4-export': () => exportEnvelope(portable),
    openapi: () => openApiDocument(portable, gateway, notes),
  }[format]()
  const content = syntax === 'yaml' ? yamlOf(value) : formatJson(value, format === 'gravitee-v4' ? ApiDefinition : {})
  const kind = { 'gravitee-v4': 'gravitee', 'gravitee-v4-export': 'export', openapi: 'openapi' }[format]
  return {
    fileName: `${slugOf(definition.name)}.${kind}.${syntax}`,
    mediaType: syntax === 'yaml' ? 'application/yaml' : 'application/json',
    content,
    notes: [...notes.all],
  }
}

/** In quotes a key `<<` is a key: without them it merges what it holds. */
function yamlOf(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false })
  visit(document, {
    Pair(_key, { key }) {
      if (isScalar(key) && key.value === '<<') key.type = Scalar.QUOTE_DOUBLE
    },
  })
  return document.toString({ lineWidth: 0 })
}

/** Without what only this workspace understands: our own settings, sealed secrets, the echo backend by its name. */
function withoutOurs(definition: ApiDefinition, format: ExportedFormat, notes: Notes): ApiDefinition {
  const { gatehouse, ...rest } = definition
  if (gatehouse?.challengeStyle !== undefined && format !== 'openapi')
    notes.add('dropped', '/gatehouse', 'The challenge style, which Gravitee has no setting for')
  if (gatehouse?.resourceMetadata === true && format !== 'openapi')
    notes.add('dropped', '/gatehouse', 'That callers are told who issues tokens, which Gravitee has no setting for in APIs of the type proxy') // prettier-ignore
  const isEcho = rest.endpointGroups.some(({ endpoints }) =>
    endpoints.some(({ configuration }) => configuration.target === ECHO_TARGET),
  )
  if (isEcho && format !== 'openapi')
    notes.add(
      'changed',
      '/endpointGroups',
      `The built-in echo backend (${ECHO_TARGET}) is here alone`,
      'Enter a backend after importing it elsewhere.',
    )
  for (const { name, endpoints } of rest.endpointGroups)
    for (const endpoint of endpoints)
      if (endpoint.enabled === false && format !== 'openapi')
        notes.add(
          'changed',
          '/endpointGroups',
          `The endpoint ${endpoint.name} of ${name} is off here, and Gravitee has no such switch`,
          'Remove the endpoint where you import the file.',
        )
  for (const { name, endpoints } of rest.endpointGroups)
    for (const endpoint of endpoints)
      if (endpoint.type === 'mock' && format !== 'openapi')
        notes.add(
          'changed',
          '/endpointGroups',
          `The endpoint ${endpoint.name} of ${name} answers by itself here, and Gravitee's proxies have no such endpoint`,
          'Enter a backend after importing it elsewhere.',
        )
  for (const dictionary of new Set(dictionaryReferences(definition).map((each) => each.dictionary)))
    if (format !== 'openapi')
      notes.add('dropped', '', `The dictionary ${dictionary}, which its expressions read`, 'Make it where you import the file.') // prettier-ignore
  return replaceSecrets(rest, (secret, pointer) => {
    if (parseSecretReference(secret)?.provider === 'env') return secret
    if (format !== 'openapi')
      notes.add('dropped', pointer, 'A secret, which no file carries', 'Enter it again where you import the file.')
    return ''
  })
}
