import { ECHO_TARGET, targetOf, type Endpoint, type EndpointGroup } from '@shared/api-definition'
import { MockConfiguration, SharedConfiguration } from '@shared/endpoint-settings'
import type { FieldError } from '@shared/problem'
import type { CompileContext } from './compile-api'
import type { CompiledEndpoint, HttpEndpoint, MockEndpoint, UpstreamHeaders } from './compiled-api'
import { checkedConfiguration } from './endpoints/checked-configuration'
import { connectionTo } from './endpoints/connection'
import { createGroup, type CompiledGroup } from './endpoints/group'
import { healthCheckOf } from './endpoints/health-check'
import type { Checked } from './endpoints/health-monitor'
import { headerTemplates, requestHeaderTemplates, textTemplate } from './endpoints/header-templates'
import { loadBalancerOf } from './load-balancer'

export type EndpointContext = Pick<CompileContext, 'echoAddress' | 'connectors'>

/** The groups of an API with their connections. What is wrong goes to `errors`, what is to be closed to `closers`. */
export function compileEndpoints(
  groups: readonly EndpointGroup[],
  context: EndpointContext,
  errors: FieldError[],
  closers: (() => unknown)[],
): { readonly groups: readonly CompiledGroup[]; readonly checked: readonly Checked[] } {
  errors.push(...namesTwice(groups))
  if (groups[0] === undefined || groups[0].endpoints.length === 0)
    errors.push({
      field: '/endpointGroups/0/endpoints',
      message: 'The API has no backend',
      remedy: `Add an endpoint: an http address, ${ECHO_TARGET} for the built-in echo backend, or a mock.`,
    })
  const found: FieldError[] = []
  const checked: Checked[] = []
  const compiled = groups.map((group, g) => {
    const checks: Omit<Checked, 'group'>[] = []
    const endpoints = group.endpoints.flatMap((endpoint, e): CompiledEndpoint[] => {
      if (endpoint.enabled === false) return []
      const at = `/endpointGroups/${g}/endpoints/${e}`
      const compiled =
        endpoint.type === 'mock'
          ? compileMock(endpoint, at, found)
          : compileHttp(endpoint, group, at, `/endpointGroups/${g}`, context, found, closers)
      if (compiled?.kind === 'http') {
        const places = { endpoint: at, group: `/endpointGroups/${g}` }
        const check = healthCheckOf(compiled, endpoint, group, places, context.connectors, found)
        if (check !== undefined) {
          closers.push(check.close)
          checks.push({ endpoint: compiled, check })
        }
      }
      return compiled === undefined ? [] : [compiled]
    })
    const balancer = loadBalancerOf(group.loadBalancer?.type) ?? 'round-robin'
    const created = createGroup(group.name, endpoints, balancer)
    checked.push(...checks.map((each) => ({ ...each, group: created })))
    return created
  })
  // What is wrong with a group is found again by each endpoint that inherits it.
  const isFirst = ({ field, message }: FieldError, at: number) =>
    found.findIndex((other) => other.field === field && other.message === message) === at
  errors.push(...found.filter(isFirst))
  return { groups: compiled, checked }
}

/** One endpoint as its group has it, or what is wrong with it. Pointers are those of a first endpoint of a first group. */
export function compileEndpoint(
  endpoint: Endpoint,
  group: EndpointGroup,
  context: EndpointContext,
): { readonly endpoint: CompiledEndpoint; close(): Promise<void> } | FieldError[] {
  const errors: FieldError[] = []
  const closers: (() => unknown)[] = []
  const alone = { ...group, services: {}, endpoints: [{ ...endpoint, enabled: true, services: {} }] }
  const [compiled] = compileEndpoints([alone], context, errors, closers).groups.flatMap(({ endpoints }) => endpoints)
  const close = async () => void (await Promise.all(closers.map((closer) => closer())))
  if (compiled !== undefined && errors.length === 0) return { endpoint: compiled, close }
  void close()
  return errors
}

/** What `{#endpoints['name']}` leads to: an endpoint, or a group, which then chooses. */
export function endpointsByName(
  groups: readonly CompiledGroup[],
): ReadonlyMap<string, () => CompiledEndpoint | undefined> {
  return new Map([
    ...groups.map((group) => [group.name, group.next] as const),
    ...groups.flatMap(({ endpoints }) =>
      endpoints.map((endpoint) => [endpoint.name, () => (endpoint.isDown ? undefined : endpoint)] as const),
    ),
  ])
}

/** What expressions put before the path at an endpoint or a group, to have the request sent there. */
export function endpointReferences(names: Iterable<string>): Readonly<Record<string, string>> {
  return Object.fromEntries([...names].map((name) => [name, `${name}:`]))
}

