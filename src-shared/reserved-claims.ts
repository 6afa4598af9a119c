import type { TokenCustomClaim } from './domain'

/** Claims that say who a token is from, for and until: what an application adds of its own never takes their place. */
const OF_EVERY_TOKEN = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'cnf', 'act'] as const

/** By kind of token: RFC 9068 §2.2 and Access Management's `domain`; OpenID Connect Core §2 and §3.3.2.11. */
export const reservedClaims: Readonly<Record<TokenCustomClaim['tokenType'], ReadonlySet<string>>> = {
  ACCESS_TOKEN: new Set([...OF_EVERY_TOKEN, 'client_id', 'scope', 'domain', 'auth_time', 'acr', 'amr', 'may_act']),
  ID_TOKEN: new Set([
    ...OF_EVERY_TOKEN,
    'nonce',
    'auth_time',
    'acr',
    'amr',
    'azp',
    'at_hash',
    'c_hash',
    's_hash',
    'sid',
  ]),
}
