import type { CompiledApplication } from '../compiled-domain'
import type { Call } from '../http/endpoint'
import { authenticateClient } from './authenticate-client'
import { readCredentials } from './credentials'

export const CLIENT_AUTHENTICATION = 'Client authentication'

/**
 * The step that every POST endpoint begins with.
 *
 * @throws OAuthRefusal
 */
export function requireClient(call: Call): CompiledApplication {
  const credentials = readCredentials(call.authorization, call.form)
  call.report.client(credentials.clientId)
  const application = authenticateClient(call.domain, credentials, call.now)
  call.report.trace?.passed(
    CLIENT_AUTHENTICATION,
    `Application ${application.snapshot.name}, by ${credentials.method}`,
    [{ label: 'Client id', value: application.snapshot.clientId }],
  )
  return application
}
