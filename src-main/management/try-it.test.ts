import { exportJWK, generateKeyPair } from 'jose'
import type { Application, DomainOverview } from '@shared/domain'
import type { OperationInput } from '@shared/operations'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestBrowser, passThrough, type Page } from '../engine/authorization/testing-browser'
import { buildWorker } from '../engine/testing/start-engine'
import { serveEmpty, type ServedFolder, type Worker } from './served.testing'

const REDIRECT = 'https://shop.example/callback'

let worker: Worker
let served: ServedFolder
let domain: DomainOverview
beforeAll(async () => {
  worker = await buildWorker()
})
afterAll(() => worker.remove())
beforeEach(async () => {
  served = await serveEmpty(worker)
  domain = await served.now.call('domains.create', { name: 'Shop', path: 'shop' })
  await served.now.call('users.create', {
    domainId: domain.id,
    username: 'ada',
    password: 'correct horse',
    email: 'ada@shop.example',
  })
})
afterEach(async () => {
  await served.close()
  expect(served.faults).toEqual([])
})

type Settings = Omit<OperationInput<'applications.create'>, 'domainId' | 'name'>

async function create(settings: Settings = {}): Promise<{ application: Application; clientSecret?: string }> {
  return served.now.call('applications.create', {
    domainId: domain.id,
    name: 'Storefront',
    type: 'web',
    redirectUris: [REDIRECT],
    scopeSettings: [{ scope: 'email', defaultScope: false }],
    ...settings,
  })
}

function begin({ id }: Application, asked: Partial<OperationInput<'tryIt.begin'>> = {}) {
  return served.now.call('tryIt.begin', {
    domainId: domain.id,
    applicationId: id,
    redirectUri: REDIRECT,
    scopes: ['openid', 'email'],
    ...asked,
  })
}

const browse = () => createTestBrowser({ address: served.now.authorization })

const answerOf = ({ leftTo }: Page) => [...(leftTo?.searchParams ?? [])].map(([name, value]) => ({ name, value }))

/** Logs ada in and gives the application its code. */
async function logIn(application: Application, asked: Partial<OperationInput<'tryIt.begin'>> = {}) {
  const begun = await begin(application, asked)
  const { address } = await served.now.call('tryIt.address', { attemptId: begun.attemptId })
  const page = await passThrough(browse(), address)
  const answer = await served.now.call('tryIt.receive', { attemptId: begun.attemptId, parameters: answerOf(page) })
  return { ...begun, answer, page }
}

describe.each([
  ['client_secret_basic', false],
  ['client_secret_post', true],
  ['client_secret_jwt', true],
  ['none', true],
] as const)('an application that authenticates by %s, pushed: %s', (tokenEndpointAuthMethod, push) => {
  it('goes from its request to tokens, userinfo, refresh and revocation, and shows no secret', async () => {
    const type = tokenEndpointAuthMethod === 'none' ? 'browser' : 'web'
    const { application, clientSecret } = await create({ type, tokenEndpointAuthMethod })
    const { attemptId, answer, pushed, address } = await logIn(application, { push })
    expect(answer).toMatchObject({ code: true, checks: [{ ok: true }, { ok: true }] })
    expect(pushed?.answer.status).toBe(push ? 201 : undefined)
    expect(new URL(address!).searchParams.has('request_uri')).toBe(push)

    const redeemed = await served.now.call('tryIt.redeem', { attemptId })
    expect(redeemed.succeeded).toBe(true)
    expect(redeemed.checks.map(({ title, ok }) => [title, ok])).toEqual(
      ['Signature', 'iss', 'aud', 'exp', 'nonce', 'at_hash'].map((title) => [title, true]),
    )
    expect(redeemed.tokens.map(({ kind, claims }) => [kind, claims?.email])).toEqual([
      ['access_token', undefined],
      ['id_token', 'ada@shop.example'],
      ['refresh_token', undefined],
    ])

    const userinfo = await served.now.call('tryIt.userinfo', { attemptId })
    expect(userinfo).toMatchObject({ succeeded: true, checks: [{ title: 'sub', ok: true }] })
    expect(userinfo.claims).toMatchObject({ email: 'ada@shop.example' })

    const refreshed = await served.now.call('tryIt.refresh', { attemptId })
    expect(refreshed.checks.map(({ title, ok }) => [title, ok])).toContainEqual(['sub', true])
    expect(refreshed.succeeded).toBe(true)

    expect((await served.now.call('tryIt.revoke', { attemptId })).succeeded).toBe(true)
    const refused = await served.now.call('tryIt.userinfo', { attemptId })
    expect(refused.succeeded).toBe(false)
    expect(refused.answer.record?.refusal?.sentence).toContain('revoked')

    const shown = JSON.stringify([pushed, redeemed, userinfo, refreshed, refused])
    if (clientSecret !== undefined) {
      expect(shown).not.toContain(clientSecret)
      expect(shown).not.toContain(btoa(`${application.clientId}:${clientSecret}`))
    }
    const assertion = redeemed.request.parameters.find(({ name }) => name === 'client_assertion')
    expect(assertion?.value).toBe(tokenEndpointAuthMethod === 'client_secret_jwt' ? '••••••••' : undefined)
  })
})

