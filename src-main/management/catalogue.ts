import type { Catalogue, JsonSchema } from '@shared/catalogue'
import {
  FailoverConfiguration,
  HealthCheckConfiguration,
  MockConfiguration,
  SharedConfiguration,
} from '@shared/endpoint-settings'
import { readPublishedSchema } from '@shared/published-schema'
import { policies } from '../engine/policies/catalogue'
import { resources } from '../engine/resources/catalogue'
import type { HandlersOf } from './context'

/** The engine's policies and resource types as plain data, for forms and checks. */
export const catalogue: Catalogue = {
  policies: policies.map(({ id, name, summary, category, icon, phases, configuration, guide, errors }) => ({
    id,
    name,
    summary,
    category,
    icon,
    phases: [...phases],
    configuration: plain(configuration),
    guide,
    errors: Object.entries(errors).map(([key, failure]) => ({ key, ...failure })),
  })),
  resources: resources.map(({ id, name, summary, icon, configuration, guide, test }) => ({
    id,
    name,
    summary,
    icon,
    configuration: plain(configuration),
    guide,
    testable: test !== undefined,
  })),
}

/** The schema of a policy's configuration; undefined for a policy that this engine does not have. */
export function policySchema(id: string): JsonSchema | undefined {
  return catalogue.policies.find((policy) => policy.id === id)?.configuration
}

/** The schema of a resource type's configuration; undefined for a type that this engine does not have. */
export function resourceSchema(type: string): JsonSchema | undefined {
  return catalogue.resources.find(({ id }) => id === type)?.configuration
}

/** The schemas of what endpoints and their groups hold. */
export const endpointSchemas = {
  shared: plain(SharedConfiguration),
  mock: plain(MockConfiguration),
  healthCheck: plain(HealthCheckConfiguration),
  failover: plain(FailoverConfiguration),
}

/** What a policy is called; its id where this engine does not have it. */
export function policyName(id: string): string {
  return catalogue.policies.find((policy) => policy.id === id)?.name ?? id
}

export function catalogueHandlers(): HandlersOf<'catalogue'> {
  return { 'catalogue.get': () => Promise.resolve(catalogue) }
}

/** A TypeBox schema as the JSON Schema that it is, without what TypeBox keeps beside it, in the vocabulary of the forms. */
function plain(schema: object): JsonSchema {
  return readPublishedSchema(JSON.parse(JSON.stringify(schema)) as JsonSchema)
}
