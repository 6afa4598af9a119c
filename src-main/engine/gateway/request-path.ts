/** A request's target, read once so that routing, flows and backend see the same path. */
export interface RequestPath {
  /** As it came, dot segments resolved; what the backend gets. Nothing is decoded. */
  readonly raw: string
  /** Decoded, without empty segments and without a slash at the end; what rules are matched against. `` is the root. */
  readonly matched: string
  /** Raw, without `?`; `` when there is none. */
  readonly query: string
}

const PLAIN = /^(?:\/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9_~!$&'()*+,=:@.-]*)+$/
/** An encoded slash, backslash or NUL, and a backslash as it is: servers disagree on what they mean. */
const AMBIGUOUS = /%2f|%5c|%00|\\/i
/** `;x`, `.;x` and `..;x`: without its parameters, which some servers strip first, the segment is empty or a dot segment. */
const NAMELESS = /^\.{0,2};/

/**
 * Reads the request target (RFC 9112 §3.2). Dot segments, encoded or not, are resolved before anything is matched. A string is the reason why the
 * path is refused: what servers read in different ways could step past a rule here and reach what the rule protects behind.
 */
export function readRequestPath(target: string): RequestPath | string {
  if (!target.startsWith('/')) {
    if (!/^https?:\/\//i.test(target)) return 'The request target is no path'
    const afterAuthority = target.indexOf('/', target.indexOf('//') + 2)
    return afterAuthority === -1 ? readRequestPath('/') : readRequestPath(target.slice(afterAuthority))
  }
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  const query = mark === -1 ? '' : target.slice(mark + 1)
  if (PLAIN.test(path)) return { raw: path, matched: path, query }
  if (target.includes('#')) return 'The request target has a # part'
  if (AMBIGUOUS.test(path))
    return 'The path has an encoded slash, a backslash or a NUL, which servers read in different ways'

  const raw: string[] = []
  const decoded: string[] = []
  const segments = path.slice(1).split('/')
  for (const [index, segment] of segments.entries()) {
    let plain: string
    try {
      plain = decodeURIComponent(segment)
    } catch {
      return 'The path has a % that encodes nothing'
    }
    if (NAMELESS.test(plain)) return 'The path has a segment of parameters alone, which servers read in different ways'
    const last = index === segments.length - 1
    if (plain === '.' || plain === '..') {
      if (plain === '..') {
        raw.pop()
        decoded.pop()
      }
      if (last) raw.push('')
    } else {
      raw.push(segment)
      decoded.push(plain)
    }
  }
  const kept = decoded.filter((segment) => segment !== '')
  return { raw: `/${raw.join('/')}`, matched: kept.map((segment) => `/${segment}`).join(''), query }
}

/** What follows the first `count` segments that are not empty, as it came: `` or a path that starts with a slash. */
export function rawRest(raw: string, count: number): string {
  let at = 0
  for (let seen = 0; seen < count; seen++) {
    while (raw[at] === '/') at++
    const next = raw.indexOf('/', at)
    if (next === -1) return ''
    at = next
  }
  return raw.slice(at)
}
