import type { CompiledApplication, CompiledDomain } from '../compiled-domain'
import { aboutApplication } from '../client-authentication/wrong-client'
import type { Call } from '../http/endpoint'
import { malformed, OAuthRefusal } from '../http/oauth-refusal'

/** In one request. */
export const MOST_RESOURCES = 20

/**
 * The APIs that tokens are asked for, each once (RFC 8707 §2.1).
 *
 * @throws OAuthRefusal `invalid_target`
 */
export function readResources(
  resources: readonly string[] = [],
  domain: CompiledDomain,
  application: CompiledApplication,
): readonly string[] {
  const { allowedResources } = application.snapshot
  const wanted = [...new Set(resources)]
  const denied = wanted.find((resource) => !allowedResources.includes(resource))
  if (denied === undefined) return wanted
  throw deniedResource(denied, domain, application)
}

/**
 * The APIs that an access token gets at the token endpoint: those asked for, of what was granted (RFC 8707 §2.2); all that were granted
 * when none is asked for.
 *
 * @param granted of the authorization request; empty when it named none
 * @throws OAuthRefusal `invalid_target`
 */
export function grantResources(
  { domain, lists }: Pick<Call, 'domain' | 'lists'>,
  application: CompiledApplication,
  granted: readonly string[] = [],
): readonly string[] {
  const asked = lists.get('resource') ?? []
  if (asked.length > MOST_RESOURCES) {
    throw malformed('RESOURCES_TOO_MANY', `A request may name ${MOST_RESOURCES} resources at the most`, {
      source: 'RFC 8707 §2',
    })
  }
  const wanted = readResources(asked, domain, application)
  if (granted.length === 0) return wanted
  const outside = wanted.find((resource) => !granted.includes(resource))
  if (outside !== undefined) throw ungrantedResource(outside, granted, application)
  if (wanted.length > 0) return wanted
  // The application may have lost some of them meanwhile. With none left the token would be good for more than was granted.
  const left = granted.filter((resource) => application.snapshot.allowedResources.includes(resource))
  if (left.length === 0) throw deniedResource(granted[0]!, domain, application) // there is one: it was asked above
  return left
}

function deniedResource(denied: string, domain: CompiledDomain, application: CompiledApplication): OAuthRefusal {
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
    sentence: `The authorization request of application ${name} did not name this resource`,
    source: 'RFC 8707 §2.2',
    evidence: [
      { label: 'resource', value: denied.slice(0, 512) },
      { label: 'Resources granted', value: granted.join(', ').slice(0, 1024) },
    ],
  })
}
