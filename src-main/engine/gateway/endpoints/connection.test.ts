import { createServer as createHttp2, createSecureServer, type Http2Server } from 'node:http2'
import { type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { connectionTest } from './connection.testing'
import { rawExchange } from '../testing'

const test = connectionTest()
const { deploy, call, refusals, fields, listening, backend } = test

describe('headers to the backend', () => {
  it('those of the endpoint stand in place of the client’s and of ours, with their expressions', async () => {
    deploy('gatehouse:echo', {
      headers: [
        { name: 'X-Key', value: 'of the endpoint' },
        { name: 'X-Path', value: '{#request.pathInfo}' },
        { name: 'Host', value: 'backend.example' },
      ],
    })
    const { headers } = (await (await call('/echo/a', { headers: { 'x-key': 'mine' } })).json()) as { headers: object }
    expect(headers).toMatchObject({ 'X-Key': 'of the endpoint', 'X-Path': '/a', Host: 'backend.example' })
  })

  it('the client’s Host is passed on where that is asked for', async () => {
    deploy('gatehouse:echo', { http: { propagateClientHost: true } })
    expect(await (await call()).text()).toContain(`"Host": "127.0.0.1:${test.gateway.port}"`)
    deploy('gatehouse:echo', { http: { propagateClientHost: false } })
    expect(await (await call()).text()).not.toContain(`"Host": "127.0.0.1:${test.gateway.port}"`)
  })

  it('what belongs to the connection is refused (RFC 9110 §7.6.1), and so is what would break a header', () => {
    expect(fields({ headers: [{ name: 'Connection', value: 'close' }] })).toEqual(['/headers/0/name'])
    expect(fields({ headers: [{ name: 'a', value: 'b\r\nc: d' }] })).toEqual(['/headers/0/value'])
    expect(fields({ headers: [{ name: 'a', value: '{#request' }] })).toEqual(['/headers/0/value'])
  })
})

describe('compression', () => {
  const compressing = () =>
    backend((request, response) => {
      const accepted = String(request.headers['accept-encoding'] ?? 'none')
      const [encoding, body] = accepted.includes('br')
        ? ['br', brotliCompressSync(`accepted ${accepted}`)]
        : accepted.includes('gzip')
          ? ['gzip', gzipSync(`accepted ${accepted}`)]
          : [undefined, Buffer.from(`accepted ${accepted}`)]
      response.writeHead(200, { ...(encoding === undefined ? {} : { 'content-encoding': encoding }), 'content-length': body.length }) // prettier-ignore
      response.end(body)
    })
  const raw = (accept?: string, method = 'GET') =>
    rawExchange(
      test.gateway.port,
      `${method} /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${accept === undefined ? '' : `Accept-Encoding: ${accept}\r\n`}\r\n`,
    )

  it('is asked for where the client does not, and unpacked for it', async () => {
    deploy(await compressing(), { http: { useCompression: true } })
    const answer = await raw()
    expect(answer).toMatch(/\r\n\r\n.*accepted gzip, deflate, br/s)
    expect(answer).not.toMatch(/content-encoding/i)
    expect(await raw(undefined, 'HEAD')).toMatch(/^HTTP\/1.1 200 /)
  })

  it('is left to a client that asks for it', async () => {
    deploy(await compressing(), { http: { useCompression: true } })
    expect(await raw('gzip')).toMatch(/content-encoding: gzip/i)
    expect(await raw('identity')).toMatch(/accepted identity$/)
  })

  it.each([
    [{ useCompression: false }, 'accepted none'],
    [{ useCompression: false, propagateClientAcceptEncoding: true }, 'content-encoding: gzip'],
    [{}, 'content-encoding: gzip'],
  ])('with %j a client that asks for gzip gets %s', async (http, expected) => {
    deploy(await compressing(), { http })
    expect((await raw('gzip')).toLowerCase()).toContain(expected)
  })
})

describe('connections', () => {
  it('are kept, unless they are not to be', async () => {
    const sockets = new Set<Socket>()
    const target = await backend((request, response) => {
      sockets.add(request.socket)
      response.end(String(request.headers.connection))
    })
    deploy(target, {})
    for (let i = 0; i < 3; i++) expect(await (await call()).text()).toBe('keep-alive')
    expect(sockets.size).toBe(1)
    deploy(target, { http: { keepAlive: false } })
    for (let i = 0; i < 3; i++) expect(await (await call()).text()).toBe('close')
    expect(sockets.size).toBe(4)
  })

  it('are no more at once than allowed; a request beyond waits its turn', async () => {
    let open = 0
    let most = 0
    const release: (() => void)[] = []
    const arrivals: (() => void)[] = []
    const target = await backend((_request, response) => {
      most = Math.max(most, ++open)
      release.push(() => {
        open--
        response.end('done')
      })
      arrivals.shift()?.()
    })
    deploy(target, { http: { maxConcurrentConnections: 2 } })
    const arrived = () => new Promise<void>((resolve) => arrivals.push(resolve))
    const first = [arrived(), arrived()]
    const calls = Array.from({ length: 4 }, () => call())
    await Promise.all(first)
    const next = [arrived(), arrived()]
    release.splice(0).forEach((go) => go())
    await Promise.all(next)
    release.splice(0).forEach((go) => go())
    expect(await Promise.all((await Promise.all(calls)).map((answer) => answer.text()))).toEqual(Array(4).fill('done'))
    expect(most).toBe(2)
  })

  it('an answer that stops half way is given up after the idle time-out', async () => {
    const target = await backend((_request, response) => {
      response.writeHead(200, { 'content-length': 10 })
      response.write('half')
    })
    deploy(target, { http: { idleTimeout: 100 } })
    const response = await call()
    await expect(response.text()).rejects.toThrow()
    const { refusal } = await test.gateway.recordOf(response)
    expect(refusal?.sentence).toContain('began its answer, and then sent nothing for 100 ms')
  })

  it.each([
    ['/http/connectTimeout', { http: { connectTimeout: 0 } }],
    ['/http/readTimeout', { http: { readTimeout: 'soon' } }],
    ['/http/maxConcurrentConnections', { http: { maxConcurrentConnections: 0 } }],
    ['/http/version', { http: { version: 'HTTP_3' } }],
  ])('%s is refused when it cannot be', (field, settings) => {
    expect(fields(settings)).toEqual([field])
  })

  it('members that Gravitee writes as null count as left out', () => {
    expect(refusals({ http: { connectTimeout: null }, ssl: null, proxy: { enabled: false, host: null }, headers: null })).toEqual([]) // prettier-ignore
  })
})

describe('redirects', () => {
  async function elsewhere() {
    const other = await backend((request, response) => {
      const { authorization = 'none', 'x-kept': kept = 'none' } = request.headers
      response.end(`${request.url} authorization ${authorization}, x-kept ${String(kept)}`)
    })
    return backend((request, response) => {
      if (request.url === '/here') return void response.end('here')
      const location = request.url === '/near' ? '/here' : request.url === '/round' ? '/round' : `${other}/there`
      response.writeHead(302, { location })
      response.end()
    })
  }

  it('are passed on unless they are to be followed', async () => {
    deploy(await elsewhere(), {})
    expect((await call('/echo/near', { redirect: 'manual' })).status).toBe(302)
  })

  it('are followed, and test.credentials stay where they belong', async () => {
    deploy(await elsewhere(), { http: { followRedirects: true } })
    expect(await (await call('/echo/near')).text()).toBe('here')
    const far = await call('/echo/far', { headers: { authorization: 'Bearer secret', 'x-kept': 'yes' } })
    expect(await far.text()).toBe('/there authorization none, x-kept yes')
    expect((await call('/echo/near', { method: 'POST', redirect: 'manual' })).status).toBe(302)
    const round = await call('/echo/round', { redirect: 'manual' })
    expect((await test.gateway.recordOf(round)).refusal?.sentence).toContain('redirects in a circle')
  })
})

describe('HTTP/2 to the backend', () => {
  const answer = (server: Http2Server) =>
    server.on('stream', (stream, headers) => {
      void buffer(stream).then((body) => {
        stream.respond({ ':status': 200, 'x-path': String(headers[':path']), 'x-host': String(headers[':authority']) })
        stream.end(`${headers[':method']} ${body.length}`)
      })
    })

  it('is spoken over TLS with a backend that offers it', async () => {
    const port = await listening(
      answer(createSecureServer({ cert: test.credentials.certificate, key: test.credentials.key })),
    )
    const ssl = { trustStore: { type: 'PEM', content: test.credentials.authority } }
    deploy(`https://127.0.0.1:${port}`, { ssl, http: { version: 'HTTP_2' } })
    const response = await call('/echo/a', { method: 'POST', body: 'x'.repeat(300_000) })
    expect([response.status, response.headers.get('x-path'), await response.text()]).toEqual([200, '/a', 'POST 300000'])
  })

  it('falls back to HTTP/1.1 where the backend does not', async () => {
    const target = await backend(({ url, httpVersion, socket }, response) => {
      response.end(url === '/port' ? String(socket.remotePort) : httpVersion)
    }, test.credentials)
    const ssl = { trustStore: { type: 'PEM', content: test.credentials.authority } }
    deploy(target, { ssl, http: { version: 'HTTP_2' } })
    expect(await (await call()).text()).toBe('1.1')
    const ports = new Set<string>()
    for (let i = 0; i < 3; i++) ports.add(await (await call('/echo/port')).text())
    expect(ports.size).toBe(1) // of one connection, which is kept
  })

  it('is begun at once without TLS', async () => {
    const port = await listening(answer(createHttp2()))
    deploy(`http://127.0.0.1:${port}`, { http: { version: 'HTTP_2' } })
    const answers = await Promise.all(Array.from({ length: 50 }, async () => (await call()).text()))
    expect(new Set(answers)).toEqual(new Set(['GET 0']))
  })

  it('follows redirects', async () => {
    const server = createHttp2().on('stream', (stream, { ':path': path }) => {
      stream.respond(path === '/' ? { ':status': 302, location: '/there' } : { ':status': 200 })
      stream.end(path)
    })
    deploy(`http://127.0.0.1:${await listening(server)}`, { http: { version: 'HTTP_2', followRedirects: true } })
    expect(await (await call()).text()).toBe('/there')
  })

  it('is not begun by an upgrade, nor through a proxy without TLS', () => {
    const http = { version: 'HTTP_2' }
    expect(fields({ http: { ...http, clearTextUpgrade: true } }, 'http://127.0.0.1:1')).toEqual(['/http/clearTextUpgrade']) // prettier-ignore
    expect(fields({ http, proxy: { enabled: true, host: 'a', port: 1 } }, 'http://127.0.0.1:1')).toEqual(['/proxy/enabled']) // prettier-ignore
  })
})

it('waits for the requests under way when it is replaced', async () => {
  let finish: (() => void) | undefined
  const target = await backend((_request, response) => void (finish = () => response.end('finished')))
  deploy(target, { http: { followRedirects: true } })
  const underWay = call()
  await expect.poll(() => finish !== undefined).toBe(true)
  deploy('gatehouse:echo', {})
  finish!()
  expect(await (await underWay).text()).toBe('finished')
})
