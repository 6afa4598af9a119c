import type { Answer } from '../http/endpoint'
import { markup, type Html } from './html'
import { pageAnswer, type Look } from './page'

/** What a form of a login carries along, so that it is taken from the page that it was made for alone. */
export interface FormTokens {
  /** Path that the form is sent to. */
  readonly action: string
  readonly transaction: string
  readonly csrf: string
}

export interface LoginPage {
  readonly look: Look
  readonly applicationName: string
  readonly tokens: FormTokens
  /** Already in the field: what was typed, or the request's `login_hint`. */
  readonly username?: string
  /** Somebody is logged in, and has to do so again. */
  readonly again: boolean
  readonly problem?: Html
  readonly formTargets: readonly string[]
  readonly status?: number
  readonly headers?: Answer['headers']
}

const AUTOFOCUS = markup` autofocus`

export function loginPage({ look, applicationName, tokens, username, again, problem, ...content }: LoginPage): Answer {
  const invalid = problem !== undefined && markup` aria-invalid="true" aria-describedby="problem"`
  const nameFocus = username === undefined && AUTOFOCUS
  const passwordFocus = username !== undefined && AUTOFOCUS
  const body = markup`<h1>${again ? 'Log in again' : 'Log in'}</h1>
<p class="lead">to continue to <strong>${applicationName}</strong></p>
${problem !== undefined && markup`<p class="problem" id="problem" role="alert">${problem}</p>`}
<form method="post" action="${tokens.action}">
${hiddenTokens(tokens)}
<label for="username">Username</label>
<input id="username" name="username" type="text" value="${username}" required maxlength="255" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false"${nameFocus}${invalid}>
<label for="password">Password</label>
<input id="password" name="password" type="password" required autocomplete="current-password"${passwordFocus}${invalid}>
<div class="actions">
<button class="main" name="action" value="log-in">Log in</button>
<button class="plain" name="action" value="cancel" formnovalidate>Cancel</button>
</div>
</form>`
  return pageAnswer(look, { title: 'Log in', body, ...content })
}

export function hiddenTokens({ transaction, csrf }: FormTokens): Html {
  return markup`<input type="hidden" name="transaction" value="${transaction}"><input type="hidden" name="csrf" value="${csrf}">`
}
