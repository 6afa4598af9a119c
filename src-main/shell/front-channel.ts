import type { FrontChannelAnswer } from '@shared/login-window'
import type { MessageParameter } from '@shared/try-it'

/**
 * Whether an address is the application's redirect address with an answer added to it: everything before the query has to be the
 * same, whatever its scheme.
 */
export function isRedirect(address: string, redirectUri: string): boolean {
  const [one, other] = [placeOf(address), placeOf(redirectUri)]
  return one !== undefined && one === other
}

/** Where an answer stands in the address that the browser was sent to (Multiple Response Type Encoding Practices §2.1). */
export function answerInAddress(address: string): FrontChannelAnswer {
  const { hash, searchParams } = new URL(address)
  if (hash === '')
    return { kind: 'answer', method: 'GET', by: 'query', address, parameters: parametersOf(searchParams) }
  const parameters = parametersOf(new URLSearchParams(hash.slice(1)))
  return { kind: 'answer', method: 'GET', by: 'fragment', address, parameters }
}

/** The answer in the body of a form that was on its way to the application (OAuth 2.0 Form Post Response Mode §2). */
export function answerInForm(address: string, body: string): FrontChannelAnswer {
  const parameters = parametersOf(new URLSearchParams(body))
  return { kind: 'answer', method: 'POST', by: 'form_post', address, parameters }
}

/** Names of the fields of a form, each once; never what was typed into them. */
export function fieldNames(body: string): string[] {
  return [...new Set(new URLSearchParams(body).keys())]
}

/** Names of the cookies that an answer sets and removes; never their values. */
export function cookieNames(lines: readonly string[]): { set: string[]; removed: string[] } {
  const nameOf = (line: string) => line.slice(0, Math.max(line.indexOf('='), 0)).trim()
  const isRemoved = (line: string) => /;\s*max-age=0\b/i.test(line)
  return {
    set: lines.filter((line) => !isRemoved(line)).map(nameOf),
    removed: lines.filter(isRemoved).map(nameOf),
  }
}

function placeOf(address: string): string | undefined {
  const [place = ''] = address.split(/[?#]/, 1)
  return URL.canParse(place) ? new URL(place).href : undefined
}

function parametersOf(all: URLSearchParams): MessageParameter[] {
  return [...all].map(([name, value]) => ({ name, value }))
}
