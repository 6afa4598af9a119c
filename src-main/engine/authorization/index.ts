import type { Authorization, AuthorizationOptions } from './authorization'
import { compileDomains, type CompiledDomains } from './compiled-domain'
import { discoveryEndpoint } from './endpoints/discovery'
import { introspectEndpoint } from './endpoints/introspect'
import { jwksEndpoint } from './endpoints/jwks'
import { revokeEndpoint } from './endpoints/revoke'
import { tokenEndpoint } from './endpoints/token'
import { createAuthorizationServer } from './http/server'
import { createLocalAuthorization } from './local-authorization'
import { loadRevocations } from './revocations'
import { createTokenInspector } from './tokens/inspect-token'
import { createVerifiedTokens } from './tokens/verified-tokens'

export type { Authorization, AuthorizationOptions } from './authorization'
export { DomainRefusal, type CompiledDomains } from './compiled-domain'

/** Loads the revocations and builds the server; it has no domains until the first swap. */
export async function createAuthorization(options: AuthorizationOptions): Promise<Authorization> {
  let domains: CompiledDomains = new Map()
  const running = () => domains

  const revocations = await loadRevocations(options.state)
  const verified = createVerifiedTokens()
  const inspector = createTokenInspector(verified, revocations)
  const endpoints = [
    tokenEndpoint,
    introspectEndpoint(inspector),
    revokeEndpoint(inspector, revocations),
    discoveryEndpoint,
    jwksEndpoint,
  ]
  const server = await createAuthorizationServer(endpoints, running, options)

  return {
    prepare: async (snapshots) => compileDomains(snapshots, domains),
    swap(compiled) {
      domains = compiled
    },
    requestListener: server.requestListener,
    local: createLocalAuthorization(inspector, running, options),
    async close() {
      revocations.close()
      verified.clear()
      await server.close()
    },
  }
}
