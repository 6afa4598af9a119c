import type { Resource } from '@shared/api-definition'
import { asksAboutTokens } from '@shared/application-kinds'
import type { Store } from '../../workspace/store'
import type { OwnAuthorization } from '../running/build-snapshot'
import { validSecretsOf } from '../lookup'
import { askedDomains } from '../running/own-authorization'

/**
 * Why a resource that asks this workspace's own authorization server lets nobody in, to be read after its name: "names a
 * client that is gone". Undefined when it can work, and for another server, of which nothing is known here.
 */
export function resourceFault(store: Store, { known, now }: OwnAuthorization, resource: Resource): string | undefined {
  const servers = new Set([...known, ...(now === undefined ? [] : [now])])
  const [asked] = askedDomains({ resources: [resource] }, servers)
  if (!asked) return undefined
  const { clientId, clientSecret } = resource.configuration
  const domain = store.domains().find(({ path }) => path === asked.path)
  if (!domain) return `asks domain ${asked.path}, which is gone`
  if (!domain.enabled) return `asks domain ${domain.name}, which is disabled`
  const application = domain.applications.find((each) => each.clientId === clientId)
  if (!application) return 'names a client that is gone'
  if (!application.enabled) return `names the client ${application.name}, which is disabled`
  if (!asksAboutTokens(application)) return `names the client ${application.name}, which has no secret for HTTP Basic`
  const secret = typeof clientSecret === 'string' ? store.secrets.resolve(clientSecret) : undefined
  if (secret === undefined || secret === '') return 'has no client secret any more'
  if (!validSecretsOf(store, application).includes(secret)) return `has not the secret of ${application.name}`
  return undefined
}
