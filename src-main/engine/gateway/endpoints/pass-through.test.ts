import { once } from 'node:events'
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { api, listenTo, rawExchange, startBackend, startGateway, type TestGateway } from '../testing'

let gateway: TestGateway
const closers: (() => Promise<void>)[] = []
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(async () => {
  await gateway.close()
  for (const close of closers.splice(0)) await close()
})

it('server-sent events arrive one by one, as the backend sends them', async () => {
  let send: ((text: string) => void) | undefined
  let gone = false
  const { address, close } = await startBackend((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    send = (text) => void response.write(text)
    response.once('close', () => (gone = true))
  })
  closers.push(close)
  gateway.deploy(api({ target: address }))
  const stop = new AbortController()
  const response = await fetch(`${gateway.address}/echo`, { signal: stop.signal })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  for (const event of ['data: one\n\n', 'data: two\n\n']) {
    send!(event)
    expect((await reader.read()).value).toBe(event)
  }
  stop.abort()
  await reader.closed.catch(() => undefined)
  // The backend need not go on for nobody.
  await expect.poll(() => gone, { timeout: 5000 }).toBe(true)
})

it('trailers of an answer are passed on, but for those that frame a message (RFC 9110 §6.5.1)', async () => {
  const { address, close } = await startBackend((_request, response) => {
    response.writeHead(200, { trailer: 'x-checksum, set-cookie' })
    response.write('body')
    response.addTrailers({ 'x-checksum': 'abc', 'set-cookie': 'a=b' })
    response.end()
  })
  closers.push(close)
  gateway.deploy(api({ target: address }))
  const answer = await rawExchange(gateway.port, 'GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
  expect(answer).toMatch(/\r\n0\r\nx-checksum: abc\r\n\r\n$/)
})

describe('trailers of a request (RFC 9110 §6.5, RFC 9112 §7.1.2)', () => {
  const chunked = (headers: string, trailers: string) => `POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n${headers}\r\n5\r\nhello\r\n0\r\n${trailers}\r\n` // prettier-ignore

  async function telling(): Promise<string> {
    const { address, close } = await startBackend((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        const { headers, trailers } = request
        response.writeHead(200, { trailer: 'x-answer' })
        response.write(JSON.stringify({ body, headers, trailers }))
        response.addTrailers({ 'x-answer': 'b', 'x-second': 'c' })
        response.end()
      })
    })
    closers.push(close)
    return address
  }

  it('are passed on where they are announced, but for those that frame a message', async () => {
    gateway.deploy(api({ target: await telling() }))
    const answer = await rawExchange(gateway.port, chunked('Trailer: X-Sum, Host, X-Forwarded-For\r\nTE: trailers\r\n', 'X-Sum: a\r\nHost: evil\r\nX-Forwarded-For: 1.1.1.1\r\n')) // prettier-ignore
    expect(answer).toMatch(/^HTTP\/1.1 200 /)
    expect(answer).toContain('"body":"hello"')
    expect(answer).toContain('"trailers":{"x-sum":"a"}')
    expect(answer).toContain('"trailer":"X-Sum"')
    expect(answer).toContain('"te":"trailers"')
    expect(answer).toContain('"x-forwarded-for":"127.0.0.1"')
    expect(answer).toMatch(/\r\n0\r\nx-answer: b\r\nx-second: c\r\n\r\n$/)
  })

  it('that nobody has announced, or that may not be, are left out', async () => {
    gateway.deploy(api({ target: await telling() }))
    for (const headers of ['', 'Trailer: Content-Length, Authorization\r\n']) {
      const answer = await rawExchange(gateway.port, chunked(headers, 'X-Sum: a\r\nAuthorization: Bearer x\r\n'))
      expect(answer).toContain('"body":"hello"')
      expect(answer).toContain('"trailers":{}')
    }
  })

  it('go over HTTP/2 on both sides', async () => {
    const backend = createHttp2()
    let trailers: Record<string, unknown> = {}
    backend.on('stream', (stream) => {
      stream.on('trailers', (fields: Record<string, unknown>) => (trailers = { ...fields }))
      stream.resume().on('end', () => {
        stream.respond({ ':status': 200 })
        stream.end('ok')
      })
    })
    const { port, close } = await listenTo(backend)
    closers.push(close)
    gateway.deploy(api({ target: `grpc://127.0.0.1:${port}` }))
    const session = connectHttp2(gateway.address)
    closers.push(async () => session.destroy())
    const stream = session.request({ ':path': '/echo', ':method': 'POST' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': 'a', 'content-type': 'x' }))
    stream.end('hello')
    await once(stream, 'response')
    expect(Object.entries(trailers)).toEqual([['x-sum', 'a']])
  })

  it('that speak of a connection of HTTP/1.1 are left out over HTTP/2, in either direction (RFC 9113 §8.2.2)', async () => {
    const backend = createHttp2()
    backend.on('stream', (stream) => {
      stream.resume().on('end', () => {
        stream.respond({ ':status': 200 })
        stream.end('ok')
      })
    })
    const { port, close } = await listenTo(backend)
    closers.push(close)
    gateway.deploy(api({ target: `grpc://127.0.0.1:${port}` }))
    expect(await rawExchange(gateway.port, chunked('', 'HTTP2-Settings: x\r\n'))).toMatch(/^HTTP\/1.1 200 /)
    const http1 = await startBackend((_request, response) => {
      response.writeHead(200, { trailer: 'http2-settings, x-sum' })
      response.write('body')
      response.addTrailers({ 'http2-settings': 'x', 'x-sum': 'a' })
      response.end()
    })
    closers.push(http1.close)
    gateway.deploy(api({ target: http1.address }))
    const session = connectHttp2(gateway.address)
    closers.push(async () => session.destroy())
    const stream = session.request({ ':path': '/echo' })
    stream.resume()
    const [trailers] = (await once(stream, 'trailers')) as [Record<string, unknown>]
    expect(Object.entries(trailers)).toEqual([['x-sum', 'a']])
  })

  it('are not waited for when a header of the endpoint comes to what cannot be written: that is told (RFC 9110 §5.5)', async () => {
    const fields: string[] = []
    const backend = createHttp2()
    backend.on('stream', (stream, head) => {
      fields.push(String(head['x-tenant']))
      stream.respond({ ':status': 200 }, { endStream: true })
    })
    const overHttp2 = await listenTo(backend)
    closers.push(overHttp2.close)
    const failover = { enabled: true, perSubscription: false }
    for (const [target, changes] of [
      [await telling(), {}],
      [`grpc://127.0.0.1:${overHttp2.port}`, {}],
      [await telling(), { failover }],
    ] as const) {
      const override = { http: {}, headers: [{ name: 'X-Tenant', value: "{#request.params['t'][0]}" }] }
      const endpoint = {
        name: 'own',
        type: 'http-proxy',
        configuration: { target },
        sharedConfigurationOverride: override,
      }
      gateway.deploy(api({ ...changes, endpointGroups: [{ name: 'default-group', type: 'http-proxy', endpoints: [endpoint] }] })) // prettier-ignore
      for (const value of ['a%0Ab', 'a%00b', '%01']) {
        const request = chunked('Trailer: X-Sum\r\n', 'X-Sum: a\r\n').replace('/echo', `/echo?t=${value}`)
        expect(await rawExchange(gateway.port, request)).toMatch(/^HTTP\/1.1 500 /)
        const withLength = `POST /echo?t=${value} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx`
        expect(await rawExchange(gateway.port, withLength)).toMatch(/^HTTP\/1.1 500 /)
        expect(gateway.records.at(-1)?.refusal).toMatchObject({ key: 'GATEWAY_HEADER_UNWRITABLE' })
      }
      const beyondLatin = chunked('Trailer: X-Sum\r\n', 'X-Sum: a\r\n').replace('/echo', '/echo?t=%E2%82%AC')
      expect(await rawExchange(gateway.port, beyondLatin)).toMatch(/^HTTP\/1.1 200 /)
    }
    expect(fields).toEqual([Buffer.from('€').toString('latin1')])
  })

  it('a backend over HTTP/2 that takes nothing of a body is given up', async () => {
    const backend = createHttp2({ settings: { initialWindowSize: 0 } })
    backend.on('stream', (stream) => stream.on('error', () => undefined))
    const { port, close } = await listenTo(backend)
    closers.push(close)
    gateway.deploy(api({ target: `grpc://127.0.0.1:${port}`, readTimeout: 200 }))
    expect((await fetch(`${gateway.address}/echo`, { method: 'POST', body: 'x'.repeat(500_000) })).status).toBe(504)
  })

  it('a backend that never answers is given up though its client had paused for longer than that may take', async () => {
    const http1 = await startBackend((incoming) => void incoming.resume())
    closers.push(http1.close)
    const backend = createHttp2()
    backend.on('stream', (stream) => stream.on('error', () => undefined).resume())
    const http2 = await listenTo(backend)
    closers.push(http2.close)
    const readTimeout = 200
    for (const target of [http1.address, `grpc://127.0.0.1:${http2.port}`]) {
      gateway.deploy(api({ target, readTimeout }))
      const [head, rest] = chunked('Trailer: X-Sum\r\n', 'X-Sum: a\r\n').split('0\r\nX-Sum')
      const socket = connect(gateway.port, '127.0.0.1')
      closers.push(async () => void socket.destroy())
      let answer = ''
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
      socket.write(head!)
      const began = performance.now()
      await expect.poll(() => performance.now() - began, { timeout: 3000 }).toBeGreaterThan(4 * readTimeout)
      expect(answer).toBe('')
      socket.write(`0\r\nX-Sum${rest}`)
      await expect.poll(() => answer, { timeout: 3000 }).toMatch(/^HTTP\/1.1 504 /)
    }
  })

  it('a backend that is slow, dies or is not there is told of as ever', async () => {
    const request = chunked('Trailer: X-Sum\r\n', 'X-Sum: a\r\n')
    const silent = await startBackend((incoming) => void incoming.resume())
    closers.push(silent.close)
    gateway.deploy(api({ target: silent.address, readTimeout: 200 }))
    expect(await rawExchange(gateway.port, request)).toMatch(/^HTTP\/1.1 504 /)
    const dying = await startBackend((_request, response) => void response.destroy())
    closers.push(dying.close)
    gateway.deploy(api({ target: dying.address }))
    expect(await rawExchange(gateway.port, request)).toMatch(/^HTTP\/1.1 502 /)
    gateway.deploy(api({ target: 'http://127.0.0.1:1' }))
    expect(await rawExchange(gateway.port, request)).toMatch(/^HTTP\/1.1 502 /)
  })
})