it('does not use an answer to another request, or of another server', async () => {
  const { application } = await create()
  const { attemptId, address } = await begin(application)
  const parameters = answerOf(await passThrough(browse(), address!))
  const change = (changed: string, value: string) =>
    parameters.map((each) => (each.name === changed ? { ...each, value } : each))

  const receive = (given: typeof parameters) => served.now.call('tryIt.receive', { attemptId, parameters: given })
  expect(await receive(change('state', 'other'))).toMatchObject({ code: false, checks: [{ ok: false }, { ok: true }] })
  expect(await receive(change('iss', 'https://evil.example'))).toMatchObject({
    code: false,
    checks: [{ ok: true }, { ok: false }],
  })
  expect(await served.now.problem('tryIt.redeem', { attemptId })).toMatchObject({ key: 'CODE_MISSING' })
  expect(await receive(parameters)).toMatchObject({ code: true })
})

it('hands on what the server says when the user does not allow it', async () => {
  const { application } = await create()
  const { attemptId, address } = await begin(application)
  const browser = browse()
  const login = await browser.open(address!)
  const consent = await browser.press(login, 'log-in', { username: 'ada', password: 'correct horse' })
  const denied = await browser.press(consent, 'deny')
  const answer = await served.now.call('tryIt.receive', { attemptId, parameters: answerOf(denied) })
  expect(answer).toMatchObject({ code: false, error: 'access_denied' })
})

it('tells by the record why a pushed request is refused, and sends no browser then', async () => {
  const { application } = await create()
  const { attemptId, pushed, address } = await begin(application, { push: true, redirectUri: 'https://evil.example/' })
  expect(address).toBeUndefined()
  expect(pushed).toMatchObject({
    succeeded: false,
    answer: { record: { refusal: { key: 'REDIRECT_URI_NOT_REGISTERED' } } },
  })
  expect(await served.now.problem('tryIt.address', { attemptId })).toMatchObject({ key: 'REQUEST_NOT_PUSHED' })
})

it('changes a code once', async () => {
  const { application } = await create()
  const { attemptId } = await logIn(application)
  await served.now.call('tryIt.redeem', { attemptId })
  expect(await served.now.problem('tryIt.redeem', { attemptId })).toMatchObject({ key: 'CODE_MISSING' })
})

it('gets a token for the application itself, and tells why it does not', async () => {
  const service = { type: 'service', grantTypes: ['client_credentials'], redirectUris: [] } as const
  const { application } = await create({ ...service, grantTypes: [...service.grantTypes], redirectUris: [] })
  const ids = { domainId: domain.id, applicationId: application.id }
  const got = await served.now.call('tryIt.clientCredentials', { ...ids, scopes: ['email'] })
  expect(got).toMatchObject({ succeeded: true, tokens: [{ kind: 'access_token', claims: { scope: 'email' } }] })
  const refused = await served.now.call('tryIt.clientCredentials', { ...ids, scopes: ['profile'] })
  expect(refused).toMatchObject({ succeeded: false, tokens: [], answer: { status: 400 } })
  expect(refused.answer.record?.refusal?.sentence).toContain('profile')
})

it('cannot stand in for an application whose private key is elsewhere', async () => {
  const { publicKey } = await generateKeyPair('ES256', { extractable: true })
  const { application } = await create({
    tokenEndpointAuthMethod: 'private_key_jwt',
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'own' }] },
  })
  const problem = await served.now.problem('tryIt.begin', {
    domainId: domain.id,
    applicationId: application.id,
    redirectUri: REDIRECT,
    scopes: [],
  })
  expect(problem).toMatchObject({ key: 'PRIVATE_KEY_ELSEWHERE', status: 409 })
})

it('knows nothing of an attempt that never was', async () => {
  expect(await served.now.problem('tryIt.redeem', { attemptId: 'never' })).toMatchObject({ key: 'TRY_IT_OVER' })
})
