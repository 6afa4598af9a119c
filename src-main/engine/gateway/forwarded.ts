import { isIPv6 } from 'node:net'

/** How this hop tells of itself in `Forwarded` (RFC 7239 §4): who called, by which name and how. */
export function forwardedElement(remoteAddress: string, host: string, scheme: string): string {
  const node = isIPv6(remoteAddress) ? `"[${remoteAddress}]"` : remoteAddress === '' ? 'unknown' : remoteAddress
  // What of a name is no token is quoted (RFC 9110 §5.6.4); a host that was let in holds no quote and no backslash.
  return `for=${node}${host === '' ? '' : `;host="${host}"`};proto=${scheme}`
}
