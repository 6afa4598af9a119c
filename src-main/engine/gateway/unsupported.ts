import type { ApiDefinition } from '@shared/api-definition'
import { PLAN_SECURITIES, planSecurity } from '@shared/plans'
import type { FieldError } from '@shared/problem'
import { LOAD_BALANCERS, loadBalancerOf } from './load-balancer'
import { publishedPlans } from './plans/compile-plans'

/**
 * What a Gravitee definition may say about security or routing and this gateway does not act on. Such a definition is
 * refused rather than run differently from what it says; what only observes (analytics, tags) is let pass.
 */
export function unsupportedParts(definition: ApiDefinition): FieldError[] {
  const { services } = definition as Open // open: members that the contract does not name
  return [
    ...definition.listeners.flatMap(listenerErrors),
    ...groupErrors(definition),
    ...planErrors(definition),
    ...(definition.properties ?? []).flatMap(({ key, encrypted }, i) =>
      encrypted === true
        ? [wrong(`/properties/${i}/encrypted`, `The property ${key} is encrypted by another installation, and cannot be read here`, 'Enter its value anew, and clear “encrypted”.')] // prettier-ignore
        : [],
    ),
    ...serviceError(members(services).dynamicProperty, '/services/dynamicProperty', 'Dynamic properties'),
  ]
}

/** Proxy, TLS and protocol settings of a resource. @param at pointer to what holds `http`, `proxy`, `ssl` */
export function connectionErrors(configuration: unknown, at: string, of: string): FieldError[] {
  const { http, proxy, ssl, headers, useSystemProxy } = members(configuration)
  const { trustAll, hostnameVerifier, trustStore, keyStore } = members(ssl)
  const { version, clearTextUpgrade, followRedirects, propagateClientHost } = members(http)
  const found: [boolean, string, string][] = [
    [trustAll === true, '/ssl/trustAll', 'trusts every certificate'],
    [hostnameVerifier === false, '/ssl/hostnameVerifier', 'does not verify host names'],
    [isStore(trustStore), '/ssl/trustStore', 'names a trust store'],
    [isStore(keyStore), '/ssl/keyStore', 'names a key store (a client certificate)'],
    [members(proxy).enabled === true, '/proxy/enabled', 'goes through a proxy'],
    [members(proxy).useSystemProxy === true, '/proxy/useSystemProxy', "goes through the system's proxy"],
    [useSystemProxy === true, '/useSystemProxy', "goes through the system's proxy"],
    [version === 'HTTP_2', '/http/version', 'speaks HTTP/2'],
    [clearTextUpgrade === true && version === 'HTTP_2', '/http/clearTextUpgrade', 'upgrades to HTTP/2'],
    [followRedirects === true, '/http/followRedirects', 'follows redirects'],
    [propagateClientHost === true, '/http/propagateClientHost', "passes the client's Host on"],
    [Array.isArray(headers) && headers.length > 0, '/headers', 'adds headers of its own'],
  ]
  return found.flatMap(([is, member, what]) =>
    is
      ? [wrong(at + member, `${of} ${what}, which this gateway cannot do yet`, 'Remove the setting, or leave it off.')]
      : [],
  )
}

function listenerErrors(listener: ApiDefinition['listeners'][number], index: number): FieldError[] {
  const at = `/listeners/${index}`
  const { cors, servers } = listener as Open // open: members that the contract does not name
  // The contract knows http alone, and a snapshot may come from a file that was written by hand.
  if ((listener.type as string) !== 'http')
    return [wrong(`${at}/type`, `A listener of the type ${listener.type} is not served here`, 'Use a listener of the type http.')] // prettier-ignore
  return [
    ...listener.paths.flatMap((path, i) =>
      isNamed(members(path).host)
        ? [wrong(`${at}/paths/${i}/host`, `The path ${path.path} is only for the host ${String(members(path).host)}, and this gateway would serve it to every host`, 'Remove the host.')] // prettier-ignore
        : [],
    ),
    ...listener.entrypoints.flatMap(
      ({ type }, i) =>
      type === 'http-proxy'
        ? []
        : [wrong(`${at}/entrypoints/${i}/type`, `An entrypoint of the type ${type} is not served here`, 'Use an entrypoint of the type http-proxy.')], // prettier-ignore
    ),
    ...(Array.isArray(servers) && servers.length > 0
      ? [wrong(`${at}/servers`, 'The listener is only for some servers, and this gateway has one for all', 'Remove the servers.')] // prettier-ignore
      : []),
    ...enabledError(cors, `${at}/cors`, 'CORS'),
  ]
}

