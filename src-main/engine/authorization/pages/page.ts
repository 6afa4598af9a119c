import { hash } from 'node:crypto'
import type { Branding } from '@shared/domain'
import type { CompiledDomain } from '../compiled-domain'
import { NO_STORE, type Answer } from '../http/endpoint'
import { markup, render, verbatim, type Html, type HtmlPart } from './html'
import { styleSheet } from './style'

/** How the pages of a domain look; without a name it is Gatehouse's own, for a domain that is not there. */
export interface Look {
  readonly name?: string
  readonly branding: Branding
}

export interface PageContent {
  /** Of the tab, and read first by a screen reader. */
  readonly title: string
  readonly body: HtmlPart
  readonly status?: number
  /**
   * Where the page's forms may lead beside this server, as CSP sources: Chromium holds the redirects that follow a form to it as well
   * (https://github.com/w3c/webappsec-csp/issues/8).
   */
  readonly formTargets?: readonly string[]
  /** The one script of the page. */
  readonly script?: string
  readonly headers?: Answer['headers']
}

export function lookOf(domain: CompiledDomain | undefined): Look {
  return domain === undefined ? { branding: {} } : { name: domain.snapshot.name, branding: domain.snapshot.branding }
}

/** Every answer that a browser is shown or sent on by carries these: nobody frames it, keeps it, or learns its address. */
export const BROWSER_HEADERS: Answer['headers'] = {
  ...NO_STORE,
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}

/** A page of a domain. It may load and run nothing but its own style, its logo and, where it has one, its script. */
export function pageAnswer(look: Look, content: PageContent): Answer {
  const style = styleSheet(look.branding.color)
  const { status = 200, formTargets = [], script, headers = {} } = content
  const policy = [
    "default-src 'none'",
    `style-src '${sourceHash(style)}'`,
    'img-src data:',
    ...(script === undefined ? [] : [`script-src '${sourceHash(script)}'`]),
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')
  return {
    status,
    headers: {
      'Content-Type': 'text/html;charset=UTF-8',
      'Content-Security-Policy': policy,
      ...BROWSER_HEADERS,
      ...headers,
    },
    body: render(documentOf(look, content, style)),
  }
}

function documentOf(look: Look, { title, body, script }: PageContent, style: string): Html {
  const name = look.name ?? 'Gatehouse'
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · ${name}</title>
<style>${verbatim(style)}</style>
</head>
<body>
<main>
${headerOf(look, name)}
${body}
</main>
${script !== undefined && markup`<script>${verbatim(script)}</script>`}
</body>
</html>
`
}

function headerOf({ branding }: Look, name: string): Html {
  if (branding.logo !== undefined) {
    return markup`<header class="logo"><img src="${branding.logo}" alt=""><span>${name}</span></header>`
  }
  const [initial = ''] = name.trim()
  return markup`<header><span class="mark" aria-hidden="true">${initial.toUpperCase()}</span><span>${name}</span></header>`
}

function sourceHash(text: string): string {
  return `sha256-${hash('sha256', text, 'base64')}`
}
