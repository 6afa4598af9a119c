import { createHash } from 'node:crypto'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { Type } from 'typebox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { policies as catalogue } from '../policies/catalogue'
import { definePolicy, type PolicyDefinition } from '../policies/policy'
import { bodyOf, MAX_BODY } from './body'
import { flowOf } from './flow.testing'
import { api, rawExchange, startBackend, startGateway, TRACE_KEY, type TestGateway } from './testing'

/** Puts the body in capitals, in whatever phase it stands. */
const shout = definePolicy({
  id: 'shout',
  name: 'Shout',
  summary: '',
  category: 'transformation',
  icon: '',
  phases: ['request', 'response'],
  configuration: Type.Object({}),
  guide: '',
  errors: {},
  create(_configuration, { needsBody, place }) {
    needsBody(place.phase)
    return {
      request: ({ request }) => void (request.body = bodyOf(request.body!.text.toUpperCase())),
      response: ({ response }) => void (response!.body = bodyOf(response!.body!.text.toUpperCase())),
    }
  },
}) as unknown as PolicyDefinition
const step = { policy: 'shout', configuration: {} }
const looks = (phase: 'request' | 'response', condition: string) => ({
  policy: 'transform-headers',
  condition,
  configuration: { addHeaders: [{ name: 'X-Holds', value: phase }] },
})

let gateway: TestGateway
const closers: (() => Promise<void>)[] = []
beforeEach(async () => {
  gateway = await startGateway(undefined, [...catalogue, shout])
  closers.push(() => gateway.close())
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** Tells what it got, or answers what a test wants. */
async function backend(answer?: { headers: Record<string, string>; body: Buffer | string }): Promise<string> {
  const { address, close } = await startBackend((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      if (answer !== undefined) response.writeHead(200, answer.headers).end(answer.body)
      else response.end(JSON.stringify({ headers: request.headers, body: body.toString('latin1') }))
    })
  })
  closers.push(close)
  return address
}
const post = (body: Buffer | string | ReadableStream, headers: Record<string, string> = {}) =>
  fetch(`${gateway.address}/echo`, { method: 'POST', body: body as string, headers, duplex: 'half' } as RequestInit)
const got = async (response: Response) =>
  (await response.json()) as { headers: Record<string, string | undefined>; body: string }

