import { createHmac } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Plan } from '@shared/api-definition'
import { selfSigned } from '../certificates/testing'
import { buildWorker } from '../engine/testing/start-engine'
import { serveEmpty, type ServedFolder, type Worker } from './served.testing'

let worker: Worker
let served: ServedFolder
let apiId: string
let domainId: string
let applicationId: string
beforeAll(async () => {
  worker = await buildWorker()
})
afterAll(() => worker.remove())
beforeEach(async () => {
  served = await serveEmpty(worker)
  const domain = await call('domains.create', { name: 'Shop', path: 'shop' })
  const { application } = await call('applications.create', { domainId: domain.id, name: 'Basket' })
  const api = await call('apis.create', { name: 'Echo', path: '/echo' })
  apiId = api.definition.id
  domainId = domain.id
  applicationId = application.id
})
afterEach(async () => {
  vi.useRealTimers()
  await served.close()
  expect(served.faults).toEqual([])
})

const call: ServedFolder['now']['call'] = (name, input) => served.now.call(name, input)
const problem: ServedFolder['now']['problem'] = (name, input) => served.now.problem(name, input)

const plan = (type: string, more: Partial<Plan> = {}): Plan => ({
  id: type.toLowerCase(),
  name: type,
  status: 'PUBLISHED',
  security: { type },
  ...more,
})
async function deploy(...plans: Plan[]): Promise<void> {
  const { definition, version } = await call('apis.get', { apiId })
  await call('apis.save', { apiId, definition: { ...definition, plans }, version })
  await call('apis.deploy', { apiId })
}
const subscribe = (planId: string, more: object = {}) =>
  call('subscriptions.create', { apiId, planId, domainId, applicationId, ...more })
const answered = async (key?: string) =>
  (await fetch(`${served.now.gateway}/echo`, { headers: key === undefined ? {} : { 'x-gravitee-api-key': key } }))
    .status

