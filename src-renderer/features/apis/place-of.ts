import type { RouteLocationRaw } from 'vue-router'
import type { ApiDefinition, Flow } from '@shared/api-definition'

/** Where in the window a part of a definition is edited, by its JSON pointer (`/flows/0/request/1/configuration/…`), and what it is called. */
export function placeOf(
  definition: ApiDefinition,
  pointer: string,
): { label: string; to: RouteLocationRaw } | undefined {
  const [top, first, second, third, ...below] = pointer
    .replace(/^\/definition/, '')
    .split('/')
    .slice(1)
  const tab = (name: string, query: Record<string, string> = {}): RouteLocationRaw => ({
    name: 'api',
    params: { apiId: definition.id, tab: name },
    query,
  })
  switch (top) {
    case 'flows':
      return placeInFlows(definition.flows, 'Flow', [first, second, third], (query) => tab('policies', query))
    case 'flowExecution':
      return { label: 'Which flows run', to: tab('policies') }
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
      if (plan && second === 'flows')
        return placeInFlows(plan.flows ?? [], `Plan ${plan.name}, flow`, [third, ...below], (query) =>
          tab('policies', { plan: plan.id, ...query }),
        )
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

/** @param called what a flow is called before its name */
function placeInFlows(
  flows: readonly Flow[],
  called: string,
  [index, phase, at]: readonly (string | undefined)[],
  to: (query: Record<string, string>) => RouteLocationRaw,
): { label: string; to: RouteLocationRaw } {
  const flow = flows[Number(index)]
  if (!flow || index === undefined) return { label: 'Flows', to: to({}) }
  const label = `${called} ${flow.name ?? Number(index) + 1}`
  const step = phase === 'request' || phase === 'response' ? flow[phase][Number(at)] : undefined
  if (!step || phase === undefined || at === undefined) return { label, to: to({ flow: index }) }
  return {
    label: `${label}, ${phase} step ${Number(at) + 1} (${step.name ?? step.policy})`,
    to: to({ flow: index, phase, step: at }),
  }
}
