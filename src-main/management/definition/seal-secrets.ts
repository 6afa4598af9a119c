import { randomUUID } from 'node:crypto'
import type { ApiDefinition, Configuration } from '@shared/api-definition'
import type { JsonSchema } from '@shared/catalogue'
import { formatSecretReference, parseSecretReference } from '@shared/secret-reference'
import { policySchema, resourceSchema } from '../catalogue'

/** A definition without secrets in the clear, and those that were in it, by the id to seal them under. */
export interface Sealed<T> {
  readonly value: T
  readonly secrets: Readonly<Record<string, string>>
}

/** Replaces the secrets that stand in the configurations (`writeOnly` in their schemas) by references. */
export function sealSecrets(definition: ApiDefinition): Sealed<ApiDefinition> {
  const secrets: Record<string, string> = {}
  const sealer = (kind: 'resource' | 'step') => (secret: string) => {
    const path = `${kind}/${definition.id}/${randomUUID()}`
    secrets[path] = secret
    return formatSecretReference({ provider: 'gatehouse', path })
  }
  const sealSteps = (steps: ApiDefinition['flows'][number]['request']) =>
    steps.map((step) => {
      const schema = policySchema(step.policy)
      if (!schema || !step.configuration) return step
      return { ...step, configuration: replaceSecrets(schema, step.configuration, sealer('step')) }
    })
  const value = {
    ...definition,
    resources: definition.resources.map((resource) => {
      const schema = resourceSchema(resource.type)
      if (!schema) return resource
      return { ...resource, configuration: replaceSecrets(schema, resource.configuration, sealer('resource')) }
    }),
    flows: definition.flows.map((flow) => ({
      ...flow,
      request: sealSteps(flow.request),
      response: sealSteps(flow.response),
    })),
  }
  return { value, secrets }
}

/** The ids of the secrets that an API has sealed for itself and that the definitions refer to. */
export function ownSecretIds(definitions: readonly ApiDefinition[]): Set<string> {
  const ids = new Set<string>()
  const walk = (value: unknown, apiId: string): void => {
    const reference = parseSecretReference(value)
    if (reference?.provider === 'gatehouse') {
      const own = [`resource/${apiId}/`, `step/${apiId}/`].some((prefix) => reference.path.startsWith(prefix))
      if (own) ids.add(reference.path)
    } else if (typeof value === 'object' && value !== null) {
      for (const member of Object.values(value)) walk(member, apiId)
    }
  }
  for (const definition of definitions) walk([definition.resources, definition.flows], definition.id)
  return ids
}

/** Whether a member of a configuration holds a secret. */
export function isSecret(schema: JsonSchema | undefined): boolean {
  return schema?.writeOnly === true
}

function replaceSecrets(
  schema: JsonSchema,
  configuration: Configuration,
  replace: (secret: string) => string,
): Configuration {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>
  return Object.fromEntries(
    Object.entries(configuration).map(([name, value]) => {
      const member = Object.hasOwn(properties, name) ? properties[name] : undefined
      if (member && isSecret(member) && typeof value === 'string' && value !== '' && !parseSecretReference(value))
        return [name, replace(value)]
      if (member?.type === 'object' && typeof value === 'object' && value !== null && !Array.isArray(value))
        return [name, replaceSecrets(member, value as Configuration, replace)]
      return [name, value]
    }),
  )
}