describe('a subscription to a plan with keys', () => {
  it('lets calls with its key in at once, until it is paused, resumed and closed', async () => {
    await deploy(plan('API_KEY'))
    expect(await answered()).toBe(401)
    const { subscription, apiKey } = await subscribe('api_key')
    expect(subscription).toMatchObject({ status: 'ACCEPTED', planName: 'API_KEY', applicationName: 'Basket' })
    expect(apiKey).toMatch(/^[\w-]{43}$/)
    const ids = { apiId, subscriptionId: subscription.id }
    const seen = [await answered(apiKey), await answered(`${apiKey}x`)]
    await call('subscriptions.pause', ids)
    seen.push(await answered(apiKey))
    await call('subscriptions.resume', ids)
    seen.push(await answered(apiKey))
    const closed = await call('subscriptions.close', ids)
    seen.push(await answered(apiKey))
    expect(seen).toEqual([200, 401, 401, 200, 401])
    expect(closed.apiKeys?.every(({ revokedAt }) => revokedAt === closed.closedAt)).toBe(true)
    // None of that has deployed the API.
    expect(await call('apis.deployments', { apiId })).toHaveLength(1)
    expect(await problem('subscriptions.resume', ids)).toMatchObject({
      key: 'SUBSCRIPTION_STATUS',
      title: 'A subscription that is closed cannot be resumed',
    })
    expect((await subscribe('api_key')).subscription.id).not.toBe(subscription.id)
    expect((await call('subscriptions.list', { apiId })).map(({ status }) => status)).toEqual(['ACCEPTED', 'CLOSED'])
  })

  it('keeps its keys sealed, over a restart too', async () => {
    await deploy(plan('API_KEY'))
    const { apiKey } = await subscribe('api_key')
    const files = await readdir(join(served.folder, 'subscriptions'))
    expect(files).toEqual(['echo.json'])
    const text = await readFile(join(served.folder, 'subscriptions/echo.json'), 'utf8')
    expect(text).toContain(`"hint": "${apiKey!.slice(-4)}"`)
    expect(text).not.toContain(apiKey)
    expect(await readFile(join(served.folder, 'secrets.enc'), 'utf8')).not.toContain(apiKey)
    expect(JSON.stringify(await call('subscriptions.list', { apiId }))).not.toContain(apiKey)
    await served.restart()
    expect(await answered(apiKey)).toBe(200)
  })

  it('has its keys renewed with an overlap, given an end, and revoked', async () => {
    await deploy(plan('API_KEY'))
    const { subscription, apiKey: first } = await subscribe('api_key')
    const ids = { apiId, subscriptionId: subscription.id }
    const renewed = await call('apiKeys.renew', { ...ids, overlapSeconds: 3600 })
    expect(await Promise.all([answered(first), answered(renewed.apiKey)])).toEqual([200, 200])
    const [newest, before] = renewed.subscription.apiKeys!
    expect(newest?.expiresAt).toBeUndefined()
    expect(Date.parse(before!.expiresAt!)).toBeGreaterThan(Date.now() + 3_500_000)
    await call('apiKeys.revoke', { ...ids, keyId: before!.id })
    expect(await Promise.all([answered(first), answered(renewed.apiKey)])).toEqual([401, 200])
    expect((await problem('apiKeys.setExpiry', { ...ids, keyId: before!.id })).key).toBe('API_KEY_REVOKED')
    const again = await call('apiKeys.renew', ids)
    expect(await Promise.all([answered(renewed.apiKey), answered(again.apiKey)])).toEqual([401, 200])
    const keyId = again.subscription.apiKeys![0]!.id
    const past = await problem('apiKeys.setExpiry', { ...ids, keyId, expiresAt: '2020-01-01T00:00:00Z' })
    expect(past.errors?.[0]?.field).toBe('/expiresAt')
    const later = await call('apiKeys.setExpiry', { ...ids, keyId, expiresAt: '2199-01-01T00:00:00Z' })
    expect(later.apiKeys![0]).toMatchObject({ expiresAt: '2199-01-01T00:00:00Z' })
    expect((await call('apiKeys.setExpiry', { ...ids, keyId })).apiKeys![0]).not.toHaveProperty('expiresAt')
  })

  it('waits where the plan is validated by hand, and is accepted or rejected', async () => {
    await deploy(plan('API_KEY', { validation: 'MANUAL' }))
    const { subscription, apiKey } = await subscribe('api_key')
    expect([subscription.status, apiKey]).toEqual(['PENDING', undefined])
    const ids = { apiId, subscriptionId: subscription.id }
    const accepted = await call('subscriptions.accept', ids)
    expect(accepted.subscription.status).toBe('ACCEPTED')
    expect(await answered(accepted.apiKey)).toBe(200)
    expect((await problem('subscriptions.reject', ids)).key).toBe('SUBSCRIPTION_STATUS')
    await call('subscriptions.close', ids)
    const second = await subscribe('api_key')
    const rejected = await call('subscriptions.reject', {
      apiId,
      subscriptionId: second.subscription.id,
      reason: ' no ',
    })
    expect(rejected).toMatchObject({ status: 'REJECTED', reason: 'no' })
  })

  it('begins and ends when somebody says, from the next call on', async () => {
    await deploy(plan('API_KEY'))
    const { apiKey, subscription } = await subscribe('api_key')
    const ids = { apiId, subscriptionId: subscription.id }
    expect(await answered(apiKey)).toBe(200)
    const later = { startingAt: '2198-01-01T00:00:00Z', endingAt: '2199-01-01T00:00:00Z' }
    expect(await call('subscriptions.setPeriod', { ...ids, ...later })).toMatchObject(later)
    expect(await answered(apiKey)).toBe(401)
    const begun = await call('subscriptions.setPeriod', { ...ids, endingAt: later.endingAt })
    expect(begun).not.toHaveProperty('startingAt')
    expect(await answered(apiKey)).toBe(200)
    for (const wrong of [
      { endingAt: '2020-01-01T00:00:00Z' },
      { startingAt: later.endingAt, endingAt: later.startingAt },
    ])
      expect((await problem('subscriptions.setPeriod', { ...ids, ...wrong })).errors?.[0]?.field).toBe('/endingAt')
    await call('subscriptions.close', ids)
    expect((await problem('subscriptions.setPeriod', ids)).key).toBe('SUBSCRIPTION_STATUS')
  })

  it('counts no more when its application is disabled or gone', async () => {
    await deploy(plan('API_KEY'))
    const { apiKey } = await subscribe('api_key')
    await call('applications.update', { domainId, applicationId, enabled: false })
    expect(await answered(apiKey)).toBe(401)
    await call('applications.update', { domainId, applicationId, enabled: true })
    expect(await answered(apiKey)).toBe(200)
    await call('applications.delete', { domainId, applicationId })
    expect(await answered(apiKey)).toBe(401)
    expect((await call('subscriptions.list', { apiId }))[0]).not.toHaveProperty('applicationName')
  })

  it('is taken up from the file when somebody edits it', async () => {
    await deploy(plan('API_KEY'))
    const { apiKey } = await subscribe('api_key')
    const file = join(served.folder, 'subscriptions/echo.json')
    await writeFile(file, (await readFile(file, 'utf8')).replace('"ACCEPTED"', '"PAUSED"'))
    await vi.waitFor(async () => expect(await answered(apiKey)).toBe(401))
  })

  it('goes with its API, keys and all', async () => {
    await deploy(plan('API_KEY'))
    const { subscription } = await subscribe('api_key')
    const sealed = `subscription/${subscription.id}/${subscription.apiKeys![0]!.id}`
    expect(served.now.store.secrets.has(sealed)).toBe(true)
    await call('apis.delete', { apiId, confirmName: 'Echo' })
    expect(served.now.store.secrets.has(sealed)).toBe(false)
    expect(await readdir(join(served.folder, 'subscriptions'))).toEqual([])
  })

  it('lends its key to the console, for this gateway alone', async () => {
    await deploy(plan('API_KEY'))
    const { subscription } = await subscribe('api_key')
    const apiKey = { apiId, subscriptionId: subscription.id, keyId: subscription.apiKeys![0]!.id }
    const request = { method: 'GET', url: `${served.now.gateway}/echo`, headers: [] }
    const { status, record } = await call('console.send', { request, apiKey })
    expect([status, record?.trace?.find(({ kind }) => kind === 'plan')?.sentence]).toEqual([
      200,
      'The call comes from Basket, which has subscribed to it',
    ])
    const elsewhere = { ...request, url: `${served.now.authorization}/shop/oauth/token` }
    expect((await problem('console.send', { request: elsewhere, apiKey })).errors?.[0]?.field).toBe('/request/url')
  })
})