function groupErrors({ endpointGroups }: ApiDefinition): FieldError[] {
  return endpointGroups.flatMap((group, g) => {
    const at = `/endpointGroups/${g}`
    const { discovery } = members(group.services)
    return [
      ...(loadBalancerOf(group.loadBalancer?.type) === undefined
        ? [wrong(`${at}/loadBalancer/type`, `There is no load balancer ${group.loadBalancer?.type} here`, `Use one of ${LOAD_BALANCERS.join(', ')}.`)] // prettier-ignore
        : []),
      ...endpointTypeError(group.type, `${at}/type`, `The group ${group.name}`),
      ...serviceError(discovery, `${at}/services/discovery`, 'Service discovery'),
      ...group.endpoints.flatMap(({ name, type, enabled }, e) =>
        enabled === false ? [] : endpointTypeError(type, `${at}/endpoints/${e}/type`, `The endpoint ${name}`),
      ),
    ]
  })
}

function planErrors(definition: ApiDefinition): FieldError[] {
  const published = publishedPlans(definition)
  if (definition.plans.length > 0 && published.length === 0)
    return [wrong('/plans', 'No plan of the API is published, so nobody may call it; it would stand open here', 'Publish one of its plans.')] // prettier-ignore
  const errors = published.flatMap(({ plan, index }) => {
    const at = `/plans/${index}`
    const { mode, security } = plan
    return [
      ...(planSecurity(security.type) === undefined
        ? [wrong(`${at}/security/type`, `The plan ${plan.name} wants ${security.type}, which this gateway cannot check; it would stand open`, `Use one of ${PLAN_SECURITIES.join(', ')}, or close the plan.`)] // prettier-ignore
        : []),
      ...(mode !== undefined && mode.toUpperCase() !== 'STANDARD'
        ? [wrong(`${at}/mode`, `The plan ${plan.name} has the mode ${mode}, which is not for HTTP calls`, 'Use the mode STANDARD.')] // prettier-ignore
        : []),
    ]
  })
  const open = published.filter(({ plan }) => planSecurity(plan.security.type) === 'KEY_LESS')
  const first = open.findIndex(({ plan }) => (plan.selectionRule ?? '').trim() === '')
  const hidden = first === -1 ? undefined : open[first + 1]
  if (hidden !== undefined)
    errors.push(wrong(`/plans/${hidden.index}`, `Two plans without keys are published; a call cannot tell which it is for, so that ${hidden.plan.name} would never be chosen`, 'Close one of them, or give the first a selection rule.')) // prettier-ignore
  return errors
}

/** CORS is off unless it says that it is on. */
function enabledError(value: unknown, at: string, what: string): FieldError[] {
  return members(value).enabled === true
    ? [wrong(`${at}/enabled`, `${what} cannot be done by this gateway yet`, 'Switch it off.')]
    : []
}

/** A service that stands in a Gravitee definition is on unless it says that it is off. */
function serviceError(value: unknown, at: string, what: string): FieldError[] {
  return value === undefined || value === null ? [] : enabledError({ enabled: true, ...members(value) }, at, what)
}

const ENDPOINT_TYPES = ['http-proxy', 'mock']

function endpointTypeError(type: string, field: string, what: string): FieldError[] {
  return ENDPOINT_TYPES.includes(type)
    ? []
    : [wrong(field, `${what} is of the type ${type}, which this gateway cannot call`, `Use the type ${ENDPOINT_TYPES.join(' or ')}.`)] // prettier-ignore
}

const wrong = (field: string, message: string, remedy: string): FieldError => ({ field, message, remedy })

type Open = Readonly<Record<string, unknown>>

/** The members of what may be an object; none of anything else. */
function members(value: unknown): Open {
  return typeof value === 'object' && value !== null ? (value as Open) : {}
}

const isNamed = (value: unknown): boolean => typeof value === 'string' && value.trim() !== ''

/** A store of the type none is none. */
function isStore(value: unknown): boolean {
  const { type } = members(value)
  return isNamed(type) && String(type).toUpperCase() !== 'NONE'
}
