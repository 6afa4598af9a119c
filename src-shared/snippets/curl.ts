import { authenticationMethods } from '../application-kinds'
import { curlCredentials, curlPost, curlTokenRequest, formEncode, shellQuote } from '../curl'
import { redirectOf, scopesOf, type SnippetFlow, type SnippetSubject } from './flows'

/**
 * What goes over the wire, as lines for a terminal with a POSIX shell; the code flow needs openssl too. The secret is taken from
 * `$CLIENT_SECRET` unless it is given. Undefined where something is missing: the code flow needs a redirect address.
 */
export function curlSnippet(subject: SnippetSubject, flow: SnippetFlow, clientSecret?: string): string | undefined {
  const { authorizationAddress, domainPath, application, caFile } = subject
  const [method] = authenticationMethods(application)
  const credentials = { clientId: application.clientId, clientSecret, method }
  const post = (endpoint: string, options: readonly string[]) =>
    curlPost(`${authorizationAddress}/${domainPath}/oauth/${endpoint}`, options, caFile)
  const scope = scopesOf(flow, application)
  switch (flow) {
    case 'client_credentials':
      return curlTokenRequest({ ...credentials, authorizationAddress, domainPath, scopes: scope, caFile })
    case 'password':
      return post('token', [
        ...curlCredentials(credentials),
        '-d grant_type=password',
        '--data-urlencode "username=$USERNAME"',
        '--data-urlencode "password=$PASSWORD"',
        ...(scope.length === 0 ? [] : [`-d ${shellQuote(`scope=${formEncode(scope.join(' '))}`)}`]),
      ])
    case 'introspection':
      return post('introspect', [...curlCredentials(credentials), '--data-urlencode "token=$TOKEN"'])
    case 'authorization_code':
      return codeFlow(subject, credentials, scope)
  }
}

function codeFlow(
  { authorizationAddress, domainPath, application, caFile }: SnippetSubject,
  credentials: Parameters<typeof curlCredentials>[0],
  scope: readonly string[],
): string | undefined {
  const redirect = redirectOf(application)
  if (redirect === undefined) return undefined
  const oauth = `${authorizationAddress}/${domainPath}/oauth`
  const request = new URLSearchParams({
    response_type: 'code',
    client_id: application.clientId,
    redirect_uri: redirect,
    scope: scope.join(' '),
    code_challenge_method: 'S256',
  })
  const pushed = application.requireParRequest === true
  const parameters = `${request.toString()}&code_challenge=`
  return [
    '# 1. A secret of this login, and what is told of it (PKCE, RFC 7636)',
    "VERIFIER=$(openssl rand -base64 48 | tr '+/' '-_')",
    `CHALLENGE=$(printf %s "$VERIFIER" | openssl dgst -sha256 -binary | openssl base64 | tr '+/' '-_' | tr -d '=')`,
    '',
    ...(pushed
      ? [
          '# 2. Push the request, then open the address in a browser with the request_uri that is answered, and log in',
          curlPost(
            `${oauth}/par`,
            [...withoutClientId(curlCredentials(credentials)), `-d "${parameters}$CHALLENGE"`],
            caFile,
          ),
          '',
          // The answer ends without a line break.
          'echo',
          `echo "${oauth}/authorize?client_id=${formEncode(application.clientId)}&request_uri=…"`,
        ]
      : ['# 2. Open the address in a browser and log in', `echo "${oauth}/authorize?${parameters}$CHALLENGE"`]),
    '',
    `# 3. Put the code out of the address that you are led back to into CODE, and trade it for tokens`,
    curlPost(
      `${oauth}/token`,
      [
        ...curlCredentials(credentials),
        '-d grant_type=authorization_code',
        '--data-urlencode "code=$CODE"',
        `--data-urlencode ${shellQuote(`redirect_uri=${redirect}`)}`,
        '-d "code_verifier=$VERIFIER"',
      ],
      caFile,
    ),
  ].join('\n')
}

/** The pushed parameters name the client themselves, and none may stand twice. */
const withoutClientId = (options: readonly string[]) => options.filter((option) => !/^-d '?client_id=/.test(option))
