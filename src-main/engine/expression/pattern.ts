import { RE2JS } from 're2js'
import { checkEntries, checkLength } from './evaluation-error'

/** Instructions that a pattern may come to, such as {1000} of one character: each character of a text costs at most one step for each. */
const PROGRAM_LIMIT = 2000

/** A pattern that cannot be used, with a sentence to be shown. */
export class PatternError extends Error {}

/**
 * A regular expression for whole texts, as Java's `matches`; `.` stands for line breaks too, so that none in a path steps past a
 * condition.
 *
 * @throws PatternError as of `compiled`
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  const whole = compiled(pattern, RE2JS.DOTALL)
  return (text) => whole.testExact(text)
}

/** A regular expression for parts of a text. */
export interface Search {
  readonly finds: (text: string) => boolean
  /** @param replacement may name groups as Java does: `$1` */
  readonly replace: (text: string, replacement: string, which: 'all' | 'first') => string
  /** As Java splits: no empty parts at the end. */
  readonly split: (text: string) => string[]
}

/** @throws PatternError as of `compiled` */
export function compileSearch(pattern: string): Search {
  const search = compiled(pattern, 0)
  return {
    finds: (text) => search.matcher(text).find(),
    replace: (text, replacement, which) => replaced(search, text, replacement, which === 'first'),
    split(text) {
      const parts: string[] = []
      let end = 0
      const matcher = search.matcher(text)
      while (matcher.find()) {
        if (matcher.end() === 0) continue // nothing before the first character
        parts.push(text.slice(end, matcher.start()))
        checkEntries(parts.length)
        end = matcher.end()
      }
      if (end < text.length || parts.length === 0) parts.push(text.slice(end))
      while (parts.length > 1 && parts.at(-1) === '') parts.pop()
      return parts
    },
  }
}

/** Checks the length as it grows: what is put in may be long, and for each character of the text. */
function replaced(search: RE2JS, text: string, replacement: string, onlyFirst: boolean): string {
  const parts: string[] = []
  let [length, end] = [0, 0]
  const put = (part: string) => {
    checkLength((length += part.length))
    parts.push(part)
  }
  const matcher = search.matcher(text)
  while (matcher.find()) {
    put(text.slice(end, matcher.start()))
    put(
      replacement.replaceAll(
        /\\(.)|\$(\d)/g,
        (_all, plain: string | undefined, group: string) =>
          plain ?? (Number(group) <= matcher.groupCount() ? (matcher.group(Number(group)) ?? '') : ''),
      ),
    )
    end = matcher.end()
    if (onlyFirst) break
  }
  put(text.slice(end))
  return parts.join('')
}

/**
 * RE2's engine takes time in proportion to the text, whatever the pattern: the platform's can be kept busy for years by a header of
 * forty characters.
 *
 * @throws PatternError for what is no pattern, for what cannot be decided in such time (looking around, referring back), and for what is
 *   too large
 */
function compiled(pattern: string, flags: number): RE2JS {
  let result: RE2JS
  try {
    result = RE2JS.compile(pattern, flags)
  } catch (error) {
    throw new PatternError(reasonOf(pattern, error))
  }
  if (result.programSize() > PROGRAM_LIMIT)
    throw new PatternError(`The pattern ${shown(pattern)} is too large: repeat less of it, or less often`)
  return result
}

function reasonOf(pattern: string, error: unknown): string {
  // The library's own words for what is not in RE2's syntax: "error parsing regexp: invalid escape sequence: `\1`".
  const what = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'unknown reason'
  if (/\(\?<?[=!]/.test(what) || /escape sequence: `\\[1-9k]/.test(what))
    return `The pattern ${shown(pattern)} looks around or refers back, which could keep the gateway busy without an end. Write it without, or with several conditions`
  return `${shown(pattern)} is not a regular expression: ${what}`
}

const shown = (pattern: string) => (pattern.length > 100 ? `${pattern.slice(0, 100)}…` : pattern)
