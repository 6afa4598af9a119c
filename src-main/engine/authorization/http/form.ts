import { isUtf8 } from 'node:buffer'
import { malformed } from './oauth-refusal'

/** The parameters of a request body, each at most once and never empty. */
export type Form = ReadonlyMap<string, string>

/**
 * Parses an `application/x-www-form-urlencoded` body by RFC 6749 §3.2 and appendix B: a parameter that stands twice is an error, one
 * without a value counts as left out.
 *
 * @throws OAuthRefusal (`invalid_request`) naming the parameter where one can be named.
 */
export function parseForm(body: Buffer): Form {
  if (!isUtf8(body)) throw malformed('FORM_NOT_UTF8', 'The body is not valid UTF-8')
  const form = new Map<string, string>()
  const seen = new Set<string>()
  for (const pair of body.toString('utf8').split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decodeFormComponent(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : decodeFormComponent(pair.slice(equals + 1))
    if (name === undefined || value === undefined) {
      throw malformed('FORM_ENCODING_BROKEN', `The percent-encoding of ${describe(name)} is broken`)
    }
    if (name.includes('\0') || value.includes('\0')) {
      throw malformed('FORM_HAS_NUL', `${capitalized(describe(name))} contains a NUL character`)
    }
    if (seen.has(name)) {
      throw malformed('PARAMETER_REPEATED', `${capitalized(describe(name))} is given more than once`, {
        source: 'RFC 6749 §3.2',
      })
    }
    seen.add(name)
    if (value !== '') form.set(name, value)
  }
  return form
}

/** Decodes one name or value (RFC 6749 appendix B); undefined when its percent-encoding or the UTF-8 in it is broken. */
export function decodeFormComponent(encoded: string): string | undefined {
  const spaced = encoded.includes('+') ? encoded.replaceAll('+', ' ') : encoded
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return undefined
  }
}

/** A parameter's name is repeated to the caller only when it is a plain word: names come from outside. */
function describe(name: string | undefined): string {
  return name !== undefined && /^[\w.-]{1,64}$/.test(name) ? `parameter ${name}` : 'a parameter'
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
