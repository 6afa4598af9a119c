import { publicAnswer, type Endpoint } from '../http/endpoint'

/** The public keys of the domain, active and retired (RFC 7517 §5). HS256 secrets have no public part and never stand here. */
export const jwksEndpoint: Endpoint = {
  name: 'jwks',
  methods: ['GET'],
  parameters: 'none',
  paths: ['/:domainPath/oidc/.well-known/jwks.json'],
  stations: [],

  handle({ domain }) {
    const keys = [...domain.keys.values()].flatMap(({ publicJwk }) => (publicJwk === undefined ? [] : [publicJwk]))
    return publicAnswer({ keys })
  },
}
