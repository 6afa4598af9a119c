import { connect, constants, createServer, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2' // prettier-ignore
import type { IncomingMessage } from 'node:http'
import { connect as connectTcp, createServer as createTcp, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testCredentials } from '../../certificates/testing'
import {
  api,
  listenTo,
  rawExchange,
  securedApi,
  startBackend,
  startGateway,
  TRACE_KEY,
  type TestGateway,
} from './testing'

let gateway: TestGateway
const closers: (() => Promise<unknown> | void)[] = []
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  await gateway.close()
})

function session(address = gateway.address, ca?: string): ClientHttp2Session {
  const opened = connect(address, ca === undefined ? {} : { ca })
  opened.on('error', () => undefined)
  closers.push(() => opened.destroy())
  return opened
}

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly trailers: IncomingHttpHeaders
  readonly body: string
}

async function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  let trailers: IncomingHttpHeaders = {}
  stream.on('trailers', (fields) => (trailers = fields))
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status': number }]
  let body = ''
  stream.on('data', (chunk: Buffer) => (body += chunk.toString()))
  // Of a stream that was reset the end comes too: its code tells.
  await once(stream, 'end')
  if (stream.rstCode !== 0) throw new Error(`The stream was reset with ${stream.rstCode}`)
  return { status: headers[':status'], headers, trailers, body }
}

const ask = (to: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string) =>
  answerOf(to.request(headers, { endStream: body === undefined }).end(body))

/** A backend of HTTP/1.1 that tells what reached it. */
async function telling(): Promise<string> {
  const { address, close } = await startBackend((request: IncomingMessage, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method, url, headers, trailers } = request
      response.end(JSON.stringify({ method, url, headers, trailers, body: Buffer.concat(chunks).toString() }))
    })
  })
  closers.push(close)
  return address
}

const told = ({ body }: Answer) => JSON.parse(body) as { method: string; url: string; headers: Record<string, string>; body: string } // prettier-ignore

