import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { MAX_FIELDS, MAX_TARGET } from './refusable-request'
import { api, listenTo, rawExchange, startGateway, type TestGateway } from './testing'

/** One gateway for all: none of these may harm it. */
let gateway: TestGateway
let backend: { readonly port: number; received: string; close(): Promise<void> }
beforeAll(async () => {
  gateway = await startGateway()
  backend = await listening()
  gateway.deploy(api({ target: `http://127.0.0.1:${backend.port}` }))
})
afterEach(async () => {
  // Whatever came before, the next request is answered.
  const answer = await rawExchange(gateway.port, 'GET /echo/next HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
  expect(answer).toMatch(/^HTTP\/1.1 200 /)
  backend.received = ''
})
afterAll(async () => {
  await gateway.close()
  await backend.close()
})

/** A backend that keeps the bytes it gets and answers each message as its framing says. */
async function listening(): Promise<typeof backend> {
  const kept = { received: '' }
  const server = createServer((socket) => {
    let open = ''
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1')
      kept.received += text
      open += text
      for (;;) {
        const end = lengthOf(open)
        if (end === undefined) return
        open = open.slice(end)
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      }
    })
  })
  const { port, close } = await listenTo(server)
  return Object.assign(kept, { port, close })
}

/** Where the first message of the bytes ends. */
function lengthOf(bytes: string): number | undefined {
  const head = bytes.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const length = /^content-length: (\d+)\r$/im.exec(bytes.slice(0, head + 2))?.[1]
  if (/^transfer-encoding: chunked\r$/im.test(bytes.slice(0, head + 2))) {
    const end = bytes.indexOf('\r\n0\r\n\r\n', head)
    return end < 0 ? undefined : end + 7
  }
  const end = head + 4 + Number(length ?? 0)
  return bytes.length < end ? undefined : end
}

const SMUGGLED = '0\r\n\r\nGET /echo/smuggled HTTP/1.1\r\nHost: h\r\n\r\n'
const post = (headers: string, body = SMUGGLED) => `POST /echo HTTP/1.1\r\nHost: h\r\n${headers}\r\n\r\n${body}`
const chunks = (text: string) => post('Transfer-Encoding: chunked', text)
const get = (headers: string, target = '/echo') => `GET ${target} HTTP/1.1\r\nHost: h\r\n${headers}\r\n`

