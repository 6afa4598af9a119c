import { createHash, randomBytes } from 'node:crypto'
import type { ApplicationSnapshot } from '../snapshot'
import { application, scopeSettings, type TestApplication, type TestClient, type TestServer } from './testing'
import { authorizeAddress, passThrough, type TestBrowser } from './testing-browser'

/** What the token endpoint answers, good or bad. */
export interface TokenAnswer {
  readonly status: number
  readonly access_token: string
  readonly token_type: string
  readonly expires_in: number
  readonly scope?: string
  readonly refresh_token?: string
  readonly id_token?: string
  readonly error?: string
  readonly error_description?: string
}

/** A verifier and its challenge (RFC 7636 §4.1, §4.2). */
export interface Pkce {
  readonly verifier: string
  readonly challenge: Readonly<Record<'code_challenge' | 'code_challenge_method', string>>
}

/** An application with a server of its own, whose users need not consent. */
export function webApplication(changes: Partial<TestApplication> = {}): TestApplication {
  return application({
    id: 'application-shop',
    name: 'Shop',
    type: 'web',
    clientId: 'shop',
    clientSecret: 'the secret of the shop',
    grantTypes: ['authorization_code', 'refresh_token'],
    redirectUris: ['https://shop.example/callback'],
    scopeSettings: scopeSettings(['read', 'write', 'email'], ['read']),
    skipConsent: true,
    ...changes,
  })
}

/** A single-page application: it has no secret. */
export function publicApplication(changes: Partial<TestApplication> = {}): TestApplication {
  return webApplication({
    id: 'application-page',
    name: 'Page',
    type: 'browser',
    clientId: 'page',
    secrets: [],
    authenticationMethods: ['none'],
    demandsPkce: true,
    ...changes,
  })
}

export function newPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(verifier).digest('base64url')
  return { verifier, challenge: { code_challenge, code_challenge_method: 'S256' } }
}

/** Gets a code as a browser does: the user logs in where it is needed. */
export async function getCode(
  browser: TestBrowser,
  of: ApplicationSnapshot,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> {
  const page = await passThrough(browser, authorizeAddress(of, parameters))
  const code = page.leftTo?.searchParams.get('code')
  if (code === null || code === undefined) throw new Error(`No code: ${page.status} ${page.leftTo?.href ?? page.text}`)
  return code
}

/** Asks the token endpoint; a client without a secret names itself in the form. */
export async function askForTokens(
  server: Pick<TestServer, 'post'>,
  client: ApplicationSnapshot | TestClient,
  form: Readonly<Record<string, string>> | string,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const isPublic = 'secrets' in client && client.secrets.length === 0
  const parameters = new URLSearchParams(form)
  if (isPublic) parameters.set('client_id', client.clientId)
  const response = await server.post(
    '/orders/oauth/token',
    parameters.toString(),
    isPublic ? undefined : client,
    headers,
  )
  return { status: response.status, ...((await response.json()) as Omit<TokenAnswer, 'status'>) }
}

/** Redeems a code with the redirect address of the application. */
export function redeemCode(
  server: Pick<TestServer, 'post'>,
  client: ApplicationSnapshot,
  code: string,
  further: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
  const [redirect_uri = ''] = client.redirectUris
  return askForTokens(server, client, { grant_type: 'authorization_code', code, redirect_uri, ...further })
}

/** The whole flow: a new login of the application with the scopes. */
export async function getTokens(
  server: Pick<TestServer, 'post'>,
  browser: TestBrowser,
  of: ApplicationSnapshot,
  parameters: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
  const { verifier, challenge } = newPkce()
  const code = await getCode(browser, of, { ...challenge, ...parameters })
  const answer = await redeemCode(server, of, code, { code_verifier: verifier })
  if (answer.status !== 200) throw new Error(`No tokens: ${JSON.stringify(answer)}`)
  return answer
}

export function refresh(
  server: Pick<TestServer, 'post'>,
  client: ApplicationSnapshot,
  token: string | undefined,
  further: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
  return askForTokens(server, client, { grant_type: 'refresh_token', refresh_token: token ?? '', ...further })
}
