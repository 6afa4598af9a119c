import fc from 'fast-check'
import { connect, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { api, listenTo, rawExchange, securedApi, startGateway, type TestGateway } from './testing'

const RUNS = 4000
/** Exchanges at once. */
const AT_ONCE = 16
/** Milliseconds after which one hangs: far more than the second that a client has which has ended its side. */
const HANGS = 8000

let gateway: TestGateway
let backend: { readonly port: number; readonly paths: string[]; readonly broken: string[]; close(): Promise<void> }
beforeAll(async () => {
  backend = await strictBackend()
  gateway = await startGateway()
  gateway.deploy(api({ target: `http://127.0.0.1:${backend.port}` }), securedApi({}, { path: '/secured' }))
})
afterAll(async () => {
  await gateway.close()
  await backend.close()
})

/** Reads messages by the letter, with none of node's parser, and answers each. */
async function strictBackend(): Promise<typeof backend> {
  const paths: string[] = []
  const broken: string[] = []
  const server = createServer((socket) => {
    let open = ''
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      open += chunk.toString('latin1')
      for (;;) {
        const read = firstMessage(open)
        if (read === 'more') return
        if (read === 'broken') {
          broken.push(open)
          socket.destroy()
          return
        }
        paths.push(read.path)
        open = open.slice(read.length)
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      }
    })
  })
  return { paths, broken, ...(await listenTo(server)) }
}

const HEAD = /^[A-Z]+ (\/[!-~]*) HTTP\/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: ?[^\0-\x08\n-\x1f\x7f]*\r\n)*)\r\n/

function firstMessage(bytes: string): { path: string; length: number } | 'more' | 'broken' {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return /^[A-Z]*( |$)/.test(bytes) ? 'more' : 'broken'
  const head = HEAD.exec(bytes.slice(0, end + 4))
  if (head === null) return 'broken'
  const [whole, path, fields] = [head[0], head[1]!, head[2]!]
  const lengths = [...fields.matchAll(/^content-length: ?(.*)\r$/gim)].map(([, value]) => value!)
  const codings = [...fields.matchAll(/^transfer-encoding: ?(.*)\r$/gim)].map(([, value]) => value!)
  if (lengths.length + codings.length > 1) return 'broken'
  if (codings.length === 1) {
    if (codings[0] !== 'chunked') return 'broken'
    return chunked(bytes, whole.length, path)
  }
  if (lengths.length === 1 && !/^\d{1,15}$/.test(lengths[0]!)) return 'broken'
  const length = whole.length + Number(lengths[0] ?? 0)
  return bytes.length < length ? 'more' : { path, length }
}

/** Where the last chunk of a body ends that begins at `from`. The gateway sends no trailers. */
function chunked(bytes: string, from: number, path: string): ReturnType<typeof firstMessage> {
  for (let at = from; ;) {
    const line = /^([0-9a-f]+)\r\n/i.exec(bytes.slice(at, at + 20))
    if (line === null) return bytes.length - at < 20 ? 'more' : 'broken'
    const size = Number.parseInt(line[1]!, 16)
    at += line[0].length + size + 2
    if (bytes.length < at) return 'more'
    if (bytes.slice(at - 2, at) !== '\r\n') return 'broken'
    if (size === 0) return { path, length: at }
  }
}

/** Sends it, ends its side, and gives what came until the gateway ended its own. */
function exchange(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true })
    const late = setTimeout(() => {
      socket.destroy()
      reject(new Error(`It hangs after ${JSON.stringify(bytes)}; so far came ${JSON.stringify(answer)}`))
    }, HANGS)
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    socket.on('end', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(late)
      resolve(answer)
    })
    socket.end(Buffer.from(bytes, 'latin1'))
  })
}

