import type { ApiImportPreview, FormatNote } from '@shared/api-formats'
import type { Store } from '../../workspace/store'
import { contextPath, pathOwner } from '../definition/context-path'
import type { PlacedImport } from './place-import'
import { entries, members, objects, text } from './values'

/** What an import would do, told from its draft, which may not be right yet. */
export function previewOf(
  store: Store,
  { file, definition, before, conflicts, notes }: PlacedImport,
  deploy: readonly FormatNote[],
): ApiImportPreview {
  const draft = { ...(definition ?? file.draft) } as Readonly<Record<string, unknown>>
  const flows = objects(draft.flows, '')
  const texts = (list: unknown, name: string) => objects(list, '').flatMap(({ value }) => text(value[name]) ?? [])
  const paths = objects(draft.listeners, '').flatMap(({ value }) =>
    texts(value.paths, 'path').map((path) => {
      const normal = contextPath(path)
      return typeof normal === 'string' ? normal : path
    }),
  )
  const name = text(draft.name) ?? ''
  const except = before?.definition.id
  return {
    format: file.format,
    formatName: file.formatName,
    name,
    paths,
    endpoints: objects(draft.endpointGroups, '').flatMap(({ value }) =>
      objects(value.endpoints, '').flatMap(({ value: endpoint }) => text(members(endpoint.configuration).target) ?? []),
    ),
    flows: flows.length,
    steps: flows.reduce(
      (sum, { value }) => sum + entries(value.request, '').length + entries(value.response, '').length,
      0,
    ),
    plans: texts(draft.plans, 'name'),
    resources: texts(draft.resources, 'name'),
    notes: [...deploy, ...notes],
    conflicts: [...conflicts],
    problems: [...file.problems],
    hasExamples: file.hasExamples,
    servers: file.servers,
    describesRequests: file.describesRequests,
    tokenSchemes: file.tokenSchemes,
    freeName: free(name, ' ', (each) =>
      store
        .apis()
        .some((api) => api.definition.id !== except && api.definition.name.toLowerCase() === each.toLowerCase()),
    ),
    freePath: free(paths[0] ?? '/', '-', (each) => pathOwner(store, [each], except) !== undefined),
  }
}

/** `Orders`, else `Orders 2`, `Orders 3`, … */
function free(wanted: string, between: string, isTaken: (name: string) => boolean): string {
  let name = wanted
  for (let number = 2; isTaken(name); number++) name = `${wanted === '/' ? '/api' : wanted}${between}${number}`
  return name
}
