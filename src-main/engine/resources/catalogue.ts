import { cache } from './cache'
import { oauth2AmResource } from './oauth2-am-resource'
import type { ResourceDefinition } from './resource'

/** Every resource type that this engine has. Adding one is a folder and a line here. */
export const resources: readonly ResourceDefinition[] = [
  // Each configuration is checked against its schema before `create` and `test`.
  oauth2AmResource as unknown as ResourceDefinition,
  cache as unknown as ResourceDefinition,
]

export function findResource(type: string): ResourceDefinition | undefined {
  return resources.find(({ id }) => id === type)
}
