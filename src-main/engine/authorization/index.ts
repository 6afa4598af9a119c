import { createAdministration } from './administration/create-administration'
import type { Authorization, AuthorizationOptions } from './authorization'
import { createClientAuthentication } from './client-authentication/require-client'
import { createAuthorizationCodes } from './codes/authorization-codes'
import { compileDomains, type CompiledDomains } from './compiled-domain'
import { createConsents } from './consents/consents'
import { authorizeEndpoint } from './endpoints/authorize'
import { consentEndpoint } from './endpoints/consent'
import { discoveryEndpoint } from './endpoints/discovery'
import { introspectEndpoint } from './endpoints/introspect'
import { jwksEndpoint } from './endpoints/jwks'
import { loginEndpoint } from './endpoints/login'
import { logoutEndpoint } from './endpoints/logout'
import { parEndpoint } from './endpoints/par'
import { revokeEndpoint } from './endpoints/revoke'
import { tokenEndpoint } from './endpoints/token'
import { authorizationCode } from './grants/authorization-code'
import { clientCredentials } from './grants/client-credentials'
import { password } from './grants/password'
import { refreshToken } from './grants/refresh-token'
import { createTokenFamilies } from './grants/token-families'
import { userinfoEndpoint } from './endpoints/userinfo'
import type { Endpoint } from './http/endpoint'
import { createAuthorizationServer } from './http/server'
import { createLocalAuthorization } from './local-authorization'
import { createPushedRequests } from './requests/pushed-requests'
import { loadRevocations } from './revocations'
import { createSessions } from './sessions/sessions'
import { loadTransactions } from './sessions/transactions'
import { createIssuedTokens } from './tokens/issued-tokens'
import { createTokenInspector } from './tokens/inspect-token'
import { createVerifiedTokens } from './tokens/verified-tokens'
import { createUserAuthenticator } from './users/authenticate-user'
import { createLoginAttempts } from './users/login-attempts'

export type { Authorization, AuthorizationOptions } from './authorization'
export { DomainRefusal, type CompiledDomains } from './compiled-domain'

/** Loads the revocations and builds the server; it has no domains until the first swap. */
export async function createAuthorization(options: AuthorizationOptions): Promise<Authorization> {
  let domains: CompiledDomains = new Map()
  const running = () => domains

  const revocations = await loadRevocations(options.state)
  const verified = createVerifiedTokens()
  const inspector = createTokenInspector(verified, revocations)
  const { state } = options
  const clients = createClientAuthentication(state)
  const families = createTokenFamilies(state, revocations)
  const issued = createIssuedTokens(state)
  const attempts = createLoginAttempts(state)
  const users = createUserAuthenticator(attempts)
  const stores = {
    codes: createAuthorizationCodes(state),
    consents: createConsents(state),
    pushedRequests: createPushedRequests(state),
    sessions: createSessions(state),
    transactions: await loadTransactions(state),
  }
  const endpoints: readonly Endpoint[] = [
    authorizeEndpoint(stores),
    loginEndpoint({ ...stores, users }),
    consentEndpoint(stores),
    logoutEndpoint(stores.sessions),
    parEndpoint(clients, stores.pushedRequests),
    tokenEndpoint(clients, [
      clientCredentials(issued),
      authorizationCode(stores.codes, families, issued),
      refreshToken(families, issued),
      password(users, families, state, issued),
    ]),
    introspectEndpoint(clients, inspector, families),
    revokeEndpoint(clients, inspector, revocations, families),
    userinfoEndpoint(inspector, families),
    jwksEndpoint,
  ]
  const server = await createAuthorizationServer([...endpoints, discoveryEndpoint(endpoints)], running, options)

  return {
    prepare: async (snapshots) => compileDomains(snapshots, domains),
    swap(compiled) {
      domains = compiled
    },
    requestListener: server.requestListener,
    administration: createAdministration(running, {
      ...stores,
      state,
      attempts,
      families,
      issued,
      revocations,
      inspector,
    }),
    local: createLocalAuthorization(inspector, families, running, options),
    async close() {
      revocations.close()
      await issued.close()
      verified.clear()
      await server.close()
    },
  }
}
