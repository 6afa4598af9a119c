import type { Answer, Call, Endpoint } from '../http/endpoint'
import { OAuthRefusal } from '../http/oauth-refusal'
import { accountPage } from '../pages/account-page'
import { markup, type Html } from '../pages/html'
import { loginPage, type LoginPage } from '../pages/login-page'
import { refusalPage } from '../pages/refusal-page'
import { setCookie } from '../sessions/cookies'
import { isSame } from '../sessions/secrets'
import type { UserAuthentication, UserAuthenticator } from '../users/authenticate-user'
import { PASSWORD_LOGIN } from '../users/authentication-context'
import {
  changeTransaction,
  goOn,
  openPassage,
  refuse,
  stepOf,
  type FlowStores,
  type OpenPassage,
} from './authorize/flow'
import {
  accountOf,
  commonParts,
  finishedPage,
  loginTokens,
  requireOwnForm,
  wrongFormToken,
} from './authorize/page-parts'
import { withCookies } from './authorize/respond'

interface LoginParts extends FlowStores {
  readonly users: UserAuthenticator
}

/** GET and POST /:domainPath/login: the page where a user logs in, or says which account is meant. */
export function loginEndpoint(parts: LoginParts): Endpoint {
  return {
    name: 'login',
    methods: ['GET', 'POST'],
    actsOnGet: true,
    parameters: 'query-or-body',
    paths: ['/:domainPath/login'],
    stations: ['Login', 'Consent', 'Code'],
    answerRefusal: refusalPage,

    handle(call) {
      if (call.method !== 'POST') return withPassage(call, parts, show)
      requireOwnForm(call)
      const take = () => withPassage(call, parts, takeForm)
      return parts.transactions.inTurn(call.form.get('transaction') ?? '', take)
    },
  }
}

type Work = (call: Call, parts: LoginParts, passage: OpenPassage) => Promise<Answer>

async function withPassage(call: Call, parts: LoginParts, work: Work): Promise<Answer> {
  const passage = await openPassage(call, parts)
  return 'status' in passage ? passage : work(call, parts, passage)
}

async function show(call: Call, parts: LoginParts, passage: OpenPassage): Promise<Answer> {
  if (passage.transaction.finishedAt !== undefined) return finishedPage(call, passage)
  const next = await stepOf(call, parts, passage).catch(() => undefined)
  if (next?.step === 'login') return pageOf(call, passage)
  if (next?.step !== 'account') return goOn(call, parts, passage)
  return accountPage({
    ...commonParts(call, passage),
    account: accountOf(next.session.user),
    tokens: loginTokens(call, passage),
  })
}

async function takeForm(call: Call, parts: LoginParts, passage: OpenPassage): Promise<Answer> {
  const action = call.form.get('action') ?? 'log-in'
  const { transaction, visit } = passage
  if (!isSame(call.form.get('csrf'), loginTokens(call, passage).csrf)) {
    const refusal = wrongFormToken()
    const problem = markup`This page was out of date. Please log in once more.`
    return { ...pageOf(call, passage, { problem, status: refusal.status }), refusal }
  }
  if (action === 'continue') {
    const { finishedAt, sessionId: _served, ...rest } = transaction
    // A login within what is finished has served: it is no new one for a second code (prompt=login, max_age).
    const again = finishedAt === undefined ? transaction : rest
    const chosen = visit.session === undefined ? again : { ...again, chosenSessionId: visit.session.id }
    return goOn(call, parts, { ...passage, transaction: await changeTransaction(call, parts.transactions, chosen) })
  }
  if (transaction.finishedAt !== undefined) return finishedPage(call, passage)
  if (action === 'cancel') return cancel(call, parts, passage)
  if (action === 'other') {
    const dismissed = { ...transaction, ...(visit.session && { dismissedSessionId: visit.session.id }) }
    return pageOf(call, { ...passage, transaction: await changeTransaction(call, parts.transactions, dismissed) })
  }
  return logIn(call, parts, passage)
}

function cancel(call: Call, parts: LoginParts, passage: OpenPassage): Promise<Answer> {
  const { name } = passage.request.application.snapshot
  const refusal = new OAuthRefusal(400, 'access_denied', 'The user did not log in', {
    key: 'LOGIN_CANCELLED',
    sentence: `The user cancelled the login to ${name}`,
    source: 'RFC 6749 §4.1.2.1',
  })
  return refuse(call, parts, passage, refusal)
}

