import type { GrantType } from '@shared/domain'
import type { CompiledApplication } from '../compiled-domain'
import type { Answer, Call } from '../http/endpoint'

/** One way to get a token (RFC 6749 §1.3). */
export interface Grant {
  /** Value of `grant_type`. */
  readonly grantType: GrantType
  /** A public client may use it: what it presents protects itself, or a user logs in with it. */
  readonly acceptsPublicClients: boolean
  /** @throws OAuthRefusal */
  handle(call: Call, application: CompiledApplication): Promise<Answer>
}
