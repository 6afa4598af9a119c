import type { CompiledDomain } from '../../compiled-domain'
import type { Answer } from '../../http/endpoint'
import type { OAuthRefusal } from '../../http/oauth-refusal'
import { formPostPage } from '../../pages/form-post-page'
import { BROWSER_HEADERS, lookOf } from '../../pages/page'
import type { Target } from './target'

interface Responder {
  readonly domain: CompiledDomain
  readonly issuer: string
}

/** Hands the code to the application (RFC 6749 §4.1.2), and says whose it is, so that answers of two servers are not mixed up (RFC 9207). */
export function respondWithCode(responder: Responder, target: Target, code: string): Answer {
  return respond(responder, target, { code })
}

/** Tells the application why it gets no code (RFC 6749 §4.1.2.1). */
export function respondWithRefusal(responder: Responder, target: Target, refusal: OAuthRefusal): Answer {
  const { error, description } = refusal
  return { ...respond(responder, target, { error, error_description: description }), refusal }
}

function respond(
  { domain, issuer }: Responder,
  { application, redirectUri, responseMode, state }: Target,
  outcome: Readonly<Record<string, string>>,
): Answer {
  const parameters = { ...outcome, ...(state === undefined ? {} : { state }), iss: issuer }
  if (responseMode === 'form_post') {
    const { name: applicationName } = application.snapshot
    return formPostPage({ look: lookOf(domain), applicationName, redirectUri, parameters })
  }
  return redirectTo(withParameters(redirectUri, responseMode, parameters))
}

/** 303: also after a form the browser comes with a GET, and never sends on what was in it (RFC 9700 §4.12). */
export function redirectTo(location: string, cookies: readonly string[] = []): Answer {
  return withCookies({ status: 303, headers: { ...BROWSER_HEADERS, Location: location }, body: '' }, cookies)
}

export function withCookies(answer: Answer, cookies: readonly string[]): Answer {
  return cookies.length === 0 ? answer : { ...answer, headers: { ...answer.headers, 'Set-Cookie': [...cookies] } }
}

/** Adds parameters to an address, whose own query stays as it is (RFC 6749 §3.1.2). */
export function withParameters(
  uri: string,
  where: 'query' | 'fragment',
  parameters: Readonly<Record<string, string>>,
): string {
  const added = new URLSearchParams(parameters).toString()
  if (where === 'fragment') return `${uri}#${added}`
  if (!uri.includes('?')) return `${uri}?${added}`
  return `${uri}${/[?&]$/.test(uri) ? '' : '&'}${added}`
}
