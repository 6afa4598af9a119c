import type { ReadContext } from '../reader'
import { capitals, isObject, kebab, members, objects, text, without, withoutNulls, type Open } from '../values'

/**
 * A Gravitee v4 definition in the one form that this workspace keeps. Read from a definition as its gateway has it, and from
 * what its management exports: names in capitals, configurations as texts, nulls. What it does not know stays as it is.
 * Source: gravitee-apim-definition, `io.gravitee.definition.model.v4`.
 *
 * @param at pointer to `source` in the file
 */
export function definitionV4(source: Open, at: string, context: ReadContext): Open & { readonly id: string } {
  const type = kebab(text(source.type) ?? 'proxy')
  if (type !== 'proxy')
    context.refuse(
      `${at}/type`,
      `this is an API of the type ${type}`,
      'Only APIs of the type proxy are served here, which carry HTTP.',
    )
  const known = withoutNulls(source)
  const { flowExecution, properties } = known
  return {
    ...without(known, 'definitionVersion'),
    ...analytics(known),
    id: text(source.id) ?? context.newId(),
    gravitee: '4.0.0',
    type,
    listeners: listeners(source.listeners, `${at}/listeners`, context),
    endpointGroups: objects(source.endpointGroups, `${at}/endpointGroups`).map(({ value }, index) =>
      endpointGroup(value, index),
    ),
    ...(isObject(flowExecution)
      ? {
          flowExecution: {
            ...flowExecution,
            mode: kebab(text(flowExecution.mode) ?? 'default'),
            matchRequired: flowExecution.matchRequired === true,
          },
        }
      : {}),
    flows: flows(source.flows, `${at}/flows`, context),
    plans: plans(source.plans, `${at}/plans`, context),
    resources: objects(source.resources, `${at}/resources`).map(({ value }) => resource(value)),
    ...(properties === undefined ? {} : { properties: propertyList(properties) }),
  }
}

function listeners(value: unknown, at: string, { notes, refuse }: ReadContext): Open[] {
  const all = objects(value, at)
  const types = all.map((listener) => text(listener.value.type)?.toLowerCase() ?? 'http')
  if (all.length > 0 && !types.includes('http'))
    refuse(
      `${at}/0/type`,
      `this API listens for ${[...new Set(types)].join(' and ')}, not for HTTP`,
      'Only APIs with a listener of the type http are served here.',
    )
  return all.flatMap((listener) => {
    const type = text(listener.value.type)?.toLowerCase() ?? 'http'
    if (type !== 'http') {
      notes.add('dropped', listener.at, `The listener of the type ${type}: this gateway listens for HTTP alone`)
      return []
    }
    const paths = objects(listener.value.paths, '').map(({ value: path }) => withoutNulls(path))
    const entrypoints = objects(listener.value.entrypoints, '').map(({ value: entrypoint }) =>
      withParsed(withoutNulls(entrypoint), 'configuration'),
    )
    return [{ ...withoutNulls(listener.value), type, paths, entrypoints }]
  })
}

function analytics({ analytics }: Open): Open {
  const { sampling } = members(analytics)
  const type = text(members(sampling).type)
  if (!isObject(analytics) || !isObject(sampling) || type === undefined) return {}
  return { analytics: { ...analytics, sampling: { ...sampling, type: type.toLowerCase() } } }
}

function endpointGroup(value: Open, index: number): Open {
  const { loadBalancer, ...group } = withoutNulls(value)
  const type = text(members(loadBalancer).type)
  return {
    ...withParsed(group, 'sharedConfiguration'),
    name: text(value.name) ?? (index === 0 ? 'default-group' : `group-${index + 1}`),
    type: text(value.type) ?? 'http-proxy',
    ...(isObject(loadBalancer) && type !== undefined ? { loadBalancer: { ...loadBalancer, type: kebab(type) } } : {}),
    endpoints: objects(value.endpoints, '').map(({ value: endpoint }, each) => {
      const known = withParsed(withoutNulls(endpoint), 'configuration', 'sharedConfigurationOverride')
      const kind = text(endpoint.type) ?? text(value.type) ?? 'http-proxy'
      return {
        ...known,
        name: text(endpoint.name) ?? `endpoint-${each + 1}`,
        type: kind,
        configuration: { ...(kind === 'http-proxy' ? { target: '' } : {}), ...members(known.configuration) },
      }
    }),
  }
}

