import type { ClientAuthenticationMethod } from './domain'

/** A word as a POSIX shell reads it literally: bare when harmless, else in single quotes. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** A text inside double quotes, where all that a shell would read is escaped. */
function inDoubleQuotes(text: string): string {
  return text.replace(/[\\"`$]/g, '\\$&')
}

/** What application/x-www-form-urlencoded makes of a value. */
export function formEncode(value: string): string {
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
  /** By Basic unless it is told. */
  method?: ClientAuthenticationMethod | undefined
  /** Certificate of the authority that a client has to trust, where one of ours speaks HTTPS by it. */
  caFile?: string | undefined
}

/** The option that has curl trust our authority; nothing for plain HTTP, or where there is nothing to trust. */
export function curlTrust(address: string, caFile: string | undefined): string {
  return caFile === undefined || !address.startsWith('https:') ? '' : ` --cacert ${shellQuote(caFile)}`
}

/** How a request says, in the options of curl, which client it is from and proves it. */
export function curlCredentials({ clientId, clientSecret, method = 'client_secret_basic' }: Credentials): string[] {
  const id = formEncode(clientId)
  switch (method) {
    // Both are form-encoded before they go into Basic (RFC 6749 §2.3.1), so that any character survives.
    case 'client_secret_basic':
      return clientSecret === undefined
        ? [`-u "${inDoubleQuotes(id)}:$CLIENT_SECRET"`]
        : [`-u ${shellQuote(`${id}:${formEncode(clientSecret)}`)}`]
    case 'client_secret_post':
      return [
        `-d ${shellQuote(`client_id=${id}`)}`,
        clientSecret === undefined
          ? '--data-urlencode "client_secret=$CLIENT_SECRET"'
          : `-d ${shellQuote(`client_secret=${formEncode(clientSecret)}`)}`,
      ]
    case 'client_secret_jwt':
    case 'private_key_jwt':
      return [
        '-d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        '-d "client_assertion=$CLIENT_ASSERTION"',
      ]
    case 'none':
      return [`-d ${shellQuote(`client_id=${id}`)}`]
  }
}
type Credentials = Pick<TokenRequest, 'clientId' | 'clientSecret' | 'method'>

/** A POST with its options, one a line. @param caFile as of a TokenRequest */
export function curlPost(address: string, options: readonly string[], caFile?: string): string {
  return [`curl -i${curlTrust(address, caFile)} -X POST ${shellQuote(address)}`, ...options].join(' \\\n  ')
}

/** The token request as a curl line: client credentials. */
export function curlTokenRequest(request: TokenRequest): string {
  const { authorizationAddress, domainPath, scopes = [], caFile } = request
  const options = [
    ...curlCredentials(request),
    '-d grant_type=client_credentials',
    ...(scopes.length === 0 ? [] : [`-d ${shellQuote(`scope=${formEncode(scopes.join(' '))}`)}`]),
  ]
  return curlPost(`${authorizationAddress}/${domainPath}/oauth/token`, options, caFile)
}

/** The same request, its token kept in `$TOKEN` for the lines after it; needs nothing but curl and sed. */
export function curlKeepToken(request: TokenRequest): string {
  const line = curlTokenRequest(request).replace('curl -i', 'curl -s')
  return `TOKEN=$(${line} \\\n  | sed 's/.*"access_token" *: *"\\([^"]*\\)".*/\\1/')`
}

/** A call of an API; with `withToken` it carries `$TOKEN`. @param caFile as of a TokenRequest */
export function curlCall(address: string, withToken: boolean, caFile?: string): string {
  const header = withToken ? ` -H "Authorization: Bearer $TOKEN"` : ''
  return `curl -i${curlTrust(address, caFile)} ${shellQuote(address)}${header}`
}

/** The same with the key of a subscription, `$API_KEY`. */
export function curlCallWithKey(address: string, withToken: boolean, caFile?: string): string {
  return `${curlCall(address, withToken, caFile)} -H "X-Gravitee-Api-Key: $API_KEY"`
}