describe("a request's body that a step asks for", () => {
  it('is collected, changed, and sent with the length that it has then', async () => {
    gateway.deploy(api({ target: await backend(), flows: [flowOf([step])] }))
    const { headers, body } = await got(await post('straße'))
    expect(Buffer.from(body, 'latin1').toString()).toBe('STRASSE')
    expect(headers).toMatchObject({ 'content-length': '7' })
  })

  it('is taken from a stream without a length, and has one then', async () => {
    gateway.deploy(api({ target: await backend(), flows: [flowOf([looks('request', "{#request.content == 'abc'}")])] }))
    const stream = new Blob(['a', 'bc']).stream()
    const { headers, body } = await got(await post(stream))
    expect(body).toBe('abc')
    expect(headers).toMatchObject({ 'content-length': '3', 'x-holds': 'request' })
    expect(headers['transfer-encoding']).toBeUndefined()
  })

  it.each([
    ['gzip', gzipSync('abc')],
    ['deflate', deflateSync('abc')],
    ['br', brotliCompressSync('abc')],
    ['gzip, br', brotliCompressSync(gzipSync('abc'))],
  ])('is read under %s, and passed on as it came when nothing changed it', async (coding, bytes) => {
    const condition = looks('request', "{#request.content == 'abc'}")
    gateway.deploy(api({ target: await backend(), flows: [flowOf([condition])] }))
    const { headers, body } = await got(await post(bytes, { 'content-encoding': coding }))
    expect(headers).toMatchObject({ 'content-encoding': coding, 'x-holds': 'request' })
    expect(Buffer.from(body, 'latin1')).toEqual(bytes)

    gateway.deploy(api({ target: await backend(), flows: [flowOf([step])] }))
    const changed = await got(await post(bytes, { 'content-encoding': coding, digest: 'sha-256=x' }))
    expect(changed.body).toBe('ABC')
    expect(changed.headers['content-encoding']).toBeUndefined()
    expect(changed.headers.digest).toBeUndefined()
  })

  it.each([
    ['too large by its length', Buffer.alloc(MAX_BODY + 1), {}, 413, 'GATEWAY_REQUEST_TOO_LARGE'],
    ['too large when it is decompressed', gzipSync(Buffer.alloc(MAX_BODY + 1)), { 'content-encoding': 'gzip' }, 413, 'GATEWAY_REQUEST_TOO_LARGE'],
    ['under a coding that is not known', 'x', { 'content-encoding': 'zstd' }, 415, 'GATEWAY_REQUEST_ENCODING'],
    ['not what its coding says', 'x', { 'content-encoding': 'gzip' }, 400, 'GATEWAY_REQUEST_MALFORMED'],
  ])('is refused when it is %s', async (_what, body, headers, status, key) => {
    gateway.deploy(api({ target: await backend(), flows: [flowOf([step])] }))
    const response = await post(body, headers as Record<string, string>)
    expect(response.status).toBe(status)
    expect((await gateway.recordOf(response)).refusal).toMatchObject({ key, status })
  }) // prettier-ignore

  it('is refused when it grows too large on the way, and the connection ends', async () => {
    gateway.deploy(api({ target: await backend(), flows: [flowOf([step])] }))
    const head = 'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
    const chunk = `100000\r\n${'x'.repeat(0x10_0000)}\r\n`
    const answer = await rawExchange(gateway.port, head + chunk.repeat(11))
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toMatch(/^Connection: close/im)
  })

  it('is asked for only when the step is reached: a client that waits to send it hears the refusal first', async () => {
    const never = { policy: 'policy-request-validation', configuration: { status: '403', rules: [{ input: "{#request.headers['none'][0]}", constraint: { type: 'NOT_NULL' } }] } } // prettier-ignore
    gateway.deploy(api({ target: await backend(), flows: [flowOf([never, step])] }))
    const head = 'POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n'
    expect(await rawExchange(gateway.port, head)).toMatch(/^HTTP\/1\.1 403 /)

    gateway.deploy(api({ target: await backend(), flows: [flowOf([step])] }))
    const sent = await rawExchange(gateway.port, `${head}abc`, (answer) => answer.includes('ABC'))
    expect(sent).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
  })

  it('may choose the flow, also the best match', async () => {
    const flow = flowOf([{ policy: 'mock', configuration: { status: '200', content: 'chosen' } }])
    const conditional = { ...flow, selectors: [...flow.selectors, { type: 'condition' as const, condition: "{#request.jsonContent.kind == 'x'}" }] } // prettier-ignore
    for (const mode of ['default', 'best-match'] as const) {
      gateway.deploy(api({ target: await backend(), flows: [conditional], flowExecution: { mode, matchRequired: false } })) // prettier-ignore
      expect(await (await post('{"kind": "x"}')).text()).toBe('chosen')
      expect((await got(await post('{"kind": "y"}'))).body).toBe('{"kind": "y"}')
    }
  })

  it('is there for a step of the response', async () => {
    gateway.deploy(api({ target: await backend(), flows: [flowOf([], [looks('response', "{#request.content == 'abc'}")])] })) // prettier-ignore
    const response = await post('abc')
    expect(response.headers.get('x-holds')).toBe('response')
    expect((await got(response)).body).toBe('abc')
  })
})

