import type { ApiDefinition, Configuration } from '@shared/api-definition'
import { letsIn, planPolicy } from '@shared/plans'
import { bodyOf } from './body'
import type { Exchange } from './exchange'

/** What an API tells of itself to those who want a token for it (RFC 9728 §2). */
export interface ProtectedResource {
  /** Issuers (RFC 8414) whose tokens are taken. */
  readonly authorizationServers: readonly string[]
  readonly scopes: readonly string[]
}

/** Where the metadata of a resource stands: before the resource's own path (RFC 9728 §3). */
export const METADATA_PATH = '/.well-known/oauth-protected-resource'

/**
 * Who issues tokens for an API and which scopes it asks for, by its plans and the steps of its flows: JWT by the servers that it
 * names, OAuth2 by the server of its resource where the API says that this is told. Undefined where there is nothing to tell.
 */
export function protectedResourceOf(definition: ApiDefinition): ProtectedResource | undefined {
  const isTold = definition.gatehouse?.resourceMetadata === true
  const plans = definition.plans.filter((plan) => letsIn(plan))
  const flows = [...definition.flows, ...plans.flatMap((plan) => plan.flows ?? [])].filter(({ enabled }) => enabled)
  const asked: (readonly [string | undefined, Configuration])[] = [
    ...plans.map(({ security }) => [planPolicy(security.type), security.configuration ?? {}] as const),
    ...flows
      .flatMap(({ request }) => request.filter(({ enabled }) => enabled))
      .map(({ policy, configuration }) => [policy, configuration ?? {}] as const),
  ]
  const servers = asked.flatMap(
    ([policy, configuration]) =>
    policy === 'oauth2' && isTold ? serversOfResource(definition, configuration) : policy === 'jwt' ? namedServers(configuration) : [], // prettier-ignore
  )
  if (servers.length === 0) return undefined
  const scopes = asked.flatMap(([policy, { checkRequiredScopes, requiredScopes }]) =>
    (policy === 'oauth2' || policy === 'jwt') && checkRequiredScopes === true ? texts(requiredScopes) : [],
  )
  return { authorizationServers: [...new Set(servers)], scopes: [...new Set(scopes)] }
}

/** The issuer that the domain of an Access Management server is. */
function serversOfResource({ resources }: ApiDefinition, { oauthResource }: Configuration): string[] {
  const resource = resources.find(({ name, enabled }) => enabled && name === oauthResource)
  const { serverURL, securityDomain } = resource?.configuration ?? {}
  if (resource?.type !== 'oauth2-am-resource' || typeof serverURL !== 'string' || typeof securityDomain !== 'string')
    return []
  return [`${serverURL.replace(/\/+$/, '')}/${securityDomain}/oidc`]
}

const namedServers = ({ protectedResourceMetadata }: Configuration): string[] =>
  texts((protectedResourceMetadata as { authorizationServers?: unknown } | undefined)?.authorizationServers)

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string' && each.trim() !== '') : []

type Request = Pick<Exchange['request'], 'scheme' | 'host' | 'path' | 'method'>

/** The address of the metadata of what was called (RFC 9728 §5.1); undefined when the host that was called is no host. */
export const metadataAddress = (request: Request): string | undefined => {
  const origin = originOf(request)
  return origin === undefined ? undefined : `${origin}${METADATA_PATH}${request.path}`
}

/** The metadata document (RFC 9728 §3.2), for a request to its address. Pages of every origin may read it. */
export function metadataAnswer(resource: ProtectedResource, request: Request): NonNullable<Exchange['answer']> {
  const { authorizationServers, scopes } = resource
  const origin = originOf(request)
  const isAsked = request.method === 'GET' || request.method === 'HEAD'
  if (!isAsked || origin === undefined)
    return {
      status: isAsked ? 400 : 405,
      headers: isAsked ? {} : { allow: 'GET, HEAD' },
      body: bodyOf(''),
      sentence: isAsked ? 'The host that was called is no host' : 'The metadata of the resource is only read',
    }
  const document = {
    resource: `${origin}${request.path.slice(METADATA_PATH.length) || '/'}`,
    authorization_servers: authorizationServers,
    ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
  }
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'access-control-allow-origin': '*' },
    body: bodyOf(JSON.stringify(document)),
    sentence: 'The gateway tells who issues tokens for this API (RFC 9728)',
  }
}

const originOf = ({ scheme, host }: Request): string | undefined =>
  /^(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/.test(host) ? `${scheme}://${host}` : undefined
