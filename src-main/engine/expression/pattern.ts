import { RE2JS } from 're2js'

/** Instructions that a pattern may come to, such as {1000} of one character: each character of a text costs at most one step for each. */
const PROGRAM_LIMIT = 2000

/** A pattern that cannot be used, with a sentence to be shown. */
export class PatternError extends Error {}

/**
 * A regular expression for whole texts, as Java's `matches`; `.` stands for line breaks too, so that none in a path steps past a
 * condition. RE2's engine takes time in proportion to the text, whatever the pattern: the platform's can be kept busy for years by a
 * header of forty characters.
 *
 * @throws PatternError for what is no pattern, for what cannot be decided in such time (looking around, referring back), and for what is
 *   too large
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(pattern, RE2JS.DOTALL)
  } catch (error) {
    throw new PatternError(reasonOf(pattern, error))
  }
  if (compiled.programSize() > PROGRAM_LIMIT)
    throw new PatternError(`The pattern ${shown(pattern)} is too large: repeat less of it, or less often`)
  return (text) => compiled.testExact(text)
}

function reasonOf(pattern: string, error: unknown): string {
  // The library's own words for what is not in RE2's syntax: "error parsing regexp: invalid escape sequence: `\1`".
  const what = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'unknown reason'
  if (/\(\?<?[=!]/.test(what) || /escape sequence: `\\[1-9k]/.test(what))
    return `The pattern ${shown(pattern)} looks around or refers back, which could keep the gateway busy without an end. Write it without, or with several conditions`
  return `${shown(pattern)} is not a regular expression: ${what}`
}

const shown = (pattern: string) => (pattern.length > 100 ? `${pattern.slice(0, 100)}…` : pattern)
