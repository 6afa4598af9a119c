import type { Drafted, ReadContext } from '../reader'
import { capitals, counted, isBlank, isObject, kebab, members, objects, text, withoutNulls, type Open } from '../values'
import { propertyList, resource, withParsed } from './definition-v4'
import { CONNECTION, endpointGroupsV2 } from './endpoints-v2'
import { camelCase, nameBeside, noteInstallation, withoutInstallation } from './installation'
import { flowsOfPaths } from './rules-v1'

/** Members that are told of, or that say nothing beyond what is. */
const ASKED = [
  ...[
    'id',
    'name',
    'version',
    'gravitee',
    'definitionVersion',
    'description',
    'proxy',
    'flows',
    'flow_mode',
    'flowMode',
  ],
  ...['paths', 'plans', 'properties', 'resources', 'response_templates', 'responseTemplates', 'services', 'tags'],
  ...['lifecycle_state', 'lifecycleState'],
  ...[
    'path_mappings',
    'pathMappings',
    'visibility',
    'labels',
    'categories',
    'execution_mode',
    'executionMode',
    'crossId',
  ],
]

/** Members of a plan that say the same in version 4. */
const DESCRIBING_PLANS = [
  ...['description', 'tags', 'order', 'characteristics', 'validation', 'type', 'crossId', 'excludedGroups'],
  ...['commentRequired', 'commentMessage', 'generalConditions'],
]
/** Members of a plan that are read, in the ways that both versions write them. */
const PLAN = [
  ...['id', 'name', 'security', 'securityDefinition', 'status', 'selection_rule', 'selectionRule', 'flows', 'paths'],
  ...['excluded_groups', 'comment_required', 'comment_message', 'general_conditions', ...DESCRIBING_PLANS],
]

/**
 * A Gravitee definition of version 1 or 2, or the export of such an API, as a definition of version 4.
 * Source: gravitee-apim-definition, `io.gravitee.definition.model.Api`.
 */
export function readDefinitionV2(source: Open, context: ReadContext): Drafted {
  const { notes } = context
  const proxy = members(source.proxy)
  const services = members(source.services)
  const responseTemplates = source.response_templates ?? source.responseTemplates
  const pathMappings = source.path_mappings ?? source.pathMappings
  const lifecycleState = text(source.lifecycle_state ?? source.lifecycleState)
  const { flows, byPaths } = flowsOf(source, '', context)
  const mode = byPaths ? 'best-match' : kebab(text(source.flow_mode ?? source.flowMode) ?? 'default')
  const groups = endpointGroupsV2(proxy, services, context)
  notes.add('changed', '', 'The definition is written as version 4 has it; the flows run as version 4 runs them')
  noteLeftOver(source, proxy, services, context)
  const definition = {
    id: text(source.id) ?? context.newId(),
    name: source.name,
    ...(text(source.description) === undefined ? {} : { description: source.description }),
    ...(text(source.version) === undefined ? {} : { apiVersion: text(source.version) }),
    gravitee: '4.0.0',
    type: 'proxy',
    listeners: [
      {
        type: 'http',
        paths: pathsOf(proxy),
        entrypoints: [{ type: 'http-proxy' }],
        ...(isBlank(proxy.cors) ? {} : { cors: proxy.cors }),
        ...(isBlank(pathMappings) ? {} : { pathMappings }),
        ...(isBlank(proxy.servers) ? {} : { servers: proxy.servers }),
      },
    ],
    endpointGroups: groups,
    flowExecution: { mode, matchRequired: false },
    flows,
    plans: objects(source.plans, '/plans').map((plan) => planV2(plan.value, plan.at, context)),
    resources: objects(source.resources, '/resources').map(({ value }) => resource(value)),
    ...(isBlank(source.properties) ? {} : { properties: propertyList(source.properties) }),
    ...(isBlank(responseTemplates) ? {} : { responseTemplates }),
    ...failoverV2(proxy.failover, context),
    ...(isBlank(services['dynamic-property']) ? {} : { services: { dynamicProperty: services['dynamic-property'] } }),
    ...Object.fromEntries(
      ['tags', 'visibility', 'labels', 'categories', 'crossId'].flatMap((name) =>
        isBlank(source[name]) ? [] : [[name, source[name]]],
      ),
    ),
    ...(lifecycleState === undefined ? {} : { lifecycleState: capitals(lifecycleState) }),
  }
  const servers = groups.reduce((sum, { endpoints }) => sum + (Array.isArray(endpoints) ? endpoints.length : 0), 0)
  return { definition, hasExamples: false, servers }
}

