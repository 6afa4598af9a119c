import { randomBytes } from 'node:crypto'
import type { AuthorizationCodes, CodeGrant } from '../../codes/authorization-codes'
import type { Asked, Consents } from '../../consents/consents'
import type { Answer, Call } from '../../http/endpoint'
import { OAuthRefusal } from '../../http/oauth-refusal'
import { stored } from '../../http/stored'
import { parametersOf, type KeptRequest } from '../../requests/kept-request'
import type { PushedRequests } from '../../requests/pushed-requests'
import { setCookie } from '../../sessions/cookies'
import { digestOf, isSame, newSecret } from '../../sessions/secrets'
import type { Session, Sessions } from '../../sessions/sessions'
import type { Transaction, Transactions } from '../../sessions/transactions'
import { readVisit, type Visit } from '../../sessions/visit'
import { loginOf, nextStep, type NextStep } from './next-step'
import { readRequest, type AuthorizationRequest } from './request'
import { redirectTo, respondWithCode, respondWithRefusal, withCookies } from './respond'
import { readTarget } from './target'

/** What the way from an authorization request to its code needs of the state. */
export interface FlowStores {
  readonly codes: AuthorizationCodes
  readonly consents: Consents
  readonly pushedRequests: PushedRequests
  readonly sessions: Sessions
  readonly transactions: Transactions
}

/** A request under way, and who is at the browser that sent it. */
export interface Passage {
  readonly request: AuthorizationRequest
  readonly kept: KeptRequest
  readonly visit: Visit
  /** Undefined before the first page. */
  readonly transaction: OpenTransaction | undefined
}

export interface OpenTransaction extends Transaction {
  readonly id: string
}

/** A passage that has come to a page. */
export type OpenPassage = Passage & { readonly transaction: OpenTransaction; readonly browser: string }

/** The pages of a domain, from the root of the server: a browser stays at the host name under which it came. */
export const pathsOf = ({ domain }: Pick<Call, 'domain'>) => ({
  authorize: `/${domain.snapshot.path}/oauth/authorize`,
  login: `/${domain.snapshot.path}/login`,
  consent: `/${domain.snapshot.path}/oauth/consent`,
  logout: `/${domain.snapshot.path}/logout`,
})

/**
 * Takes up the transaction that a page or a form names. Its request is checked anew: what has become wrong meanwhile is told to the
 * application, and so answered.
 *
 * @throws OAuthRefusal when there is none for this browser
 */
export async function openPassage(call: Call, stores: FlowStores): Promise<OpenPassage | Answer> {
  const id = call.form.get('transaction')
  if (id === undefined) throw lost('LOGIN_WITHOUT_REQUEST', 'The page was called without an authorization request')
  const transaction = await stores.transactions.find(call.domain.snapshot.id, id)
  if (transaction === undefined) {
    throw lost('LOGIN_EXPIRED', 'There is no login under way with this id: it has expired, or never began')
  }
  const visit = await readVisit(call, stores.sessions)
  if (visit.browser === undefined || !isSame(digestOf(visit.browser), transaction.browser)) {
    throw lost(
      'LOGIN_OF_ANOTHER_BROWSER',
      visit.browser === undefined
        ? 'The browser did not send the cookie that was set when this login began: it keeps none, or is another one'
        : 'This login was begun by another browser',
      403,
    )
  }
  const kept = transaction.request
  const parameters = parametersOf(kept)
  const context = { ...call, report: { trace: undefined } }
  const target = readTarget(context, parameters)
  call.report.client(target.application.snapshot.clientId)
  try {
    const request = readRequest(context, target, parameters, kept)
    return { request, kept, visit, browser: visit.browser, transaction: { ...transaction, id } }
  } catch (error) {
    if (!(error instanceof OAuthRefusal)) throw error
    return respondWithRefusal(call, target, error)
  }
}

/** What comes next for the user of the visit. @throws OAuthRefusal as `nextStep` */
export async function stepOf(
  { domain, now }: Pick<Call, 'domain' | 'now'>,
  { consents }: Pick<FlowStores, 'consents'>,
  { request, visit, transaction }: Passage,
  isAllowed = false,
): Promise<NextStep> {
  const isDismissed = visit.session !== undefined && visit.session.id === transaction?.dismissedSessionId
  const session = isDismissed ? undefined : visit.session
  const { clientId } = request.application.snapshot
  return nextStep(request, {
    session,
    isFresh: session !== undefined && session.id === transaction?.sessionId,
    isChosen: session !== undefined && session.id === transaction?.chosenSessionId,
    isAllowed,
    now,
    consent: session && (await consents.find(domain.snapshot.id, session.user.id, clientId)),
  })
}

