import { curlCall, curlKeepToken, curlTokenRequest } from '@shared/curl'
import { pathsOf } from '../definition/context-path'
import type { Example } from './example'

/** Addresses of the two servers, e.g. http://127.0.0.1:8082. */
export interface ServerAddresses {
  readonly gateway: string
  readonly authorization: string
  /** Certificate of the local authority, where one of them speaks HTTPS by it. */
  readonly caFile?: string
}

/**
 * The walk-through's three exchanges as lines to paste into a terminal, one after the other.
 *
 * @param clientSecret the application's, where it may be shown; `$CLIENT_SECRET` stands in its place otherwise
 */
export function terminalLines(
  { api, domain, application }: Example,
  { gateway, authorization, caFile }: ServerAddresses,
  clientSecret?: string,
): string[] {
  const call = `${gateway}${pathsOf(api)[0]}`
  const { clientId } = application
  const request = { authorizationAddress: authorization, domainPath: domain.path, clientId, clientSecret, caFile }
  const secret = clientSecret === undefined ? ", with the application's secret in CLIENT_SECRET" : ''
  return [
    '# 1. Without a token the call is refused',
    curlCall(call, false, caFile),
    '',
    `# 2. Get an access token${secret}`,
    curlTokenRequest(request),
    '',
    '# 3. With the token the call is answered',
    curlKeepToken(request),
    curlCall(call, true, caFile),
  ].flatMap((text) => text.split('\n'))
}
