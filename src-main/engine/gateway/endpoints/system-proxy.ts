/**
 * The proxy that the environment names for an address, as curl reads it: HTTP_PROXY or HTTPS_PROXY by the scheme of the address,
 * in either case of letters, unless NO_PROXY names the host. Undefined when there is none for it.
 */
export function systemProxy(target: URL, environment: NodeJS.ProcessEnv): URL | undefined {
  const value = (name: string) => environment[name] ?? environment[name.toUpperCase()] ?? ''
  const named = value(target.protocol === 'https:' ? 'https_proxy' : 'http_proxy') || value('all_proxy')
  if (named === '' || isExempt(target.hostname, value('no_proxy'))) return undefined
  const address = named.includes('://') ? named : `http://${named}`
  return URL.canParse(address) ? new URL(address) : undefined
}

function isExempt(host: string, list: string): boolean {
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const name = entry
        .replace(/:\d+$/, '')
        .replace(/^\*?\./, '')
        .toLowerCase()
      return entry === '*' || host === name || host.endsWith(`.${name}`)
    })
}
