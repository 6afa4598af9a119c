import type { Answer, Call } from '../../http/endpoint'
import { OAuthRefusal } from '../../http/oauth-refusal'
import type { Account } from '../../pages/account-page'
import { formTargetsOf } from '../../pages/form-targets'
import type { FormTokens } from '../../pages/login-page'
import { messagePage } from '../../pages/message-page'
import { lookOf, type Look } from '../../pages/page'
import { formToken } from '../../sessions/secrets'
import type { UserSnapshot } from '../../../snapshot'
import { pathsOf, type OpenPassage } from './flow'

/** What the pages of a passage have in common. */
export function commonParts(
  call: Call,
  { request }: OpenPassage,
): { readonly look: Look; readonly applicationName: string; readonly formTargets: readonly string[] } {
  return {
    look: lookOf(call.domain),
    applicationName: request.application.snapshot.name,
    formTargets: formTargetsOf(request.redirectUri),
  }
}

/** The tokens of the login page's forms: made of the browser's secret, which nobody else has. */
export function loginTokens(call: Call, { browser, transaction }: OpenPassage): FormTokens {
  const csrf = formToken(browser, 'login', transaction.id)
  return { action: pathsOf(call).login, transaction: transaction.id, csrf }
}

/** As a page names a user. */
export function accountOf({ username, claims }: UserSnapshot): Account {
  const { name } = claims
  return typeof name === 'string' && name !== '' ? { username, name } : { username }
}

/** For whoever comes back to a page, or sends its form twice, after the browser went on. */
export function finishedPage(call: Call, passage: OpenPassage): Answer {
  const { applicationName, ...parts } = commonParts(call, passage)
  return messagePage({
    ...parts,
    title: 'You have been here already',
    paragraphs: [`Your browser was sent back to ${applicationName}. If nothing came of it, go on once more.`],
    form: { tokens: loginTokens(call, passage), action: 'continue', label: `Continue to ${applicationName}` },
  })
}

/**
 * Refuses a form that another site sent: browsers tell so themselves, beside the token of the form. They do not tell it to servers
 * without HTTPS elsewhere than on this machine.
 *
 * @throws OAuthRefusal
 */
export function requireOwnForm({ headers }: Pick<Call, 'headers'>): void {
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return
  throw new OAuthRefusal(403, 'access_denied', 'The form was sent by another site', {
    key: 'FORM_OF_ANOTHER_SITE',
    sentence: 'The browser says that a page of another site sent this form',
    evidence: [{ label: 'Sec-Fetch-Site', value: String(site).slice(0, 64) }],
  })
}

/** A form whose token does not fit: sent by somebody else's page, or by one that is out of date. */
export function wrongFormToken(): OAuthRefusal {
  return new OAuthRefusal(403, 'access_denied', 'The form is out of date', {
    key: 'FORM_TOKEN_WRONG',
    sentence: "The form's token is not the one of this page, this browser and what the page showed: nothing was done",
  })
}
