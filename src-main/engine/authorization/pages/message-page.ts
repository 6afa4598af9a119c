import type { Answer } from '../http/endpoint'
import { markup, type Html, type HtmlPart } from './html'
import { hiddenTokens, type FormTokens } from './login-page'
import { pageAnswer, type Look, type PageContent } from './page'

export interface MessagePage extends Omit<PageContent, 'body'> {
  readonly look: Look
  readonly paragraphs: readonly HtmlPart[]
  /** For whoever looks after the application, e.g. the error code. */
  readonly facts?: readonly { readonly label: string; readonly value: HtmlPart }[]
  /** What can be done on the page itself. */
  readonly form?: { readonly tokens: FormTokens; readonly action: string; readonly label: string }
}

/** Says something, and offers one thing to do at the most. */
export function messagePage({ look, paragraphs, facts = [], form, ...content }: MessagePage): Answer {
  const body = markup`<h1>${content.title}</h1>
${paragraphs.map((paragraph) => markup`<p class="lead">${paragraph}</p>`)}
${form !== undefined && formOf(form)}
${facts.length > 0 && markup`<dl>${facts.map(({ label, value }) => markup`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`}`
  return pageAnswer(look, { ...content, body })
}

function formOf({ tokens, action, label }: NonNullable<MessagePage['form']>): Html {
  return markup`<form method="post" action="${tokens.action}">
${hiddenTokens(tokens)}
<button class="main" name="action" value="${action}">${label}</button>
</form>`
}
