import { hash } from 'node:crypto'
import type { Call } from '../http/endpoint'

/** The two cookies of a domain: of a login, and of the browser, which what stands between two pages is bound to. */
export type CookiePurpose = 'session' | 'browser'

/** 256 bits, base64url. */
const VALUE = /^[\w-]{43}$/

/** The value that the browser sent; undefined when there is none that could be ours. */
export function readCookie(
  call: Pick<Call, 'headers' | 'domain' | 'origin'>,
  purpose: CookiePurpose,
): string | undefined {
  const start = `${nameOf(call, purpose)}=`
  // Of two with one name the first is that of the longer path (RFC 6265 §5.4).
  const found = call.headers.cookie?.split(/; ?/).find((pair) => pair.startsWith(start))
  const value = found?.slice(start.length)
  return value !== undefined && VALUE.test(value) ? value : undefined
}

/** The `Set-Cookie` by which the browser keeps a value until it is closed. */
export function setCookie(call: Pick<Call, 'domain' | 'origin'>, purpose: CookiePurpose, value: string): string {
  return `${nameOf(call, purpose)}=${value}; ${attributesOf(call)}`
}

/** The `Set-Cookie` by which the browser forgets it. */
export function clearCookie(call: Pick<Call, 'domain' | 'origin'>, purpose: CookiePurpose): string {
  return `${nameOf(call, purpose)}=; Max-Age=0; ${attributesOf(call)}`
}

/**
 * Each domain has names of its own: cookies know no ports, so that two servers on one machine see each other's, and with the prefix
 * `__Host-` no paths either. A domain's id is nobody else's, also where two have the same path.
 */
function nameOf({ domain, origin }: Pick<Call, 'domain' | 'origin'>, purpose: CookiePurpose): string {
  const { id, path } = domain.snapshot
  const tag = hash('sha256', id, 'hex').slice(0, 8)
  return `${isSecure(origin) ? '__Host-' : ''}gatehouse-${purpose}-${path}-${tag}`
}

function attributesOf({ domain, origin }: Pick<Call, 'domain' | 'origin'>): string {
  return isSecure(origin)
    ? 'Path=/; Secure; HttpOnly; SameSite=Lax'
    : `Path=/${domain.snapshot.path}/; HttpOnly; SameSite=Lax`
}

function isSecure(origin: string): boolean {
  return origin.startsWith('https://')
}
