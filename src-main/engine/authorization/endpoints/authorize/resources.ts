import type { CompiledApplication, CompiledDomain } from '../../compiled-domain'
import { OAuthRefusal } from '../../http/oauth-refusal'
import { openApplication } from './target'

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
  const { name, allowedResources } = application.snapshot
  const wanted = [...new Set(resources)]
  const denied = wanted.find((resource) => !allowedResources.includes(resource))
  if (denied === undefined) return wanted
  const isUri = URL.canParse(denied) && !denied.includes('#')
  const description = isUri
    ? 'The client may not ask for tokens for this resource'
    : 'A resource must be an absolute address without a fragment'
  throw new OAuthRefusal(400, 'invalid_target', description, {
    key: isUri ? 'RESOURCE_NOT_ALLOWED' : 'RESOURCE_MALFORMED',
    sentence: isUri ? `Application ${name} may not ask for tokens for this resource` : description,
    source: 'RFC 8707 §2',
    evidence: [
      { label: 'resource', value: denied.slice(0, 512) },
      { label: 'Resources of the application', value: allowedResources.join(', ').slice(0, 1024) || 'none' },
    ],
    remedies: [openApplication(domain, application, 'Open the application')],
  })
}
