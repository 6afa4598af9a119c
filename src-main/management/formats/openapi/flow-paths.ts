/** A path of an OpenAPI document as a flow's, and what is lost on the way. */
export interface TemplatePath {
  readonly path: string
  /** Parts that match more than the template says, e.g. `{name}.json`. */
  readonly widened: readonly string[]
}

/**
 * `/pets/{petId}` → `/pets/:petId`. A parameter of a flow is a whole part between slashes: one that is only a piece of its part
 * takes the whole of it.
 */
export function flowPath(template: string): TemplatePath {
  const widened: string[] = []
  const parts = template.split('/').map((part) => {
    if (!part.includes('{')) return part
    const whole = /^\{([A-Za-z0-9_-]+)\}$/.exec(part)
    if (whole) return `:${whole[1]}`
    const names = [...part.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name!.replaceAll(/[^A-Za-z0-9_-]+/g, '_'))
    if (!/^\{[^{}]*\}$/.test(part)) widened.push(part)
    return `:${names.filter((name) => name !== '').join('_') || 'part'}`
  })
  const path = parts.join('/')
  return { path: path.startsWith('/') ? path : `/${path}`, widened }
}

/** `/pets/:petId` → `/pets/{petId}`, with the parameters' names. */
export function templatePath(path: string): { readonly template: string; readonly parameters: readonly string[] } {
  const parameters: string[] = []
  const parts = path.split('/').map((part) => {
    if (!part.startsWith(':') || part.length === 1) return part
    const name = part.slice(1)
    parameters.push(name)
    return `{${name}}`
  })
  return { template: parts.join('/'), parameters }
}