describe("an answer's body that a step asks for", () => {
  it('is collected, changed, and sent with the length that it has then', async () => {
    const target = await backend({ headers: { etag: '"1"', 'content-type': 'text/plain' }, body: 'straße' })
    gateway.deploy(api({ target, flows: [flowOf([], [step])] }))
    const response = await fetch(`${gateway.address}/echo`)
    expect(await response.text()).toBe('STRASSE')
    expect(Object.fromEntries(response.headers)).toMatchObject({ 'content-length': '7', 'content-type': 'text/plain' })
    expect(response.headers.has('etag')).toBe(false)
  })

  it('is asked for uncompressed; when it comes compressed all the same it is read, and changed it leaves plain', async () => {
    const seen = await backend()
    const condition = looks('response', '{#response.jsonContent.headers != null}')
    gateway.deploy(api({ target: seen, flows: [flowOf([], [condition])] }))
    const plain = await fetch(`${gateway.address}/echo`)
    expect(plain.headers.get('x-holds')).toBe('response')
    expect((await got(plain)).headers['accept-encoding']).toBe('identity')

    const bytes = gzipSync('abc')
    const target = await backend({ headers: { 'content-encoding': 'gzip', etag: '"1"' }, body: bytes })
    gateway.deploy(api({ target, flows: [flowOf([], [looks('response', "{#response.content == 'abc'}")])] }))
    const raw = await rawExchange(gateway.port, 'GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(raw).toMatch(/content-encoding: gzip/i)
    expect(raw).toMatch(/x-holds: response/i)
    expect(raw).toMatch(/etag: "1"/i)
    expect(Buffer.from(raw.slice(raw.indexOf('\r\n\r\n') + 4), 'latin1')).toEqual(bytes)

    gateway.deploy(api({ target, flows: [flowOf([], [step])] }))
    const changed = await fetch(`${gateway.address}/echo`)
    expect([changed.headers.get('content-encoding'), await changed.text()]).toEqual([null, 'ABC'])
  })

  it.each([
    ['too large', { headers: {}, body: Buffer.alloc(MAX_BODY + 1) }, 'GATEWAY_ANSWER_TOO_LARGE'],
    ['too large when it is decompressed', { headers: { 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(MAX_BODY + 1)) }, 'GATEWAY_ANSWER_TOO_LARGE'],
    ['under a coding that is not known', { headers: { 'content-encoding': 'zstd' }, body: 'x' }, 'GATEWAY_ANSWER_ENCODING'],
    ['not what its coding says', { headers: { 'content-encoding': 'br' }, body: 'x' }, 'GATEWAY_ANSWER_MALFORMED'],
  ])('is answered with 502 when it is %s', async (_what, answer, key) => {
    gateway.deploy(api({ target: await backend(answer as { headers: Record<string, string>; body: Buffer }), flows: [flowOf([], [step])] }))
    const response = await fetch(`${gateway.address}/echo`, { headers: { 'x-gatehouse-trace': TRACE_KEY } })
    expect(response.status).toBe(502)
    const { refusal, trace } = await gateway.recordOf(response)
    expect(refusal).toMatchObject({ key, status: 502 })
    expect(trace?.find(({ kind }) => kind === 'backend')).toMatchObject({ decision: 'failed' })
  }) // prettier-ignore

  it('leaves a HEAD, with the length that a GET would have', async () => {
    const target = await backend({ headers: { 'content-length': '6' }, body: 'abcdef' })
    gateway.deploy(api({ target, flows: [flowOf([], [looks('response', "{#response.content == ''}")])] }))
    const response = await fetch(`${gateway.address}/echo`, { method: 'HEAD' })
    expect([response.headers.get('content-length'), response.headers.get('x-holds')]).toEqual(['6', 'response'])
  })
})

it('streams what no step asks for, larger than what is ever collected', async () => {
  const bytes = Buffer.alloc(MAX_BODY * 2, 'abc')
  const target = await backend({ headers: { 'content-type': 'application/octet-stream' }, body: bytes })
  gateway.deploy(api({ target, flows: [flowOf([looks('request', "{#request.method == 'POST'}")])] }))
  const received = Buffer.from(await (await post(bytes)).arrayBuffer())
  expect(createHash('sha256').update(received).digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'))
})

it('tells an expression that came to too much, and not as a fault of the gateway', async () => {
  gateway.deploy(api({ target: await backend(), flows: [flowOf([looks('request', '{#request.content.repeat(1000).isEmpty()}')])] })) // prettier-ignore
  const response = await post('x'.repeat(100_000))
  expect(response.status).toBe(500)
  expect((await gateway.recordOf(response)).refusal).toMatchObject({ key: 'GATEWAY_EXPRESSION_FAILED' })
})
