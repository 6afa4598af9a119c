const MARKUP = Symbol('markup')

/** Markup that may stand in a page as it is; made by `markup`, which escapes everything else. */
export interface Html {
  readonly [MARKUP]: string
}

/** What may stand in a template: text is escaped, nothing stands for what is missing or false. */
export type HtmlPart = Html | string | number | false | undefined | readonly HtmlPart[]

/**
 * Builds markup. Attributes must be quoted: the text in them is escaped as any other. The tag is not called html, which would have
 * formatters move what is between the elements, and with it what the page's policy has the digest of.
 */
export function markup(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return { [MARKUP]: strings.map((text, index) => text + markupOf(parts[index])).join('') }
}

/** Text that stands in the page as it is: only for what is ours from end to end, such as the style sheet. */
export function verbatim(text: string): Html {
  return { [MARKUP]: text }
}

/** The markup as text, for the answer. */
export function render(page: Html): string {
  return page[MARKUP]
}

function markupOf(part: HtmlPart): string {
  if (part === undefined || part === false) return ''
  if (typeof part === 'string') return escapeText(part)
  if (typeof part === 'number') return String(part)
  return MARKUP in part ? part[MARKUP] : part.map(markupOf).join('')
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}