/** Answered once with the status, and the connection ended. */
async function refused(bytes: string, status: number): Promise<void> {
  const answer = await rawExchange(gateway.port, bytes)
  expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`])
  expect(answer).toMatch(/^connection: close\r$/im)
  expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))).toEqual({ message: expect.stringMatching(/^(The|CONNECT) /) as string, http_status_code: status }) // prettier-ignore
}

describe('a request whose framing is uncertain is refused, and what follows it is not read (RFC 9112 §6.3, §11.2)', () => {
  it.each([
    ['two lengths', post('Content-Length: 4\r\nContent-Length: 40')],
    ['the same length twice', post('Content-Length: 4\r\nContent-Length: 4')],
    ['a list of lengths', post('Content-Length: 4, 40')],
    ['a length with a sign', post('Content-Length: +4')],
    ['a space before the colon', post('Transfer-Encoding : chunked')],
    ['a folded header', post('X: 1\r\n Transfer-Encoding: chunked')],
    ['a bare line feed', post('X: 1\nTransfer-Encoding: chunked')],
    ['chunked that is not last', post('Transfer-Encoding: chunked, identity')],
    ['a negative length', post('Content-Length: -1')],
    ['a hexadecimal length', post('Content-Length: 0x4')],
    ['a length with a space within', post('Content-Length: 4 0')],
    ['an empty length', post('Content-Length:')],
    ['a length beyond 64 bits', post('Content-Length: 99999999999999999999999')],
    ['the same length twice in one field', post('Content-Length: 5, 5')],
    ['a length before chunked', post('Content-Length: 5\r\nTransfer-Encoding: chunked')],
    ['a length after chunked', post('Transfer-Encoding: chunked\r\nContent-Length: 5')],
    ['chunked twice', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked')],
    ['chunked twice in one field', post('Transfer-Encoding: chunked, chunked')],
    ['chunked, then identity', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity')],
    ['chunked after a vertical tab', post('Transfer-Encoding: \x0bchunked')],
    ['an empty coding', post('Transfer-Encoding:')],
    ['chunked with a length in a folded line', post('Transfer-Encoding: chunked\r\n\tContent-Length: 5')],
    ['a tab before the colon', post('Content-Length\t: 5')],
    ['chunked in HTTP/1.0 (§6.1)', `POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n${SMUGGLED}`],
  ])('%s', async (_what, bytes) => {
    await refused(bytes, 400)
    expect(backend.received).toBe('')
  })

  it.each([
    ['a coding that is not known (§6.1)', post('Transfer-Encoding: gzip, chunked'), 501],
    ['chunked in disguise (§6.1)', post('Transfer-Encoding: xchunked'), 501],
    ['chunked in quotes (§6.1)', post('Transfer-Encoding: "chunked"'), 501],
    ['chunked with a parameter (§7)', post('Transfer-Encoding: chunked;q=1'), 501],
    ['a length that no number holds exactly (RFC 9110 §8.6)', post('Content-Length: 18446744073709551615'), 413],
  ] as const)('%s', async (_what, bytes, status) => {
    await refused(bytes, status)
    expect(backend.received).toBe('')
  })

  it.each([
    ['a length with white space around it', post('Content-Length:\t5 ')],
    ['a length with zeros before it', post('Content-Length: 0005')],
    ['a coding in capitals', post('Transfer-Encoding: CHUNKED')],
    ['a body with GET', get(`Content-Length: 5\r\n`) + SMUGGLED],
    ['a length that Connection names', post('Connection: Content-Length, Transfer-Encoding\r\nContent-Length: 5')],
  ])('but %s is certain, and the backend sees the same two requests', async (_what, bytes) => {
    const answer = await rawExchange(gateway.port, bytes, (text) => text.match(/HTTP\/1.1 200/g)?.length === 2)
    expect(answer.match(/HTTP\/1.1 200/g)).toHaveLength(2)
    const firstLines = backend.received.match(/^(GET|POST) \/\S* HTTP\/1.1\r$/gm) ?? []
    expect(firstLines.map((line) => line.split(' ')[1]).sort()).toEqual(['/', '/smuggled'])
  })
})

describe('a connection that ends', () => {
  it('ends after its answer, and no request after that is acted on (RFC 9112 §9.6)', async () => {
    const first = 'POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'
    await refused(first + get('', '/echo/after'), 501)
    expect(backend.received).toBe('')
  })

  it('by what is malformed gives the answers under way first, whole and in order (RFC 9112 §9.3.2)', async () => {
    const answer = await rawExchange(gateway.port, `${get('', '/echo/1')}${get('', '/echo/2')}BROKEN\r\n\r\n`)
    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400'])
    expect(answer.match(/\r\n\r\nok(?=HTTP)/g)).toHaveLength(2)
  })

  it('by the client’s own word gives it its answer, whatever it sends after that (RFC 9112 §9.6)', async () => {
    const answer = await rawExchange(gateway.port, `${get('Connection: close\r\n')}${get('', '/echo/after')}`)
    expect(answer).toMatch(/^HTTP\/1.1 200 [^]*\r\n\r\nok$/)
    expect(backend.received).not.toContain('after')
  })
})

describe('a chunked body that is malformed ends the connection (RFC 9112 §7.1)', () => {
  it.each([
    ['a size beyond 64 bits', 'fffffffffffffffff\r\nx\r\n0\r\n\r\n'],
    ['a size with 0x', '0x1\r\nx\r\n0\r\n\r\n'],
    ['a size with a sign', '+1\r\nx\r\n0\r\n\r\n'],
    ['a size with a space after it', '1 \r\nx\r\n0\r\n\r\n'],
    ['no size', '\r\nx\r\n0\r\n\r\n'],
    ['more than its size', '1\r\nxy\r\n0\r\n\r\n'],
    ['bare line feeds', '1\nx\n0\n\n'],
    ['a line feed in an extension', '1;a\nx\r\n0\r\n\r\n'],
    ['extensions without an end', `1;${'a'.repeat(20_000)}\r\nx\r\n0\r\n\r\n`],
    ['a length among the trailers', '1\r\nx\r\n0\r\nContent-Length: 5\r\n\r\n'],
  ])('%s', async (_what, body) => {
    await refused(chunks(`${body}GET /echo/smuggled HTTP/1.1\r\nHost: h\r\n\r\n`), 400)
    expect(backend.received).not.toContain('smuggled')
    // It never looks whole to the backend.
    expect(backend.received).not.toMatch(/\r\n0\r\n/)
  })

  it('extensions are taken off (§7.1.1)', async () => {
    const answer = await rawExchange(gateway.port, post('Connection: close\r\nTransfer-Encoding: chunked', '1;a=b\r\nx\r\n0;c="d"\r\n\r\n')) // prettier-ignore
    expect(answer).toMatch(/^HTTP\/1.1 200 /)
    expect(backend.received).not.toContain('a=b')
  })
})

describe('a malformed head is refused (RFC 9112 §2, §5; RFC 9110 §5.5)', () => {
  it.each([
    ['NUL in a value', get('X: a\0b\r\n')],
    ['another control character in a value', get('X: a\x01b\r\n')],
    ['a carriage return in a value', get('X: a\rb\r\n')],
    ['a name without a name', get(': x\r\n')],
    ['a space in a name', get('X Y: x\r\n')],
    ['a name beyond ASCII', get('X\xe9: x\r\n')],
    ['a space before the first field', 'GET /echo HTTP/1.1\r\n Host: h\r\n\r\n'],
    ['a folded field', get('X: a\r\n b\r\n')],
    ['bare line feeds', 'GET /echo HTTP/1.1\nHost: h\n\n'],
    ['a bare line feed at the end', 'GET /echo HTTP/1.1\r\nHost: h\r\n\n'],
    ['NUL in the target', get('', '/ec\0ho')],
    ['a target beyond ASCII', get('', '/echo/\xe9')],
    ['a space at its beginning', ' GET /echo HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['a tab in the first line', 'GET\t/echo HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['a space after the version', 'GET /echo HTTP/1.1 \r\nHost: h\r\n\r\n'],
    ['a method in small letters', 'get /echo HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['no host', 'GET /echo HTTP/1.1\r\n\r\n'],
    ['two hosts (§3.2)', get('Host: other\r\n')],
    ['the same host twice (§3.2)', get('hOsT: h\r\n')],
    ['a host with a space', 'GET /echo HTTP/1.1\r\nHost: a b\r\n\r\n'],
    ['a host with a path', 'GET /echo HTTP/1.1\r\nHost: a/b\r\n\r\n'],
    ['a host with a user', 'GET /echo HTTP/1.1\r\nHost: user@a\r\n\r\n'],
    ['an absolute target with a user (RFC 9110 §4.2.4)', get('', 'http://user:secret@h/echo')],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['HTTP/2 after HTTP/1.1', `${get('')}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`],
  ])('%s', async (what, bytes) => {
    const answer = await rawExchange(gateway.port, bytes)
    expect(answer.match(/HTTP\/1.1 \d+/g)?.at(-1)).toBe('HTTP/1.1 400')
    if (!what.startsWith('HTTP/2')) expect(backend.received).toBe('')
  })

  it.each([
    ['HTTP/0.9', 'GET /echo\r\n\r\n', 505],
    ['HTTP/1.2', 'GET /echo HTTP/1.2\r\nHost: h\r\n\r\n', 505],
    ['HTTP/2.0 in the form of HTTP/1', 'GET /echo HTTP/2.0\r\nHost: h\r\n\r\n', 505],
    ['CONNECT', 'CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n', 501],
  ])('%s is told apart', async (_what, bytes, status) => {
    await refused(bytes, status)
    expect(backend.received).toBe('')
  })

  it('empty lines before it are skipped (§2.2), and a target without a path is none to act on (§3.2.4)', async () => {
    const answer = await rawExchange(gateway.port, `\r\n\r\n${get('Connection: close\r\n')}`)
    expect(answer).toMatch(/^HTTP\/1.1 200 /)
    const star = await rawExchange(gateway.port, 'OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    expect(star).toMatch(/^HTTP\/1.1 400 /)
  })

  it.each(['a', 'a:80', 'A.b-c_d', '[::1]:80', '', 'xn--nxasmq6b', 'a%20b'])(
    'a host may be %j, and goes to the backend as X-Forwarded-Host',
    async (host) => {
      await rawExchange(gateway.port, `GET /echo HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      expect(backend.received).toContain(`x-forwarded-host: ${host}\r\n`)
    },
  )

  it('the host of an absolute target stands above Host (§3.2.2)', async () => {
    await rawExchange(gateway.port, get('Connection: close\r\n', 'http://other:8080/echo/x?y'))
    expect(backend.received).toMatch(/^GET \/x\?y HTTP/)
    expect(backend.received).toContain('x-forwarded-host: other:8080\r\n')
  })
})

