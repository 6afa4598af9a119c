import { publicAnswer, type Endpoint } from '../http/endpoint'
import { isOver } from '../keys/token-key'

/** The public keys of the domain that verify: active ones, and retired ones that are not over (RFC 7517 §5). A secret has no public part and never stands here. */
export const jwksEndpoint: Endpoint = {
  name: 'jwks',
  methods: ['GET'],
  parameters: 'none',
  readers: 'all',
  paths: ['/:domainPath/oidc/.well-known/jwks.json'],
  stations: [],

  handle({ domain, now }) {
    const keys = [...domain.keys.values()].flatMap((key) =>
      key.publicJwk === undefined || isOver(key, now) ? [] : [key.publicJwk],
    )
    return publicAnswer({ keys })
  },
}
