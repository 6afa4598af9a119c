import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  authorizeAddress,
  createTestBrowser,
  passThrough,
  type TestBrowser,
} from '../engine/authorization/testing-browser'
import { buildWorker } from '../engine/testing/start-engine'
import { serveEmpty, type ServedFolder, type Worker } from './served.testing'

const CALLBACK = 'https://shop.example/callback'
const ADA = { username: 'ada', password: 'correct horse' }

interface Tokens {
  access_token: string
  refresh_token: string
}

let worker: Worker
let served: ServedFolder
let domainId: string
let userId: string
let clientId: string
let service: { clientId: string; clientSecret: string }
beforeAll(async () => {
  worker = await buildWorker()
})
afterAll(() => worker.remove())
beforeEach(async () => {
  served = await serveEmpty(worker)
  const { call } = served.now
  domainId = (await call('domains.create', { name: 'Demo', path: 'demo', signingAlgorithm: 'ES256' })).id
  userId = (await call('users.create', { domainId, ...ADA })).user.id
  const shop = await call('applications.create', {
    domainId,
    name: 'Shop',
    type: 'browser',
    redirectUris: [CALLBACK],
  })
  clientId = shop.application.clientId
  const made = await call('applications.create', { domainId, name: 'Gateway' })
  service = { clientId: made.application.clientId, clientSecret: made.clientSecret! }
  return () => served.close()
})

async function post<T>(path: string, form: Record<string, string>, authorized = false): Promise<T> {
  const basic = `Basic ${btoa(`${service.clientId}:${service.clientSecret}`)}`
  const response = await fetch(`${served.now.authorization}/demo${path}`, {
    method: 'POST',
    headers: authorized ? { authorization: basic } : {},
    body: new URLSearchParams(form),
  })
  return (await response.json()) as T
}
const isActive = async (token: string) => (await post<{ active: boolean }>('/oauth/introspect', { token }, true)).active
const ownToken = async () =>
  (await post<Tokens>('/oauth/token', { grant_type: 'client_credentials' }, true)).access_token
const refresh = (token: string) =>
  post<Partial<Tokens> & { error?: string }>('/oauth/token', {
    grant_type: 'refresh_token',
    refresh_token: token,
    client_id: clientId,
  })

/** Goes through login and consent in a browser and changes the code for tokens. */
async function logIn(browser: TestBrowser = newBrowser()): Promise<Tokens> {
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const address = authorizeAddress(
    { clientId, redirectUris: [CALLBACK] },
    { scope: 'openid', code_challenge: challenge, code_challenge_method: 'S256' },
    'demo',
  )
  const { leftTo } = await passThrough(browser, address, ADA)
  const code = leftTo!.searchParams.get('code')!
  return post<Tokens>('/oauth/token', {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  })
}
const newBrowser = () => createTestBrowser({ address: served.now.authorization })
const lastRevocation = async () =>
  (await served.now.call('audit.list', { domainId, filter: { events: ['revocation'] }, limit: 1 }))[0]

