import type { ApiDefinition } from '@shared/api-definition'
import type { FieldError } from '@shared/problem'
import type { Store } from '../../workspace/store'

/** What is wrong with a text as a context path, and what to do. */
export interface PathFault {
  readonly message: string
  readonly remedy: string
}

/** `echo/` → `/echo`: one slash in front, none doubled, none behind. A PathFault when no path can be made of it. */
export function contextPath(text: string): string | PathFault {
  const path = `/${text.trim()}`.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
  if (/[?#]/.test(path))
    return { message: 'A path holds neither ? nor #', remedy: 'Leave the query out: it is passed on to the backend.' }
  if (/^\/[a-z][a-z0-9+.-]*:/i.test(path))
    return { message: 'This is an address, not a path', remedy: 'Give the path only, such as /echo.' }
  // RFC 3986 §3.3: pchar
  const odd = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/u.exec(path)
  if (odd)
    return {
      message: odd[0].trim() === '' ? 'A path holds no spaces' : `A path cannot hold ${odd[0]} as it is`,
      remedy: 'Use letters, digits, hyphens and slashes, or percent-encode it.',
    }
  if (/%(?![0-9A-Fa-f]{2})/.test(path))
    return { message: 'A percent sign is not followed by two hex digits', remedy: 'Write %25 for a percent sign.' }
  if (path.split('/').some((segment) => segment === '.' || segment === '..'))
    return { message: 'A path holds no . or .. segments', remedy: 'Write the path that is meant.' }
  return path
}

/** The definition with its paths in their one form, and what is wrong with those that have none. */
export function normalisePaths(definition: ApiDefinition): { definition: ApiDefinition; errors: FieldError[] } {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  const listeners = definition.listeners.map((listener, l) => ({
    ...listener,
    paths: listener.paths.map((entry, p) => {
      const field = `/definition/listeners/${l}/paths/${p}/path`
      const path = contextPath(entry.path)
      if (typeof path !== 'string') {
        errors.push({ field, ...path })
        return entry
      }
      if (seen.has(path)) errors.push({ field, message: `${path} is listed twice`, remedy: 'Remove the second.' })
      seen.add(path)
      return { ...entry, path }
    }),
  }))
  return { definition: { ...definition, listeners }, errors }
}

export interface PathOwner {
  readonly path: string
  readonly apiId: string
  readonly apiName: string
}

/** Another API that has one of the paths, in its draft or in what it runs; undefined when they are free. */
export function pathOwner(store: Store, paths: readonly string[], except?: string): PathOwner | undefined {
  const drafts = store.apis().map(({ definition }) => definition)
  for (const definition of [...drafts, ...store.deployed().map((deployment) => deployment.definition)]) {
    if (definition.id === except) continue
    const theirs = pathsOf(definition)
    const path = paths.find((each) => theirs.includes(each))
    if (path === undefined) continue
    const name = drafts.find(({ id }) => id === definition.id)?.name ?? definition.name
    return { path, apiId: definition.id, apiName: name }
  }
  return undefined
}

export function pathsOf(definition: ApiDefinition): string[] {
  return definition.listeners.flatMap(({ paths }) =>
    paths.map(({ path }) => {
      const normal = contextPath(path)
      return typeof normal === 'string' ? normal : path
    }),
  )
}