/** Endpoints and groups are reached by their names, which are then not to be mistaken for each other. */
function namesTwice(groups: readonly EndpointGroup[]): FieldError[] {
  const owners = new Map<string, number>()
  return groups.flatMap((group, g) => [
    ...(groups.findIndex(({ name }) => name === group.name) < g
      ? [{ field: `/endpointGroups/${g}/name`, message: `Two groups are called ${group.name}`, remedy: 'Give one of the two another name.' }] // prettier-ignore
      : []),
    ...group.endpoints.flatMap(({ name }, e) => {
      const owner = owners.get(name)
      owners.set(name, owner ?? g)
      // A group may have the name of an endpoint that is its own: either way leads there.
      const clashes = owner !== undefined || groups.some((other, o) => o !== g && other.name === name)
      return clashes
        ? [{ field: `/endpointGroups/${g}/endpoints/${e}/name`, message: `Another endpoint or group is called ${name} too`, remedy: 'Give this endpoint another name.' }] // prettier-ignore
        : []
    }),
  ])
}

const common = ({ name, weight = 1, secondary = false }: Endpoint) => ({ name, weight, secondary, isDown: false })

function compileMock(endpoint: Endpoint, at: string, errors: FieldError[]): MockEndpoint | undefined {
  const of = `Endpoint ${endpoint.name}`
  const settings = checkedConfiguration<MockConfiguration>(MockConfiguration, endpoint.configuration, `${at}/configuration`, of, errors) // prettier-ignore
  if (settings === undefined) return undefined
  const { status = 200, headers = [], body = '' } = settings
  return {
    ...common(endpoint),
    kind: 'mock',
    status,
    headers: headerTemplates(headers, `${at}/configuration/headers`, of, errors),
    body: textTemplate(body, `${at}/configuration/body`, of, errors),
  }
}

function compileHttp(
  endpoint: Endpoint,
  group: EndpointGroup,
  at: string,
  atGroup: string,
  { echoAddress, connectors }: EndpointContext,
  errors: FieldError[],
  closers: (() => unknown)[],
): HttpEndpoint | undefined {
  const given = targetOf(endpoint).trim()
  const address = given === ECHO_TARGET ? echoAddress : given
  const target = targetUrl(address)
  if (target === undefined) {
    errors.push({
      field: `${at}/configuration/target`,
      message: address === '' ? `The endpoint ${endpoint.name} has no address` : `${address} is no http address`,
      remedy: `Give an address such as http://127.0.0.1:3000, grpc://127.0.0.1:50051, or ${ECHO_TARGET}.`,
    })
    return undefined
  }
  // An endpoint that inherits takes all from its group; its own settings then count for nothing, as in Gravitee.
  const inherits = endpoint.inheritConfiguration === true
  const [configuration, place, of] = inherits
    ? [group.sharedConfiguration, `${atGroup}/sharedConfiguration`, `Group ${group.name}`]
    : [endpoint.sharedConfigurationOverride, `${at}/sharedConfigurationOverride`, `Endpoint ${endpoint.name}`]
  const shared = checkedConfiguration<SharedConfiguration>(SharedConfiguration, configuration ?? {}, place, of, errors)
  if (shared === undefined) return undefined
  const connection = connectionTo(
    target,
    speaksGrpc(address) ? overHttp2(shared) : shared,
    place,
    of,
    connectors,
    errors,
  )
  if (connection === undefined) return undefined
  closers.push(connection.close)
  return {
    ...common(endpoint),
    ...connection,
    kind: 'http',
    origin: target.origin,
    host: target.host,
    basePath: target.pathname.replace(/\/+$/, ''),
    query: target.search.slice(1),
    headers: upstreamHeadersOf(shared, place, of, errors),
  }
}

const speaksGrpc = (address: string): boolean => /^grpcs?:/i.test(address)

/** gRPC's addresses are those of HTTP/2 (as Gravitee has them), without TLS and with it. */
function targetUrl(address: string): URL | undefined {
  const http = address.replace(/^grpc(s?):/i, 'http$1:')
  return URL.canParse(http) && /^https?:$/.test(new URL(http).protocol) ? new URL(http) : undefined
}

const overHttp2 = (shared: SharedConfiguration): SharedConfiguration => ({
  ...shared,
  http: { ...shared.http, version: 'HTTP_2' },
})

function upstreamHeadersOf(
  { http = {}, headers = [] }: SharedConfiguration,
  at: string,
  of: string,
  errors: FieldError[],
): UpstreamHeaders | undefined {
  const passesHost = http.propagateClientHost === true
  const dropsAcceptEncoding = http.useCompression === false && http.propagateClientAcceptEncoding !== true
  if (!passesHost && !dropsAcceptEncoding && headers.length === 0) return undefined
  return { passesHost, dropsAcceptEncoding, own: requestHeaderTemplates(headers, `${at}/headers`, of, errors) }
}
