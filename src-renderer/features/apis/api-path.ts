import { ECHO_TARGET, TARGET_PROTOCOLS } from '@shared/api-definition'

/** `Read orders` → `/read-orders`: the path that a new API is offered. */
export function derivePath(name: string): string {
  const words = name
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return words === '' ? '' : `/${words}`
}

/** What is wrong with a context path as it is typed; undefined when it will do. `taken`: the paths of other APIs. */
export function pathError(path: string, taken: readonly string[]): string | undefined {
  const text = path.trim()
  if (text === '') return 'Give the path that callers use, such as /echo.'
  if (!text.startsWith('/')) return 'A path starts with a slash: put a / in front.'
  if (/[?#]/.test(text)) return 'A path holds neither ? nor #; the query is passed on to the backend.'
  if (/\s/.test(text)) return 'A path holds no spaces.'
  if (/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/u.test(text)) return 'Use letters, digits, hyphens and slashes.'
  const normal = text.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
  return taken.includes(normal) ? `Another API is on ${normal} already.` : undefined
}

/** What is wrong with a backend's address as it is typed; undefined when it will do. */
export function targetError(target: string): string | undefined {
  if (target === ECHO_TARGET) return undefined
  if (target.trim() === '') return 'Give the backend’s address, such as http://127.0.0.1:3000.'
  if (!URL.canParse(target)) return 'This is not an address: give one such as http://127.0.0.1:3000.'
  const { protocol, username, password, hash, hostname } = new URL(target)
  if (!TARGET_PROTOCOLS.includes(protocol)) return 'A backend is reached by http, https, grpc or grpcs.'
  if (hostname === '') return 'The address names no host.'
  if (username || password) return 'An address carries no credentials: leave them out.'
  return hash ? 'Leave the # part out.' : undefined
}

/** What a target is called. */
export function targetName(target: string): string {
  return target === ECHO_TARGET ? 'Built-in echo' : target || 'No address yet'
}
