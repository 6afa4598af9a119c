import type { ApiDefinition, Flow } from '@shared/api-definition'

/** A call that an API offers: a method and an address below the gateway. */
export interface ApiOperation {
  readonly key: string
  readonly name: string
  readonly method: string
  /** Context path and flow path joined, e.g. /echo/orders/:id */
  readonly path: string
  /** The path as it can be sent, with a value for a person to replace in the place of each parameter, e.g. /echo/orders/1 */
  readonly example: string
}

/** What most parameters of paths are: a number of something. */
const EXAMPLE_VALUE = '1'

/** The calls that the flows of an API speak of; the context path itself when they speak of none. */
export function operationsOf(definition: ApiDefinition): ApiOperation[] {
  const contextPaths = definition.listeners.flatMap(({ paths }) => paths.map(({ path }) => path))
  const found = contextPaths.flatMap((contextPath) =>
    definition.flows.filter(({ enabled }) => enabled).flatMap((flow) => ofFlow(contextPath, flow, definition.name)),
  )
  const fallback = contextPaths.map((path) => operation(definition.name, 'GET', path))
  const all = found.length > 0 ? found : fallback
  return all.filter(({ key }, at) => all.findIndex((other) => other.key === key) === at)
}

function ofFlow(contextPath: string, flow: Flow, apiName: string): ApiOperation[] {
  const selector = flow.selectors.find((each) => each.type === 'http')
  if (!selector || selector.type !== 'http') return []
  const methods = selector.methods?.length ? selector.methods : ['GET']
  const path = joinPaths(contextPath, selector.path)
  return methods
    .filter((method) => method !== 'OTHER' && method !== 'CONNECT')
    .map((method) => operation(selector.path === '/' ? apiName : (flow.name ?? path), method, path))
}

const operation = (name: string, method: string, path: string): ApiOperation => ({
  key: `${method} ${path}`,
  name,
  method,
  path,
  example: path.replaceAll(/\/:[^/]+/g, `/${EXAMPLE_VALUE}`),
})

/** `/echo` and `/orders` → `/echo/orders`; a lone slash adds nothing. */
export function joinPaths(contextPath: string, path: string): string {
  const joined = `${contextPath}/${path}`.replaceAll(/\/{2,}/g, '/')
  return joined.length > 1 ? joined.replace(/\/$/, '') : joined
}

/** Whether every word of a search is in one of the texts. */
export function matches(search: string, ...texts: string[]): boolean {
  const text = texts.join(' ').toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