describe('a client of HTTP/2', () => {
  it('without TLS begins with the preface, on the port of HTTP/1.1 (RFC 9113 §3.3)', async () => {
    gateway.deploy(api({ target: await telling() }))
    const answer = await ask(session(), { ':path': '/echo/x?y=1', 'x-mine': 'a' })
    expect(answer.status).toBe(200)
    expect(answer.headers['x-gravitee-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(told(answer)).toMatchObject({ method: 'GET', url: '/x?y=1', headers: { 'x-mine': 'a' } })
    expect(await (await fetch(`${gateway.address}/echo`)).json()).toMatchObject({ method: 'GET' })
  })

  it('over TLS is agreed on by ALPN; one without ALPN is answered in HTTP/1.1 (RFC 7301, RFC 9113 §3.2)', async () => {
    const credentials = await testCredentials()
    const secured = await startGateway(undefined, undefined, credentials)
    closers.push(() => secured.close())
    secured.deploy(api({ target: await telling() }))
    const answer = await ask(session(secured.address, credentials.authority), { ':path': '/echo' })
    expect(told(answer).headers).toMatchObject({
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '127.0.0.1',
      via: '2.0 gatehouse',
    })
    const plain = await rawExchange(secured.port, 'GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n', undefined, credentials.authority) // prettier-ignore
    expect(plain).toMatch(/^HTTP\/1.1 200 /)
  })

  it('whose preface comes in pieces is understood', async () => {
    gateway.deploy(api())
    const socket = connectTcp(gateway.port, '127.0.0.1')
    closers.push(() => void socket.destroy())
    socket.setNoDelay(true)
    await once(socket, 'connect')
    for (const part of ['P', 'R', 'I * HTTP/2.0\r\n\r\nSM\r\n\r\n']) {
      socket.write(part)
      await new Promise((resolve) => setImmediate(resolve))
    }
    // SETTINGS without a member.
    socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]))
    const [first] = (await once(socket, 'data')) as [Buffer]
    expect(first[3]).toBe(4)
  })

  it('names the host by :authority, and its cookies may come in crumbs (RFC 9113 §8.3.1, §8.2.3)', async () => {
    gateway.deploy(api({ target: await telling() }))
    const answer = await ask(session(), { ':path': '/echo', ':authority': 'api.example:80', cookie: ['a=1', 'b=2'] })
    expect(told(answer).headers).toMatchObject({ 'x-forwarded-host': 'api.example:80', cookie: 'a=1; b=2' })
    expect(Object.keys(told(answer).headers).filter((name) => name.startsWith(':'))).toEqual([])
  })

  it.each([
    ['a Host of somebody else', { ':authority': 'a', host: 'b' }, 400],
    ['CONNECT', { ':method': 'CONNECT', ':authority': 'a:1' }, 501],
    ['a path that is none', { ':path': '*', ':method': 'OPTIONS' }, 400],
  ] as const)('is refused for %s (RFC 9113 §8.3)', async (_what, headers, status) => {
    gateway.deploy(api())
    const path = headers[':method' as never] === 'CONNECT' ? {} : { ':path': '/echo' }
    expect((await ask(session(), { ...path, ...headers })).status).toBe(status)
  })

  it('gets each header once, several cookies apart, and none of a connection of HTTP/1.1 (RFC 9113 §8.2.2)', async () => {
    const { address, close } = await startBackend((_request, response) => {
      response.writeHead(200, [['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2'], ['Vary', 'x'], ['Vary', 'y'], ['Connection', 'close, X-Hop'], ['X-Hop', '1'], ['Keep-Alive', 'timeout=1']].flat()) // prettier-ignore
      response.end('ok')
    })
    closers.push(close)
    gateway.deploy(api({ target: address }))
    const { headers } = await ask(session(), { ':path': '/echo' })
    expect(headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'], vary: 'x, y' })
    for (const name of ['connection', 'x-hop', 'keep-alive', 'transfer-encoding']) expect(headers[name]).toBeUndefined()
  })

  it('sends a body with and without its length, and gets HEAD and 304 without one', async () => {
    gateway.deploy(api({ target: await telling() }))
    const to = session()
    const streamed = told(await ask(to, { ':path': '/echo', ':method': 'POST' }, 'in pieces'))
    expect(streamed).toMatchObject({ body: 'in pieces', headers: { 'transfer-encoding': 'chunked' } })
    const whole = told(await ask(to, { ':path': '/echo', ':method': 'POST', 'content-length': '5' }, 'whole'))
    expect(whole).toMatchObject({ body: 'whole', headers: { 'content-length': '5' } })
    const head = await ask(to, { ':path': '/echo', ':method': 'HEAD' })
    expect([head.status, head.body]).toEqual([200, ''])
    const { address, close } = await startBackend((_request, response) => void response.writeHead(304, { etag: '"1"' }).end()) // prettier-ignore
    closers.push(close)
    gateway.deploy(api({ target: address }))
    expect(await ask(to, { ':path': '/echo' })).toMatchObject({ status: 304, body: '', headers: { etag: '"1"' } })
  })

  it('is asked for its body only when the backend gets it (RFC 9110 §10.1.1)', async () => {
    gateway.deploy(securedApi({}, { target: await telling() }), api({ path: '/open', target: await telling() }))
    const to = session()
    const refused = to.request({ ':path': '/echo', ':method': 'POST', expect: '100-continue' })
    refused.on('continue', () => refused.end('never'))
    expect((await answerOf(refused)).status).toBe(401)
    const wanted = to.request({ ':path': '/open', ':method': 'POST', expect: '100-continue' })
    wanted.on('continue', () => wanted.end('asked for'))
    expect(told(await answerOf(wanted)).body).toBe('asked for')
  })

  it('is refused by the policies as any other, and the record tells what was carried', async () => {
    gateway.deploy(securedApi())
    const answer = await ask(session(), {
      ':path': '/echo',
      'x-gatehouse-trace': TRACE_KEY,
      authorization: 'Bearer abc',
    })
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm=/)
    await expect.poll(() => gateway.records.at(-1)).toMatchObject({ status: 401, outcome: 'refused' })
    const { headers } = gateway.records.at(-1)!.carried!
    expect(headers).toContainEqual({ name: 'Host', value: `127.0.0.1:${gateway.port}` })
    expect(headers).toContainEqual({ name: 'Authorization', value: 'Bearer ••••' })
    expect(headers.some(({ name }) => name.startsWith(':'))).toBe(false)
  })

  it('that goes away ends the request at the backend, and its connection goes on', async () => {
    let gone = false
    let arrived = false
    const { address, close } = await startBackend((request, response) => {
      if (request.url === '/done') return void response.end('ok')
      arrived = true
      response.once('close', () => (gone = true))
    })
    closers.push(close)
    gateway.deploy(api({ target: address }))
    const to = session()
    const stream = to.request({ ':path': '/echo/wait' })
    stream.on('error', () => undefined)
    await expect.poll(() => arrived).toBe(true)
    stream.close(constants.NGHTTP2_CANCEL)
    await expect.poll(() => gone).toBe(true)
    await expect.poll(() => gateway.records.at(-1)?.outcome).toBe('aborted')
    expect((await ask(to, { ':path': '/echo/done' })).body).toBe('ok')
  })

  it('is told of a backend that dies in the middle of an answer by a reset, not by a shorter answer (RFC 9113 §8.1.1)', async () => {
    const { address, close } = await startBackend((_request, response) => {
      response.write('half', () => response.destroy())
    })
    closers.push(close)
    gateway.deploy(api({ target: address }))
    const stream = session().request({ ':path': '/echo' })
    await expect(answerOf(stream)).rejects.toThrow()
    expect(stream.rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR)
  })

  it.each([600, 999])('is told that a backend answered %i, which is no status (RFC 9110 §15)', async (status) => {
    for (const body of ['', 'Content-Length: 2\r\n']) {
      const { port, close } = await listenTo(
        createTcp((socket) => {
          socket.on('error', () => undefined)
          socket.once('data', () => socket.end(`HTTP/1.1 ${status} What\r\n${body}\r\nok`))
        }),
      )
      closers.push(close)
      gateway.deploy(api({ target: `http://127.0.0.1:${port}` }))
      expect((await ask(session(), { ':path': '/echo' })).status).toBe(502)
    }
  })

  it('that has more to say than anybody wants is told to stop (RFC 9113 §8.1)', async () => {
    gateway.deploy(securedApi())
    const to = session()
    const stream = to.request({ ':path': '/echo', ':method': 'POST' })
    const closed = once(stream, 'close')
    stream.end(Buffer.alloc(1_000_000))
    expect((await answerOf(stream)).status).toBe(401)
    await closed
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR)
    expect((await ask(to, { ':path': '/echo' })).status).toBe(401)
  })

  it('is only read and written as fast as the other side takes it', async () => {
    let taken = 0
    let written = 0
    const { address, close } = await startBackend((request, response) => {
      if (request.method === 'POST') {
        request.once('readable', () => (taken += (request.read(1) as Buffer | null)?.length ?? 0))
        return
      }
      const chunk = Buffer.alloc(64 * 1024)
      const more = () => {
        while (written < 64 * 1024 * 1024) {
          written += chunk.length
          if (!response.write(chunk)) return void response.once('drain', more)
        }
        response.end()
      }
      more()
    })
    closers.push(close)
    gateway.deploy(api({ target: address }))
    const to = session()
    const down = to.request({ ':path': '/echo' })
    down.pause()
    await once(down, 'response')
    expect(await atRest(() => written)).toBeLessThan(16 * 1024 * 1024)
    const up = to.request({ ':path': '/echo', ':method': 'POST' })
    up.on('error', () => undefined)
    let sent = 0
    const chunk = Buffer.alloc(64 * 1024)
    const more = () => {
      while (sent < 64 * 1024 * 1024) {
        sent += chunk.length
        if (!up.write(chunk)) return void up.once('drain', more)
      }
    }
    more()
    expect(await atRest(() => sent)).toBeLessThan(16 * 1024 * 1024)
    expect(taken).toBe(1)
    up.close(constants.NGHTTP2_CANCEL)
    let received = 0
    down.on('data', (part: Buffer) => (received += part.length))
    down.resume()
    await once(down, 'end')
    expect(received).toBe(64 * 1024 * 1024)
  })

  it('shares its connection: one stream whose reader is slow does not hold up the others', async () => {
    const { address, close } = await startBackend((request, response) => {
      response.end(request.url === '/small' ? 'small' : Buffer.alloc(8 * 1024 * 1024))
    })
    closers.push(close)
    gateway.deploy(api({ target: address }))
    const to = session()
    const slow = Array.from({ length: 20 }, () => to.request({ ':path': '/echo/large' }).pause())
    await Promise.all(slow.map((stream) => once(stream, 'response')))
    to.setLocalWindowSize(8 * 1024 * 1024)
    expect((await ask(to, { ':path': '/echo/small' })).body).toBe('small')
  })
})

