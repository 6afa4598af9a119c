const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/**
 * Where a form may lead that ends at an application's address, as CSP sources for `form-action`. Applications often send the browser on
 * from their callback to another address of theirs, and Chromium holds that to the policy too: so the neighbours under the same
 * parent domain are let through, and on this machine all ports.
 */
export function formTargetsOf(redirectUri: string): readonly string[] {
  const { protocol, hostname } = new URL(redirectUri)
  if (protocol !== 'http:' && protocol !== 'https:') return [protocol]
  if (LOOPBACK.includes(hostname)) {
    // CSP has no way to write an IPv6 address.
    return hostname === '[::1]' ? [protocol] : LOOPBACK.slice(0, 2).map((host) => `${protocol}//${host}:*`)
  }
  if (hostname.startsWith('[')) return [protocol]
  const parent = /^[\d.]+$/.test(hostname) ? undefined : parentDomain(hostname)
  return [`${protocol}//${hostname}:*`, ...(parent === undefined ? [] : [`${protocol}//*.${parent}:*`])]
}

/** `example.com` of both `shop.example.com` and `example.com`; undefined for a name without a dot. */
function parentDomain(hostname: string): string | undefined {
  const labels = hostname.split('.')
  if (labels.length < 2) return undefined
  return labels.length === 2 ? hostname : labels.slice(1).join('.')
}
