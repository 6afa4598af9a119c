/** Names of headers, parameters and members whose values open something. */
const SECRET_NAME = /authori[sz]ation|cookie|token|secret|passw|pwd|credential|api[-_]?key|client[-_]?assertion|private[-_]?key|signature|^code$|^pin$|^otp$/i // prettier-ignore
/** Of a scheme and what follows it; and what is a signed token by its look. */
const SCHEME = /\b(Bearer|Basic|Digest|DPoP)\s+[^\s"',;]+/gi
const JWT = /\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]+)*/g
const MASK = '••••'
/** Characters of a body that a trace shows. */
const SHOWN = 2000

/** A header's value as a trace may show it. */
export function maskedHeader(name: string, value: string): string {
  if (!SECRET_NAME.test(name)) return maskedText(value).slice(0, SHOWN)
  const scheme = /^(Bearer|Basic|Digest|DPoP)\s/i.exec(value)?.[1]
  return scheme === undefined ? MASK : `${scheme} ${MASK}`
}

/** A body's beginning as a trace may show it: values of members and parameters with telling names are left out. */
export function maskedBody(text: string): string {
  return (maskedJson(text) ?? (isForm(text) ? maskedForm(text) : maskedText(text))).slice(0, SHOWN)
}

/** A text without what looks like a credential. */
export const maskedText = (text: string): string =>
  text
    .slice(0, 2 * SHOWN)
    .replaceAll(SCHEME, `$1 ${MASK}`)
    .replaceAll(JWT, MASK)

function maskedJson(text: string): string | undefined {
  try {
    const mask = (name: string, value: unknown) =>
      SECRET_NAME.test(name) && value !== null && typeof value !== 'object' ? MASK : typeof value === 'string' ? maskedText(value) : value // prettier-ignore
    return JSON.stringify(JSON.parse(text, mask))
  } catch {
    return undefined
  }
}

const isForm = (text: string): boolean => /^[\w.~%+*-]+=[^\s]*$/.test(text.slice(0, 2 * SHOWN))

/** A query or a form as a trace may show it. */
export function maskedForm(text: string): string {
  return text
    .slice(0, 2 * SHOWN)
    .split('&')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return SECRET_NAME.test(name) ? `${name}=${MASK}` : [name, ...value].join('=')
    })
    .join('&')
}

/** Secrets as they may stand in a text: as they are, within JSON and within an address. The longest first, for one may hold another. */
export function secretForms(secrets: readonly string[]): string[] {
  const inAddress = (secret: string) => encodeURIComponent(Buffer.from(secret).toString()) // half a character would be refused
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), inAddress(secret)])
  return [...new Set(forms)].sort((a, b) => b.length - a.length)
}

/** Members of a record that hold one of a few words of ours, whatever a secret may be. */
const WORDS = ['server', 'outcome', 'kind', 'decision', 'phase', 'action']
/** Texts of a record are cut at this length at the earliest. */
const SHORTEST_CUT = 100

/** A copy in which the values of secrets are left out of every text. */
export function withoutSecrets<T>(value: T, secrets: readonly string[]): T {
  const masked = JSON.stringify(value, (name, member: unknown) =>
    typeof member !== 'string' || WORDS.includes(name) ? member : withoutSecretsIn(member, secrets),
  )
  return JSON.parse(masked) as T // as it was, but for its texts
}

function withoutSecretsIn(text: string, secrets: readonly string[]): string {
  const whole = secrets.reduce((left, secret) => left.replaceAll(secret, MASK), text)
  // What was cut may end within a secret.
  return whole.length < SHORTEST_CUT ? whole : secrets.reduce(withoutBeginning, whole)
}

/** Without the beginning of a secret at the end of the text. */
function withoutBeginning(text: string, secret: string): string {
  for (let length = Math.min(secret.length - 1, text.length); length > 2; length--)
    if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + MASK
  return text
}
