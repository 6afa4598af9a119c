import type { ApiDefinition, Flow } from '@shared/api-definition'
import type { FieldError } from '@shared/problem'
import { policies } from '../../engine/policies/catalogue'
import { lowerFirst } from '../lower-first'

/** Where in an API a field stands, by the names that a person sees and in the engine's words: `flow Orders, request step 1 (OAuth2)`. */
export function placeOf(
  { endpointGroups, resources, flows, plans, properties }: ApiDefinition,
  pointer: string,
): string {
  const [part, index, ...rest] = pointer.split('/').slice(1)
  if (part === 'endpointGroups') {
    const group = endpointGroups[Number(index)]
    return rest[0] === 'endpoints' ? `endpoint ${group?.endpoints[Number(rest[1])]?.name}` : `group ${group?.name}`
  }
  if (part === 'properties') return `property ${properties?.[Number(index)]?.key ?? index}`
  if (part === 'responseTemplates') return `response template ${index}`
  if (part === 'failover') return 'failover'
  if (part === 'resources') return `resource ${resources[Number(index)]?.name ?? index}`
  if (part !== 'plans') return placeInFlows(flows, [index, ...rest])
  const plan = plans[Number(index)]
  const called = `plan ${plan?.name ?? index}`
  return rest[0] === 'flows' ? `${called}, ${placeInFlows(plan?.flows, rest.slice(1))}` : called
}

function placeInFlows(
  flows: readonly Flow[] | undefined,
  [flow, phase, step]: readonly (string | undefined)[],
): string {
  const found = flows?.[Number(flow)]
  const called = `flow ${found?.name || Number(flow) + 1}`
  if (phase !== 'request' && phase !== 'response') return called
  const { name, policy } = found?.[phase][Number(step)] ?? {}
  const title = name || (policies.find(({ id }) => id === policy)?.name ?? policy)
  return `${called}, ${phase} step ${Number(step) + 1}${title === undefined ? '' : ` (${title})`}`
}

/** The message with its place before it: `Flow Orders, request step 1 (OAuth2): it names …`. */
export function placed(definition: ApiDefinition, { message, ...error }: FieldError): FieldError {
  const place = placeOf(definition, error.field)
  return { ...error, message: `${place.charAt(0).toUpperCase()}${place.slice(1)}: ${lowerFirst(message)}` }
}
