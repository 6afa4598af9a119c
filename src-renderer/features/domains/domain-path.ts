/** Longest path of a domain, as the contract's DomainPath has it. */
const MAX_LENGTH = 64

/** A domain's path from its name: lower case, letters of other alphabets' accents dropped, the rest as single dashes. */
export function derivePath(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_LENGTH)
    .replace(/^-+|-+$/g, '')
}

/** What is wrong with a path, in one sentence with its remedy; undefined when it is fine. */
export function pathError(path: string, taken: string[]): string | undefined {
  if (path === '') return 'A domain needs a path. Write at least one letter or digit.'
  if (/[A-Z]/.test(path)) return 'Paths are lower case: they are compared letter by letter.'
  const wrong = /[^a-z0-9-]/u.exec(path)?.[0]
  if (wrong) return `Only a–z, 0–9 and dashes; ${wrong === ' ' ? 'a space' : `“${wrong}”`} is none of them.`
  if (path.startsWith('-') || path.endsWith('-')) return 'A path starts and ends with a letter or digit.'
  if (path.length > MAX_LENGTH) return `At most ${MAX_LENGTH} characters; these are ${path.length}.`
  if (taken.includes(path)) return `Another domain has the path ${path}. Choose a different one.`
  return undefined
}

/** What is wrong with a name of a domain or application. */
export function nameError(name: string): string | undefined {
  if (name.trim() === '') return 'Give it a name.'
  return name.length > 128 ? `At most 128 characters; these are ${name.length}.` : undefined
}

/** What is wrong with a scope's key (RFC 6749 §3.3). */
export function scopeError(key: string, taken: string[]): string | undefined {
  if (key === '') return 'Write the scope as clients ask for it, e.g. read or orders:write.'
  const wrong = /[^!#-[\]-~]/u.exec(key)?.[0]
  if (wrong === ' ') return 'A scope has no spaces: in a request, a space separates two scopes.'
  if (wrong) return `A scope is printable ASCII without quotes and backslashes; “${wrong}” is not allowed.`
  if (key.length > 128) return `At most 128 characters; these are ${key.length}.`
  return taken.includes(key) ? `The domain has the scope ${key} already.` : undefined
}
