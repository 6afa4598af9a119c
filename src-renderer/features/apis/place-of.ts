import type { RouteLocationRaw } from 'vue-router'
import type { ApiDefinition } from '@shared/api-definition'

/** Where in the window a part of a definition is edited, by its JSON pointer (`/flows/0/request/1/configuration/…`), and what it is called. */
export function placeOf(
  definition: ApiDefinition,
  pointer: string,
): { label: string; to: RouteLocationRaw } | undefined {
  const [top, first, second, third] = pointer
    .replace(/^\/definition/, '')
    .split('/')
    .slice(1)
  const tab = (name: string, query: Record<string, string> = {}): RouteLocationRaw => ({
    name: 'api',
    params: { apiId: definition.id, tab: name },
    query,
  })
  switch (top) {
    case 'flows': {
      const flow = definition.flows[Number(first)]
      if (!flow || first === undefined) return { label: 'Flows', to: tab('policies') }
      const flowLabel = `Flow ${flow.name ?? Number(first) + 1}`
      const step = second === 'request' || second === 'response' ? flow[second][Number(third)] : undefined
      if (step && second !== undefined && third !== undefined)
        return {
          label: `${flowLabel}, ${second} step ${Number(third) + 1} (${step.name ?? step.policy})`,
          to: tab('policies', { flow: first, phase: second, step: third }),
        }
      return { label: flowLabel, to: tab('policies', { flow: first }) }
    }
    case 'resources': {
      const resource = definition.resources[Number(first)]
      return resource
        ? { label: `Resource ${resource.name}`, to: tab('resources', { resource: resource.name }) }
        : { label: 'Resources', to: tab('resources') }
    }
    case 'failover':
      return { label: 'Failover', to: tab('endpoints', { failover: '1' }) }
    case 'endpointGroups': {
      const group = definition.endpointGroups[Number(first)]
      if (!group || first === undefined) return { label: 'Endpoints', to: tab('endpoints') }
      const endpoint = second === 'endpoints' ? group.endpoints[Number(third)] : undefined
      return endpoint && third !== undefined
        ? { label: `Endpoint ${endpoint.name}`, to: tab('endpoints', { group: first, endpoint: third }) }
        : { label: `Group ${group.name}`, to: tab('endpoints', { group: first }) }
    }
    case 'plans': {
      const plan = definition.plans[Number(first)]
      if (plan && second === 'flows' && third !== undefined)
        return { label: `Plan ${plan.name}`, to: tab('policies', { plan: plan.id, flow: third }) }
      return plan
        ? { label: `Plan ${plan.name}`, to: tab('plans', { plan: plan.id }) }
        : { label: 'Plans', to: tab('plans') }
    }
    case 'properties':
      return { label: 'Properties', to: tab('properties') }
    case 'responseTemplates':
      return { label: 'Responses', to: tab('responses') }
    case 'name':
    case 'description':
    case 'listeners':
    case 'gatehouse':
      return { label: 'Settings', to: tab('settings') }
    default:
      return undefined
  }
}