/** Goes on with a request as far as it gets: to the page where the user has to do something, or back to the application. */
export async function goOn(call: Call, stores: FlowStores, passage: Passage, isAllowed = false): Promise<Answer> {
  const next = await stepOf(call, stores, passage, isAllowed).catch(refusalOf)
  if (next instanceof OAuthRefusal) return refuse(call, stores, passage, next)
  const { trace } = call.report
  if (next.step === 'login') {
    trace?.passed('Login', `${next.why}: the browser is sent to the login page`)
    return toPage(call, stores, passage, 'login')
  }
  const { user } = next.session
  call.report.proved()
  call.report.about({ userId: user.id, username: user.username })
  const isFresh = next.session.id === passage.transaction?.sessionId
  trace?.passed('Login', `User ${user.username} ${isFresh ? 'has just logged in' : 'is logged in'}`)
  if (next.step === 'account') return toPage(call, stores, passage, 'login')
  if (next.step === 'consent') {
    trace?.passed('Consent', 'The user has to allow what is asked for: the browser is sent to the page for it')
    return toPage(call, stores, passage, 'consent')
  }
  trace?.passed('Consent', isAllowed ? 'The user allowed what is asked for' : 'The user need not be asked')
  return complete(call, stores, passage, next.session, next.asked)
}

/** Ends a request without a code, and tells the application why. */
export async function refuse(
  call: Call,
  stores: FlowStores,
  { request, transaction }: Passage,
  refusal: OAuthRefusal,
): Promise<Answer> {
  await finish(call, stores, transaction)
  return respondWithRefusal(call, request, refusal)
}

async function complete(
  call: Call,
  stores: FlowStores,
  { request, transaction }: Passage,
  session: Session,
  { scopes }: Asked,
): Promise<Answer> {
  const { name, clientId } = request.application.snapshot
  await finish(call, stores, transaction)
  const issued = stores.codes.issue(call.domain.snapshot.id, grantOf(request, session, scopes))
  const code = await stored(issued, 'The code', 'CODE', 'None was given out').catch(refusalOf)
  // A fault is told to the application too (RFC 6749 §4.1.2.1): the user can do nothing about it.
  if (code instanceof OAuthRefusal) return respondWithRefusal(call, request, code)
  call.report.about({
    summary: `A code for ${name}, ${scopes.length === 0 ? 'without scopes' : `with ${scopes.join(' ')}`}`,
  })
  call.report.trace?.passed('Code', 'Issued', [
    { label: 'Client id', value: clientId },
    { label: 'Scopes', value: scopes.join(' ') || 'none' },
  ])
  return respondWithCode(call, request, code)
}

function refusalOf(error: unknown): OAuthRefusal {
  if (error instanceof OAuthRefusal) return error
  throw error
}

function grantOf(request: AuthorizationRequest, session: Session, scopes: readonly string[]): CodeGrant {
  const { application, resources, claims, nonce, codeChallenge, givenRedirectUri } = request
  return {
    ...loginOf(session),
    // Without a dot: ids of the family's access tokens begin with it and one.
    grantId: randomBytes(16).toString('base64url'),
    clientId: application.snapshot.clientId,
    scopes,
    resources,
    ...(claims === undefined ? {} : { claims }),
    ...(nonce === undefined ? {} : { nonce }),
    ...(codeChallenge === undefined ? {} : { codeChallenge }),
    ...(givenRedirectUri === undefined ? {} : { redirectUri: givenRedirectUri }),
  }
}

async function toPage(
  call: Call,
  { transactions }: FlowStores,
  { kept, visit, transaction }: Passage,
  page: 'login' | 'consent',
): Promise<Answer> {
  const path = pathsOf(call)[page]
  if (transaction !== undefined) return redirectTo(`${path}?transaction=${transaction.id}`)
  const browser = visit.browser ?? newSecret()
  const id = await transactions.begin(call.domain.snapshot.id, kept, { ...call, browser })
  const answer = redirectTo(`${path}?transaction=${id}`)
  return visit.browser === undefined ? withCookies(answer, [setCookie(call, 'browser', browser)]) : answer
}

async function finish(
  call: Call,
  { transactions }: FlowStores,
  transaction: OpenTransaction | undefined,
): Promise<void> {
  if (transaction === undefined) return
  await changeTransaction(call, transactions, { ...transaction, finishedAt: call.now })
}

export async function changeTransaction(
  { domain }: Pick<Call, 'domain'>,
  transactions: Transactions,
  { id, ...transaction }: OpenTransaction,
): Promise<OpenTransaction> {
  await transactions.change(domain.snapshot.id, id, transaction)
  return { ...transaction, id }
}

function lost(key: string, sentence: string, status = 400): OAuthRefusal {
  const description = 'There is no login under way here'
  return new OAuthRefusal(status, 'invalid_request', description, { key, sentence })
}