/** Comes to rest: twice the same after a while. */
async function atRest(count: () => number): Promise<number> {
  let before = -1
  await expect
    .poll(
      () => {
        const rests = count() === before
        before = count()
        return rests
      },
      { interval: 200, timeout: 8000 },
    )
    .toBe(true)
  return before
}

describe('a stream that its client resets without a fault (RFC 9113 §7)', () => {
  it('ends the request at the backend and is told of, whether or not an answer has begun', async () => {
    for (const begins of [false, true]) {
      let gone = false
      let arrived = false
      const { address, close } = await startBackend((_request, response) => {
        arrived = true
        if (begins) response.write(Buffer.alloc(1024 * 1024))
        response.once('close', () => (gone = true))
      })
      closers.push(close)
      gateway.deploy(api({ target: address }))
      const before = gateway.records.length
      const socket = await raw()
      socket.write(headersOf('GET', true))
      await expect.poll(() => arrived).toBe(true)
      if (begins) await expect.poll(() => socket.bytesRead).toBeGreaterThan(60_000)
      socket.write(RESET_WITHOUT_FAULT)
      await expect.poll(() => gone).toBe(true)
      await expect.poll(() => gateway.records.slice(before)).toMatchObject([{ outcome: 'aborted' }])
    }
  })

  it('is told of before anybody has read its body', async () => {
    let arrived = false
    // Takes connections and never speaks TLS, so that the body waits.
    const { port, close } = await listenTo(createTcp(() => (arrived = true)))
    closers.push(close)
    gateway.deploy(api({ target: `https://127.0.0.1:${port}` }))
    const socket = await raw()
    socket.write(Buffer.concat([headersOf('POST', false), frame(0, 0, Buffer.from('half'))]))
    await expect.poll(() => arrived).toBe(true)
    socket.write(RESET_WITHOUT_FAULT)
    await expect.poll(() => gateway.records).toMatchObject([{ outcome: 'aborted', status: 0 }])
    expect((await ask(session(), { ':path': '/other' })).status).toBe(404)
  })

  it('in the middle of a body does not make that body whole', async () => {
    let outcome = ''
    let received = 0
    const { address, close } = await startBackend((request) => {
      request.on('data', (chunk: Buffer) => (received += chunk.length))
      request.on('error', () => undefined)
      request.on('end', () => (outcome = 'whole'))
      request.on('close', () => (outcome ||= 'cut'))
    })
    closers.push(close)
    gateway.deploy(api({ target: address }))
    const socket = await raw()
    socket.write(Buffer.concat([headersOf('POST', false), frame(0, 0, Buffer.from('half'))]))
    await expect.poll(() => received).toBe(4)
    socket.write(RESET_WITHOUT_FAULT)
    await expect.poll(() => outcome).toBe('cut')
  })
})

