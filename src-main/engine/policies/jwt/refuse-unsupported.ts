import { ConfigurationError } from '../policy'
import type { Configuration } from './configuration'

/**
 * What Gravitee's policy may be set up to do and this one does not.
 *
 * @throws ConfigurationError
 */
export function refuseUnsupported(settings: Configuration): void {
  const { useSystemProxy, revocationCheck } = settings
  if (useSystemProxy === true)
    throw new ConfigurationError('useSystemProxy', 'the key set would be read through the system’s proxy, which cannot be done yet', 'Switch it off.') // prettier-ignore
  if (revocationCheck?.enabled === true && revocationCheck.useSystemProxy === true)
    throw new ConfigurationError('revocationCheck/useSystemProxy', 'the list of revoked tokens would be read through the system’s proxy, which cannot be done yet', 'Switch it off.') // prettier-ignore
}
