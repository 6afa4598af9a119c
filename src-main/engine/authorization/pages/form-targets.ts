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

/** Second labels under which the registries of countries give out names, as in `co.uk`. */
const REGISTRY_LABELS = ['ac', 'co', 'com', 'edu', 'gob', 'go', 'gov', 'ltd', 'mil', 'ne', 'net', 'nom', 'or', 'org', 'plc', 'sch'] // prettier-ignore
/** Domains whose subdomains are each somebody else's. Not the whole public suffix list: that one ages in a program that works offline. */
const HOSTING_DOMAINS = ['github.io', 'gitlab.io', 'netlify.app', 'vercel.app', 'pages.dev', 'workers.dev', 'web.app', 'firebaseapp.com', 'run.app', 'herokuapp.com', 'azurewebsites.net', 'cloudfront.net', 'amazonaws.com', 'onrender.com', 'fly.dev'] // prettier-ignore

/** `example.com` of both `shop.example.com` and `example.com`; undefined for a name without a dot. */
function parentDomain(hostname: string): string | undefined {
  const labels = hostname.split('.')
  if (labels.length < 2) return undefined
  const parent = labels.slice(1).join('.')
  return labels.length === 2 || isShared(parent) ? hostname : parent
}

/** Whether strangers have names under it. */
function isShared(domain: string): boolean {
  const [second = '', top = '', ...more] = domain.split('.')
  if (HOSTING_DOMAINS.some((each) => domain === each || domain.endsWith(`.${each}`))) return true
  return more.length === 0 && top.length === 2 && REGISTRY_LABELS.includes(second)
}
