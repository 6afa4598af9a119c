import type { ApiState } from '@shared/operations'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildWorker } from '../../engine/testing/start-engine'
import { createHttp } from '../http/http'
import type { Management } from '../management'
import { serveEmpty, type ServedFolder, type Worker } from '../served.testing'

let worker: Worker
let served: ServedFolder

beforeAll(async () => {
  worker = await buildWorker()
  served = await serveEmpty(worker)
})
afterAll(async () => {
  await served.close()
  await worker.remove()
  expect(served.faults).toEqual([])
})

const call: Management['call'] = (name, input) => served.now.call(name, input)
const callEcho = (headers: { name: string; value: string }[] = []) =>
  call('console.send', { request: { method: 'GET', url: `${served.now.gateway}/echo`, headers } })
const overview = async () =>
  Object.fromEntries((await call('overview.get', {})).steps.map(({ id, done }) => [id, done]))

describe('the walk-through by operations', () => {
  let ids: { domainId: string; applicationId: string; apiId: string }
  let secret: string
  let token: string

  it('secures an API with OAuth2 and deploys it', async () => {
    const { id: domainId } = await call('domains.create', { name: 'Demo' })
    const { application, clientSecret } = await call('applications.create', { domainId, name: 'orders-service' })
    secret = clientSecret!
    const created = await call('apis.create', { name: 'Echo', path: '/echo' })
    const apiId = created.definition.id
    ids = { domainId, applicationId: application.id, apiId }
    const { configuration } = await call('apis.useApplication', { domainId, applicationId: application.id })
    const resource = { name: 'am-demo', type: 'oauth2-am-resource', enabled: true, configuration }
    expect(await call('apis.testResource', { apiId, resource })).toMatchObject({ ok: true })
    const wrong = { ...resource, configuration: { ...configuration, clientSecret: 'not-the-secret' } }
    expect(await call('apis.testResource', { apiId, resource: wrong })).toMatchObject({ ok: false })

    const saved = await call('apis.save', {
      apiId,
      version: created.version,
      definition: { ...created.definition, resources: [resource] },
    })
    await saveStep(saved, { oauthResource: '' })
    const refused = await served.now.management.run('apis.deploy', { apiId })
    expect(refused).toMatchObject({
      ok: false,
      problem: { key: 'API_DOES_NOT_COMPILE', errors: [{ message: expect.any(String), remedy: expect.any(String) }] },
    })
    expect(await call('apis.deployments', { apiId })).toEqual([])
    await saveStep(await call('apis.get', { apiId }), { oauthResource: 'am-demo' })
    expect(await call('apis.deploy', { apiId })).toMatchObject({ inSync: true, deployedRevision: 1 })
  })

  it('refuses a call without a token with the bytes of the page, and says why', async () => {
    const exchange = await callEcho()
    expect(exchange).toMatchObject({
      status: 401,
      body: '{"message":"No OAuth authorization header was supplied","http_status_code":401}',
      record: { refusal: { key: 'OAUTH2_MISSING_HEADER' } },
    })
    expect(exchange.headers).toContainEqual({
      name: 'WWW-Authenticate',
      value: 'Bearer realm=gravitee.io - No OAuth authorization header was supplied',
    })
    expect(exchange.record?.trace?.map(({ title }) => title)).toContain('OAuth2')
    expect(await overview()).toMatchObject({ deploy: true, refused: true, answered: false })
  })

  it('gets a token and is answered with it', async () => {
    const got = await call('console.getToken', { domainId: ids.domainId, applicationId: ids.applicationId, scopes: [] })
    expect(got).toMatchObject({
      tokenType: 'bearer',
      header: { kid: 'default-gravitee-AM-key', alg: 'HS256' },
      signature: { valid: true },
      exchange: { status: 200, record: { endpoint: 'token' } },
    })
    expect(JSON.stringify(got.exchange)).not.toContain(secret)
    token = got.accessToken
    const exchange = await callEcho([{ name: 'Authorization', value: `Bearer ${token}` }])
    expect(exchange.status).toBe(200)
    expect(exchange.body).not.toContain('X-Gatehouse-Trace')
    expect(exchange.body).not.toContain(served.now.engine.engine.traceKey)
    expect(await overview()).toMatchObject({ answered: true })
  })

  it('tells why no token is given', async () => {
    const answer = await served.now.management.run('console.getToken', {
      domainId: ids.domainId,
      applicationId: ids.applicationId,
      scopes: ['admin'],
    })
    expect(answer).toMatchObject({ ok: false, problem: { status: 400, key: 'SCOPE_NOT_ALLOWED' } })
  })

  it('tells what is wrong with a call', async () => {
    const send = (request: object) =>
      served.now.management.run('console.send', { request: { method: 'GET', headers: [], ...request } })
    const key = (key: string) => ({ ok: false, problem: { key } })
    expect(await send({ url: 'localhost:8082/echo' })).toMatchObject(key('INPUT_INVALID'))
    expect(await send({ url: 'ftp://x/' })).toMatchObject(key('INPUT_INVALID'))
    expect(await send({ url: served.now.gateway, headers: [{ name: 'a b', value: '' }] })).toMatchObject(
      key('INPUT_INVALID'),
    )
    expect(await send({ url: served.now.gateway, headers: [{ name: 'a', value: 'b\nc' }] })).toMatchObject(
      key('INPUT_INVALID'),
    )
    expect(await send({ url: 'http://127.0.0.1:1/' })).toMatchObject(key('CALL_REFUSED'))
    expect(await send({ url: 'http://no-such-host.invalid/' })).toMatchObject(key('CALL_UNKNOWN_HOST'))
  })

  it('is offered over HTTP to who bears the token, on loopback only', async () => {
    const app = createHttp(served.now.management, 'the-token')
    const address = await app.listen({ host: '127.0.0.1', port: 0 })
    try {
      const post = (name: string, body: string, headers: Record<string, string> = {}) =>
        fetch(`${address}/operations/${name}`, {
          method: 'POST',
          headers: { authorization: 'Bearer the-token', 'content-type': 'application/json', ...headers },
          body,
        })
      expect(await (await post('apis.list', '{}')).json()).toHaveLength(1)
      expect((await post('apis.list', '{}', { authorization: 'Bearer guessed' })).status).toBe(401)
      expect((await post('apis.list', '{')).status).toBe(400)
      expect((await post('apis.list', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415)
      expect((await post('apis.explode', '{}')).status).toBe(404)
      expect((await post('apis.list', JSON.stringify('x'.repeat(51_000_000)))).status).toBe(413)
      const problem = await post('apis.get', '{}')
      expect(problem.headers.get('content-type')).toContain('application/problem+json')
      expect(await problem.json()).toMatchObject({ key: 'INPUT_INVALID', errors: [{ field: '/apiId' }] })
      const rebound = await app.inject({ url: '/operations', headers: { host: 'evil.example' } })
      expect(rebound.statusCode).toBe(403)
      const document = await fetch(`${address}/openapi.json`, { headers: { authorization: 'Bearer the-token' } })
      expect(await document.json()).toMatchObject({ openapi: '3.1.0' })
    } finally {
      await app.close()
    }
  })

  it('is all still there after a restart, on other ports', async () => {
    await served.restart()
    expect(await overview()).toMatchObject({ refused: true, answered: true })
    expect((await callEcho([{ name: 'Authorization', value: `Bearer ${token}` }])).status).toBe(200)
    expect((await callEcho()).status).toBe(401)
  })

  it('is open again, and says why, while the client of its resource or its domain is disabled', async () => {
    const { domainId, applicationId } = ids
    const open = async () =>
      (await call('overview.get', {})).steps.filter(({ done }) => !done).map(({ id, evidence }) => ({ id, evidence }))
    await call('applications.update', { domainId, applicationId, enabled: false })
    const why = 'am-demo in Echo names the client orders-service, which is disabled'
    expect(await open()).toEqual([
      { id: 'resource', evidence: why },
      { id: 'deploy', evidence: why },
      { id: 'answered' },
    ])
    await call('applications.update', { domainId, applicationId, enabled: true })
    expect(await open()).toEqual([])
    await call('domains.update', { domainId, enabled: false })
    expect(await open()).toContainEqual({
      id: 'resource',
      evidence: 'am-demo in Echo asks domain Demo, which is disabled',
    })
    await call('domains.update', { domainId, enabled: true })
    expect(await open()).toEqual([])
  })

  it('stops taking the secret that was rotated, and forgets that of a deleted domain', async () => {
    await call('applications.rotateSecret', { domainId: ids.domainId, applicationId: ids.applicationId })
    const got = await call('console.getToken', { domainId: ids.domainId, applicationId: ids.applicationId, scopes: [] })
    expect((await callEcho([{ name: 'Authorization', value: `Bearer ${got.accessToken}` }])).status).toBe(200)
    const reference = served.now.store.domains()[0]!.applications[0]!.clientSecret!
    await call('domains.delete', { domainId: ids.domainId, confirmName: 'Demo' })
    expect(served.now.store.secrets.resolve(reference)).toBeUndefined()
    // Fails closed: the API is there and lets nobody in.
    const { status } = await callEcho([{ name: 'Authorization', value: `Bearer ${got.accessToken}` }])
    expect([401, 503]).toContain(status)
  })
})

async function saveStep({ definition, version }: ApiState, configuration: Record<string, unknown>): Promise<ApiState> {
  const [flow] = definition.flows
  const step = { name: 'OAuth2', enabled: true, policy: 'oauth2', configuration }
  return call('apis.save', {
    apiId: definition.id,
    version,
    definition: { ...definition, flows: [{ ...flow!, request: [step] }] },
  })
}
