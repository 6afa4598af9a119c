import type { Scope } from '@shared/domain'
import type { Asked } from '../consents/consents'
import { OPENID } from '../grants/scopes'
import type { Answer, Call, Endpoint } from '../http/endpoint'
import { OAuthRefusal } from '../http/oauth-refusal'
import { consentPage, type ConsentItem } from '../pages/consent-page'
import type { FormTokens } from '../pages/login-page'
import { refusalPage } from '../pages/refusal-page'
import { formToken, isSame } from '../sessions/secrets'
import type { Session } from '../sessions/sessions'
import {
  changeTransaction,
  goOn,
  openPassage,
  pathsOf,
  refuse,
  stepOf,
  type FlowStores,
  type OpenPassage,
} from './authorize/flow'
import { accountOf, commonParts, finishedPage, requireOwnForm, wrongFormToken } from './authorize/page-parts'
import type { AuthorizationRequest } from './authorize/request'

/** GET and POST /:domainPath/oauth/consent: the page where a user allows what an application asks for, or does not. */
export function consentEndpoint(stores: FlowStores): Endpoint {
  return {
    name: 'consent',
    methods: ['GET', 'POST'],
    actsOnGet: true,
    parameters: 'query-or-body',
    paths: ['/:domainPath/oauth/consent'],
    stations: ['Login', 'Consent', 'Code'],
    answerRefusal: refusalPage,

    handle(call) {
      if (call.method !== 'POST') return answer(call, stores)
      requireOwnForm(call)
      return stores.transactions.inTurn(call.form.get('transaction') ?? '', () => answer(call, stores))
    },
  }
}

async function answer(call: Call, stores: FlowStores): Promise<Answer> {
  const passage = await openPassage(call, stores)
  if ('status' in passage) return passage
  if (passage.transaction.finishedAt !== undefined) return finishedPage(call, passage)
  const next = await stepOf(call, stores, passage).catch(() => undefined)
  // The user has logged out meanwhile, or as somebody else, or has allowed it in another window.
  if (next?.step !== 'consent') return goOn(call, stores, passage)
  const { session, asked } = next
  call.report.proved()
  call.report.about({ userId: session.user.id, username: session.user.username })
  if (call.method !== 'POST') return pageOf(call, passage, session, asked)
  return takeForm(call, stores, passage, session, asked)
}

async function takeForm(
  call: Call,
  stores: FlowStores,
  passage: OpenPassage,
  session: Session,
  asked: Asked,
): Promise<Answer> {
  const { domain, form, now } = call
  const { name, clientId } = passage.request.application.snapshot
  if (!isSame(form.get('csrf'), tokensOf(call, passage, session, asked).csrf)) {
    const refusal = wrongFormToken()
    return { ...pageOf(call, passage, session, asked, refusal.status), refusal }
  }
  const action = form.get('action')
  if (action === 'other') {
    const dismissed = { ...passage.transaction, dismissedSessionId: session.id }
    const transaction = await changeTransaction(call, stores.transactions, dismissed)
    return goOn(call, stores, { ...passage, transaction })
  }
  if (action !== 'allow') {
    const refusal = new OAuthRefusal(400, 'access_denied', 'The user did not allow what was asked for', {
      key: 'CONSENT_DENIED',
      sentence: `User ${session.user.username} did not allow ${name} what it asks for`,
      source: 'RFC 6749 §4.1.2.1',
    })
    return refuse(call, stores, passage, refusal)
  }
  await stores.consents.give(domain.snapshot.id, session.user.id, clientId, asked, now)
  const answered = await goOn(call, stores, passage, true)
  call.report.about({
    summary: `Allowed ${name} ${asked.scopes.length === 0 ? 'to know of the login' : `the scopes ${asked.scopes.join(' ')}`}`,
  })
  return answered
}

/** Bound to what the page shows to whom: a form of another user's page, or of a page that asked for less, is not taken. */
function tokensOf(call: Call, { browser, transaction }: OpenPassage, session: Session, asked: Asked): FormTokens {
  const csrf = formToken(browser, 'consent', transaction.id, session.id, JSON.stringify(asked))
  return { action: pathsOf(call).consent, transaction: transaction.id, csrf }
}

function pageOf(call: Call, passage: OpenPassage, session: Session, asked: Asked, status = 200): Answer {
  const outdated = 'This page was out of date. Please look at it again.'
  return consentPage({
    ...commonParts(call, passage),
    account: accountOf(session.user),
    items: [
      ...asked.scopes.map((scope) => scopeItem(call.domain.snapshot.scopes, scope)),
      ...(asked.claims.length === 0 ? [] : [claimsItem(asked.claims)]),
    ],
    resources: asked.resources,
    destination: destinationOf(passage.request),
    tokens: tokensOf(call, passage, session, asked),
    status,
    ...(status === 200 ? {} : { problem: outdated }),
  })
}

/** OpenID Connect Core §3.1.2.1; the other scopes are the domain's, each with its name. */
const OPENID_ITEM: ConsentItem = {
  title: 'Know who you are',
  description: 'Your account’s id and when you logged in',
}

function scopeItem(scopes: readonly Scope[], key: string): ConsentItem {
  const known = scopes.find((scope) => scope.key === key)
  if (known === undefined && key === OPENID) return OPENID_ITEM
  const name = textOf(known?.name)
  const description = textOf(known?.description)
  return { title: name ?? key, isKey: name === undefined, ...(description === undefined ? {} : { description }) }
}

function claimsItem(claims: readonly string[]): ConsentItem {
  return { title: 'Details about you', description: claims.map((claim) => claim.replaceAll('_', ' ')).join(', ') }
}

function textOf(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text
}

function destinationOf({ redirectUri }: AuthorizationRequest): string {
  const { protocol, hostname, host } = new URL(redirectUri)
  if (protocol !== 'http:' && protocol !== 'https:') return 'the application on this device'
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname) ? `${host} on this device` : host
}
