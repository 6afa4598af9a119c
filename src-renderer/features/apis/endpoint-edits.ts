import { ECHO_TARGET, type ApiDefinition, type Endpoint, type EndpointGroup } from '@shared/api-definition'
import { plainCopy } from '@/components/schema-form/schema'
import { freeName } from '@/free-name'

/** Where an endpoint stands. */
export interface EndpointPlace {
  readonly group: number
  readonly endpoint: number
}

/** What of the endpoints is chosen: a group, an endpoint, or what happens when one fails. */
export type Choice = number | EndpointPlace | 'failover'

/*
 * Edits of a definition's endpoints. Each answers a new definition and leaves the old one alone, so that what is being saved
 * never changes under the save.
 */

export function changeGroup(
  definition: ApiDefinition,
  at: number,
  change: (group: EndpointGroup) => EndpointGroup,
): ApiDefinition {
  const endpointGroups = definition.endpointGroups.map((group, index) => (index === at ? change(group) : group))
  return { ...definition, endpointGroups }
}

export function insertGroup(definition: ApiDefinition, at: number, group: EndpointGroup): ApiDefinition {
  return { ...definition, endpointGroups: definition.endpointGroups.toSpliced(at, 0, group) }
}

export function removeGroup(definition: ApiDefinition, at: number): ApiDefinition {
  return { ...definition, endpointGroups: definition.endpointGroups.toSpliced(at, 1) }
}

/** Moves a group to an index, as counted after the move. */
export function moveGroup(definition: ApiDefinition, from: number, to: number): ApiDefinition {
  const group = definition.endpointGroups[from]
  return group ? insertGroup(removeGroup(definition, from), to, group) : definition
}

export function insertEndpoint(definition: ApiDefinition, at: EndpointPlace, endpoint: Endpoint): ApiDefinition {
  return changeGroup(definition, at.group, (group) => ({
    ...group,
    endpoints: group.endpoints.toSpliced(at.endpoint, 0, endpoint),
  }))
}

export function changeEndpoint(
  definition: ApiDefinition,
  at: EndpointPlace,
  change: (endpoint: Endpoint) => Endpoint,
): ApiDefinition {
  return changeGroup(definition, at.group, (group) => ({
    ...group,
    endpoints: group.endpoints.map((endpoint, index) => (index === at.endpoint ? change(endpoint) : endpoint)),
  }))
}

export function removeEndpoint(definition: ApiDefinition, at: EndpointPlace): ApiDefinition {
  return changeGroup(definition, at.group, (group) => ({
    ...group,
    endpoints: group.endpoints.toSpliced(at.endpoint, 1),
  }))
}

/** Moves an endpoint to a place, as counted after the move; the groups may differ. */
export function moveEndpoint(definition: ApiDefinition, from: EndpointPlace, to: EndpointPlace): ApiDefinition {
  const endpoint = definition.endpointGroups[from.group]?.endpoints[from.endpoint]
  return endpoint ? insertEndpoint(removeEndpoint(definition, from), to, endpoint) : definition
}

/** The place before or after in its group, or at the near end of the group that lies there; undefined at either end of all. */
export function neighbour(definition: ApiDefinition, at: EndpointPlace, step: 1 | -1): EndpointPlace | undefined {
  const within = { group: at.group, endpoint: at.endpoint + step }
  const count = definition.endpointGroups[at.group]?.endpoints.length ?? 0
  if (within.endpoint >= 0 && within.endpoint < count) return within
  const group = definition.endpointGroups[at.group + step]
  return group && { group: at.group + step, endpoint: step === 1 ? 0 : group.endpoints.length }
}

/** The names that are taken: endpoints and groups are both reached by theirs. */
export function takenNames({ endpointGroups }: ApiDefinition): string[] {
  return endpointGroups.flatMap(({ name, endpoints }) => [name, ...endpoints.map((endpoint) => endpoint.name)])
}

/** A new endpoint on the built-in echo, which connects as its group says where the group says anything. */
export function newEndpoint(definition: ApiDefinition, group: EndpointGroup): Endpoint {
  return {
    name: freeName('endpoint', takenNames(definition)),
    type: 'http-proxy',
    weight: 1,
    inheritConfiguration: group.sharedConfiguration !== undefined,
    configuration: { target: ECHO_TARGET },
  }
}

export function copyOfEndpoint(definition: ApiDefinition, endpoint: Endpoint): Endpoint {
  return { ...plainCopy(endpoint), name: freeName(`${endpoint.name}-copy`, takenNames(definition)) }
}

/** A new group with an endpoint on the built-in echo. */
export function newGroup(definition: ApiDefinition): EndpointGroup {
  const group: EndpointGroup = {
    name: freeName('group', takenNames(definition)),
    type: 'http-proxy',
    loadBalancer: { type: 'round-robin' },
    endpoints: [],
  }
  return { ...group, endpoints: [newEndpoint(definition, group)] }
}

/** What an endpoint leads to, in a few words. */
export function describeEndpoint({ type, configuration }: Endpoint): string {
  if (type === 'mock') return 'Mock'
  return configuration.target === ECHO_TARGET ? 'Built-in echo' : (configuration.target ?? '') || 'No address yet'
}
