import type { ApiDefinition } from '@shared/api-definition'
import type { FormatNote } from '@shared/api-formats'
import { parseSecretReference } from '@shared/secret-reference'
import { replaceSecrets } from '../definition/seal-secrets'

/**
 * A definition that takes the place of another keeps the secrets of its resources where it brings none: files are exchanged without
 * them. A resource is the same by its name and type.
 */
export function keepSecrets(
  definition: ApiDefinition,
  before: ApiDefinition,
): { definition: ApiDefinition; notes: readonly FormatNote[] } {
  const notes: FormatNote[] = []
  const kept = secretsOf(before)
  const resources = definition.resources.map((resource, index) => {
    const secrets = [...(kept.get(`${resource.type} ${resource.name}`) ?? [])].filter(([name]) => {
      const given = resource.configuration[name]
      return given === undefined || given === '' || given === null
    })
    if (secrets.length === 0) return resource
    notes.push({
      kind: 'kept',
      pointer: `/resources/${index}`,
      sentence: `The secret of the resource ${resource.name}, which the draft before has`,
    })
    return { ...resource, configuration: { ...resource.configuration, ...Object.fromEntries(secrets) } }
  })
  return { definition: { ...definition, resources }, notes }
}

/** References to secrets that stand directly in the configurations of resources, by the resource's type and name. */
function secretsOf(definition: ApiDefinition): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>()
  replaceSecrets(definition, (secret, pointer, kind) => {
    const [, , index, , name, ...deeper] = pointer.split('/')
    const resource = kind === 'resource' ? definition.resources[Number(index)] : undefined
    if (resource === undefined || name === undefined || deeper.length > 0 || !parseSecretReference(secret))
      return secret
    const key = `${resource.type} ${resource.name}`
    found.set(key, (found.get(key) ?? new Map<string, string>()).set(name, secret))
    return secret
  })
  return found
}
