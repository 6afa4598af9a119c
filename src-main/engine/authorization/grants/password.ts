import { randomBytes } from 'node:crypto'
import type { State } from '../../state'
import type { Call } from '../http/endpoint'
import { malformed, OAuthRefusal } from '../http/oauth-refusal'
import { stored } from '../http/stored'
import type { UserAuthentication, UserAuthenticator } from '../users/authenticate-user'
import { PASSWORD_LOGIN } from '../users/authentication-context'
import type { IssuedTokens } from '../tokens/issued-tokens'
import { answerTokens, newTokens, requireSigner } from './answer-tokens'
import type { Grant } from './grant'
import { grantResources } from './resources'
import { chooseScopes, withRoleScopes } from './scopes'
import type { TokenFamilies } from './token-families'
import type { UserGrant } from './user-grant'

/** The application asks the user for the password itself (RFC 6749 §4.3). Legacy: RFC 9700 §2.4 says that it must not be used. */
export function password(users: UserAuthenticator, families: TokenFamilies, state: State, issued: IssuedTokens): Grant {
  return {
    grantType: 'password',
    // A user proves who it is.
    acceptsPublicClients: true,
    stations: ['User', 'Scopes', 'Token'],

    async handle(call, application) {
      const username = requireParameter(call, 'username')
      const given = { username, password: requireParameter(call, 'password'), remoteAddress: call.remoteAddress }
      const found = await users.authenticate(call.domain, given)
      if (found.outcome === 'refused') throw refused(call, found)
      const { user } = found
      call.report.proved()
      call.report.about({ userId: user.id, username: user.username })
      call.report.trace?.passed('User', `User ${user.username}, with the right password`)

      const asked = chooseScopes(call.form.get('scope'), application, call, true)
      const scopes = withRoleScopes(application, user, asked)
      const resources = grantResources(call, application)
      requireSigner(call, application, scopes)
      const grant: UserGrant = {
        grantId: randomBytes(16).toString('base64url'),
        clientId: application.snapshot.clientId,
        userId: user.id,
        authTime: Math.floor(call.now / 1000),
        ...PASSWORD_LOGIN,
        scopes,
        resources,
      }
      const begun = families.begin(call.domain.snapshot.id, grant, newTokens(call, application), call.now)
      await stored(state.batch(begun.changes), 'The tokens', 'TOKENS', 'Try again')
      return answerTokens(
        call,
        application,
        { user, grant, scopes, resources, refreshToken: begun.refreshToken },
        issued,
      )
    },
  }
}

function requireParameter({ form }: Call, name: 'username' | 'password'): string {
  const value = form.get(name)
  if (value !== undefined) return value
  throw malformed(`${name.toUpperCase()}_MISSING`, `The parameter ${name} is missing`, { source: 'RFC 6749 §4.3.2' })
}

/** The caller learns that the name or the password is wrong, or until when none is taken; which of it is for the person at the window. */
function refused(
  call: Call,
  { reason, user, blockedUntil }: Extract<UserAuthentication, { outcome: 'refused' }>,
): OAuthRefusal {
  if (user !== undefined) call.report.about({ userId: user.id, username: user.username })
  const told = { source: 'RFC 6749 §5.2', ...reason }
  if (blockedUntil === undefined) {
    return new OAuthRefusal(400, 'invalid_grant', 'The user name or the password is wrong', told)
  }
  const description = `Too many wrong passwords: none is taken until ${new Date(blockedUntil).toISOString()}`
  const seconds = Math.max(1, Math.ceil((blockedUntil - call.now) / 1000))
  return new OAuthRefusal(400, 'invalid_grant', description, told, { 'Retry-After': String(seconds) })
}
