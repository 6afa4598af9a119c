import type { ApiDefinition } from '@shared/api-definition'
import type { EngineStatus } from '@shared/engine-status'
import type { WorkspaceDocument } from '@shared/workspace'

/**
 * Resources of this type name the authorization server by its address. Where that is this workspace's own server, they
 * follow it when it listens elsewhere: `serve --authorization-port 0`, a port that was taken, a port that a person changed.
 */
const RESOURCE_TYPE = 'oauth2-am-resource'

/** The address that the document gives the authorization server; undefined when any free port is to be picked. */
export function configuredAuthorization(document: WorkspaceDocument): string | undefined {
  return document.authorizationPort === 0 ? undefined : origin(document.host, document.authorizationPort)
}

/** Where the authorization server can be reached; the configured address while it does not listen. */
export function authorizationAddress(status: EngineStatus, document: WorkspaceDocument): string | undefined {
  return listeningAddress(status) ?? configuredAuthorization(document)
}

/** Where the authorization server listens; undefined while it does not. */
export function listeningAddress({ authorization }: EngineStatus): string | undefined {
  return authorization.state === 'listening' ? origin(authorization.host, authorization.port) : undefined
}

/**
 * The definition with the resources that point at one of the addresses `from` pointing at `to`. The same value when none does.
 *
 * @param from origins, e.g. http://127.0.0.1:8092
 */
export function pointResourcesAt(definition: ApiDefinition, from: ReadonlySet<string>, to: string): ApiDefinition {
  let moved = false
  const resources = definition.resources.map((resource) => {
    const { serverURL } = resource.configuration
    const url = resource.type === RESOURCE_TYPE && typeof serverURL === 'string' ? parseUrl(serverURL) : undefined
    if (!url || !from.has(canonicalOrigin(url)) || canonicalOrigin(url) === to) return resource
    moved = true
    const rest = url.pathname === '/' ? '' : url.pathname
    return { ...resource, configuration: { ...resource.configuration, serverURL: `${to}${rest}` } }
  })
  return moved ? { ...definition, resources } : definition
}

/** `localhost` counts as 127.0.0.1: our servers listen on IPv4's loopback. */
function canonicalOrigin(url: URL): string {
  return url.hostname === 'localhost' ? `${url.protocol}//127.0.0.1:${url.port || 80}` : url.origin
}

/** A server that listens on every address is reached on loopback. */
function origin(host: string, port: number): string {
  const reached = host === '0.0.0.0' || host === 'localhost' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
