import type { Answer } from '../http/endpoint'
import { nameOf, type Account } from './account-page'
import { markup, type Html } from './html'
import { hiddenTokens, type FormTokens } from './login-page'
import { pageAnswer, type Look } from './page'

/** One thing that an application asks for. */
export interface ConsentItem {
  /** In the words of the domain, or a scope as it goes on the wire. */
  readonly title: string
  readonly isKey?: boolean
  readonly description?: string
}

export interface ConsentPage {
  readonly look: Look
  readonly applicationName: string
  readonly account: Account
  readonly items: readonly ConsentItem[]
  /** APIs that the application wants to call (RFC 8707). */
  readonly resources: readonly string[]
  /** Where the browser goes afterwards, for people. */
  readonly destination: string
  readonly tokens: FormTokens
  readonly formTargets: readonly string[]
  readonly problem?: string
  readonly status?: number
}

export function consentPage(page: ConsentPage): Answer {
  const { look, applicationName, account, items, resources, destination, tokens, problem, ...content } = page
  const body = markup`<h1>Allow ${applicationName}?</h1>
<p class="lead">${items.length === 0 ? 'It learns that you logged in, and asks for nothing else.' : 'It asks for:'}</p>
${problem !== undefined && markup`<p class="problem" role="alert">${problem}</p>`}
${items.length > 0 && markup`<ul>${items.map(itemOf)}</ul>`}
${resources.length > 0 && markup`<p class="note">To be used at ${joined(resources)}.</p>`}
<div class="who">Logged in as ${nameOf(account)}. <form method="post" action="${tokens.action}">${hiddenTokens(tokens)}<button class="quiet" name="action" value="other">Use another account</button></form></div>
<form method="post" action="${tokens.action}">
${hiddenTokens(tokens)}
<div class="actions pair">
<button name="action" value="deny">Deny</button>
<button class="main" name="action" value="allow">Allow</button>
</div>
</form>
<p class="note">Either way you go back to ${destination}.</p>`
  return pageAnswer(look, { title: `Allow ${applicationName}?`, body, ...content })
}

function itemOf({ title, isKey = false, description }: ConsentItem): Html {
  return markup`<li>${isKey ? markup`<code>${title}</code>` : title}${description !== undefined && markup`<span>${description}</span>`}</li>`
}

function joined(addresses: readonly string[]): readonly Html[] {
  return addresses.map((address, index) => markup`${index > 0 && ', '}<code>${address}</code>`)
}
