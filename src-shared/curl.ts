/** A word as a POSIX shell reads it literally: bare when harmless, else in single quotes. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** A value inside double quotes, where `$NAME` stays a variable: everything else that a shell would read is escaped. */
function inDoubleQuotes(text: string): string {
  return text.replace(/[\\"`]/g, '\\$&').replace(/\$(?!CLIENT_SECRET\b|TOKEN\b)/g, '\\$&')
}

/** What application/x-www-form-urlencoded makes of a value. */
function formEncode(value: string): string {
  return new URLSearchParams({ '': value }).toString().slice(1)
}

export type TokenRequest = {
  /** http://127.0.0.1:8092 */
  authorizationAddress: string
  domainPath: string
  clientId: string
  /** Absent: the line holds `$CLIENT_SECRET` for the person's own variable. */
  clientSecret?: string | undefined
  scopes?: string[]
}

/**
 * The token request as a curl line: client credentials with HTTP Basic. Client id and secret are form-encoded before
 * they go into Basic (RFC 6749 §2.3.1), so that any character survives.
 */
export function curlTokenRequest(request: TokenRequest): string {
  const id = formEncode(request.clientId)
  const credentials =
    request.clientSecret === undefined
      ? `"${inDoubleQuotes(id)}:$CLIENT_SECRET"`
      : shellQuote(`${id}:${formEncode(request.clientSecret)}`)
  const scope = request.scopes?.length ? ` \\\n  -d ${shellQuote(`scope=${formEncode(request.scopes.join(' '))}`)}` : ''
  return (
    `curl -i -X POST ${shellQuote(`${request.authorizationAddress}/${request.domainPath}/oauth/token`)} \\\n` +
    `  -u ${credentials} \\\n  -d grant_type=client_credentials${scope}`
  )
}

/** The same request, its token kept in `$TOKEN` for the lines after it; needs nothing but curl and sed. */
export function curlKeepToken(request: TokenRequest): string {
  const line = curlTokenRequest(request).replace('curl -i', 'curl -s')
  return `TOKEN=$(${line} \\\n  | sed 's/.*"access_token" *: *"\\([^"]*\\)".*/\\1/')`
}

/** A call of an API; with `withToken` it carries `$TOKEN`. */
export function curlCall(address: string, withToken: boolean): string {
  const header = withToken ? ` -H "Authorization: Bearer $TOKEN"` : ''
  return `curl -i ${shellQuote(address)}${header}`
}