describe('a body that goes on when its answer has ended (RFC 9113 §8.1)', () => {
  /** A backend of HTTP/2 that answers at once and reads on: what it has of the body, and how that ended. */
  async function early() {
    const seen = { received: 0, outcome: '' }
    const server = createServer()
    server.on('stream', (stream) => {
      stream.on('error', () => undefined)
      stream.on('data', (chunk: Buffer) => (seen.received += chunk.length))
      stream.on('close', () => (seen.outcome = stream.rstCode === 0 ? 'whole' : `cut with ${stream.rstCode}`))
      stream.respond({ ':status': 200 })
      stream.end('answered')
    })
    const { port, close } = await listenTo(server)
    closers.push(close)
    gateway.deploy(api({ target: `grpc://127.0.0.1:${port}` }))
    return seen
  }

  it('arrives whole where the client ends it', async () => {
    const seen = await early()
    const socket = await raw()
    socket.write(Buffer.concat([headersOf('POST', false), frame(0, 0, Buffer.from('half'))]))
    await expect.poll(() => socket.bytesRead).toBeGreaterThan(0)
    await expect.poll(() => seen.received).toBe(4)
    socket.write(frame(0, 1, Buffer.from('half')))
    await expect.poll(() => seen).toEqual({ received: 8, outcome: 'whole' })
  })

  it.each([
    ['without a fault', constants.NGHTTP2_NO_ERROR],
    ['since it is cancelled', constants.NGHTTP2_CANCEL],
  ])('does not pass for whole where the client resets the stream %s', async (_why, code) => {
    const seen = await early()
    const socket = await raw()
    let answer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => (answer = Buffer.concat([answer, chunk])))
    socket.write(Buffer.concat([headersOf('POST', false), frame(0, 0, Buffer.from('half'))]))
    // A last frame of the stream (END_STREAM).
    await expect.poll(() => answer.includes(Buffer.from([0, 1, 0, 0, 0, 1]))).toBe(true)
    await expect.poll(() => seen.received).toBe(4)
    socket.write(frame(3, 0, Buffer.from([0, 0, 0, code])))
    await expect.poll(() => seen).toEqual({ received: 4, outcome: `cut with ${constants.NGHTTP2_CANCEL}` })
  })

  it('does not pass for whole where the gateway has told the client to stop', async () => {
    const seen = await early()
    const stream = session().request({ ':path': '/echo', ':method': 'POST' })
    stream.write('half')
    expect((await answerOf(stream)).body).toBe('answered')
    await expect.poll(() => seen).toEqual({ received: 4, outcome: `cut with ${constants.NGHTTP2_CANCEL}` })
  })
})

