import type { Authorization, AuthorizationOptions } from './authorization'

export type { Authorization, AuthorizationOptions } from './authorization'
export { DomainRefusal, type CompiledDomains } from './compiled-domain'

/** Loads the revocations and builds the server; it has no domains until the first swap. */
export async function createAuthorization(_options: AuthorizationOptions): Promise<Authorization> {
  return Promise.reject(new Error('The authorization server is not built yet'))
}
