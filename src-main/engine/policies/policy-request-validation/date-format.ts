const MONTHS = 'January February March April May June July August September October November December'.split(' ')
const DAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ')
const short = (names: readonly string[]) => names.map((name) => name.slice(0, 3))
const oneOf = (names: readonly string[]) => `(?:${names.join('|')})`

/** A letter of Java's date patterns, how often it stands, and the expression for it; undefined for one that is not known here. */
function part(letter: string, count: number): { source: string; name?: string } | undefined {
  const digits = (most: number, name: string) => ({ source: count >= 2 ? `(\\d{${Math.max(count, most)}})` : `(\\d{1,${most}})`, name }) // prettier-ignore
  switch (letter) {
    case 'y':
    case 'u':
      return { source: count === 2 ? '(\\d{2})' : `(\\d{${Math.max(count, 4)}})`, name: 'year' }
    case 'M':
    case 'L':
      if (count > 2) return { source: `(${oneOf(count === 3 ? short(MONTHS) : MONTHS)})`, name: 'monthName' }
      return digits(2, 'month')
    case 'd':
      return digits(2, 'day')
    case 'H':
      return digits(2, 'hour')
    case 'h':
      return digits(2, 'hour12')
    case 'm':
      return digits(2, 'minute')
    case 's':
      return digits(2, 'second')
    case 'S':
      return { source: `\\d{1,9}` }
    case 'a':
      return { source: '(?:AM|PM|am|pm)' }
    case 'E':
      return { source: oneOf(count < 4 ? short(DAYS) : DAYS) }
    case 'X':
      return { source: count === 3 ? '(?:Z|[+-]\\d\\d:\\d\\d)' : count === 2 ? '(?:Z|[+-]\\d{4})' : '(?:Z|[+-]\\d\\d)' }
    case 'Z':
      return { source: '[+-]\\d{4}' }
    case 'z':
      return { source: '(?:[A-Z]{1,5}|GMT[+-]\\d\\d:\\d\\d)' }
    default:
      return undefined
  }
}

/**
 * Judges texts by a date pattern as Java's SimpleDateFormat writes it, such as `yyyy-MM-dd'T'HH:mm:ss`: strictly, the whole text, and
 * only days that there are. The expression that is made takes time in proportion to the text.
 *
 * @returns a sentence when the pattern cannot be understood
 */
export function dateFormat(pattern: string): ((text: string) => boolean) | string {
  const names: string[] = []
  let source = ''
  for (const [token] of pattern.matchAll(/'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']|'/g)) {
    if (token === "'") return 'a quote has no other that ends it'
    if (token.startsWith("'")) source += escaped(token === "''" ? "'" : token.slice(1, -1).replaceAll("''", "'"))
    else if (/^[A-Za-z]/.test(token)) {
      const found = part(token[0]!, token.length)
      if (found === undefined) return `the letter ${token[0]!} is not known`
      source += found.source
      if (found.name !== undefined) names.push(found.name)
    } else source += escaped(token)
  }
  if (names.length === 0) return 'it names no part of a date'
  const expression = new RegExp(`^${source}$`)
  return (text) => {
    const found = text.length > 200 ? null : expression.exec(text)
    return found !== null && isDate(Object.fromEntries(names.map((name, index) => [name, found[index + 1]!])))
  }
}

const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

function isDate(parts: Readonly<Record<string, string>>): boolean {
  const at = (name: string, otherwise: number) => (parts[name] === undefined ? otherwise : Number(parts[name]))
  const within = (value: number, least: number, most: number) => value >= least && value <= most
  const named = parts.monthName
  const month =
    named === undefined ? at('month', 1) : MONTHS.findIndex((name) => name.startsWith(named.slice(0, 3))) + 1
  const day = at('day', 1)
  const days = new Date(Date.UTC(at('year', 2000), month, 0)).getUTCDate()
  return (
    within(month, 1, 12) &&
    within(day, 1, days) &&
    within(at('hour', 0), 0, 23) &&
    within(at('hour12', 1), 1, 12) &&
    within(at('minute', 0), 0, 59) &&
    within(at('second', 0), 0, 59)
  )
}
