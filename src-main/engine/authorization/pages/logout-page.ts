import type { Answer } from '../http/endpoint'
import { nameOf, type Account } from './account-page'
import { markup } from './html'
import { pageAnswer, type Look } from './page'

export interface LogoutPage {
  readonly look: Look
  readonly account: Account
  /** Path that the form is sent to. */
  readonly action: string
  /** What the form carries along. */
  readonly fields: Readonly<Record<string, string>>
  readonly formTargets: readonly string[]
  readonly status?: number
}

/** Asks whether to log out, where no application showed that it may do so (OpenID Connect RP-Initiated Logout §2). */
export function logoutPage({ look, account, action, fields, ...content }: LogoutPage): Answer {
  const body = markup`<h1>Log out?</h1>
<p class="lead">You are logged in as ${nameOf(account)}. To stay so, close this page.</p>
<form method="post" action="${action}">
${Object.entries(fields).map(([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">`)}
<div class="actions"><button class="main">Log out</button></div>
</form>`
  return pageAnswer(look, { title: 'Log out?', body, ...content })
}
