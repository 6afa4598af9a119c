import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  authorizeAddress,
  createTestBrowser,
  passThrough,
  type TestBrowser,
} from '../engine/authorization/testing-browser'
import { openLevelState } from '../engine/state'
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

/** Goes through login and consent in a browser. */
async function getCode(browser: TestBrowser = newBrowser()): Promise<{ code: string; verifier: string }> {
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const address = authorizeAddress(
    { clientId, redirectUris: [CALLBACK] },
    { scope: 'openid', code_challenge: challenge, code_challenge_method: 'S256' },
    'demo',
  )
  const { leftTo } = await passThrough(browser, address, ADA)
  return { code: leftTo!.searchParams.get('code')!, verifier }
}
const redeem = ({ code, verifier }: { code: string; verifier: string }) =>
  post<Tokens & { error?: string; error_description?: string }>('/oauth/token', {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  })
const logIn = async (browser?: TestBrowser): Promise<Tokens> => redeem(await getCode(browser))
const newBrowser = () => createTestBrowser({ address: served.now.authorization })
const refusalKey = async () => (await served.now.call('traffic.list', { limit: 1 }))[0]?.refusal?.key
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

  it('is listed token by token, by user and application and in pages, and one is taken back alone', async () => {
    const { call } = served.now
    const tokens = await logIn()
    const [own, other] = [await ownToken(), await ownToken()]
    const list = async (asked: { userId?: string; clientId?: string } = {}) =>
      (await call('tokens.list', { domainId, ...asked })).tokens
    expect(await list()).toHaveLength(3)
    const [ofUser, ...others] = await list({ userId, clientId })
    expect(others).toEqual([])
    expect(ofUser).toMatchObject({ userId, clientId, username: 'ada', scopes: ['openid'] })
    expect(await list({ clientId: service.clientId })).toHaveLength(2)
    const first = await call('tokens.list', { domainId, limit: 2 })
    const second = await call('tokens.list', { domainId, limit: 2, after: first.next! })
    expect([...first.tokens, ...second.tokens]).toEqual(await list())
    expect(second.next).toBeUndefined()

    await call('tokens.revokeById', { domainId, jti: ofUser!.jti })
    expect(await isActive(tokens.access_token)).toBe(false)
    expect([await isActive(own), await isActive(other)]).toEqual([true, true])
    expect(await list({ userId })).toEqual([])
    expect(await lastRevocation()).toMatchObject({ userId, username: 'ada', clientId })
    expect(await refresh(tokens.refresh_token)).toHaveProperty('access_token')
    const [{ jti } = { jti: '' }] = await list({ clientId: service.clientId })
    await call('tokens.revokeById', { domainId, jti })
    expect([await isActive(own), await isActive(other)].toSorted()).toEqual([false, true])
    for (const gone of [jti, 'nonsense']) {
      expect(await served.now.problem('tokens.revokeById', { domainId, jti: gone })).toMatchObject({ status: 404 })
    }
    await served.restart()
    expect(await isActive(tokens.access_token)).toBe(false)
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
    const again = await served.now.problem('consents.revoke', { domainId, userId, clientId })
    expect(again).toMatchObject({ key: 'CONSENT_NOT_FOUND', status: 404 })
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

  it('is taken back also where the code has not been changed for tokens yet', async () => {
    const whose = { user: { userId }, application: { clientId }, both: { userId, clientId } }
    for (const [name, asked] of Object.entries(whose)) {
      const code = await getCode()
      await served.now.call('grants.revokeAll', { domainId, ...asked })
      expect([name, await redeem(code)]).toEqual([
        name,
        { error: 'invalid_grant', error_description: 'The code was revoked' },
      ])
      await vi.waitFor(async () => expect(await refusalKey()).toBe('CODE_REVOKED'))
      await served.restart()
      expect(await redeem(code)).toMatchObject({ error: 'invalid_grant' })
    }
    const [before, other] = [await getCode(), await getCode()]
    await served.now.call('consents.revoke', { domainId, userId, clientId })
    expect(await redeem(before)).toMatchObject({ error: 'invalid_grant' })
    await served.now.call('grants.revokeAll', { domainId, clientId: service.clientId })
    expect(await redeem(other)).toMatchObject({ error: 'invalid_grant' })
    expect(await redeem(await getCode())).toHaveProperty('access_token')
  })

  it('needs the engine, and says so', async () => {
    await served.now.engine.engine.stop()
    expect(await served.now.problem('grants.list', { domainId })).toMatchObject({ key: 'ENGINE_UNAVAILABLE' })
  })
})

