import { once } from 'node:events'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { text } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import type { IncomingMessage } from 'node:http'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { testCredentials, type TestCredentials } from '../../certificates/testing'
import { api, rawExchange, securedApi, startBackend, startGateway, type TestGateway } from './testing'

let credentials: TestCredentials
let gateway: TestGateway
const closers: (() => Promise<void>)[] = []
beforeAll(async () => {
  credentials = await testCredentials()
})
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function overTls(): Promise<void> {
  gateway = await startGateway(undefined, undefined, credentials)
  closers.push(() => gateway.close())
}
async function overHttp(): Promise<void> {
  gateway = await startGateway()
  closers.push(() => gateway.close())
}
const raw = (lines: string) => rawExchange(gateway.port, lines, undefined, credentials.authority)

function call(path: string, options: RequestOptions = {}, body?: Readable): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const to = { host: '127.0.0.1', port: gateway.port, path, ca: credentials.authority, agent: false as const }
    const request = httpsRequest({ ...to, ...options }, resolve).on('error', reject)
    if (body === undefined) request.end()
    else body.pipe(request)
  })
}

it('answers over TLS and tells the backend so', async () => {
  await overTls()
  gateway.deploy(api())
  const response = await call('/echo')
  expect(response.statusCode).toBe(200)
  expect(await text(response)).toContain('"X-Forwarded-Proto": "https"')
})

it('wants the body of Expect: 100-continue only when the backend gets it', async () => {
  await overTls()
  gateway.deploy(api())
  const post = (path: string) =>
    `POST ${path} HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n`
  expect(await raw(post('/no'))).toMatch(/^HTTP\/1.1 404 /)
  expect(await raw(`${post('/echo')}hello`)).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 /)
})

it('answers what is malformed, and ends it', async () => {
  await overTls()
  expect(await raw('GET / HTTP/1.1\r\nHost: h\r\nBroken header\r\n\r\n')).toMatch(
    /^HTTP\/1.1 400 .*The request is malformed/s,
  )
  expect(await raw(`GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /)
  expect(
    await raw('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
  ).toMatch(/^HTTP\/1.1 400 /)
})

it('streams bodies both ways', async () => {
  await overTls()
  const target = await startBackend((request, response) => void request.pipe(response))
  closers.push(target.close)
  gateway.deploy(api({ target: target.address }))
  const chunks = Array.from({ length: 64 }, (_, index) => Buffer.alloc(256 * 1024, index))
  const response = await call('/echo', { method: 'POST' }, Readable.from(chunks))
  let received = 0
  response.on('data', (chunk: Buffer) => (received += chunk.length))
  await once(response, 'end')
  expect(received).toBe(64 * 256 * 1024)
})

it('a backend whose certificate is not trusted is not called, and the record says why', async () => {
  await overHttp()
  const target = await startBackend((_request, response) => void response.end('never read'), credentials)
  closers.push(target.close)
  gateway.deploy(api({ target: target.address }))
  const response = await fetch(`${gateway.address}/echo`)
  expect(response.status).toBe(502)
  expect(await response.json()).toEqual({ message: 'The backend cannot be trusted', http_status_code: 502 })
  const { refusal } = await gateway.recordOf(response)
  expect(refusal?.key).toBe('GATEWAY_BACKEND_UNTRUSTED')
  expect(refusal?.sentence).toMatch(
    `The certificate of the backend ${target.address} is not trusted: it is issued by an authority`,
  )
  expect(refusal?.evidence.find(({ label }) => label === 'What helps')?.value).toContain('trusted authorities')
  expect(refusal?.remedies.map(({ action }) => action)).toEqual(['open-authorities', 'open-endpoints'])
})

it('a backend that speaks no TLS at an https address is told so', async () => {
  await overHttp()
  const target = await startBackend((_request, response) => void response.end())
  closers.push(target.close)
  gateway.deploy(api({ target: target.address.replace('http:', 'https:') }))
  const response = await fetch(`${gateway.address}/echo`)
  expect((await gateway.recordOf(response)).refusal).toMatchObject({
    key: 'GATEWAY_BACKEND_NOT_TLS',
    status: 502,
    sentence: expect.stringContaining('does not speak TLS') as string,
  })
})

it('an authorization server whose certificate is not trusted lets nobody in, and its test says what helps', async () => {
  await overHttp()
  const server = await startBackend((_request, response) => void response.end('{"active":true}'), credentials)
  closers.push(server.close)
  gateway.deploy(securedApi({}, { serverURL: server.address }))
  const response = await fetch(`${gateway.address}/echo`, { headers: { authorization: 'Bearer abc' } })
  expect(response.status).toBe(503)
  expect((await gateway.recordOf(response)).refusal).toMatchObject({
    key: 'OAUTH2_SERVER_UNAVAILABLE',
    sentence: expect.stringContaining(`${server.address} is not trusted: it is issued by an authority`) as string,
  })
  const configuration = { serverURL: server.address, securityDomain: 'demo', clientId: 'a', clientSecret: 'b' }
  const resource = { name: 'AM', type: 'oauth2-am-resource', enabled: true, configuration }
  const result = await gateway.gateway.testResource(resource)
  expect(result).toMatchObject({
    ok: false,
    remedy: expect.stringContaining('trusted authorities') as string,
    remedies: [{ action: 'open-authorities', label: 'Open the trusted authorities' }],
  })
  expect(result.steps.map(({ title, ok }) => [title, ok])).toEqual([
    ['Server', true],
    ['Certificate', false],
  ])
})
