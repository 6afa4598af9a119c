import { constants } from 'node:http2'
import type { IncomingMessage } from 'node:http'
import { connect as connectTcp, createServer as createTcp } from 'node:net'
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
import { answerOf, ask, openSession, type Answer, type Closers } from './http2.testing'

let gateway: TestGateway
const closers: Closers = []
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  await gateway.close()
})

const session = (address = gateway.address, ca?: string) => openSession(address, closers, ca)

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
