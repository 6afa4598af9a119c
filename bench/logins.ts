import { Agent, request } from 'undici'
import { createTestBrowser, passThrough } from '../src-main/engine/authorization/testing-browser.ts'
import { basic, type Gatehouse } from './gatehouse.ts'

export const REDIRECT_URI = 'http://127.0.0.1:3000/callback'
/** Authorization requests under way at a time. */
const AT_A_TIME = 20

/** An application of the sample's domain whose users log in, and one of them with a session at the server. */
export interface Logins {
  /** Of the application. */
  readonly authorization: string
  readonly username: string
  readonly password: string
  /** So many authorization codes, each by a request at the authorization endpoint with the session's cookie. */
  codes(count: number): Promise<string[]>
  /** So many refresh tokens of as many grants, each by a code. */
  refreshTokens(count: number): Promise<string[]>
}

/** Makes the application and the user, and logs in as a browser does. */
export async function createLogins(gatehouse: Gatehouse): Promise<Logins> {
  const [domain] = await gatehouse.run<{ id: string }[]>('domains.list', {})
  const domainId = domain!.id
  const password = 'correct horse battery staple 7'
  await gatehouse.run('users.create', { domainId, username: 'bench', password })
  const { application, clientSecret } = await gatehouse.run<{
    application: { clientId: string }
    clientSecret: string
  }>('applications.create', {
    ...{ domainId, name: 'bench', type: 'web', redirectUris: [REDIRECT_URI], skipConsent: true },
    // As its peers are measured.
    forcePKCE: false,
    grantTypes: ['authorization_code', 'refresh_token', 'password'],
    scopeSettings: [{ scope: 'read', defaultScope: false }],
  })
  const address = `${gatehouse.authorization}/${gatehouse.sample.domain}/oauth`
  const parameters = {
    response_type: 'code',
    client_id: application.clientId,
    redirect_uri: REDIRECT_URI,
    scope: 'read',
  }
  const authorize = new URL(`${address}/authorize?${new URLSearchParams(parameters).toString()}`)
  const browser = createTestBrowser({ address: gatehouse.authorization })
  const page = await passThrough(browser, authorize, { username: 'bench', password })
  if (page.leftTo?.searchParams.has('code') !== true) throw new Error(`The login did not end with a code: ${page.text}`)
  const cookie = [...browser.cookies]
    .filter(([, { path }]) => authorize.pathname.startsWith(path))
    .map(([name, { value }]) => `${name}=${value}`)
    .join('; ')
  const authorization = basic(application.clientId, clientSecret)
  const dispatcher = new Agent({ connections: AT_A_TIME })

  async function code(): Promise<string> {
    const { headers, body } = await request(authorize, { dispatcher, headers: { cookie } })
    await body.dump()
    const found = new URL(String(headers.location)).searchParams.get('code')
    if (found === null) throw new Error(`No code was given: ${String(headers.location)}`)
    return found
  }

  async function refreshToken(): Promise<string> {
    const { statusCode, body } = await request(`${address}/token`, {
      dispatcher,
      method: 'POST',
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      body: codeBody(await code()),
    })
    const answer = (await body.json()) as { refresh_token?: string }
    if (answer.refresh_token === undefined) throw new Error(`No refresh token was given, but ${statusCode}`)
    return answer.refresh_token
  }

  return {
    authorization,
    username: 'bench',
    password,
    codes: (count) => many(count, code),
    refreshTokens: (count) => many(count, refreshToken),
  }
}

export function codeBody(code: string): string {
  return new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI }).toString()
}

async function many(count: number, make: () => Promise<string>): Promise<string[]> {
  const made: string[] = []
  let started = 0
  const work = async () => {
    while (started < count) {
      started++
      made.push(await make())
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, count) }, work))
  return made
}