describe('what a user or an application had', () => {
  /** The keys of the state that hold the text, or whose value does. */
  async function remains(text: string): Promise<string[]> {
    const found: string[] = []
    await served.restart(async () => {
      const state = await openLevelState(served.now.engine.stateFolder)
      for await (const { key, value } of state.entries('')) {
        if (!/^(?:issued|transaction)\//.test(key) && (key + value).includes(text)) found.push(key)
      }
      await state.close()
    })
    return found
  }

  it('ends when the user is deleted, and nothing of it stays', async () => {
    const browser = newBrowser()
    const [tokens, code] = [await logIn(browser), await getCode(browser)]
    expect((await remains(userId)).map((key) => key.split('/')[0])).toEqual(['code', 'code', 'consent', 'grant', 'session']) // prettier-ignore
    await served.now.call('users.delete', { domainId, userId })
    expect(await isActive(tokens.access_token)).toBe(false)
    expect(await refresh(tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' })
    expect(await redeem(code)).toMatchObject({ error: 'invalid_grant' })
    const { call } = served.now
    for (const list of ['grants.list', 'sessions.list', 'consents.list'] as const) {
      expect(await call(list, { domainId })).toEqual([])
    }
    expect(await remains(userId)).toEqual([])
    expect(await remains('refresh/')).toEqual([])
    expect(await isActive(tokens.access_token)).toBe(false)
  })

  it('ends when the application is deleted, also for one that has its client id later', async () => {
    const tokens = await logIn()
    const own = await ownToken()
    const { call, store } = served.now
    const before = store.domains().find(({ id }) => id === domainId)!
    for (const { id: applicationId } of before.applications)
      await call('applications.delete', { domainId, applicationId })
    expect(await call('grants.list', { domainId })).toEqual([])
    expect(await call('consents.list', { domainId })).toEqual([])
    expect(await remains(clientId)).toEqual([`revocation/${domainId}/client/${clientId}`])

    // By hand, with the secrets that the file refers to gone: so only what has none comes back.
    const shop = before.applications.find((each) => each.clientId === clientId)!
    const made = await served.now.call('applications.create', { domainId, name: 'Gateway' })
    await served.restart(async () => {
      const file = join(served.folder, 'domains', 'demo.json')
      const document = JSON.parse(await readFile(file, 'utf8')) as { applications: unknown[] }
      document.applications = document.applications.map((each) => ({ ...(each as object), clientId: service.clientId }))
      await writeFile(file, JSON.stringify({ ...document, applications: [...document.applications, shop] }))
    })
    service.clientSecret = made.clientSecret!
    // What is issued within the very second of the end is refused with what was issued before.
    await vi.waitFor(async () => expect(await isActive(await ownToken())).toBe(true), 5000)
    expect([await isActive(own), await isActive(tokens.access_token)]).toEqual([false, false])
    expect(await refresh(tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' })
    expect(await isActive((await logIn()).access_token)).toBe(true)
  })

  it('ends at the next start when the file lost the user or the application meanwhile', async () => {
    // Grants are what goes last.
    const untilForgotten = () =>
      vi.waitFor(async () => expect(await served.now.call('grants.list', { domainId })).toEqual([]))
    const tokens = await logIn()
    const file = join(served.folder, 'domains', 'demo.json')
    const text = await readFile(file, 'utf8')
    const { applications, ...document } = JSON.parse(text) as { applications: { clientId: string }[] }
    const kept = applications.filter((each) => each.clientId !== clientId)
    await served.restart(() => writeFile(file, JSON.stringify({ ...document, applications: kept })))
    await untilForgotten()
    await served.restart(() => writeFile(file, text))
    expect(await refresh(tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' })
    const again = await logIn()
    expect(await isActive(again.access_token)).toBe(true)

    await served.restart(() => writeFile(file, JSON.stringify({ ...document, applications, users: [] })))
    await untilForgotten()
    await served.restart(() => writeFile(file, text))
    expect(await served.now.call('sessions.list', { domainId })).toEqual([])
    expect(await isActive(again.access_token)).toBe(false)
  })
})
