import type { CompiledApplication } from '../compiled-domain'
import { aboutApplication } from '../client-authentication/wrong-client'
import type { Call } from '../http/endpoint'
import { malformed, OAuthRefusal } from '../http/oauth-refusal'

/** In one request. */
export const MOST_RESOURCES = 20

type Asking = Pick<Call, 'domain' | 'issuer'>

/**
 * The APIs that tokens are asked for, each once (RFC 8707 §2.1): those that the application may name, and the domain itself by its issuer,
 * so that a token for an API can be good for userinfo as well.
 *
 * @throws OAuthRefusal `invalid_target`
 */
export function readResources(
  resources: readonly string[] = [],
  asking: Asking,
  application: CompiledApplication,
): readonly string[] {
  const wanted = [...new Set(resources)]
  const denied = wanted.find((resource) => !mayName(application, resource, asking))
  if (denied === undefined) return wanted
  throw deniedResource(denied, asking, application)
}

/**
 * The APIs that an access token gets at the token endpoint: those asked for, of what was granted (RFC 8707 §2.2); all that were granted
 * when none is asked for.
 *
 * @param granted by the user; empty when the user was asked for none. Undefined: nobody was asked before
 * @throws OAuthRefusal `invalid_target`
 */
export function grantResources(
  call: Asking & Pick<Call, 'lists'>,
  application: CompiledApplication,
  granted?: readonly string[],
): readonly string[] {
  const asked = call.lists.get('resource') ?? []
  if (asked.length > MOST_RESOURCES) {
    throw malformed('RESOURCES_TOO_MANY', `A request may name ${MOST_RESOURCES} resources at the most`, {
      source: 'RFC 8707 §2',
    })
  }
  const wanted = readResources(asked, call, application)
  if (granted === undefined) return wanted
  const outside = wanted.find((resource) => !granted.includes(resource))
  if (outside !== undefined) throw ungrantedResource(outside, granted, application)
  if (wanted.length > 0 || granted.length === 0) return wanted
  // The application may have lost some of them meanwhile. With none left the token would be good for more than was granted.
  const left = granted.filter((resource) => mayName(application, resource, call))
  if (left.length === 0) throw deniedResource(granted[0]!, call, application) // there is one: it was asked above
  return left
}

function mayName({ snapshot }: CompiledApplication, resource: string, { issuer }: Asking): boolean {
  return resource === issuer || snapshot.allowedResources.includes(resource)
}

function deniedResource(denied: string, { domain }: Asking, application: CompiledApplication): OAuthRefusal {
  const { name, allowedResources } = application.snapshot
  const isUri = URL.canParse(denied) && !denied.includes('#')
  const description = isUri
    ? 'The client may not ask for tokens for this resource'
    : 'A resource must be an absolute address without a fragment'
  return new OAuthRefusal(400, 'invalid_target', description, {
    key: isUri ? 'RESOURCE_NOT_ALLOWED' : 'RESOURCE_MALFORMED',
    sentence: isUri ? `Application ${name} may not ask for tokens for this resource` : description,
    source: 'RFC 8707 §2',
    evidence: [
      { label: 'resource', value: denied.slice(0, 512) },
      { label: 'Resources of the application', value: allowedResources.join(', ').slice(0, 1024) || 'none' },
    ],
    remedies: aboutApplication(domain.snapshot, application.snapshot, 'Open the application').remedies,
  })
}

function ungrantedResource(
  denied: string,
  granted: readonly string[],
  { snapshot: { name } }: CompiledApplication,
): OAuthRefusal {
  return new OAuthRefusal(400, 'invalid_target', 'The user did not grant access to this resource', {
    key: 'RESOURCE_NOT_GRANTED',
    sentence: `The user was not asked to let application ${name} use this resource: its authorization request has to name it`,
    source: 'RFC 8707 §2.2',
    evidence: [
      { label: 'resource', value: denied.slice(0, 512) },
      { label: 'Resources granted', value: granted.join(', ').slice(0, 1024) || 'none' },
    ],
  })
}
