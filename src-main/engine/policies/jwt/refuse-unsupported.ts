import { ConfigurationError } from '../policy'
import type { Configuration } from './configuration'

/**
 * What Gravitee's policy may be set up to do and this one does not.
 *
 * @throws ConfigurationError
 */
export function refuseUnsupported(settings: Configuration): void {
  const { useSystemProxy, revocationCheck, protectedResourceMetadata } = settings as Configuration & Open
  if (useSystemProxy === true)
    throw new ConfigurationError('useSystemProxy', 'the key set would be read through the system’s proxy, which cannot be done yet', 'Switch it off.') // prettier-ignore
  if (revocationCheck?.enabled === true)
    throw new ConfigurationError('revocationCheck/enabled', 'a list of revoked tokens is not read yet, so that they would be let in', 'Switch it off, or use the OAuth2 policy, which asks about each token.') // prettier-ignore
  if ((protectedResourceMetadata?.authorizationServers ?? []).length > 0)
    throw new ConfigurationError('protectedResourceMetadata/authorizationServers', 'the metadata of a protected resource (RFC 9728) is not served yet', 'Remove the authorization servers.') // prettier-ignore
}

/** Members that the schema leaves open. */
interface Open {
  readonly revocationCheck?: { readonly enabled?: boolean }
  readonly protectedResourceMetadata?: { readonly authorizationServers?: readonly string[] }
}
