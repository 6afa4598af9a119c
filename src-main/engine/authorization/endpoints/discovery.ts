import { publicAnswer, type Endpoint } from '../http/endpoint'
import { metadataOf } from './metadata'

/**
 * What this domain can do. OpenID Connect Discovery §4 puts it below the issuer, RFC 8414 §3.1 puts the issuer's path behind the well-known
 * one; clients of either text look for it by the name of the other too (RFC 8414 §5).
 *
 * @param others the endpoints that it tells of
 */
export function discoveryEndpoint(others: readonly Endpoint[]): Endpoint {
  return {
    name: 'discovery',
    methods: ['GET'],
    parameters: 'none',
    readers: 'all',
    paths: ['openid-configuration', 'oauth-authorization-server'].flatMap((name) => [
      `/:domainPath/oidc/.well-known/${name}`,
      `/.well-known/${name}/:domainPath/oidc`,
    ]),
    stations: [],
    handle: (call) => publicAnswer(metadataOf(call, others)),
  }
}
