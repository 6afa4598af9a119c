import type { CompiledApplication } from '../compiled-domain'
import type { Answer, Call, Endpoint } from '../http/endpoint'
import { malformed } from '../http/oauth-refusal'
import { formTargetsOf } from '../pages/form-targets'
import { logoutPage } from '../pages/logout-page'
import { messagePage } from '../pages/message-page'
import { lookOf } from '../pages/page'
import { refusalPage } from '../pages/refusal-page'
import { clearCookie, readCookie } from '../sessions/cookies'
import { formToken, isSame } from '../sessions/secrets'
import type { Session, Sessions } from '../sessions/sessions'
import { verifyIdTokenHint, type IdTokenHint } from '../tokens/id-token-hint'
import { sidOf } from '../tokens/id-token'
import type { TokenFlaw } from '../tokens/verify-signature'
import { pathsOf } from './authorize/flow'
import { accountOf, requireOwnForm, wrongFormToken } from './authorize/page-parts'
import { isUsableRedirect } from './authorize/redirect-uri'
import { redirectTo, withCookies, withParameters } from './authorize/respond'
import { LONGEST_STATE, openApplication } from './authorize/target'

/** What a logout was asked for with, checked. */
interface LogoutRequest {
  readonly application: CompiledApplication | undefined
  readonly hint: IdTokenHint | undefined
  /** Why the `id_token_hint` is not taken. */
  readonly hintFlaw: string | undefined
  /** Registered by the application, which is turned on. */
  readonly redirectUri: string | undefined
  readonly state: string | undefined
}

/** Characters of an address that every server takes; what is longer is left out of it. */
const LONGEST_ADDRESS = 8192

/** GET and POST /:domainPath/logout (OpenID Connect RP-Initiated Logout 1.0 §2) */
export function logoutEndpoint(sessions: Sessions): Endpoint {
  return {
    name: 'logout',
    methods: ['GET', 'POST'],
    actsOnGet: true,
    parameters: 'query-or-body',
    bodyOptional: true,
    paths: ['/:domainPath/logout'],
    stations: ['Request', 'Session'],
    answerRefusal: refusalPage,

    async handle(call) {
      const request = readLogoutRequest(call)
      const cookie = readCookie(call, 'session')
      const isOwnForm = call.form.has('csrf')
      // A form of another site comes without our cookies (SameSite=Lax): so the browser is asked to come again by itself.
      if (call.method === 'POST' && cookie === undefined && !isOwnForm) return comeAgain(call, request)
      const session = cookie === undefined ? undefined : await sessions.find(call.domain, cookie, call.now)
      if (cookie === undefined || session === undefined) return leave(call, request, undefined)
      call.report.proved()
      call.report.about({ userId: session.user.id, username: session.user.username })
      if (isOwnForm) {
        requireOwnForm(call)
        const refusal = wrongFormToken()
        if (!isSame(call.form.get('csrf'), csrfOf(cookie, request))) {
          return { ...ask(call, request, session, cookie, refusal.status), refusal }
        }
      } else if (!isOfSession(request.hint, session)) {
        // Nobody's site may log somebody out who did not want it.
        return ask(call, request, session, cookie)
      }
      await sessions.end(call.domain.snapshot.id, session.id)
      return leave(call, request, session)
    },
  }
}

/** An ID token of an earlier login is suspect: whoever has kept one does not end what began since (RP-Initiated Logout §2). */
function isOfSession(hint: IdTokenHint | undefined, { id, user }: Session): boolean {
  return hint?.userId === user.id && (hint.sid === undefined || hint.sid === sidOf(id))
}

/** @throws OAuthRefusal */
function readLogoutRequest(call: Call): LogoutRequest {
  const { form, domain, report } = call
  const given = readHint(call)
  // One that cannot be taken counts as none: the user is asked then.
  const [hint, hintFlaw] = given !== undefined && 'reason' in given ? [undefined, given.reason] : [given, undefined]
  const clientId = form.get('client_id')
  if (clientId !== undefined) report.client(clientId)
  const named = clientId === undefined ? undefined : domain.applications.get(clientId)
  const source = 'OpenID Connect RP-Initiated Logout §2'
  if (clientId !== undefined && named === undefined) {
    throw malformed('CLIENT_UNKNOWN', 'The client_id is not that of an application here', {
      sentence: `No application of domain ${domain.snapshot.name} has the client id ${clientId.slice(0, 64)}`,
      source,
    })
  }
  if (hint !== undefined && named !== undefined && hint.application !== named) {
    throw malformed('CLIENT_ID_CONTRADICTS', 'The id_token_hint was issued to another client than client_id names', {
      source,
      evidence: [{ label: 'Issued to', value: hint.application.snapshot.clientId }],
    })
  }
  const application = hint?.application ?? named
  if (application !== undefined) report.client(application.snapshot.clientId)
  const redirectUri = readRedirectUri(call, application)
  const state = form.get('state')
  if (state !== undefined && state.length > LONGEST_STATE) {
    throw malformed('PARAMETER_TOO_LONG', `The parameter state is longer than ${LONGEST_STATE} characters`, { source })
  }
  report.trace?.passed('Request', application === undefined ? 'Of no certain application' : application.snapshot.name)
  return { application, hint, hintFlaw, redirectUri, state }
}

