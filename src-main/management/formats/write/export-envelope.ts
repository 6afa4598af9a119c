import type { ApiDefinition, Flow, ResponseTemplate, ResponseTemplates } from '@shared/api-definition'
import { capitals, isObject, members, type Open } from '../values'

type Plan = ApiDefinition['plans'][number]

/** An API as Gravitee's management exports and imports it: its names in capitals, the plans beside the API. */
export function exportEnvelope({ gravitee: _gravitee, plans, ...api }: ApiDefinition): Open {
  const { flowExecution } = api
  return {
    export: {},
    api: {
      definitionVersion: 'V4',
      ...api,
      type: capitals(api.type),
      listeners: api.listeners.map((listener) => ({ ...listener, type: capitals(listener.type) })),
      endpointGroups: api.endpointGroups.map((group) => ({
        ...group,
        ...(group.loadBalancer === undefined
          ? {}
          : { loadBalancer: { ...group.loadBalancer, type: capitals(group.loadBalancer.type) } }),
        ...asTexts(group, 'sharedConfiguration'),
        endpoints: group.endpoints.map((endpoint) => ({
          ...endpoint,
          ...asTexts(endpoint, 'sharedConfigurationOverride'),
        })),
      })),
      ...exportedAnalytics(api),
      ...(flowExecution === undefined
        ? {}
        : { flowExecution: { ...flowExecution, mode: capitals(flowExecution.mode) } }),
      flows: api.flows.map(exportedFlow),
      ...(api.responseTemplates === undefined ? {} : { responseTemplates: exportedTemplates(api.responseTemplates) }),
    },
    members: [],
    metadata: [],
    pages: [],
    plans: plans.map(exportedPlan),
    apiMedia: [],
  }
}

/** What a plan of an export cannot be without, and ours may not say. */
function exportedPlan(plan: Plan, index: number): Open {
  return {
    definitionVersion: 'V4',
    mode: 'STANDARD',
    type: 'API',
    validation: 'MANUAL',
    order: index + 1,
    characteristics: [],
    status: 'PUBLISHED',
    ...plan,
    flows: (plan.flows ?? []).map(exportedFlow),
  }
}

function exportedFlow(flow: Flow): Open {
  return {
    ...flow,
    selectors: flow.selectors.map((selector) => ({
      ...selector,
      type: capitals(selector.type),
      ...('pathOperator' in selector && selector.pathOperator === 'START_WITH' ? { pathOperator: 'STARTS_WITH' } : {}),
    })),
  }
}

/** Which messages are sampled is named in capitals too. Unknown here, and kept as it came. */
function exportedAnalytics(api: object): Open {
  const { analytics } = members(api)
  const { sampling } = members(analytics)
  const { type } = members(sampling)
  if (!isObject(analytics) || !isObject(sampling) || typeof type !== 'string') return {}
  return { analytics: { ...analytics, sampling: { ...sampling, type: capitals(type) } } }
}

/** Gravitee's management says `statusCode`, its definitions `status`. */
function exportedTemplates(templates: ResponseTemplates): Open {
  const exported = ({ status, ...template }: ResponseTemplate): Open =>
    status === undefined || template.statusCode !== undefined ? template : { ...template, statusCode: status }
  return Object.fromEntries(
    Object.entries(templates).map(([key, byMediaType]) => [
      key,
      Object.fromEntries(Object.entries(byMediaType).map(([mediaType, template]) => [mediaType, exported(template)])),
    ]),
  )
}

/** Gravitee's management writes these configurations as texts. */
function asTexts(value: object, name: string): Open {
  const member = members(value)[name]
  return isObject(member) ? { [name]: JSON.stringify(member) } : {}
}
