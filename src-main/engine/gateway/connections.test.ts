import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { api, listenTo, rawExchange, securedApi, startBackend, startGateway, type TestGateway } from './testing'

let gateway: TestGateway
const closers: (() => Promise<unknown> | void)[] = []
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  await gateway.close()
})

/** A backend of raw bytes: what it says to each piece that comes, `next` counting those of its connection. */
async function bytes(say: (socket: Socket, heard: string, next: number) => void): Promise<string> {
  const { port, close } = await listenTo(
    createServer({ allowHalfOpen: true }, (socket) => {
      let pieces = 0
      socket.on('error', () => undefined)
      socket.on('data', (chunk) => say(socket, chunk.toString('latin1'), pieces++))
    }),
  )
  closers.push(close)
  return `http://127.0.0.1:${port}`
}

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: h\r\n${more}\r\n`
const last = (path = '/echo/last') => get(path, 'Connection: close\r\n')
const statuses = (answer: string) => [...answer.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status)

describe('one connection, several requests', () => {
  it('are answered in their order, however long each takes (RFC 9112 §9.3.2)', async () => {
    const waiting: (() => void)[] = []
    const { address, close } = await startBackend((request, response) => {
      waiting.push(() => response.end(request.url))
      // The last to come is the first to be answered.
      if (waiting.length === 3) for (const answer of waiting.splice(0).reverse()) answer()
    })
    closers.push(close)
    gateway.deploy(api({ target: address }))
    const answer = await rawExchange(gateway.port, get('/echo/1') + get('/echo/2') + last('/echo/3'))
    expect(answer.match(/^\/\d/gm)).toEqual(['/1', '/2', '/3'])
  })

  it('that breaks under the first ends the others too, at the backend and in the records', async () => {
    const gone: string[] = []
    const { address, close } = await startBackend((request, response) => {
      response.on('close', () => gone.push(request.url ?? ''))
      if (request.url === '/1') setImmediate(() => response.write('half', () => response.destroy()))
    })
    closers.push(close)
    gateway.deploy(api({ target: address }))
    const answer = await rawExchange(gateway.port, get('/echo/1') + get('/echo/2'))
    expect(statuses(answer)).toEqual(['200'])
    await expect.poll(() => gone.sort()).toEqual(['/1', '/2'])
    await expect.poll(() => gateway.records.map(({ path }) => path).sort()).toEqual(['/echo/1', '/echo/2'])
  })

  it.each([
    ['by a policy', '/echo', 401],
    ['without an API', '/none', 404],
  ])('a body that is refused %s is not read as the next request (RFC 9112 §9.3)', async (_what, path, status) => {
    gateway.deploy(securedApi(), api({ path: '/open' }))
    const smuggled = get('/open/smuggled')
    const answer = await rawExchange(gateway.port, `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}${last('/open')}`) // prettier-ignore
    expect(statuses(answer)).toEqual([String(status), '200'])
    expect(gateway.records.map(({ path: each }) => each)).toEqual([path, '/open'])
  })

  it('an unknown expectation is refused, and its body is not read as a request (RFC 9110 §10.1.1)', async () => {
    gateway.deploy(api())
    const smuggled = get('/echo/smuggled')
    const answer = await rawExchange(gateway.port, `POST /echo HTTP/1.1\r\nHost: h\r\nExpect: the-unexpected\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}${last()}`) // prettier-ignore
    expect(statuses(answer)).toEqual(['417', '200'])
    expect(answer).not.toContain('smuggled')
  })

  it('a client that waits to send is refused without its body, and the connection ends (RFC 9110 §10.1.1)', async () => {
    gateway.deploy(securedApi())
    const answer = await rawExchange(gateway.port, `POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`) // prettier-ignore
    expect(statuses(answer)).toEqual(['401'])
    expect(answer).toMatch(/^connection: close\r$/im)
  })

  it('HEAD, 204 and 304 have no content, whatever the backend says of its length (RFC 9112 §6.3)', async () => {
    const target = await bytes((socket, heard) => {
      if (heard.startsWith('HEAD')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Head: 1\r\n\r\n')
      else if (heard.includes('/204')) socket.write('HTTP/1.1 204 No Content\r\nX-Empty: 1\r\n\r\n')
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
    gateway.deploy(api({ target }))
    const answer = await rawExchange(gateway.port, `HEAD /echo HTTP/1.1\r\nHost: h\r\n\r\n${get('/echo/204')}${last()}`)
    expect(statuses(answer)).toEqual(['200', '204', '200'])
    expect(answer).toMatch(/X-Head: 1\r\n[^]*\r\n\r\nHTTP\/1.1 204 [^]*\r\n\r\nHTTP\/1.1 200 [^]*\r\n\r\nok$/i)
    expect(answer.match(/content-length: 5/gi)).toHaveLength(1)
  })
})

describe('a backend that answers before the body has come', () => {
  it('is heard, and the connection is not used again for what is left of the body (RFC 9112 §9.3)', async () => {
    const target = await bytes((socket, _heard, next) => {
      if (next === 0) socket.end('HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig')
    })
    gateway.deploy(api({ target }))
    const socket = connect(gateway.port, '127.0.0.1')
    closers.push(() => void socket.destroy())
    socket.on('error', () => undefined)
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
    socket.write('POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nthe beginning')
    await expect.poll(() => answer).toMatch(/^HTTP\/1.1 413 [^]*\r\n\r\nbig$/)
    socket.write(get('/echo/smuggled'))
    await expect.poll(() => gateway.records.length).toBe(1)
    expect(statuses(answer)).toEqual(['413'])
  })

  it('is heard by a client that goes on to send', async () => {
    const { address, close } = await startBackend((_request, response) => {
      response.writeHead(413).end('too big')
    })
    closers.push(close)
    gateway.deploy(api({ target: address }))
    const client = httpRequest(`${gateway.address}/echo`, { method: 'POST' })
    client.on('error', () => undefined)
    client.write(Buffer.alloc(256 * 1024))
    const [response] = (await once(client, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(413)
  })

  it('with all of it, and the rest of the body may still come, leaves the connection in order', async () => {
    const target = await bytes((socket, heard) => {
      if (/^(GET|POST)/.test(heard)) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly')
    })
    gateway.deploy(api({ target }))
    const socket = connect(gateway.port, '127.0.0.1')
    closers.push(() => void socket.destroy())
    socket.on('error', () => undefined)
    let answer = ''
    let ended = false
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
    socket.on('close', () => (ended = true))
    const rest = get('/echo/smuggled')
    socket.write(`POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: ${5 + rest.length}\r\n\r\nbegin`)
    await expect.poll(() => answer).toMatch(/early$/)
    socket.write(rest + last())
    // Either the rest is read as what it is and the next request is answered, or the connection has ended.
    await expect.poll(() => ended).toBe(true)
    expect(['200', '200,200']).toContain(statuses(answer).join())
    expect(gateway.records.map(({ path }) => path)).not.toContain('/echo/smuggled')
  })
})

describe('half-closed connections (RFC 9112 §9.6)', () => {
  it('a client that ends its side after the request gets its answer', async () => {
    let answer: (() => void) | undefined
    const { address, close } = await startBackend((_request, response) => void (answer = () => response.end('late')))
    closers.push(close)
    gateway.deploy(api({ target: address }))
    const socket = connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true })
    closers.push(() => void socket.destroy())
    let received = ''
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()))
    socket.end(get('/echo'))
    await expect.poll(() => answer).toBeDefined()
    answer!()
    await once(socket, 'end')
    expect(received).toMatch(/^HTTP\/1.1 200 [^]*late/)
  })

  it('a client that ends its side, and for whom nothing comes, is taken to have gone', async () => {
    let gone = false
    const { address, close } = await startBackend(
      (_request, response) => void response.on('close', () => (gone = true)),
    )
    closers.push(close)
    gateway.deploy(api({ target: address }))
    const socket = connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true })
    closers.push(() => void socket.destroy())
    socket.on('error', () => undefined).resume()
    socket.end(get('/echo'))
    await expect.poll(() => gone, { timeout: 5000 }).toBe(true)
    await expect.poll(() => gateway.records.at(-1)?.outcome).toBe('aborted')
  })

  it('a client that ends its side in the middle of its body has sent no request', async () => {
    let whole = 0
    let aborted = 0
    const { address, close } = await startBackend((request, response) => {
      request.on('end', () => whole++).on('error', () => aborted++)
      request.resume()
      response.on('error', () => undefined)
    })
    closers.push(close)
    gateway.deploy(api({ target: address }))
    const answer = await new Promise<string>((resolve) => {
      const socket = connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true })
      let received = ''
      socket.on('data', (chunk: Buffer) => (received += chunk.toString()))
      socket.on('close', () => resolve(received))
      socket.on('end', () => socket.destroy())
      socket.end('POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf')
    })
    expect(answer === '' || /^HTTP\/1.1 400 /.test(answer)).toBe(true)
    await expect.poll(() => aborted).toBe(1)
    expect(whole).toBe(0)
  })

  it('a backend that ends its side ends an answer without a length, and breaks one with a length', async () => {
    const target = await bytes((socket, heard) => {
      socket.end(
        heard.includes('/whole')
          ? 'HTTP/1.1 200 OK\r\n\r\nall of it'
          : 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf',
      )
    })
    gateway.deploy(api({ target }))
    expect(await (await fetch(`${gateway.address}/echo/whole`)).text()).toBe('all of it')
    const broken = await fetch(`${gateway.address}/echo/half`)
    await expect(broken.text()).rejects.toThrow()
    const chunked = await bytes((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'),
    )
    gateway.deploy(api({ target: chunked }))
    await expect((await fetch(`${gateway.address}/echo`)).text()).rejects.toThrow()
  })
})

describe('a backend whose answer cannot be trusted', () => {
  it.each([
    ['with two lengths', 'Content-Length: 2\r\nContent-Length: 3'],
    ['with a length beside chunked', 'Content-Length: 2\r\nTransfer-Encoding: chunked'],
    ['with a length that is none', 'Content-Length: +2'],
    ['with a folded header', 'X: a\r\n b'],
    ['with a bare line feed', 'X: a\nY: b'],
    ['with NUL in a header', 'X: a\0b'],
  ])('%s is answered 502 (RFC 9112 §6.3)', async (_what, headers) => {
    const target = await bytes((socket) => socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n\r\n0\r\n\r\nok`))
    gateway.deploy(api({ target }))
    const answer = await rawExchange(gateway.port, last('/echo'))
    expect(statuses(answer)).toEqual(['502'])
  })

  it('because it says more than its length has its words kept from everybody else (RFC 9112 §11.1)', async () => {
    const target = await bytes((socket, heard) => {
      const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
      socket.write(heard.includes('/victim') ? ok : `${ok}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`)
    })
    gateway.deploy(api({ target }))
    for (let round = 0; round < 20; round++) {
      const first = await rawExchange(gateway.port, last('/echo/attack'))
      expect(first).not.toContain('evil')
      expect(await rawExchange(gateway.port, last('/echo/victim'))).toMatch(/\r\n\r\nok$/)
    }
  })

  it('answers 101 where nobody asked, and is answered 502 (RFC 9110 §15.2.2)', async () => {
    const target = await bytes((socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n')) // prettier-ignore
    gateway.deploy(api({ target }))
    expect(statuses(await rawExchange(gateway.port, last('/echo')))).toEqual(['502'])
  })

  it('has the headers of its own hop kept from the client, trailers among them (RFC 9110 §7.6.1)', async () => {
    const target = await bytes((socket) => socket.write('HTTP/1.1 200 OK\r\nConnection: X-Named, keep-alive\r\nX-Named: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nUpgrade: h2c\r\nProxy-Connection: x\r\nTrailer: X-Last\r\nTransfer-Encoding: chunked\r\nX-Kept: 1\r\n\r\n2\r\nok\r\n0\r\nX-Last: 2\r\nConnection: x\r\nTransfer-Encoding: y\r\nX-Gravitee-Request-Id: forged\r\n\r\n')) // prettier-ignore
    gateway.deploy(api({ target }))
    const answer = await rawExchange(gateway.port, last('/echo'))
    expect(answer).toMatch(/X-Kept: 1\r\n[^]*\r\n0\r\nx-last: 2\r\n\r\n$/i)
    for (const word of ['X-Named', 'Keep-Alive', 'Proxy-', 'h2c', 'forged']) expect(answer.toLowerCase()).not.toContain(word.toLowerCase()) // prettier-ignore
  })
})

