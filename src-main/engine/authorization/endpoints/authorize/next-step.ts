import { otherSubject, requestedClaimNames, unmetAcr } from '../../claims/requested-claims'
import { covers, type Asked, type Consent } from '../../consents/consents'
import { withRoleScopes } from '../../grants/scopes'
import type { Login } from '../../grants/user-grant'
import { OAuthRefusal, type OAuthErrorCode, type Reason } from '../../http/oauth-refusal'
import type { Session } from '../../sessions/sessions'
import { PASSWORD_ACR } from '../../users/authentication-context'
import type { AuthorizationRequest } from './request'

/** What is known when a request goes on. */
export interface Situation {
  /** Who is logged in, and is not to be passed over. */
  readonly session: Session | undefined
  /** It began within this very request. */
  readonly isFresh: boolean
  /** The user was asked which account is meant, and named this one. */
  readonly isChosen: boolean
  /** The user has allowed just now what is asked for. */
  readonly isAllowed: boolean
  /** Milliseconds since the epoch. */
  readonly now: number
  /** What the user of the session allowed the application before. */
  readonly consent: Consent | undefined
}

/** Where a request goes next, and why. */
export type NextStep =
  | { readonly step: 'login'; readonly why: string }
  | { readonly step: 'account'; readonly session: Session }
  | { readonly step: 'consent'; readonly session: Session; readonly asked: Asked }
  | { readonly step: 'code'; readonly session: Session; readonly asked: Asked }

/**
 * Decides whether the user has to log in, choose or allow something before the application gets its code (OpenID Connect Core §3.1.2.3,
 * §3.1.2.4).
 *
 * @throws OAuthRefusal when the request cannot go on at all, or not without the user, whom `prompt=none` forbids to ask
 */
export function nextStep(request: AuthorizationRequest, situation: Situation): NextStep {
  const next = stepOf(request, situation)
  if (next.step !== 'code' && request.prompts.has('none')) throw notWithoutUser(next)
  return next
}

/** What the application asks this user for: its scopes and, where it is set to get them, those of the user's roles. */
export function askedOf({ application, scopes, claims, resources }: AuthorizationRequest, { user }: Session): Asked {
  return { scopes: withRoleScopes(application, user, scopes), claims: requestedClaimNames(claims), resources }
}

export function loginOf({ id, user, authTime, amr }: Session): Login {
  return { userId: user.id, sessionId: id, authTime, amr, acr: PASSWORD_ACR }
}

function stepOf(request: AuthorizationRequest, situation: Situation): NextStep {
  const { session, isFresh, isChosen, isAllowed, consent } = situation
  refuseUnmetAcr(request)
  if (session === undefined) return { step: 'login', why: 'Nobody is logged in' }
  const why = isFresh ? undefined : whyAgain(request, session, situation.now)
  if (why !== undefined) return { step: 'login', why }
  refuseOther(request, session)
  if (request.prompts.has('select_account') && !isFresh && !isChosen) return { step: 'account', session }
  const asked = askedOf(request, session)
  const mustAllow = !isAllowed && needsConsent(request, asked, consent, isFresh)
  return { step: mustAllow ? 'consent' : 'code', session, asked }
}

/** Why a login of before does not do. */
function whyAgain({ prompts, maxAge, hintedUserId, claims }: AuthorizationRequest, session: Session, now: number) {
  if (prompts.has('login')) return 'The request asks for a new login (prompt)'
  // 0 is as good as prompt=login, also within the same second.
  if (maxAge !== undefined && (maxAge === 0 || Math.floor(now / 1000) - session.authTime > maxAge)) {
    return `The login is older than ${maxAge} s (max_age)`
  }
  if (hintedUserId !== undefined && hintedUserId !== session.user.id) return 'The id_token_hint names another user'
  if (otherSubject(claims, session.user.id) !== undefined) return 'The claims name another user'
  return undefined
}

/** That no login can meet it is told before anybody has to log in (OpenID Connect Core §5.5.1.1). */
function refuseUnmetAcr({ claims }: AuthorizationRequest): void {
  const unmet = unmetAcr(claims, PASSWORD_ACR)
  if (unmet === undefined) return
  throw refused('unmet_authentication_requirements', 'No login here has the acr that is demanded', unmet)
}

/** A code must not be given for another user than the request demands (OpenID Connect Core §3.1.2.2, §5.5.1). */
function refuseOther({ hintedUserId, claims }: AuthorizationRequest, session: Session): void {
  if (hintedUserId !== undefined && hintedUserId !== session.user.id) {
    throw refused('login_required', 'Another user logged in than the id_token_hint names', {
      key: 'LOGIN_OF_ANOTHER_USER',
      sentence: 'The id_token_hint names another user than the one who logged in',
      source: 'OpenID Connect Core §3.1.2.2',
      evidence: [{ label: 'User', value: session.user.username }],
    })
  }
  const other = otherSubject(claims, session.user.id)
  if (other === undefined) return
  throw refused('login_required', 'Another user logged in than the parameter claims demands', other)
}

function needsConsent(
  { application, prompts, redirectUri }: AuthorizationRequest,
  asked: Asked,
  consent: Consent | undefined,
  isFresh: boolean,
): boolean {
  const { type, skipConsent } = application.snapshot
  if (skipConsent) return false
  if (prompts.has('consent') || !covers(consent, asked)) return true
  // Any program of the machine can pass for a native application: nothing goes to it without the user's doing (RFC 8252 §8.6).
  return type === 'native' && !redirectUri.startsWith('https:') && !isFresh
}

function notWithoutUser(next: Exclude<NextStep, { step: 'code' }>): OAuthRefusal {
  const source = 'OpenID Connect Core §3.1.2.6'
  if (next.step === 'login') {
    const sentence = `The request must not ask the user (prompt none), who has to log in: ${next.why}`
    return refused('login_required', 'The user has to log in', { key: 'LOGIN_REQUIRED', sentence, source })
  }
  // `select_account` cannot stand beside `none`: so it is the consent.
  const sentence = 'The request must not ask the user (prompt none), who has not allowed yet what it asks for'
  return refused('consent_required', 'The user has to consent', { key: 'CONSENT_REQUIRED', sentence, source })
}

function refused(error: OAuthErrorCode, description: string, reason: Reason): OAuthRefusal {
  return new OAuthRefusal(400, error, description, reason)
}
