import type { GrantType } from '@shared/domain'
import type { CompiledApplication } from '../compiled-domain'
import type { Answer, Call } from '../http/endpoint'

/** What the token endpoint can do. */
export const GRANT_TYPES = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'password',
] as const satisfies readonly GrantType[]

/** One way to get a token (RFC 6749 §1.3). */
export interface Grant {
  /** Value of `grant_type`. */
  readonly grantType: GrantType
  /** A public client may use it: what it presents protects itself, or a user logs in with it. */
  readonly acceptsPublicClients: boolean
  /** What a request passes after its grant type, in this order, for its trace. */
  readonly stations: readonly string[]
  /** @throws OAuthRefusal */
  handle(call: Call, application: CompiledApplication): Promise<Answer>
}
