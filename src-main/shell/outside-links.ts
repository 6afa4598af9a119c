/** Sites that a link in the window may open in the person's browser. */
const openedOutside: ReadonlySet<string> = new Set([
  'datatracker.ietf.org',
  'documentation.gravitee.io',
  'github.com',
  'openid.net',
  'www.rfc-editor.org',
])

/** Whether a link may be handed to the system: https only, and only to the sites that our own texts name. */
export function mayOpenOutside(address: string): boolean {
  if (!URL.canParse(address)) return false
  const url = new URL(address)
  return url.protocol === 'https:' && openedOutside.has(url.host) && url.username === '' && url.password === ''
}
