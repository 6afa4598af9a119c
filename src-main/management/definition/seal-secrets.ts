import { randomUUID } from 'node:crypto'
import type { ApiDefinition, Configuration, Flow, Plan, Property, Step } from '@shared/api-definition'
import type { JsonSchema } from '@shared/catalogue'
import { escapePointer } from '@shared/json-pointer'
import { planPolicy } from '@shared/plans'
import { holdsSecret } from '@shared/secret-place'
import { formatSecretReference, parseSecretReference } from '@shared/secret-reference'
import { endpointSchemas, policySchema, resourceSchema } from '../catalogue'

/** A definition without secrets in the clear, and those that were in it, by the id to seal them under. */
export interface Sealed<T> {
  readonly value: T
  readonly secrets: Readonly<Record<string, string>>
}

/** Replaces the secrets that stand in the configurations (`writeOnly` in their schemas) by references. */
export function sealSecrets(definition: ApiDefinition): Sealed<ApiDefinition> {
  const secrets: Record<string, string> = {}
  const value = replaceSecrets(definition, (secret, _pointer, kind) => {
    if (parseSecretReference(secret)) return secret
    const path = `${kind}/${definition.id}/${randomUUID()}`
    secrets[path] = secret
    return formatSecretReference({ provider: 'gatehouse', path })
  })
  return { value, secrets }
}

/** @param pointer JSON pointer into the definition */
type Replace = (secret: string, pointer: string, kind: 'resource' | 'step' | 'endpoint' | 'property') => string

/**
 * The definition with what stands at its places for secrets replaced: members that are `writeOnly` by the schema of their
 * resource or policy, properties that are marked as secrets, and nothing else, so that no value of a secret gets to where it would be shown. Empty ones stay.
 */
export function replaceSecrets(definition: ApiDefinition, replace: Replace): ApiDefinition {
  const ofSteps = (steps: readonly Step[], pointer: string) =>
    steps.map((step, index) => {
      const schema = policySchema(step.policy)
      if (!schema || !step.configuration || !hasPlacesForSecrets(schema)) return step
      const at = `${pointer}/${index}/configuration`
      const configuration = replaceIn(schema, step.configuration, at, (text, of) => replace(text, of, 'step'))
      return { ...step, configuration }
    })
  const ofFlows = (flows: readonly Flow[], pointer: string) =>
    flows.map((flow, index) => ({
      ...flow,
      request: ofSteps(flow.request, `${pointer}/${index}/request`),
      response: ofSteps(flow.response, `${pointer}/${index}/response`),
    }))
  const ofSecurity = (security: Plan['security'], at: string): Plan['security'] => {
    const policy = planPolicy(security.type)
    const schema = policy === undefined ? undefined : policySchema(policy)
    if (!schema || security.configuration === undefined) return security
    const configuration = replaceIn(schema, security.configuration, at, (text, of) => replace(text, of, 'step'))
    return { ...security, configuration }
  }
  const ofConnection = (configuration: Configuration, at: string) =>
    replaceIn(endpointSchemas.shared, configuration, at, (text, of) => replace(text, of, 'endpoint'))
  const ofProperty = (property: Property, index: number): Property => {
    const { value, encrypted, encryptable } = property
    // What another installation has encrypted is left as it is, and refused at deploy.
    const foreign = encrypted === true && parseSecretReference(value) === undefined
    if (encryptable !== true || value === '' || foreign) return property
    const replaced = replace(value, `/properties/${index}/value`, 'property')
    return { ...property, value: replaced, encrypted: parseSecretReference(replaced) !== undefined }
  }
  return {
    ...definition,
    ...(definition.properties === undefined ? {} : { properties: definition.properties.map(ofProperty) }),
    endpointGroups: definition.endpointGroups.map((group, g) => ({
      ...group,
      ...(group.sharedConfiguration === undefined
        ? {}
        : { sharedConfiguration: ofConnection(group.sharedConfiguration, `/endpointGroups/${g}/sharedConfiguration`) }),
      endpoints: group.endpoints.map((endpoint, e) => {
        if (endpoint.sharedConfigurationOverride === undefined) return endpoint
        const at = `/endpointGroups/${g}/endpoints/${e}/sharedConfigurationOverride`
        return { ...endpoint, sharedConfigurationOverride: ofConnection(endpoint.sharedConfigurationOverride, at) }
      }),
    })),
    resources: definition.resources.map((resource, index) => {
      const schema = resourceSchema(resource.type)
      if (!schema) return resource
      const at = `/resources/${index}/configuration`
      const configuration = replaceIn(schema, resource.configuration, at, (text, of) => replace(text, of, 'resource'))
      return { ...resource, configuration }
    }),
    flows: ofFlows(definition.flows, '/flows'),
    plans: definition.plans.map((plan, index) => ({
      ...plan,
      ...(plan.flows === undefined ? {} : { flows: ofFlows(plan.flows, `/plans/${index}/flows`) }),
      security: ofSecurity(plan.security, `/plans/${index}/security/configuration`),
    })),
  }
}