function pathsOf(proxy: Open): Open[] {
  const hosts = objects(proxy.virtual_hosts ?? proxy.virtualHosts, '')
  if (hosts.length === 0) return [{ path: text(proxy.context_path ?? proxy.contextPath) ?? '/' }]
  return hosts.map(({ value }) => ({
    ...(text(value.host) === undefined ? {} : { host: text(value.host) }),
    path: text(value.path) ?? '/',
    ...(value.override_entrypoint === true ? { overrideAccess: true } : {}),
  }))
}

/** Flows of an API or a plan, whichever way the version writes them. */
function flowsOf(source: Open, at: string, context: ReadContext): { flows: Open[]; byPaths: boolean } {
  const hasFlows = Array.isArray(source.flows) && (source.flows.length > 0 || isBlank(source.paths))
  if (hasFlows)
    return { flows: objects(source.flows, `${at}/flows`).map((flow) => flowV2(flow, context)), byPaths: false }
  if (!isObject(source.paths) || isBlank(source.paths)) return { flows: [], byPaths: false }
  const flows = flowsOfPaths(source.paths, `${at}/paths`, context)
  context.notes.add(
    'changed',
    `${at}/paths`,
    `Rules by path become ${counted(flows.length, 'flow')}, of which the best match runs; policies run in the request unless their scope says response`,
  )
  return { flows, byPaths: true }
}

function flowV2({ value, at }: { readonly value: Open; readonly at: string }, { notes }: ReadContext): Open {
  const rule = members(value['path-operator'] ?? value.pathOperator)
  const path = text(rule.path) ?? text(value.path) ?? '/'
  const name = text(value.name)
  const condition = text(value.condition)
  if (!isBlank(value.consumers))
    notes.add(
      'dropped',
      `${at}/consumers`,
      `The consumers (sharding tags) of flow ${name ?? path}`,
      'The flow runs for everybody now: give it a condition, or remove it.',
    )
  return {
    ...(text(value.id) === undefined ? {} : { id: value.id }),
    ...(name === undefined ? {} : { name }),
    enabled: value.enabled !== false,
    selectors: [
      {
        type: 'http',
        path,
        pathOperator: capitals(text(rule.operator) ?? 'STARTS_WITH') === 'EQUALS' ? 'EQUALS' : 'START_WITH',
        methods: Array.isArray(value.methods)
          ? value.methods.map((each: unknown) => (typeof each === 'string' ? each.toUpperCase() : each))
          : [],
      },
      ...(condition === undefined ? [] : [{ type: 'condition', condition }]),
    ],
    request: stepsV2(value.pre, `${at}/pre`, notes),
    response: stepsV2(value.post, `${at}/post`, notes),
  }
}

function stepsV2(value: unknown, at: string, notes: ReadContext['notes']): Open[] {
  return objects(value, at).flatMap((step) => {
    if (text(step.value.policy) === undefined) {
      notes.add('dropped', step.at, 'A step that names no policy')
      return []
    }
    const { condition, ...known } = withParsed(withoutNulls(step.value), 'configuration')
    return [{ ...known, enabled: known.enabled !== false, ...(text(condition) === undefined ? {} : { condition }) }]
  })
}

