import { authenticationMethods } from '../application-kinds'
import { shellQuote } from '../curl'
import { redirectOf, scopesOf, type SnippetApplication, type SnippetFlow, type SnippetSubject } from './flows'

/**
 * A program for openid-client 6 that goes the flow with the application's real values: for Node, and for the page itself where the
 * application lives in one. The secret is taken from the environment. Undefined where something is missing: the code flow needs
 * a redirect address.
 */
export function openidClientSnippet(subject: SnippetSubject, flow: SnippetFlow): string | undefined {
  switch (flow) {
    case 'client_credentials':
      return program(subject, [], clientCredentials(subject.application))
    case 'password':
      return program(subject, [], password(subject.application))
    case 'introspection':
      return program(subject, [], introspection)
    case 'authorization_code': {
      const redirect = redirectOf(subject.application)
      if (redirect === undefined) return undefined
      if (subject.application.type === 'browser') return program(subject, [], inThePage(subject.application, redirect))
      const back = wayBack(redirect)
      return program(subject, back.imports, codeFlow(subject.application, back))
    }
  }
}

/** The lines that every program begins with. */
function program(
  { authorizationAddress, domainPath, application, caFile }: SnippetSubject,
  imports: string[],
  rest: string[],
) {
  const issuer = `${authorizationAddress}/${domainPath}/oidc`
  const isPlain = issuer.startsWith('http:')
  const key = signingKey(application)
  const authentication = {
    client_secret_basic: 'client.ClientSecretBasic(process.env.CLIENT_SECRET)',
    client_secret_post: 'client.ClientSecretPost(process.env.CLIENT_SECRET)',
    client_secret_jwt: 'client.ClientSecretJwt(process.env.CLIENT_SECRET)',
    private_key_jwt: key ? `client.PrivateKeyJwt(${key.use})` : '',
    none: 'client.None()',
  }[authenticationMethods(application)[0] ?? 'none']
  // A page trusts what the system and its browser trust.
  const isTrusted = isPlain || caFile === undefined || application.type === 'browser'
  return [
    ...(isTrusted
      ? []
      : [`// Start it with NODE_EXTRA_CA_CERTS=${shellQuote(caFile)}, so that Node trusts the certificate.`]),
    ...imports,
    ...(key?.imports ?? []),
    "import * as client from 'openid-client'",
    '',
    ...(key ? [...key.lines, ''] : []),
    `const config = await client.discovery(`,
    `  new URL(${text(issuer)}),`,
    `  ${text(application.clientId)},`,
    `  undefined,`,
    `  ${authentication},`,
    // The library refuses plain HTTP unless it is told; here it does not leave this machine.
    ...(isPlain ? ['  { execute: [client.allowInsecureRequests] },'] : []),
    `)`,
    ...rest,
    '',
  ].join('\n')
}

function clientCredentials(application: SnippetApplication): string[] {
  return [
    `const tokens = await client.clientCredentialsGrant(config, ${object(scopeMember('client_credentials', application))})`,
    'console.log(tokens)',
  ]
}

function password(application: SnippetApplication): string[] {
  const scope = scopeMember('password', application)
  return [
    `const tokens = await client.genericGrantRequest(config, 'password', {`,
    `  username: process.env.USERNAME,`,
    `  password: process.env.PASSWORD,`,
    ...scope.map((member) => `  ${member},`),
    `})`,
    'console.log(tokens)',
  ]
}

const introspection = [
  'const answer = await client.tokenIntrospection(config, process.env.TOKEN)',
  'console.log(answer)',
]

/** How a program on this machine learns the address that the user is led back to. */
interface WayBack {
  readonly imports: string[]
  /** Before the user is sent off; sets `redirectUri`. */
  readonly before: string[]
  /** After that; sets `callback`. */
  readonly after: string[]
}