describe('what a domain has given out', () => {
  it('is listed by user and application, and a grant is taken back with all its tokens, for good', async () => {
    const { call } = served.now
    const tokens = await logIn()
    const [grant, ...others] = await call('grants.list', { domainId, userId, clientId })
    expect(others).toEqual([])
    expect(grant).toMatchObject({ userId, clientId, username: 'ada', scopes: ['openid'] })
    expect(await call('grants.list', { domainId, clientId: service.clientId })).toEqual([])
    expect(await isActive(tokens.access_token)).toBe(true)

    await call('grants.revoke', { domainId, grantId: grant!.grantId })
    expect(await isActive(tokens.access_token)).toBe(false)
    expect(await refresh(tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' })
    expect(await call('grants.list', { domainId })).toEqual([])
    expect(await lastRevocation()).toMatchObject({ event: 'revocation', userId, username: 'ada', clientId })
    await served.restart()
    expect(await isActive(tokens.access_token)).toBe(false)
    expect(await served.now.problem('grants.revoke', { domainId, grantId: grant!.grantId })).toMatchObject({
      status: 404,
    })
  })

  it('is taken back whole from an application, also what it got for itself, and what it gets next is good', async () => {
    const { call } = served.now
    const [first, tokens] = [await ownToken(), await logIn()]
    expect(await call('grants.revokeAll', { domainId, clientId: service.clientId })).toEqual({ revoked: 0 })
    const next = await ownToken()
    expect([await isActive(first), await isActive(next), await isActive(tokens.access_token)]).toEqual([
      false,
      true,
      true,
    ])
    await served.restart()
    expect([await isActive(first), await isActive(next)]).toEqual([false, true])
  })

  it('is taken back whole from a user, who may log in again', async () => {
    const { call } = served.now
    const [one, two] = [await logIn(), await logIn()]
    expect(await call('grants.revokeAll', { domainId, userId })).toEqual({ revoked: 2 })
    expect([await isActive(one.access_token), await isActive(two.access_token)]).toEqual([false, false])
    expect(await isActive((await logIn()).access_token)).toBe(true)
    expect(await served.now.problem('grants.revokeAll', { domainId })).toMatchObject({ key: 'INPUT_INVALID' })
  })

  it('shows sessions, and one that is ended asks for the password again', async () => {
    const { call } = served.now
    const browser = newBrowser()
    await logIn(browser)
    const [session] = await call('sessions.list', { domainId, userId })
    expect(session).toMatchObject({ userId, username: 'ada', amr: ['pwd'] })
    const request = { clientId, redirectUris: [CALLBACK] }
    const none = { scope: 'openid', prompt: 'none', code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' }
    const silently = async () =>
      (await browser.open(authorizeAddress(request, none, 'demo'))).leftTo?.searchParams.get('error')
    expect(await silently()).toBeNull()
    await call('sessions.end', { domainId, sessionId: session!.id })
    expect(await silently()).toBe('login_required')
    expect(await call('sessions.list', { domainId })).toEqual([])
    expect(await served.now.problem('sessions.end', { domainId, sessionId: session!.id })).toMatchObject({
      status: 404,
    })
  })

  it('shows consents, and one that is revoked takes its tokens along and is asked for again', async () => {
    const { call } = served.now
    const browser = newBrowser()
    const tokens = await logIn(browser)
    expect(await call('consents.list', { domainId, userId })).toMatchObject([{ userId, clientId, scopes: ['openid'] }])
    await call('consents.revoke', { domainId, userId, clientId })
    expect(await isActive(tokens.access_token)).toBe(false)
    const none = { scope: 'openid', prompt: 'none', code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' }
    const page = await browser.open(authorizeAddress({ clientId, redirectUris: [CALLBACK] }, none, 'demo'))
    expect(page.leftTo?.searchParams.get('error')).toBe('consent_required')
  })

  it('tells of any token that is pasted whether it is good and why not, and revokes it', async () => {
    const { call } = served.now
    const tokens = await logIn()
    const inspect = (token: string) => call('tokens.inspect', { domainId, token })
    expect(await inspect(` ${tokens.access_token}\n`)).toMatchObject({
      kind: 'access token',
      active: true,
      clientId,
      username: 'ada',
      header: { alg: 'ES256' },
      claims: { sub: userId },
    })
    expect(await inspect(tokens.refresh_token)).toMatchObject({ kind: 'refresh token', active: true, username: 'ada' })
    expect(await inspect('nonsense')).toMatchObject({ kind: 'unknown', active: false, sentence: 'It is not a JWT' })
    await call('tokens.revoke', { domainId, token: tokens.refresh_token })
    expect(await inspect(tokens.access_token)).toMatchObject({
      active: false,
      sentence: expect.stringMatching(/^It was revoked with all tokens of its grant at /),
    })
    expect(await served.now.problem('tokens.revoke', { domainId, token: 'nonsense' })).toMatchObject({
      key: 'TOKEN_NOT_FOUND',
    })
    expect(JSON.stringify(await call('audit.list', { domainId }))).not.toContain(tokens.refresh_token)
  })

  it('needs the engine, and says so', async () => {
    await served.now.engine.engine.stop()
    expect(await served.now.problem('grants.list', { domainId })).toMatchObject({ key: 'ENGINE_UNAVAILABLE' })
  })
})