/** Flows of an API or a plan. */
export function flows(value: unknown, at: string, context: ReadContext): Open[] {
  return objects(value, at).map((flow) => {
    const known = withoutNulls(flow.value)
    return {
      ...known,
      enabled: known.enabled !== false,
      selectors: objects(known.selectors, `${flow.at}/selectors`).flatMap((selector) => {
        const type = text(selector.value.type)?.toLowerCase() ?? 'http'
        const rule = withoutNulls(selector.value)
        if (type === 'condition') return [{ ...rule, type }]
        if (type === 'http') return [httpSelector(rule)]
        const { path } = members(selector.value)
        context.notes.add(
          'dropped',
          selector.at,
          `The rule of the type ${type} of flow ${text(flow.value.name) ?? text(path) ?? flow.at}`,
          'Look at what the flow applies to now: without its rule that may be more.',
        )
        return []
      }),
      request: steps(known.request, `${flow.at}/request`, context),
      response: steps(known.response, `${flow.at}/response`, context),
    }
  })
}

function httpSelector(rule: Open): Open {
  const operator = capitals(text(rule.pathOperator) ?? 'START_WITH')
  return {
    ...rule,
    type: 'http',
    path: text(rule.path) ?? '/',
    pathOperator: operator === 'STARTS_WITH' ? 'START_WITH' : operator,
    ...(Array.isArray(rule.methods)
      ? { methods: rule.methods.map((each: unknown) => (typeof each === 'string' ? each.toUpperCase() : each)) }
      : {}),
  }
}

/** The id of the policy that runs a shared policy group. */
const SHARED_POLICY_GROUP = 'shared-policy-group-policy'

function steps(value: unknown, at: string, { notes }: ReadContext): Open[] {
  return objects(value, at).flatMap((step) => {
    const known = withParsed(withoutNulls(step.value), 'configuration')
    // The Kubernetes operator names a shared policy group instead of a policy.
    const policy = text(known.policy) ?? (isObject(known.sharedPolicyGroupRef) ? SHARED_POLICY_GROUP : undefined)
    if (policy === undefined) {
      notes.add('dropped', step.at, 'A step that names no policy')
      return []
    }
    return [{ ...known, policy, enabled: known.enabled !== false }]
  })
}

/** A list, or an object by the plans' names as the Kubernetes operator writes it. */
function plans(value: unknown, at: string, context: ReadContext): Open[] {
  const list = isObject(value)
    ? Object.entries(value).flatMap(([name, plan]) => (isObject(plan) ? [{ value: { name, ...plan }, at }] : []))
    : objects(value, at)
  return list.map((plan) => {
    const known = withoutNulls(plan.value)
    const security = members(known.security)
    return {
      ...without(known, 'definitionVersion'),
      id: text(known.id) ?? context.newId(),
      name: text(known.name) ?? 'Plan',
      // A plan that asks for nothing we know must not come to ask for nothing at all.
      security: {
        ...withParsed(withoutNulls(security), 'configuration'),
        type: capitals(text(security.type) ?? 'NONE'),
      },
      ...(known.flows === undefined ? {} : { flows: flows(known.flows, `${plan.at}/flows`, context) }),
    }
  })
}

/** A resource of either version, or one that the Kubernetes operator keeps for several APIs: then its name alone is known. */
export function resource(value: Open): Open {
  const { name, type, ...known } = withParsed(withoutNulls(value), 'configuration')
  const shared = text(members(known.ref).name)
  const named = shared === undefined ? { name, type } : { name: name ?? shared, type: type ?? 'api-resource' }
  return {
    ...withoutNulls(named),
    ...known,
    enabled: known.enabled !== false,
    configuration: known.configuration ?? {},
  }
}

/** A list of properties, or an object of them as old definitions have. */
export function propertyList(value: unknown): Open[] {
  if (isObject(value)) return Object.entries(value).map(([key, each]) => ({ key, value: String(each) }))
  return objects(value, '').map(({ value: property }) => {
    const known = withoutNulls(property)
    return typeof known.value === 'string'
      ? known
      : { ...known, value: known.value === undefined ? '' : String(known.value) }
  })
}

/** Members that Gravitee's management writes as the text of a JSON object, as the objects that they are. */
export function withParsed(value: Open, ...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, names.includes(name) ? parsed(member) : member]),
  )
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (value.trim() === '') return {}
  try {
    const object: unknown = JSON.parse(value)
    return isObject(object) ? object : value
  } catch {
    return value // told as not being an object when the draft is checked
  }
}
