import { publicAnswer, type Endpoint } from '../http/endpoint'
import { grants } from './token'

/**
 * What this domain can do (RFC 8414 §2, OpenID Connect Discovery 1.0 §3), and nothing that it cannot: there is no authorization endpoint yet, so
 * no response type is supported and nothing is said of ID tokens.
 */
export const discoveryEndpoint: Endpoint = {
  name: 'discovery',
  methods: ['GET'],
  parameters: 'none',
  readers: 'all',
  // The second is where RFC 8414 §3.1 puts it for an issuer with a path.
  paths: [
    '/:domainPath/oidc/.well-known/openid-configuration',
    '/.well-known/oauth-authorization-server/:domainPath/oidc',
  ],
  stations: [],

  handle({ domain, issuer }) {
    const oauth = issuer.replace(/\/oidc$/, '/oauth')
    const authenticationMethods = ['client_secret_basic', 'client_secret_post']
    const scopes = domain.snapshot.scopes.map(({ key }) => key)
    return publicAnswer({
      issuer,
      token_endpoint: `${oauth}/token`,
      introspection_endpoint: `${oauth}/introspect`,
      revocation_endpoint: `${oauth}/revoke`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      // Members without a value are left out (RFC 8414 §3.2), except this one, which is required.
      ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
      response_types_supported: [],
      grant_types_supported: [...grants.keys()],
      subject_types_supported: ['public'],
      token_endpoint_auth_methods_supported: authenticationMethods,
      introspection_endpoint_auth_methods_supported: authenticationMethods,
      revocation_endpoint_auth_methods_supported: authenticationMethods,
    })
  },
}
