import type { ReadContext } from '../reader'
import { child, isBlank, isObject, kebab, members, objects, text, without, withoutNulls, type Open } from '../values'
import { healthCheckV2 } from './health-check-v2'

/** What version 2 says of a connection beside each other, and version 4 in one configuration. */
export const CONNECTION = ['http', 'ssl', 'proxy', 'headers'] as const

/**
 * Version 2's groups of endpoints as those of version 4.
 *
 * @param proxy the member `proxy`; before 1.20 its endpoints stood in it without a group
 * @param apiServices of the definition: its health check is every group's, its discovery that of the one group without a name
 */
export function endpointGroupsV2(proxy: Open, apiServices: Open, context: ReadContext): Open[] {
  const groups = Array.isArray(proxy.groups)
    ? objects(proxy.groups, '/proxy/groups')
    : [{ value: unnamedGroup(proxy), at: '/proxy' }]
  return groups.map(({ value, at }: { value: Open; at: string }, index) => {
    const services = members(value.services)
    const shared = connection(value, members(proxy).preserve_host === true)
    const health = healthCheckV2(apiServices['health-check'], '/services/health-check', 'group', context)
    const discovery = services.discovery ?? (index === 0 ? apiServices.discovery : undefined)
    const balancer = text(members(value.load_balancing ?? value.loadBalancer).type)
    context.notes.leftOver(
      value,
      at,
      ['name', 'endpoints', 'load_balancing', 'loadBalancer', 'services', ...CONNECTION],
      (name) => `${name} of the group ${text(value.name) ?? index + 1}`,
    )
    return {
      name: text(value.name) ?? (index === 0 ? 'default-group' : `group-${index + 1}`),
      type: 'http-proxy',
      loadBalancer: { type: kebab(balancer ?? 'ROUND_ROBIN') },
      ...(isBlank(shared) ? {} : { sharedConfiguration: shared }),
      ...(health === undefined && isBlank(discovery)
        ? {}
        : { services: { ...(health ? { healthCheck: health } : {}), ...(isBlank(discovery) ? {} : { discovery }) } }),
      endpoints: objects(value.endpoints, `${at}/endpoints`).map((endpoint, each) =>
        endpointV2(endpoint.value, endpoint.at, each, context),
      ),
    }
  })
}

/** The group whose parts stand in the proxy itself, before version 1.20. */
function unnamedGroup(proxy: Open): Open {
  const connection = Object.fromEntries(CONNECTION.map((name) => [name, proxy[name]]))
  return { name: 'default', endpoints: proxy.endpoints, load_balancing: proxy.load_balancing, ...connection }
}

function endpointV2(value: Open, at: string, index: number, context: ReadContext): Open {
  const name = text(value.name) ?? `endpoint-${index + 1}`
  const written = text(value.target) ?? text(members(value.configuration).target) ?? ''
  const grpc = kebab(text(value.type) ?? 'http') === 'grpc' || /^grpcs?:/i.test(written)
  const target = written.replace(/^grpc(s?):/i, 'http$1:')
  if (grpc) context.notes.add('changed', at, `The endpoint ${name} speaks gRPC: it is called over HTTP/2 at ${target}`)
  const inherits = value.inherit === true
  const tenants = Array.isArray(value.tenants)
    ? value.tenants
    : [text(value.tenant)].filter((each) => each !== undefined)
  const own = connection(value, false)
  const overridden = grpc ? { ...own, http: { ...members(own.http), version: 'HTTP_2' } } : own
  const health = healthCheckV2(value.healthcheck, child(at, 'healthcheck'), 'endpoint', context)
  context.notes.leftOver(
    value,
    at,
    [
      ...['name', 'target', 'weight', 'backup', 'type', 'inherit', 'tenant', 'tenants', 'hostHeader', 'healthcheck'],
      // Whether the endpoint was up when the file was written.
      ...['status', 'configuration', ...CONNECTION],
    ],
    (member) => `${member} of the endpoint ${name}`,
  )
  return {
    name,
    type: 'http-proxy',
    ...(typeof value.weight === 'number' && value.weight > 0 ? { weight: value.weight } : {}),
    ...(value.backup === true ? { secondary: true } : {}),
    inheritConfiguration: inherits && !grpc,
    configuration: { target },
    ...(isBlank(overridden) || (inherits && !grpc) ? {} : { sharedConfigurationOverride: overridden }),
    ...(tenants.length === 0 ? {} : { tenants }),
    ...(health === undefined ? {} : { services: { healthCheck: health } }),
  }
}

/** The connection that a group or an endpoint of version 2 describes. */
function connection(value: Open, propagateClientHost: boolean): Open {
  const http = {
    ...withoutNulls(members(value.http)),
    ...(propagateClientHost ? { propagateClientHost: true } : {}),
  }
  const given = isObject(value.headers)
    ? Object.entries(value.headers).map(([name, each]) => ({ name, value: String(each) }))
    : value.headers
  const host = text(value.hostHeader)
  const headers =
    host === undefined ? given : [...(Array.isArray(given) ? (given as unknown[]) : []), { name: 'Host', value: host }]
  return Object.fromEntries(
    Object.entries({ http: without(http, 'encodeURI'), ssl: sslOf(value.ssl), proxy: value.proxy, headers }).filter(
      ([, member]) => !isBlank(member),
    ),
  )
}

/** Before version 1.20 the authority's certificate stood in `pem`. */
function sslOf(value: unknown): unknown {
  const pem = text(members(value).pem)
  return pem === undefined ? value : { ...without(members(value), 'pem'), trustStore: { type: 'PEM', content: pem } }
}