describe('a subscription that cannot be', () => {
  it.each([
    ['to a plan that is not there', 'other', {}, 'PLAN_NOT_FOUND'],
    ['to a plan without keys', 'key_less', {}, 'PLAN_KEYLESS'],
    ['to a plan that is being prepared', 'jwt', {}, 'PLAN_NOT_PUBLISHED'],
    ['that is over already', 'api_key', { endingAt: '2020-01-01T00:00:00Z' }, 'INPUT_INVALID'],
    ['without the certificate that the plan wants', 'mtls', {}, 'INPUT_INVALID'],
    ['with a certificate that is none', 'mtls', { clientCertificate: 'x' }, 'INPUT_INVALID'],
    ['of nobody', 'api_key', { applicationId: 'x' }, 'APPLICATION_NOT_FOUND'],
  ])('is refused: one %s', async (_what, planId, more, key) => {
    await deploy(plan('API_KEY'), plan('KEY_LESS'), plan('JWT', { status: 'STAGING' }), plan('MTLS'))
    expect((await problem('subscriptions.create', { apiId, planId, domainId, applicationId, ...more })).key).toBe(key)
  })

  it('is refused a second time while the first is open', async () => {
    await deploy(plan('API_KEY'))
    await subscribe('api_key')
    expect((await problem('subscriptions.create', { apiId, planId: 'api_key', domainId, applicationId })).key).toBe('SUBSCRIPTION_EXISTS') // prettier-ignore
  })
})

it('lets in a token of an application that has subscribed to a plan for tokens', async () => {
  const jwt = { signature: 'HMAC_HS256', publicKeyResolver: 'GATEWAY_KEYS' }
  await deploy(plan('JWT', { security: { type: 'JWT', configuration: jwt } }))
  const { accessToken } = await call('console.getToken', { domainId, applicationId, scopes: [] })
  const send = async () =>
    (await fetch(`${served.now.gateway}/echo`, { headers: { authorization: `Bearer ${accessToken}` } })).status
  expect(await send()).toBe(401)
  await subscribe('jwt')
  expect(await send()).toBe(200)
})

it('asks clients for their certificates once a plan wants them, and knows them by it', async () => {
  await call('workspace.update', { tls: { gateway: true } })
  await deploy(plan('MTLS'))
  const client = await selfSigned({})
  await subscribe('mtls', { clientCertificate: client.certificate })
  const ca = await readFile((await call('workspace.get', {})).caFile!, 'utf8')
  const send = (shown: { cert?: string; key?: string }) =>
    new Promise((resolve, reject) => {
      httpsRequest(`${served.now.gateway}/echo`, { ca, agent: false, ...shown }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode))
      })
        .on('error', reject)
        .end()
    })
  expect(await send({})).toBe(401)
  expect(await send({ cert: client.certificate, key: client.key })).toBe(200)
})

it('keeps the shared secret of a plan for tokens sealed, and a public address readable', async () => {
  const secret = 'a-secret-of-more-than-thirty-two-bytes!'
  const jwt = (configuration: object) => ({ security: { type: 'JWT', configuration: { ...configuration } } })
  const given = { signature: 'HMAC_HS256', publicKeyResolver: 'GIVEN_KEY', resolverParameter: secret }
  await deploy(plan('JWT', jwt(given)))
  await subscribe('jwt')
  const written = await readFile(join(served.folder, 'apis/echo.json'), 'utf8')
  expect(written).not.toContain(secret)
  expect(written).toMatch(/"resolverParameter": "secret:\/\/gatehouse\/step\//)
  const { clientId } = (await call('domains.get', { domainId })).applications[0]!
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${encode({ alg: 'HS256' })}.${encode({ aud: clientId })}`
  const signed = (key: string) => `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
  const send = async (key: string) =>
    (await fetch(`${served.now.gateway}/echo`, { headers: { authorization: `Bearer ${signed(key)}` } })).status
  expect([await send(secret), await send(`${secret}!`)]).toEqual([200, 401])

  const url = {
    signature: 'RSA_RS256',
    publicKeyResolver: 'JWKS_URL',
    resolverParameter: 'http://127.0.0.1:9/jwks.json',
  }
  await deploy(plan('JWT', jwt(url)))
  expect(await readFile(join(served.folder, 'apis/echo.json'), 'utf8')).toContain(url.resolverParameter)
})
