import type { Answer } from '../http/endpoint'
import { formTargetsOf } from './form-targets'
import { markup } from './html'
import { pageAnswer, type Look } from './page'

export interface FormPostPage {
  readonly look: Look
  readonly applicationName: string
  readonly redirectUri: string
  readonly parameters: Readonly<Record<string, string>>
}

/** Sends an authorization response in the body of a POST (OAuth 2.0 Form Post Response Mode §2): by itself, or by its button. */
export function formPostPage({ look, applicationName, redirectUri, parameters }: FormPostPage): Answer {
  const fields = Object.entries(parameters)
  const body = markup`<h1>Back to ${applicationName}</h1>
<p class="lead">Your browser sends you on. If nothing happens, use the button.</p>
<form method="post" action="${redirectUri}">
${fields.map(([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">`)}
<button class="main">Continue</button>
</form>`
  return pageAnswer(look, {
    title: `Back to ${applicationName}`,
    body,
    formTargets: formTargetsOf(redirectUri),
    script: 'document.forms[0].submit()',
  })
}
