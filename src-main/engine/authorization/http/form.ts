import { isUtf8 } from 'node:buffer'
import { malformed, type OAuthRefusal } from './oauth-refusal'

/** The parameters of a request body, each at most once and never empty. */
export type Form = ReadonlyMap<string, string>

/** What a body or a query says, and what is wrong with how it says it. */
export interface Parameters {
  readonly form: Form
  /** The values of those that may stand more than once, in their order; `form` has none of them. */
  readonly lists: ReadonlyMap<string, readonly string[]>
  /** In the order in which they were found. */
  readonly flaws: readonly OAuthRefusal[]
  /** The same by the name that they are about, where it can be read. No value of it counts: which of two is meant is anybody's guess. */
  readonly flawed: ReadonlyMap<string, OAuthRefusal>
}

export const NO_PARAMETERS: Parameters = { form: new Map(), lists: new Map(), flaws: [], flawed: new Map() }

/**
 * Reads `application/x-www-form-urlencoded` text by RFC 6749 §3.1, §3.2 and appendix B: a parameter that stands twice is an error, one
 * without a value counts as left out.
 *
 * @param repeatable names of those that may stand more than once
 */
export function readParameters(text: string, repeatable: readonly string[] = []): Parameters {
  const form = new Map<string, string>()
  const lists = new Map<string, string[]>()
  const seen = new Set<string>()
  const flaws: OAuthRefusal[] = []
  const flawed = new Map<string, OAuthRefusal>()
  const refuse = (name: string | undefined, flaw: OAuthRefusal) => {
    flaws.push(flaw)
    if (name !== undefined && !flawed.has(name)) flawed.set(name, flaw)
  }
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decodeFormComponent(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : decodeFormComponent(pair.slice(equals + 1))
    if (name === undefined || value === undefined) {
      refuse(name, malformed('FORM_ENCODING_BROKEN', `The percent-encoding of ${describe(name)} is broken`))
    } else if (name.includes('\0') || value.includes('\0')) {
      refuse(name, malformed('FORM_HAS_NUL', `${capitalized(describe(name))} contains a NUL character`))
    } else if (repeatable.includes(name)) {
      if (value !== '') lists.set(name, [...(lists.get(name) ?? []), value])
    } else if (seen.has(name)) {
      const description = `${capitalized(describe(name))} is given more than once`
      refuse(name, malformed('PARAMETER_REPEATED', description, { source: 'RFC 6749 §3.1, §3.2' }))
    } else {
      seen.add(name)
      if (value !== '') form.set(name, value)
    }
  }
  for (const name of flawed.keys()) form.delete(name)
  return { form, lists, flaws, flawed }
}

/** Reads a body. What is not UTF-8 is a flaw of the whole. */
export function readBody(body: Buffer, repeatable?: readonly string[]): Parameters {
  if (isUtf8(body)) return readParameters(body.toString('utf8'), repeatable)
  return { ...NO_PARAMETERS, flaws: [malformed('FORM_NOT_UTF8', 'The body is not valid UTF-8')] }
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