async function logIn(call: Call, parts: LoginParts, passage: OpenPassage): Promise<Answer> {
  const { domain, form, remoteAddress } = call
  const [username, password] = [form.get('username'), form.get('password')]
  if (username === undefined || password === undefined) {
    const refusal = wrongLogin({ key: 'CREDENTIALS_MISSING', sentence: 'Username or password was left empty' })
    return {
      ...pageOf(call, passage, { problem: markup`Enter your username and your password.`, status: 403 }),
      refusal,
    }
  }
  const found = await authenticate(parts.users, call, { username, password, remoteAddress })
  if (found instanceof OAuthRefusal) {
    const { status, headers } = found
    const problem = markup`Too many people are logging in just now. Try again in a moment.`
    return { ...pageOf(call, passage, { problem, status, headers }), refusal: found }
  }
  if (found.outcome === 'refused') return turnAway(call, passage, found)

  const { user } = found
  call.report.proved()
  const { name } = passage.request.application.snapshot
  const { session: before } = passage.visit
  // What the browser had before, nobody can use any more.
  if (before !== undefined) await parts.sessions.end(domain.snapshot.id, before.id)
  const login = { amr: PASSWORD_LOGIN.amr, now: call.now, userAgent: call.headers['user-agent'] }
  const { session, cookie } = await parts.sessions.begin(domain, user, login)
  const { dismissedSessionId: _other, ...rest } = passage.transaction
  const transaction = await changeTransaction(call, parts.transactions, { ...rest, sessionId: session.id })
  const visit = { ...passage.visit, session }
  const answer = await goOn(call, parts, { ...passage, transaction, visit })
  call.report.about({ userId: user.id, username: user.username, summary: `Logged in to ${name} with a password` })
  return withCookies(answer, [setCookie(call, 'session', cookie)])
}

/** A refusal when the password cannot even be checked now. */
async function authenticate(
  users: UserAuthenticator,
  { domain }: Call,
  given: Parameters<UserAuthenticator['authenticate']>[1],
): Promise<UserAuthentication | OAuthRefusal> {
  try {
    return await users.authenticate(domain, given)
  } catch (error) {
    if (error instanceof OAuthRefusal) return error
    throw error
  }
}

/** Whoever cannot log in learns neither whether the user exists nor what else is wrong, only until when it is no use to try. */
function turnAway(
  call: Call,
  passage: OpenPassage,
  { reason, user, blockedUntil }: Extract<UserAuthentication, { outcome: 'refused' }>,
): Answer {
  if (user !== undefined) call.report.about({ userId: user.id, username: user.username })
  if (blockedUntil === undefined) {
    const problem = markup`Username or password is wrong.`
    return { ...pageOf(call, passage, { problem, status: 403 }), refusal: wrongLogin(reason) }
  }
  const seconds = Math.max(1, Math.ceil((blockedUntil - Date.now()) / 1000))
  const problem = markup`Too many wrong attempts. Try again ${waitOf(seconds)}, at ${timeOf(blockedUntil)}.`
  const headers = { 'Retry-After': String(seconds) }
  return { ...pageOf(call, passage, { problem, status: 429, headers }), refusal: wrongLogin(reason, 429) }
}

function wrongLogin(reason: OAuthRefusal['reason'], status = 403): OAuthRefusal {
  return new OAuthRefusal(status, 'access_denied', 'The user could not log in', reason)
}

function waitOf(seconds: number): string {
  if (seconds < 90) return `in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`
  if (seconds < 5400) return `in ${Math.round(seconds / 60)} minutes`
  return `in ${Math.round(seconds / 3600)} hours`
}

/** In UTC: without a script nothing knows where the user is. */
function timeOf(milliseconds: number): Html {
  const iso = new Date(Math.ceil(milliseconds / 1000) * 1000).toISOString()
  return markup`<time datetime="${iso}">${iso.slice(11, 19)} UTC</time>`
}

function pageOf(
  call: Call,
  passage: OpenPassage,
  failed: Pick<LoginPage, 'problem' | 'status' | 'headers'> = {},
): Answer {
  const { visit, request, transaction } = passage
  const isDismissed = visit.session !== undefined && visit.session.id === transaction.dismissedSessionId
  const known = isDismissed ? undefined : visit.session?.user.username
  const username = call.method === 'POST' ? call.form.get('username') : (request.loginHint ?? known)
  return loginPage({
    ...commonParts(call, passage),
    tokens: loginTokens(call, passage),
    again: known !== undefined,
    ...(username === undefined ? {} : { username }),
    ...failed,
  })
}