describe('interim answers of a backend (RFC 9110 §15.2)', () => {
  const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n'
  const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

  it('early hints are passed on (RFC 8297), to clients that understand them', async () => {
    gateway.deploy(api({ target: await bytes((socket) => socket.write(hints + ok)) }))
    const answer = await rawExchange(gateway.port, last('/echo'))
    expect(statuses(answer)).toEqual(['103', '200'])
    expect(answer).toContain('Link: </style.css>; rel=preload; as=style\r\n')
    expect(statuses(await rawExchange(gateway.port, 'GET /echo HTTP/1.0\r\nHost: h\r\n\r\n'))).toEqual(['200'])
  })

  it('others are left out, of many most are, and a flood is answered 502', async () => {
    gateway.deploy(api({ target: await bytes((socket) => socket.write(`HTTP/1.1 102 Processing\r\n\r\n${hints.repeat(50)}${ok}`)) })) // prettier-ignore
    const answer = await rawExchange(gateway.port, last('/echo'))
    expect(statuses(answer).at(-1)).toBe('200')
    expect(statuses(answer).length).toBeLessThan(12)
    const endless = await bytes((socket, _heard, next) => {
      const more = () => {
        while (socket.writable && socket.write(hints.repeat(100)));
      }
      socket.on('drain', more)
      if (next === 0) more()
    })
    gateway.deploy(api({ target: endless, readTimeout: 500 }))
    expect((await fetch(`${gateway.address}/echo`)).status).toBe(502)
  })
})