const BASES = [
  'GET /echo/a?b=c HTTP/1.1\r\nHost: h\r\nX-Mine: d\r\n\r\n',
  'POST /echo/a HTTP/1.1\r\nHost: h\r\nContent-Length: 44\r\n\r\nGET /echo/smuggled HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\nGET /echo/b HTTP/1.1\r\nHost: h\r\n\r\n', // prettier-ignore
  'POST /echo/a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nGET /echo/b HTTP/1.1\r\nHost: h\r\n\r\n',
  'PUT /secured/a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhelloGET /echo/b HTTP/1.1\r\nHost: h\r\n\r\n',
  'GET /echo/a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, X-Mine\r\nUpgrade: websocket\r\nX-Mine: 1\r\n\r\nmore',
  'HEAD http://h/echo/a HTTP/1.1\r\nHost: h\r\nForwarded: for=1.1.1.1\r\nX-Forwarded-For: 1.1.1.1\r\n\r\nGET /none HTTP/1.1\r\nHost: h\r\n\r\n',
]
const WORDS = ['\r\n', '\n', '\r', '\0', ' ', '\t', ':', ';', ',', '\x7f', '\xff', '/', '..', '%2f', '?', '#', '0', 'ffffffff', '-1', 'chunked', 'identity', 'Content-Length: 0\r\n', 'Content-Length: 5\r\n', 'content-length:44\r\n', 'Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: gzip\r\n', ' Transfer-Encoding: chunked\r\n', 'Host: other\r\n', 'Host: \r\n', 'Connection: close\r\n', 'Connection: Content-Length, Host\r\n', 'Expect: 100-continue\r\n', 'Expect: x\r\n', 'Trailer: X\r\n', 'TE: trailers\r\n', 'Upgrade: h2c\r\n', '0\r\n\r\n', '5\r\nhello\r\n', 'HTTP/1.0', 'HTTP/2.0', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'] // prettier-ignore

const mutation = fc.tuple(fc.constantFrom('insert', 'replace', 'remove', 'repeat'), fc.nat(1000), fc.nat(12), fc.constantFrom(...WORDS)) // prettier-ignore
const message = fc.tuple(fc.constantFrom(...BASES), fc.array(mutation, { minLength: 1, maxLength: 3 })).map(([base, mutations]) =>
  mutations.reduce((bytes, [kind, place, length, word]) => {
    const at = Math.floor((place / 1000) * bytes.length)
    const [before, here, after] = [bytes.slice(0, at), bytes.slice(at, at + length), bytes.slice(at + length)]
    return kind === 'insert' ? before + word + here + after : kind === 'replace' ? before + word + after : kind === 'remove' ? before + after : before + here + here + after // prettier-ignore
  }, base),
) // prettier-ignore

/** What the gateway may say for itself that is no fault of its own. */
const OWN = new Set(['501', '505'])

describe(`${RUNS} wild messages`, () => {
  it('are answered or refused; none breaks, hangs or slips past (RFC 9112 §11)', { timeout: 120_000 }, async () => {
    const messages = fc.sample(message, RUNS)
    const faults: string[] = []
    let next = 0
    const client = async () => {
      while (next < messages.length) {
        const bytes = messages[next++]!
        const answer = await exchange(bytes)
        const statuses = [...answer.matchAll(/(?:^|\r\n\r\n|ok|\})HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status!)
        if (statuses.some((status) => status.startsWith('5') && !OWN.has(status))) faults.push(`${JSON.stringify(bytes)} → ${JSON.stringify(answer)}`) // prettier-ignore
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, client))
    expect(faults.slice(0, 5)).toEqual([])
    expect(backend.broken.slice(0, 5)).toEqual([])
    // What the backend took for a request, the gateway has taken for one, and no more often.
    const seen = count(backend.paths)
    const known = count(gateway.records.filter(({ apiId }) => apiId === 'api/echo').map(({ path }) => atBackend(path)))
    const tooMany = [...seen].filter(([path, times]) => times > (known.get(path) ?? 0))
    expect(tooMany).toEqual([])
    expect(backend.paths.length).toBeGreaterThan(RUNS / 8)
    expect(await rawExchange(gateway.port, 'GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 200 /) // prettier-ignore
  })

  it('of HTTP/2 frames break nothing either (RFC 9113 §5.4)', { timeout: 60_000 }, async () => {
    const frame = fc.tuple(fc.nat(12), fc.nat(255), fc.constantFrom(0, 1, 1, 2, 3, 5, 0x7fffffff), fc.uint8Array({ maxLength: 40 })).map(([type, flags, stream, payload]) => {
      const head = Buffer.alloc(9)
      head.writeUIntBE(payload.length, 0, 3)
      head[3] = type
      head[4] = flags
      head.writeUInt32BE(stream, 5)
      return Buffer.concat([head, payload])
    }) // prettier-ignore
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])
    // GET /echo of the host h, without Huffman coding.
    const request = Buffer.from([0, 0, 17, 1, 5, 0, 0, 0, 1, 0x82, 0x86, 0x04, 0x05, ...Buffer.from('/echo'), 0x41, 0x01, 0x68, 0x0f, 0x0d, 0x01, 0x30, 0]) // prettier-ignore
    const connections = fc.sample(
      fc.tuple(fc.boolean(), fc.boolean(), fc.array(frame, { minLength: 1, maxLength: 8 })),
      1000,
    )
    let next = 0
    const client = async () => {
      while (next < connections.length) {
        const [settled, asks, frames] = connections[next++]!
        const bytes = ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', settled ? settings : '', asks ? request : '', ...frames]
        await exchange(Buffer.concat(bytes.map((each) => Buffer.from(each as Buffer))).toString('latin1'))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, client))
    expect(await rawExchange(gateway.port, 'GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 200 /) // prettier-ignore
  })
})

/** Dot segments are resolved before a request is forwarded, and the context path is taken off. */
const atBackend = (path: string) => new URL(path, 'http://h').pathname.replace(/^\/+echo/, '') || '/'

function count(values: readonly string[]): Map<string, number> {
  const counted = new Map<string, number>()
  for (const value of values) {
    const path = value.replace(/\?.*$/, '')
    counted.set(path, (counted.get(path) ?? 0) + 1)
  }
  return counted
}
