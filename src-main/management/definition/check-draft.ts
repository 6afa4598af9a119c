import { ECHO_TARGET, TARGET_PROTOCOLS, targetOf, type ApiDefinition, type Endpoint } from '@shared/api-definition'
import type { JsonSchema } from '@shared/catalogue'
import { escapePointer, valueAt } from '@shared/json-pointer'
import type { FieldError } from '@shared/problem'
import { schemaErrors } from '@shared/schema-errors'
import { isSecretVariable, parseSecretReference, SECRET_VARIABLE_PREFIX } from '@shared/secret-reference'
import { endpointSchemas, policySchema, resourceSchema } from '../catalogue'
import { shortSecretErrors } from './short-secrets'
import { stepsOf } from './steps'

/**
 * What of a draft can never become right by going on with it. A draft may be incomplete: a required field that is still
 * empty, a policy that this engine does not have, a resource that is not there yet are a deploy's matter.
 * Pointers start at `/definition`, as in the input of apis.save.
 */
export function draftErrors(definition: ApiDefinition): FieldError[] {
  return [
    ...twice(definition.resources, ({ name }) => name, '/definition/resources', 'resource'),
    ...configurationErrors(endpointSchemas.failover, definition.failover, '/definition/failover'),
    ...definition.endpointGroups.flatMap((group, g) => [
      ...twice(group.endpoints, ({ name }) => name, `/definition/endpointGroups/${g}/endpoints`, 'endpoint'),
      ...configurationErrors(
        endpointSchemas.shared,
        group.sharedConfiguration,
        `/definition/endpointGroups/${g}/sharedConfiguration`,
      ),
      ...configurationErrors(
        endpointSchemas.healthCheck,
        group.services?.healthCheck?.configuration,
        `/definition/endpointGroups/${g}/services/healthCheck/configuration`,
      ),
      ...group.endpoints.flatMap((endpoint, e) =>
        endpointErrors(endpoint, `/definition/endpointGroups/${g}/endpoints/${e}`),
      ),
    ]),
    ...twice(definition.properties ?? [], ({ key }) => key, '/definition/properties', 'property', 'key'),
    ...shortSecretErrors(definition.properties, '/definition/properties'),
    ...stepsOf(definition).flatMap(({ step, pointer }) =>
      configurationErrors(policySchema(step.policy), step.configuration, `/definition${pointer}/configuration`),
    ),
    ...definition.resources.flatMap(({ type, configuration }, r) =>
      configurationErrors(resourceSchema(type), configuration, `/definition/resources/${r}/configuration`),
    ),
  ]
}

function endpointErrors(endpoint: Endpoint, pointer: string): FieldError[] {
  return [
    ...(endpoint.type === 'mock'
      ? configurationErrors(endpointSchemas.mock, endpoint.configuration, `${pointer}/configuration`)
      : targetErrors(targetOf(endpoint), `${pointer}/configuration/target`)),
    ...configurationErrors(
      endpointSchemas.shared,
      endpoint.sharedConfigurationOverride,
      `${pointer}/sharedConfigurationOverride`,
    ),
    ...configurationErrors(
      endpointSchemas.healthCheck,
      endpoint.services?.healthCheck?.configuration,
      `${pointer}/services/healthCheck/configuration`,
    ),
  ]
}

/** What is wrong with a backend's address. */
export function targetErrors(target: string, field: string): FieldError[] {
  if (target === ECHO_TARGET || target.trim() === '') return []
  const remedy = `Give an address such as http://127.0.0.1:3000, or ${ECHO_TARGET} for the built-in echo backend.`
  if (!URL.canParse(target)) return [{ field, message: `${target} is not an address`, remedy }]
  const { protocol, hostname, username, password, hash } = new URL(target)
  if (!TARGET_PROTOCOLS.includes(protocol))
    return [
      { field, message: `A backend is reached by http, https, grpc or grpcs, not by ${protocol.slice(0, -1)}`, remedy },
    ]
  if (hostname === '') return [{ field, message: 'The address names no host', remedy }]
  if (username !== '' || password !== '')
    return [
      {
        field,
        message: 'An address may not carry credentials',
        remedy: 'Leave them out; a policy can add an Authorization header.',
      },
    ]
  return hash === '' ? [] : [{ field, message: 'An address may not carry a # part', remedy: 'Leave it out.' }]
}

function configurationErrors(schema: JsonSchema | undefined, configuration: unknown, pointer: string): FieldError[] {
  if (!schema || configuration === undefined) return []
  return schemaErrors(schema, configuration, pointer)
    .filter(
      ({ keyword, field }) => keyword !== 'required' && !isEmpty(valueAt(configuration, field.slice(pointer.length))),
    )
    .map(({ field, message, remedy }) => ({ field, message, ...(remedy === undefined ? {} : { remedy }) }))
}

const isEmpty = (value: unknown) =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)

function twice<T>(
  entries: readonly T[],
  nameOf: (entry: T) => string,
  pointer: string,
  what: string,
  member = 'name',
): FieldError[] {
  const seen = new Set<string>()
  return entries.flatMap((entry, index) => {
    const name = nameOf(entry)
    const again = seen.has(name)
    seen.add(name)
    if (!again) return []
    return [
      {
        field: `${pointer}/${index}/${member}`,
        message: `Two are called ${name}`,
        remedy: `Give this ${what} another name.`,
      },
    ]
  })
}

/** What is wrong with the secret references that a definition holds. */
export function foreignReferences(definition: ApiDefinition): FieldError[] {
  const errors: FieldError[] = []
  const walk = (value: unknown, pointer: string): void => {
    const fault = typeof value === 'string' ? referenceFault(value, definition.id) : undefined
    if (fault) errors.push({ field: `/definition${pointer}`, ...fault })
    else if (typeof value === 'object' && value !== null)
      for (const [name, member] of Object.entries(value)) walk(member, `${pointer}/${escapePointer(name)}`)
  }
  walk(definition, '')
  return errors
}

/**
 * Why an API may not use a secret: it may use those of applications and its own, never a signing key or another API's, and of the
 * environment what was set for this. Undefined for a reference that it may use, and for a text that is none.
 */
export function referenceFault(text: string, apiId: string): Omit<FieldError, 'field'> | undefined {
  const reference = parseSecretReference(text)
  if (reference?.provider === 'env') return isSecretVariable(reference.path) ? undefined : variableFault(reference.path)
  const own = ['application/', `resource/${apiId}/`, `step/${apiId}/`, `endpoint/${apiId}/`, `property/${apiId}/`]
  if (reference === undefined || own.some((prefix) => reference.path.startsWith(prefix))) return undefined
  return {
    message: 'This refers to a secret that is not for this API',
    remedy: 'Type the secret in; it is sealed when you save.',
  }
}

function variableFault(name: string): Omit<FieldError, 'field'> {
  return {
    message: `The environment variable ${name} is not for workspaces`,
    remedy: `Only those are whose names begin with ${SECRET_VARIABLE_PREFIX}: refer to such a one, or type the secret in.`,
  }
}
