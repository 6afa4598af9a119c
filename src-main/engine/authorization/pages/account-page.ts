import type { Answer } from '../http/endpoint'
import { markup, type Html } from './html'
import { hiddenTokens, type FormTokens } from './login-page'
import { pageAnswer, type Look } from './page'

/** Who is logged in, as pages name somebody. */
export interface Account {
  readonly username: string
  /** The full name, where there is one. */
  readonly name?: string
}

export interface AccountPage {
  readonly look: Look
  readonly applicationName: string
  readonly account: Account
  readonly tokens: FormTokens
  readonly formTargets: readonly string[]
}

/** Asks which account is meant (`prompt=select_account`). */
export function accountPage({ look, applicationName, account, tokens, formTargets }: AccountPage): Answer {
  const body = markup`<h1>Choose an account</h1>
<p class="lead">to continue to <strong>${applicationName}</strong></p>
<form method="post" action="${tokens.action}">
${hiddenTokens(tokens)}
<div class="actions">
<button class="main" name="action" value="continue" autofocus>Continue as ${account.name ?? account.username}</button>
<button name="action" value="other">Use another account</button>
<button class="plain" name="action" value="cancel">Cancel</button>
</div>
</form>`
  return pageAnswer(look, { title: 'Choose an account', body, formTargets })
}

/** "Ada Lovelace (ada)", or the username alone. */
export function nameOf({ name, username }: Account): Html {
  return name === undefined || name === username
    ? markup`<strong>${username}</strong>`
    : markup`<strong>${name}</strong> (${username})`
}