describe('an upgrade', () => {
  const ask = (more = '') => get('/echo', `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a2V5\r\nSec-WebSocket-Version: 13\r\n${more}`) // prettier-ignore
  const agreed = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'

  it('loses nothing of what either side says right behind it (RFC 9110 §7.8)', async () => {
    const target = await bytes((socket, heard) => {
      if (heard.startsWith('GET')) socket.write(`${agreed}welcome `)
      const said = heard.includes('\r\n\r\n') ? heard.split('\r\n\r\n')[1]! : heard
      if (said !== '') socket.write(`heard ${said}`)
    })
    gateway.deploy(api({ target }))
    const answer = await rawExchange(gateway.port, `${ask()}hello`, (text) => text.includes('heard hello'))
    expect(answer).toMatch(/^HTTP\/1.1 101 [^]*\r\n\r\nwelcome heard hello$/)
  })

  it('that is asked for behind another request waits for its answer (RFC 9112 §9.3.2)', async () => {
    let answer: (() => void) | undefined
    const first = await startBackend((_request, response) => void (answer = () => response.end('first')))
    closers.push(first.close)
    const target = await bytes((socket) => socket.write(`${agreed}welcome`))
    gateway.deploy(api({ target }), api({ path: '/first', target: first.address }))
    const exchanged = rawExchange(gateway.port, get('/first') + ask(), (text) => text.includes('welcome'))
    await expect.poll(() => answer).toBeDefined()
    answer!()
    expect(await exchanged).toMatch(/^HTTP\/1.1 200 [^]*\r\n\r\nfirstHTTP\/1.1 101 [^]*\r\n\r\nwelcome$/)
  })

  it('that is refused ends the connection: what follows is no request', async () => {
    gateway.deploy(securedApi(), api({ path: '/open' }))
    const answer = await rawExchange(gateway.port, `${ask()}${get('/open/smuggled')}`)
    expect(statuses(answer)).toEqual(['401'])
    expect(gateway.records.map(({ path }) => path)).toEqual(['/echo'])
  })

  it('to which the backend says nothing is answered 504', async () => {
    gateway.deploy(api({ target: await bytes(() => undefined), readTimeout: 200 }))
    expect(statuses(await rawExchange(gateway.port, ask()))).toEqual(['504'])
  })

  it('with a body has it passed over, and what comes after goes to the backend alone', async () => {
    const heard: string[] = []
    const target = await bytes((socket, text) => {
      heard.push(text)
      if (text.startsWith('GET')) socket.write(agreed)
    })
    gateway.deploy(api({ target }), api({ path: '/open' }))
    await rawExchange(gateway.port, `${ask('Content-Length: 5\r\n')}12345${get('/open/smuggled')}`, (text) => text.includes('101')) // prettier-ignore
    expect(heard.filter((text) => text.startsWith('GET /')).length).toBeGreaterThan(0)
    expect(gateway.records.map(({ path }) => path)).not.toContain('/open/smuggled')
  })
})