function readHint({ form, domain, issuer, now }: Call): IdTokenHint | TokenFlaw | undefined {
  const token = form.get('id_token_hint')
  return token === undefined ? undefined : verifyIdTokenHint(domain, token, { issuer, now })
}

function readRedirectUri({ form, domain }: Call, application: CompiledApplication | undefined): string | undefined {
  const given = form.get('post_logout_redirect_uri')
  if (given === undefined) return undefined
  const source = 'OpenID Connect RP-Initiated Logout §3'
  if (application === undefined) {
    const description = 'With a post_logout_redirect_uri, a valid id_token_hint or a client_id is needed'
    throw malformed('POST_LOGOUT_CLIENT_MISSING', description, { source })
  }
  const { name, enabled, postLogoutRedirectUris } = application.snapshot
  // It is switched off, and its addresses with it; whoever wants to be logged out is.
  if (!enabled) return undefined
  if (postLogoutRedirectUris.includes(given) && isUsableRedirect(given)) return given
  const description = 'The post_logout_redirect_uri is not registered for the application'
  throw malformed('POST_LOGOUT_REDIRECT_URI_NOT_REGISTERED', description, {
    sentence: `The post_logout_redirect_uri is not exactly one that application ${name} has registered`,
    source,
    evidence: [
      { label: 'Asked for', value: given.slice(0, 512) },
      { label: 'Registered', value: postLogoutRedirectUris.join(', ').slice(0, 1024) || 'none' },
    ],
    remedies: [openApplication(domain, application, 'Open the application')],
  })
}

function comeAgain(call: Call, request: LogoutRequest): Answer {
  const idTokenHint = request.hint && call.form.get('id_token_hint')
  const address = (fields: Readonly<Record<string, string>>) => withParameters(pathsOf(call).logout, 'query', fields)
  const whole = address({ ...fieldsOf(request), ...(idTokenHint && { id_token_hint: idTokenHint }) })
  return redirectTo(whole.length <= LONGEST_ADDRESS ? whole : address(fieldsOf(request)))
}

function ask(call: Call, request: LogoutRequest, { user }: Session, cookie: string, status = 200): Answer {
  const because = request.hintFlaw === undefined ? '' : `, since the id_token_hint is not taken: ${request.hintFlaw}`
  call.report.about({ summary: `Asked whether to log out${because}` })
  call.report.trace?.passed('Session', `User ${user.username} is asked whether to log out${because}`)
  return logoutPage({
    look: lookOf(call.domain),
    account: accountOf(user),
    action: pathsOf(call).logout,
    fields: { ...fieldsOf(request), csrf: csrfOf(cookie, request) },
    formTargets: request.redirectUri === undefined ? [] : formTargetsOf(request.redirectUri),
    status,
  })
}

function leave(call: Call, { redirectUri, state }: LogoutRequest, ended: Session | undefined): Answer {
  call.report.about({ summary: ended === undefined ? 'Nobody was logged in' : 'Logged out' })
  call.report.trace?.passed('Session', ended === undefined ? 'Nobody was logged in' : 'Ended')
  const answer =
    redirectUri === undefined
      ? messagePage({
          look: lookOf(call.domain),
          title: 'You are logged out',
          paragraphs: ['You can close this page.'],
        })
      : redirectTo(state === undefined ? redirectUri : withParameters(redirectUri, 'query', { state }))
  return withCookies(answer, [clearCookie(call, 'session')])
}

function csrfOf(cookie: string, request: LogoutRequest): string {
  return formToken(cookie, 'logout', JSON.stringify(fieldsOf(request)))
}

/** What of the request has to be known when the user comes back; the ID token has done its work then. */
function fieldsOf({ application, redirectUri, state }: LogoutRequest): Readonly<Record<string, string>> {
  return {
    ...(application === undefined ? {} : { client_id: application.snapshot.clientId }),
    ...(redirectUri === undefined ? {} : { post_logout_redirect_uri: redirectUri }),
    ...(state === undefined ? {} : { state }),
  }
}