it('an answer that its backend resets without a fault does not pass for whole (RFC 9113 §8.1)', async () => {
  const settings = frame(4, 0, Buffer.alloc(0), 0)
  const status200 = frame(1, 4, Buffer.from([0x88]))
  const { port, close } = await listenTo(
    createTcp((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => {
        socket.write(Buffer.concat([settings, status200, frame(0, 0, Buffer.from('half')), RESET_WITHOUT_FAULT]))
      })
    }),
  )
  closers.push(close)
  gateway.deploy(api({ target: `grpc://127.0.0.1:${port}` }))
  await expect(fetch(`${gateway.address}/echo`).then((response) => response.text())).rejects.toThrow()
})

describe('what floods a connection of HTTP/2', () => {
  it('by headers is cut off: too large, or without an end (RFC 9113 §10.5.1; CONTINUATION flood)', async () => {
    gateway.deploy(api())
    const to = session()
    expect((await ask(to, { ':path': '/echo', 'x-large': 'x'.repeat(40_000) })).status).toBe(431)
    expect((await ask(to, { ':path': '/echo', 'x-large': 'x'.repeat(20_000) })).status).toBe(200)

    const socket = await raw()
    // HEADERS without END_HEADERS, then CONTINUATION after CONTINUATION; each a literal field that is not indexed.
    const field = Buffer.concat([Buffer.from([0x00, 0x01, 0x61, 0x7f, 0xc1, 0x3d]), Buffer.alloc(8000, 0x62)])
    socket.write(frame(1, 1, Buffer.from([0x82, 0x86, 0x84, 0x41, 0x01, 0x68])))
    let cut = false
    socket.once('close', () => (cut = true)).on('error', () => undefined)
    for (let i = 0; i < 2000 && !cut; i++) {
      socket.write(frame(9, 0, field))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await expect.poll(() => cut).toBe(true)
  })

  it('by requests that are reset at once is bounded (CVE-2023-44487)', async () => {
    let reached = 0
    let open = 0
    const { address, close } = await startBackend((_request, response) => {
      reached++
      open++
      response.once('close', () => open--)
    })
    closers.push(close)
    gateway.deploy(api({ target: address }))
    const to = session()
    let ended = false
    to.once('close', () => (ended = true))
    for (let i = 0; i < 20_000 && !ended; i++) {
      const stream = to.request({ ':path': '/echo' })
      stream.on('error', () => undefined)
      stream.close(constants.NGHTTP2_CANCEL)
      if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await expect.poll(() => ended).toBe(true)
    expect(reached).toBeLessThan(2500)
    await expect.poll(() => open).toBe(0)
    // Others are served meanwhile and after.
    gateway.deploy(api())
    expect((await ask(session(), { ':path': '/echo' })).status).toBe(200)
  })

  it('by streams that wait is bounded (RFC 9113 §5.1.2)', async () => {
    const to = session()
    await once(to, 'remoteSettings')
    expect(to.remoteSettings.maxConcurrentStreams).toBe(128)
  })
})

function frame(type: number, flags: number, payload: Buffer, stream = 1): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A whole block of headers without an index: scheme http, path /echo, authority h. */
function headersOf(method: 'GET' | 'POST', ends: boolean): Buffer {
  const block = Buffer.concat([
    Buffer.from([method === 'GET' ? 0x82 : 0x83, 0x86, 0x04, 5]),
    Buffer.from('/echo'),
    Buffer.from([0x01, 1]),
    Buffer.from('h'),
  ])
  return frame(1, ends ? 5 : 4, block)
}

const RESET_WITHOUT_FAULT = frame(3, 0, Buffer.alloc(4))

async function raw(): Promise<Socket> {
  const socket = connectTcp(gateway.port, '127.0.0.1')
  closers.push(() => void socket.destroy())
  await once(socket, 'connect')
  socket.resume()
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]))
  return socket
}