function wayBack(redirect: string): WayBack {
  const { protocol, hostname, port, pathname } = new URL(redirect)
  if (protocol !== 'http:')
    return {
      imports: ["import { createInterface } from 'node:readline/promises'"],
      before: [`const redirectUri = ${text(redirect)}`],
      after: [
        'const terminal = createInterface({ input: process.stdin, output: process.stdout })',
        "const callback = new URL(await terminal.question('Log in, and paste the address that you are led back to: '))",
        'terminal.close()',
      ],
    }
  const host = hostname.replace(/^\[|\]$/g, '')
  return {
    imports: ["import { once } from 'node:events'", "import { createServer } from 'node:http'"],
    before: [
      `const server = createServer().listen(${port || 0}, ${text(host)})`,
      `await once(server, 'listening')`,
      // A loopback address without a port stands for every port (RFC 8252 §7.3).
      port === ''
        ? `const redirectUri = \`http://${hostname}:\${server.address().port}${pathname}\``
        : `const redirectUri = ${text(redirect)}`,
    ],
    after: [
      'const callback = await new Promise((resolve) => {',
      "  server.on('request', (request, response) => {",
      '    const address = new URL(request.url, redirectUri)',
      `    if (address.pathname !== ${text(pathname)}) return response.writeHead(404).end()`,
      "    response.writeHead(200, { connection: 'close' }).end('Done: go back to the terminal.')",
      '    server.close()',
      '    resolve(address)',
      '  })',
      '})',
    ],
  }
}

function codeFlow(application: SnippetApplication, { before, after }: WayBack): string[] {
  return [
    '',
    ...before,
    'const codeVerifier = client.randomPKCECodeVerifier()',
    'const state = client.randomState()',
    `const address = ${buildAddress(application)}`,
    'console.log(`Open ${address}`)',
    '',
    ...after,
    'const tokens = await client.authorizationCodeGrant(config, callback, {',
    '  pkceCodeVerifier: codeVerifier,',
    '  expectedState: state,',
    '  idTokenExpected: true,',
    '})',
    'console.log(tokens, tokens.claims())',
  ]
}

/** A single page leaves for the login and is loaded anew when the user comes back. */
function inThePage(application: SnippetApplication, redirect: string): string[] {
  return [
    `const redirectUri = ${text(redirect)}`,
    '',
    "if (!new URLSearchParams(location.search).has('state')) {",
    '  const codeVerifier = client.randomPKCECodeVerifier()',
    '  const state = client.randomState()',
    "  sessionStorage.setItem('login', JSON.stringify({ codeVerifier, state }))",
    `  location.assign(${buildAddress(application, '  ')})`,
    '} else {',
    "  const { codeVerifier, state } = JSON.parse(sessionStorage.getItem('login'))",
    '  const tokens = await client.authorizationCodeGrant(config, new URL(location.href), {',
    '    pkceCodeVerifier: codeVerifier,',
    '    expectedState: state,',
    '    idTokenExpected: true,',
    '  })',
    '  console.log(tokens, tokens.claims())',
    '}',
  ]
}

function buildAddress(application: SnippetApplication, indent = ''): string {
  const build = application.requireParRequest
    ? 'await client.buildAuthorizationUrlWithPAR'
    : 'client.buildAuthorizationUrl'
  return [
    `${build}(config, {`,
    '  redirect_uri: redirectUri,',
    ...scopeMember('authorization_code', application).map((member) => `  ${member},`),
    '  code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),',
    "  code_challenge_method: 'S256',",
    '  state,',
    '})',
  ].join(`\n${indent}`)
}

function scopeMember(flow: SnippetFlow, application: SnippetApplication): string[] {
  const scopes = scopesOf(flow, application)
  return scopes.length === 0 ? [] : [`scope: ${text(scopes.join(' '))}`]
}

/** How the private key of the first of the application's public keys is read from a PEM file. */
function signingKey(application: SnippetApplication) {
  if (authenticationMethods(application)[0] !== 'private_key_jwt') return undefined
  const { kty, crv, alg, kid } = application.jwks?.keys[0] ?? {}
  const hash = /^[RP]S(\d+)$/.exec(String(alg ?? 'RS256'))?.[1] ?? '256'
  const algorithm =
    kty === 'RSA'
      ? `{ name: '${String(alg).startsWith('PS') ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5'}', hash: 'SHA-${hash}' }`
      : kty === 'EC'
        ? `{ name: 'ECDSA', namedCurve: ${text(String(crv))} }`
        : `{ name: 'Ed25519' }`
  return {
    imports: ["import { createPrivateKey } from 'node:crypto'", "import { readFile } from 'node:fs/promises'"],
    lines: [
      'const pem = createPrivateKey(await readFile(process.env.PRIVATE_KEY_FILE))',
      "const der = pem.export({ type: 'pkcs8', format: 'der' })",
      `const key = await crypto.subtle.importKey('pkcs8', der, ${algorithm}, false, ['sign'])`,
    ],
    use: kid === undefined ? 'key' : `{ key, kid: ${text(String(kid))} }`,
  }
}

/** A string of JavaScript. */
function text(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`
}

const object = (members: readonly string[]) => (members.length === 0 ? '{}' : `{ ${members.join(', ')} }`)
