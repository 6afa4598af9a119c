import type { Resource } from '@shared/api-definition'
import type { FieldError } from '@shared/problem'
import { findResource, resources as resourceTypes } from '../resources/catalogue'
import type { BoundResource, BoundResources } from '../resources/resource'
import type { CompileContext } from './compile-api'
import { configurationErrors } from './configuration-errors'
import { connectionErrors } from './unsupported'

/** The enabled resources of an API, set up. What is wrong goes to `errors`, what is to be closed to `closers`. */
export function compileResources(
  resources: readonly Resource[],
  { local, connectors }: Pick<CompileContext, 'local' | 'connectors'>,
  errors: FieldError[],
  closers: (() => unknown)[],
): BoundResources {
  const bound = new Map<string, BoundResource>()
  for (const [index, { name, type, enabled, configuration }] of resources.entries()) {
    if (!enabled) continue
    const field = `/resources/${index}`
    const definition = findResource(type)
    if (definition === undefined) {
      errors.push({
        field: `${field}/type`,
        message: `The resource ${name} is of the type ${type}, which this gateway does not have`,
        remedy: `Use one of ${resourceTypes.map(({ id }) => id).join(', ')}, or disable the resource.`,
      })
      continue
    }
    const wrong = configurationErrors(
      definition.configuration,
      configuration,
      `${field}/configuration`,
      `Resource ${name}`,
    )
    wrong.push(...connectionErrors(configuration, `${field}/configuration`, `Resource ${name}`))
    errors.push(...wrong)
    if (wrong.length > 0) continue
    try {
      const created = definition.create(name, configuration, local, connectors)
      closers.push(created.close)
      bound.set(name, created.bound)
    } catch (error) {
      errors.push({
        field: `${field}/configuration`,
        message: `The resource ${name} cannot be set up: ${error instanceof Error ? error.message : String(error)}`,
        remedy: 'Correct its configuration.',
      })
    }
  }
  return bound
}