function planV2(plan: Open, at: string, context: ReadContext): Open {
  const security = isObject(plan.security)
    ? plan.security
    : { type: plan.security, configuration: plan.securityDefinition }
  const configuration = withParsed({ configuration: security.configuration }, 'configuration').configuration
  const rule = text(plan.selection_rule ?? plan.selectionRule)
  const { flows } = flowsOf(plan, at, context)
  noteInstallation(plan, at, context.notes)
  context.notes.leftOver(withoutInstallation(plan), at, PLAN, (name) => `${name} of the plan ${text(plan.name) ?? ''}`)
  return {
    id: text(plan.id) ?? context.newId(),
    name: text(plan.name) ?? 'Plan',
    // A plan that asks for nothing we know must not come to ask for nothing at all.
    security: {
      type: capitals(text(security.type) ?? 'NONE'),
      ...(isBlank(configuration) ? {} : { configuration }),
    },
    status: capitals(text(plan.status) ?? 'PUBLISHED'),
    ...(rule === undefined ? {} : { selectionRule: rule }),
    ...Object.fromEntries(
      Object.entries(plan).flatMap(([name, value]) =>
        isBlank(value) || !DESCRIBING_PLANS.includes(camelCase(name)) ? [] : [[camelCase(name), value]],
      ),
    ),
    flows,
  }
}

/** Milliseconds: less than this is no time for an attempt. */
const SHORTEST_ATTEMPT = 50
/** Milliseconds, as version 2 has it. */
const DEFAULT_ATTEMPT = 10_000

function failoverV2(value: unknown, { notes }: ReadContext): Open {
  if (!isObject(value) || isBlank(value) || value.enabled === false) return {}
  const { maxAttempts, retryTimeout } = value
  const isTimed = typeof retryTimeout === 'number' && retryTimeout >= SHORTEST_ATTEMPT
  notes.add(
    'changed',
    '/proxy/failover',
    `Failover is written as version 4 has it, which also opens a circuit after five failures${isTimed || retryTimeout === undefined ? '' : `; an attempt may take ${DEFAULT_ATTEMPT} ms, not ${String(retryTimeout)}`}`,
  )
  return {
    failover: {
      enabled: true,
      maxRetries: maxAttempts ?? 1,
      slowCallDuration: isTimed ? retryTimeout : DEFAULT_ATTEMPT,
      openStateDuration: 10_000,
      maxFailures: 5,
      perSubscription: true,
    },
  }
}

function noteLeftOver(source: Open, proxy: Open, services: Open, { notes }: ReadContext): void {
  const logging = text(members(proxy.logging).mode) ?? text(proxy.loggingMode)
  if (logging !== undefined && logging !== 'NONE')
    notes.add('dropped', '/proxy/logging', 'Logging: every request is in Traffic here')
  if (proxy.strip_context_path === true)
    notes.add(
      'dropped',
      '/proxy/strip_context_path',
      'strip_context_path: a backend always gets the path behind the context path',
    )
  const known = [
    'virtual_hosts',
    'virtualHosts',
    'context_path',
    'contextPath',
    'groups',
    'endpoints',
    'load_balancing',
    // Of the one group that an old definition has without a name.
    ...(Array.isArray(proxy.endpoints) && !Array.isArray(proxy.groups) ? CONNECTION : []),
    'servers',
  ]
  const told = ['failover', 'cors', 'logging', 'loggingMode', 'strip_context_path', 'preserve_host', 'dumpRequest']
  notes.leftOver(proxy, '/proxy', [...known, ...told], (name) => `${name} of the proxy`)
  notes.leftOver(
    services,
    '/services',
    ['health-check', 'dynamic-property', 'discovery'],
    (name) => `The service ${name}`,
  )
  noteInstallation(source, '', notes)
  notes.leftOver(withoutInstallation(source), '', ASKED, (name) => nameBeside(name, source[name]))
}