/** The ids of the secrets that an API has sealed for itself and that the definitions refer to. */
export function ownSecretIds(definitions: readonly ApiDefinition[]): Set<string> {
  const ids = new Set<string>()
  const walk = (value: unknown, apiId: string): void => {
    const reference = parseSecretReference(value)
    if (reference?.provider === 'gatehouse') {
      if (ownerOf(reference.path) === apiId) ids.add(reference.path)
    } else if (typeof value === 'object' && value !== null) {
      for (const member of Object.values(value)) walk(member, apiId)
    }
  }
  for (const definition of definitions)
    walk(
      [definition.properties, definition.endpointGroups, definition.resources, definition.flows, definition.plans],
      definition.id,
    )
  return ids
}

/** The id of the API that has sealed a secret for itself; undefined for a secret of something else. */
export const ownerOf = (id: string): string | undefined =>
  /^(?:resource|step|endpoint|property)\/([^/]+)\//.exec(id)?.[1]

/** Whether a member of a configuration may hold a secret. */
export function isSecret(schema: JsonSchema | undefined): boolean {
  return schema?.writeOnly === true || schema?.['x-secret-when'] !== undefined
}

const withPlaces = new WeakMap<JsonSchema, boolean>()

/** Whether any member of a configuration may hold a secret: of the steps of a thousand APIs hardly one can, and the others need not be gone through. */
function hasPlacesForSecrets(schema: JsonSchema): boolean {
  let known = withPlaces.get(schema)
  if (known === undefined)
    withPlaces.set(schema, (known = /"writeOnly":true|"x-secret-when":/.test(JSON.stringify(schema))))
  return known
}

function replaceIn(
  schema: JsonSchema,
  configuration: Configuration,
  pointer: string,
  replace: (secret: string, pointer: string) => string,
): Configuration {
  return Object.fromEntries(
    Object.entries(configuration).map(([name, value]) => {
      const at = `${pointer}/${escapePointer(name)}`
      const members = membersOf(schema, name)
      const isSecretHere = members.some((member) => holdsSecret(member, schema, configuration, name))
      return [name, replaceBelow(members, value, at, replace, isSecretHere)]
    }),
  )
}

/** @param schemas what the value may be of: of a union every branch */
function replaceBelow(
  schemas: readonly JsonSchema[],
  value: unknown,
  pointer: string,
  replace: (secret: string, pointer: string) => string,
  isSecretHere = schemas.some(({ writeOnly }) => writeOnly === true),
): unknown {
  if (typeof value === 'string') return isSecretHere && value !== '' ? replace(value, pointer) : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items = schemas.flatMap((schema) => [schema, ...partsOf(schema)]).flatMap(({ items: of }) => asSchema(of))
    return value.map((item, index) => replaceBelow(items, item, `${pointer}/${index}`, replace))
  }
  return schemas.reduce((now, schema) => replaceIn(schema, now, pointer, replace), value as Configuration)
}

/** The schemas that an object's schema has for a member, wherever in it they stand. */
function membersOf(schema: JsonSchema, name: string): JsonSchema[] {
  const { patternProperties, additionalProperties } = schema
  const properties = (schema.properties ?? {}) as JsonSchema
  const own = Object.hasOwn(properties, name) ? asSchema(properties[name]) : []
  const byPattern = Object.entries((patternProperties ?? {}) as JsonSchema).flatMap(([pattern, member]) =>
    new RegExp(pattern, 'u').test(name) ? asSchema(member) : [],
  )
  const others = own.length + byPattern.length === 0 ? asSchema(additionalProperties) : []
  return [...own, ...byPattern, ...others, ...partsOf(schema).flatMap((part) => membersOf(part, name))]
}

/** The schemas that one is put together from. */
function partsOf(schema: JsonSchema): JsonSchema[] {
  const lists = [schema.oneOf, schema.anyOf, schema.allOf, schema.then, schema.else].flat()
  const dependent = [schema.dependencies, schema.dependentSchemas].flatMap((each) => Object.values(each ?? {}))
  return [...lists, ...dependent].flatMap((part) => asSchema(part).flatMap((each) => [each, ...partsOf(each)]))
}

const asSchema = (value: unknown): JsonSchema[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? [value as JsonSchema] : []
