import type { ApplicationSnapshot } from '../../../snapshot'

/** `http` to this machine by its number: group 1 before the port, group 2 after it. */
const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]))(?::\d{1,5})?((?:[/?].*)?)$/
/** They run or read something in the browser instead of leading to an application. */
const NEVER = ['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'filesystem:', 'about:', 'view-source:']

/**
 * Whether an address is one that the application registered: character by character (RFC 9700 §2.1), without a fragment (RFC 6749
 * §3.1.2). A native application may be waiting at any port of this machine when it registered it by its number, since it gets one when it
 * asks for it (RFC 8252 §7.3); not by the name localhost, which may lead elsewhere (§8.3).
 */
export function isRegistered({ type, redirectUris }: ApplicationSnapshot, given: string): boolean {
  if (!isUsableRedirect(given)) return false
  if (redirectUris.includes(given)) return true
  if (type !== 'native') return false
  const wanted = withoutPort(given)
  return wanted !== undefined && redirectUris.some((registered) => withoutPort(registered) === wanted)
}

/** The only registered address, which a request may leave out (RFC 6749 §3.1.2.3). */
export function onlyRegistered({ redirectUris }: ApplicationSnapshot): string | undefined {
  const [only, ...others] = redirectUris
  return only !== undefined && others.length === 0 && isUsableRedirect(only) ? only : undefined
}

/** What a browser can be sent to; also what was registered is looked at, for it may have come by an import. */
export function isUsableRedirect(uri: string): boolean {
  if (!/^[\x21-\x7e]+$/.test(uri) || uri.includes('#') || !URL.canParse(uri)) return false
  return !NEVER.includes(new URL(uri).protocol)
}

function withoutPort(uri: string): string | undefined {
  const [, before, after = ''] = LOOPBACK.exec(uri) ?? []
  return before === undefined ? undefined : before + after
}
