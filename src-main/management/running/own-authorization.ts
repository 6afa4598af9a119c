import type { ApiDefinition, Configuration } from '@shared/api-definition'
import type { EngineStatus } from '@shared/engine-status'
import type { WorkspaceDocument } from '@shared/workspace'

/**
 * Resources of this type name the authorization server by its address. Where that is this workspace's own server, they
 * follow it when it listens elsewhere: `serve --authorization-port 0`, a port that was taken, a port that a person changed.
 */
const RESOURCE_TYPE = 'oauth2-am-resource'

/** The address that the document gives the authorization server; undefined when any free port is to be picked. */
export function configuredAuthorization({ host, authorizationPort, tls }: WorkspaceDocument): string | undefined {
  const scheme = tls?.authorization === true ? 'https' : 'http'
  return authorizationPort === 0 ? undefined : origin(scheme, host, authorizationPort)
}

/** That address by either scheme: a port speaks one of them, so that neither means anybody else. */
export function configuredByEitherScheme({ host, authorizationPort }: WorkspaceDocument): string[] {
  return authorizationPort === 0
    ? []
    : (['http', 'https'] as const).map((scheme) => origin(scheme, host, authorizationPort))
}

/** The address by which a person says that clients reach the authorization server; undefined when it is where it listens. */
export function publicAuthorization({ publicAuthorizationAddress: address }: WorkspaceDocument): string | undefined {
  return address === undefined ? undefined : parseUrl(address)?.origin
}

/** Where the authorization server can be reached; the configured address while it does not listen. */
export function authorizationAddress(status: EngineStatus, document: WorkspaceDocument): string | undefined {
  return listeningAddress(status) ?? configuredAuthorization(document)
}

/** Where the authorization server listens; undefined while it does not. */
export function listeningAddress({ authorization }: EngineStatus): string | undefined {
  if (authorization.state !== 'listening') return undefined
  return origin(authorization.certificate === undefined ? 'http' : 'https', authorization.host, authorization.port)
}

/**
 * The definition with the resources that point at one of the addresses `from` pointing at `to`. The same value when none does.
 *
 * @param from origins, e.g. http://127.0.0.1:8092
 */
export function pointResourcesAt(definition: ApiDefinition, from: ReadonlySet<string>, to: string): ApiDefinition {
  return withConfigurations(definition, (configuration, url) => {
    if (!from.has(canonicalOrigin(url)) || canonicalOrigin(url) === to) return configuration
    const rest = url.pathname === '/' ? '' : url.pathname
    return { ...configuration, serverURL: `${to}${rest}` }
  })
}

/**
 * The definition with the resources that ask the domain `from` of one of the servers asking the domain `to`. The same value when
 * none does.
 *
 * @param servers origins that stand for this workspace's own server
 */
export function pointResourcesAtDomain(
  definition: ApiDefinition,
  servers: ReadonlySet<string>,
  from: string,
  to: string,
): ApiDefinition {
  return withConfigurations(definition, (configuration, url) =>
    configuration.securityDomain === from && servers.has(canonicalOrigin(url))
      ? { ...configuration, securityDomain: to }
      : configuration,
  )
}

/** The domains of the servers that the enabled resources ask, each with its place in the definition. */
export function askedDomains(
  { resources }: Pick<ApiDefinition, 'resources'>,
  servers: ReadonlySet<string>,
): { resource: string; path: string; pointer: string }[] {
  return resources.flatMap(({ name, type, enabled, configuration }, index) => {
    const { serverURL, securityDomain } = configuration
    const url = type === RESOURCE_TYPE && typeof serverURL === 'string' ? parseUrl(serverURL) : undefined
    if (!enabled || !url || typeof securityDomain !== 'string' || !servers.has(canonicalOrigin(url))) return []
    return [{ resource: name, path: securityDomain, pointer: `/resources/${index}/configuration/securityDomain` }]
  })
}

/** Changes the configurations that name an authorization server; the same value when nothing is changed. */
function withConfigurations(
  definition: ApiDefinition,
  change: (configuration: Configuration, server: URL) => Configuration,
): ApiDefinition {
  const resources = definition.resources.map((resource) => {
    const { serverURL } = resource.configuration
    const url = resource.type === RESOURCE_TYPE && typeof serverURL === 'string' ? parseUrl(serverURL) : undefined
    const configuration = url ? change(resource.configuration, url) : resource.configuration
    return configuration === resource.configuration ? resource : { ...resource, configuration }
  })
  return resources.some((resource, index) => resource !== definition.resources[index])
    ? { ...definition, resources }
    : definition
}

/** `localhost` counts as 127.0.0.1: our servers listen on IPv4's loopback. */
function canonicalOrigin(url: URL): string {
  if (url.hostname !== 'localhost') return url.origin
  return url.origin.replace('//localhost', '//127.0.0.1')
}

/** A server that listens on every address is reached on loopback. */
function origin(scheme: 'http' | 'https', host: string, port: number): string {
  const reached = host === '0.0.0.0' || host === 'localhost' ? '127.0.0.1' : host === '::' ? '::1' : host
  return new URL(`${scheme}://${reached.includes(':') ? `[${reached}]` : reached}:${port}`).origin
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