describe('what is too large is told so, and ends the connection', () => {
  it.each([
    ['a target (RFC 9110 §15.5.15)', get('', `/echo/${'x'.repeat(MAX_TARGET)}`), 414],
    ['a target larger than all headers may be (RFC 9110 §15.5.15)', get('', `/echo/${'x'.repeat(50_000)}`), 414],
    ['a header (RFC 6585 §5)', get(`X: ${'x'.repeat(40_000)}\r\n`), 431],
    ['many headers (RFC 6585 §5)', get('a: b\r\n'.repeat(MAX_FIELDS)), 431],
    ['very many headers (RFC 6585 §5)', get('a:b\r\n'.repeat(7000)), 431],
    ['the trailers', chunks(`1\r\nx\r\n0\r\n${`t: ${'x'.repeat(1000)}\r\n`.repeat(60)}\r\n`), 431],
  ] as const)('%s', async (_what, bytes, status) => refused(bytes, status))

  it('and what is just small enough passes', async () => {
    const target = `/echo/${'x'.repeat(MAX_TARGET - 6)}`
    const many = Array.from({ length: MAX_FIELDS - 2 }, (_, i) => `a${i}: b\r\n`).join('')
    for (const bytes of [get('Connection: close\r\n', target), get(`Connection: close\r\n${many}`)])
      expect(await rawExchange(gateway.port, bytes)).toMatch(/^HTTP\/1.1 200 /)
    expect(backend.received).toContain('a497: b\r\n')
  })
})
