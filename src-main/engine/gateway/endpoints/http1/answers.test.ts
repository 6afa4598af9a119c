import fc from 'fast-check'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AnswerReader, type AnswerHead } from './answer-reader'
import type { Http1Upstream } from './http1-upstream'
import { ask, own, rawBackend, upstreamTo, type RawBackend, type Told } from './upstream.testing'

const SEED = 20261124
/** Mutated answers. */
const RUNS = 2000
/** Upstreams that are asked at once. */
const AT_ONCE = 40

interface Answer {
  readonly bytes: string
  readonly method?: string
  readonly status?: number
  readonly interim?: readonly number[]
  readonly headers?: Record<string, string | readonly string[]>
  readonly body?: string
  readonly trailers?: Record<string, string | readonly string[]>
  /** The backend ends its side behind it. */
  readonly ends?: boolean
  /** The connection cannot be used again. */
  readonly last?: boolean
}

const ok = (fields: string, body = '') => `HTTP/1.1 200 OK\r\n${fields}\r\n${body}`
const chunked = (body: string) => ok('Transfer-Encoding: chunked\r\n', body)
const LONG = 'x'.repeat(5000)

/** What a backend may say, and what it means. */
const ANSWERS: Record<string, Answer> = {
  'a length': { bytes: ok('Content-Length: 5\r\n', 'hello'), headers: { 'content-length': '5' }, body: 'hello' },
  'a length with space around it': { bytes: ok('Content-Length: \t 5 \t\r\n', 'hello'), headers: { 'content-length': '5' }, body: 'hello' }, // prettier-ignore
  'a length with zeros before it': { bytes: ok('Content-Length: 0005\r\n', 'hello'), body: 'hello' },
  'a length of 0': { bytes: ok('Content-Length: 0\r\n') },
  'a body that looks like an answer': { bytes: ok('Content-Length: 19\r\n', 'HTTP/1.1 500 X\r\n\r\n\0'), body: 'HTTP/1.1 500 X\r\n\r\n\0' }, // prettier-ignore
  'chunks (RFC 9112 §7.1)': { bytes: chunked('5\r\nhello\r\n00006\r\n world\r\n0\r\n\r\n'), body: 'hello world' },
  'chunks that hold line ends': { bytes: chunked('6\r\n\r\n0\r\n\r\r\n4\r\n\n\r\n\r\r\n0\r\n\r\n'), body: '\r\n0\r\n\r\n\r\n\r' }, // prettier-ignore
  'a coding in capitals': { bytes: ok('TRANSFER-ENCODING: Chunked\r\n', 'A\r\n0123456789\r\n0\r\n\r\n'), body: '0123456789' }, // prettier-ignore
  'chunks with extensions (RFC 9112 §7.1.1)': { bytes: chunked('5;a=b\r\nhello\r\n6 ; c="d;\\"e"\r\n world\r\n0;last\r\n\r\n'), body: 'hello world' }, // prettier-ignore
  'trailers (RFC 9112 §7.1.2)': { bytes: chunked('2\r\nok\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\nEmpty:\r\n\r\n'), body: 'ok', trailers: { 'x-sum': ['1', '2'], empty: '' } }, // prettier-ignore
  'no chunk but the last': { bytes: chunked('0\r\n\r\n') },
  'all until the end (RFC 9112 §6.3)': { bytes: ok('X: y\r\n', 'until\r\n\r\nthe end'), headers: { x: 'y' }, body: 'until\r\n\r\nthe end', ends: true, last: true }, // prettier-ignore
  'nothing until the end': { bytes: ok(''), ends: true, last: true },
  '205 with a length': { bytes: 'HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n', status: 205 },
  '204 with a length': { bytes: 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', status: 204, headers: { 'content-length': '5' } }, // prettier-ignore
  '304 with a length and another with a coding': { bytes: 'HTTP/1.1 304 \r\nTransfer-Encoding: chunked\r\n\r\n', status: 304 }, // prettier-ignore
  'HEAD with a length': { bytes: ok('Content-Length: 5\r\n'), method: 'HEAD', headers: { 'content-length': '5' } },
  'HEAD with a coding': { bytes: ok('Transfer-Encoding: chunked\r\n'), method: 'HEAD' },
  'interim heads before it (RFC 9110 §15.2)': { bytes: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: <x>\r\n\r\n${ok('Content-Length: 2\r\n', 'ok')}`, interim: [100, 103], body: 'ok' }, // prettier-ignore
  'no words for its status': { bytes: 'HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n', status: 404 },
  'bytes beyond ASCII': { bytes: 'HTTP/1.1 200 Gr\xfc\xdf\r\nX: \xe4\xff\r\nContent-Length: 0\r\n\r\n', headers: { x: '\xe4\xff' } }, // prettier-ignore
  'a status that nobody knows': { bytes: 'HTTP/1.1 799 X\r\nContent-Length: 0\r\n\r\n', status: 799 },
  'fields without values, with spaces and of one name': { bytes: ok('A:\r\nB: \t \r\nC: \t x  y\t\r\nSet-Cookie: 1\r\nset-cookie: 2\r\nSET-COOKIE: 3\r\nContent-Length: 0\r\n'), headers: { a: '', b: '', c: 'x  y', 'set-cookie': ['1', '2', '3'] } }, // prettier-ignore
  'names that objects have': { bytes: ok('__proto__: 1\r\n__proto__: 2\r\nconstructor: 3\r\nContent-Length: 0\r\ntoString: 4\r\n'), headers: { ['__proto__']: ['1', '2'], constructor: '3', tostring: '4' } }, // prettier-ignore
  'a long head': { bytes: ok(`Long: ${LONG}\r\nContent-Length: 2\r\n`, 'ok'), headers: { long: LONG }, body: 'ok' },
  'long trailers': { bytes: chunked(`2\r\nok\r\n0\r\nLong: ${LONG}\r\n\r\n`), body: 'ok', trailers: { long: LONG } },
  'HTTP/1.0 until the end': { bytes: 'HTTP/1.0 200 OK\r\n\r\nold', body: 'old', ends: true, last: true },
  'HTTP/1.0 with a length (RFC 9112 §9.3)': { bytes: 'HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold', body: 'old', last: true }, // prettier-ignore
  'HTTP/1.0 that goes on': { bytes: 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 3\r\n\r\nold', body: 'old' }, // prettier-ignore
  'HTTP/1.0 that cannot make up its mind': { bytes: 'HTTP/1.0 200 OK\r\nConnection: keep-alive, close\r\nContent-Length: 3\r\n\r\nold', body: 'old', last: true }, // prettier-ignore
  'a connection that ends (RFC 9112 §9.6)': { bytes: ok('Connection: x , Close\r\nContent-Length: 2\r\n', 'ok'), body: 'ok', last: true }, // prettier-ignore
}

/** What is no answer, or could be read in two ways (RFC 9112 §11). */
const REFUSED: Record<string, string> = {
  'two lengths (§6.3)': ok('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello'),
  'the same length twice': ok('Content-Length: 5\r\ncontent-length: 5\r\n', 'hello'),
  'a list of lengths': ok('Content-Length: 5, 5\r\n', 'hello'),
  'a length with a sign': ok('Content-Length: +5\r\n', 'hello'),
  'a negative length': ok('Content-Length: -5\r\n', 'hello'),
  'a hexadecimal length': ok('Content-Length: 0x5\r\n', 'hello'),
  'a length with a fraction': ok('Content-Length: 5.0\r\n', 'hello'),
  'a length in other digits': ok('Content-Length: \xb2\r\n', 'hello'),
  'an empty length': ok('Content-Length:\r\n', 'hello'),
  'a length that no number holds': ok('Content-Length: 99999999999999999\r\n', 'hello'),
  'a length beside a coding (§6.1)': ok('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
  'a coding beside a length': ok('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'),
  'a coding that is not known': ok('Transfer-Encoding: gzip\r\n', '0\r\n\r\n'),
  'two codings': ok('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'),
  'chunked twice': ok('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
  'an empty coding': ok('Transfer-Encoding:\r\n', '0\r\n\r\n'),
  'a coding in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a folded field (§5.2)': ok('X: a\r\n b\r\n'),
  'a folded line at the beginning': ok(' X: a\r\n'),
  'a space before the colon (§5.1)': ok('X : a\r\n'),
  'no colon': ok('X\r\n'),
  'no name': ok(': a\r\n'),
  'a space in a name': ok('X Y: a\r\n'),
  'a name beyond ASCII': ok('X\xe4: a\r\n'),
  'a bare line feed (§2.2)': ok('X: a\nY: b\r\n'),
  'a bare carriage return (§2.2)': ok('X: a\rY: b\r\n'),
  'NUL in a value': ok('X: a\0b\r\n'),
  'another control character in a value': ok('X: a\x7f\r\n'),
  'another version (§2.3)': 'HTTP/2.0 200 OK\r\n\r\n',
  'HTTP/1.2': 'HTTP/1.2 200 OK\r\n\r\n',
  'small letters': 'http/1.1 200 OK\r\n\r\n',
  'another protocol': '220 mail.test ESMTP\r\n',
  'a TLS alert': '\x15\x03\x01\x00\x02\x02\x46',
  'a status with two digits': 'HTTP/1.1 20 OK\r\n\r\n',
  'a status with four digits': 'HTTP/1.1 2000 OK\r\n\r\n',
  'a status below 100': 'HTTP/1.1 099 OK\r\n\r\n',
  'a status with a sign': 'HTTP/1.1 +20 OK\r\n\r\n',
  'two spaces before the status': 'HTTP/1.1  200 OK\r\n\r\n',
  'a control character in the reason': 'HTTP/1.1 200 O\0K\r\n\r\n',
  'an empty line before it': `\r\n${ok('Content-Length: 0\r\n')}`,
  'a change of protocol that nobody asked for (RFC 9110 §15.2.2)': 'HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n',
  'an interim head with a broken field': `HTTP/1.1 103 X\r\nX : y\r\n\r\n${ok('Content-Length: 0\r\n')}`,
  'a chunk that is longer than it says': chunked('1\r\nxy\r\n0\r\n\r\n'),
  'a chunk that is shorter than it says': chunked('3\r\nx\r\n0\r\n\r\n'),
  'a chunk size with a sign': chunked('+1\r\nx\r\n0\r\n\r\n'),
  'a chunk size with 0x': chunked('0x1\r\nx\r\n0\r\n\r\n'),
  'a chunk size with a space before it': chunked(' 1\r\nx\r\n0\r\n\r\n'),
  'no chunk size': chunked('\r\nx\r\n0\r\n\r\n'),
  'a chunk size that no number holds': chunked('fffffffffffffffff\r\nx\r\n0\r\n\r\n'),
  'a chunk size with a bare line feed': chunked('1\nx\r\n0\r\n\r\n'),
  'a carriage return in an extension': chunked('1;a\rb\r\nx\r\n0\r\n\r\n'),
  'an extension without an end': chunked(`1;${'a'.repeat(5000)}`),
  'too many extensions': chunked(`1;${'a'.repeat(2000)}\r\nx\r\n`.repeat(10)),
  'a broken trailer': chunked('1\r\nx\r\n0\r\nX : y\r\n\r\n'),
  'a head without an end': ok(`X: ${'a'.repeat(70_000)}\r\n`),
  'many fields without an end': `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(12_000)}`,
  'trailers without an end': chunked(`0\r\nX: ${'a'.repeat(70_000)}\r\n`),
}

let backend: RawBackend
let said = new Map<string, { readonly bytes: string; readonly ends: boolean; readonly inPieces?: true }>()
/** The connection that each path came by. */
const asking = new Map<string, Socket>()
const upstreams: Http1Upstream[] = []
beforeAll(async () => {
  backend = await rawBackend((heard) => {
    asking.set(heard.path, heard.socket)
    const script = said.get(heard.path)
    if (script === undefined) return void heard.socket.write(own(heard))
    if (script.inPieces) return void byteByByte(heard.socket, script.bytes, script.ends)
    heard.socket.write(script.bytes, 'latin1')
    if (script.ends) heard.socket.end()
  })
})
afterAll(async () => {
  await Promise.all(upstreams.map((upstream) => upstream.close()))
  await backend.close()
})

function upstream(): Http1Upstream {
  const made = upstreamTo(backend, {}, 1)
  upstreams.push(made)
  return made
}

async function byteByByte(
  socket: { write(text: string, how: 'latin1'): void; end(): void },
  bytes: string,
  ends: boolean,
) {
  for (const byte of bytes) {
    socket.write(byte, 'latin1')
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (ends) socket.end()
}

function meant({ status = 200, interim = [], headers = {}, body = '', trailers = {} }: Answer) {
  return { status, interim, headers: expect.objectContaining(headers) as object, body, trailers }
}

describe('an answer with', () => {
  it.each(Object.entries(ANSWERS))('%s is read as what it is', async (_what, answer) => {
    const { bytes, method = 'GET', ends = false, last = false } = answer
    said = new Map([['/first', { bytes, ends }]])
    const before = backend.sockets.length
    const to = upstream()
    const first = await ask(to, '/first', { method })
    expect(first).toMatchObject({ ...meant(answer), error: undefined, over: 1, more: false })
    expect(first.body).toBe(answer.body ?? '')
    expect((await ask(to, '/next')).body).toBe(`${before + (last ? 2 : 1)} /next`)
  })

  it.each(Object.entries(REFUSED))('%s is refused, and the next one is read from another connection', async (_what, bytes) => {
    said = new Map([['/first', { bytes, ends: false }]])
    const to = upstream()
    const [first, next] = await Promise.all([ask(to, '/first'), ask(to, '/next')])
    expect(first.error).toMatchObject({ code: expect.stringMatching(/^(ERR_GATEHOUSE_ANSWER|UND_ERR_HEADERS_OVERFLOW)$/) as string }) // prettier-ignore
    expect(first).toMatchObject({ over: 1, more: false })
    expect(next.body).toBe(`${backend.sockets.length} /next`)
  }) // prettier-ignore
})

interface Seen {
  readonly heads: AnswerHead[]
  body: string
  trailers: AnswerHead['headers'] | undefined
  ends: number
  /** It is no answer; which sentence says so first depends on the pieces. */
  isRefused: boolean
}

/** What a reader makes of the pieces. With `stops` it is stopped at each word, and goes on before the next piece. */
function seen(
  pieces: readonly string[],
  { method = 'GET', ends = false }: Pick<Answer, 'method' | 'ends'>,
  stops = false,
): Seen & { persists: boolean } {
  const told: Seen = { heads: [], body: '', trailers: undefined, ends: 0, isRefused: false }
  const stop = () => void (stops && reader.stop())
  const reader = new AnswerReader(
    {
      onHead(head) {
        told.heads.push({ status: head.status, headers: { ...head.headers } })
        stop()
      },
      onData(chunk) {
        told.body += chunk.toString('latin1')
        stop()
      },
      onEnd(trailers) {
        told.trailers = { ...trailers }
        told.ends++
      },
    },
    64 * 1024,
  )
  reader.await(method, false)
  try {
    for (const piece of pieces) {
      reader.read(Buffer.from(piece, 'latin1'))
      while (reader.isStopped) reader.go()
    }
    if (ends) reader.ended()
  } catch {
    told.isRefused = true
  }
  return { ...told, persists: reader.persists }
}

/** Cuts a text at these places, each a number that is taken from anywhere. */
function cut(text: string, places: readonly number[]): string[] {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b)
  return [...at, text.length].map((to, index) => text.slice(index === 0 ? 0 : at[index - 1], to))
}

describe('however an answer is cut into pieces, it says the same', () => {
  const all = [...Object.entries(ANSWERS), ...Object.entries(REFUSED).map(([what, bytes]): [string, Answer] => [what, { bytes }])] // prettier-ignore
  const usual = all.filter(([, { bytes }]) => bytes.length < 4000)

  it('at each byte', () => {
    for (const [what, answer] of usual) {
      const whole = seen([answer.bytes], answer)
      for (let at = 0; at <= answer.bytes.length; at++)
        expect(seen([answer.bytes.slice(0, at), answer.bytes.slice(at)], answer), `${what}, ${at}`).toEqual(whole)
      expect(seen([...answer.bytes], answer), what).toEqual(whole)
      expect(seen([...answer.bytes], answer, true), what).toEqual(whole)
      expect(seen([answer.bytes], answer, true), what).toEqual(whole)
    }
  })

  it('anywhere, with a reader that stops and goes on', () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.array(fc.nat(), { maxLength: 20 }), fc.boolean(), ([, answer], places, stops) => {
        expect(seen(cut(answer.bytes, places), answer, stops)).toEqual(seen([answer.bytes], answer))
      }),
      { seed: SEED, numRuns: 3000 },
    ) // prettier-ignore
  })

  it('and words behind its end are never part of it, and end the connection', () => {
    for (const [what, answer] of Object.entries(ANSWERS)) {
      if (answer.ends) continue
      const whole = seen([answer.bytes], answer)
      expect(whole, what).toMatchObject({ ends: 1, isRefused: false, persists: !answer.last })
      expect(seen([`${answer.bytes}HTTP/1.1 200 OK\r\n\r\nevil`], answer), what).toEqual({ ...whole, persists: false })
    }
  })

  it('also on a connection, byte by byte', async () => {
    const short = Object.values(ANSWERS).filter(({ bytes }) => bytes.length < 1000)
    said = new Map(short.map(({ bytes, ends = false }, index) => [`/${index}`, { bytes, ends, inPieces: true }]))
    const told = await Promise.all(short.map(({ method = 'GET' }, index) => ask(upstream(), `/${index}`, { method })))
    for (const [index, answer] of short.entries())
      expect(told[index]).toMatchObject({ ...meant(answer), body: answer.body ?? '', error: undefined, over: 1 })
  })

  it('and one of 60 KiB that comes byte by byte is read', () => {
    const bytes = ok(`X: ${'a'.repeat(60_000)}\r\nContent-Length: 0\r\n`)
    expect(seen([...bytes], {})).toMatchObject({ ends: 1, isRefused: false })
    const trailing = chunked(`0\r\nX: ${'a'.repeat(60_000)}\r\n\r\n`)
    expect(seen([...trailing], {})).toMatchObject({ ends: 1, isRefused: false })
  })
})

describe('answers that are wildly wrong', () => {
  const WORDS = ['\r\n', '\r\n\r\n', '\n', '\r', '\0', ' ', '\t', ':', ';', '0', '5', 'ffffffff', '0\r\n\r\n', '5\r\nhello\r\n', 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 100 X\r\n\r\n', 'HTTP/1.1 101 X\r\n\r\n', 'HTTP/1.0 ', 'Content-Length: 5\r\n', 'Content-Length: 99999\r\n', 'Transfer-Encoding: chunked\r\n', 'Connection: close\r\n', 'Connection: keep-alive\r\n', 'Keep-Alive: timeout=9\r\n', '__proto__: x\r\n', ok('Content-Length: 4\r\n', 'evil'), '\xff'] // prettier-ignore
  const change = fc.oneof(
    fc.record({ at: fc.nat(), removed: fc.nat({ max: 3 }), put: fc.string({ unit: 'binary-ascii', maxLength: 3 }) }),
    fc.record({ at: fc.nat(), removed: fc.nat({ max: 40 }), put: fc.constantFrom(...WORDS) }),
    fc.record({ at: fc.nat(), removed: fc.constant(100_000), put: fc.constantFrom('', ...WORDS) }),
  )
  const short = Object.values(ANSWERS).flatMap(({ bytes }) => (bytes.length < 1000 ? [bytes] : []))
  const mutated = fc
    .record({
      right: fc.constantFrom(...short),
      changes: fc.array(change, { maxLength: 2 }),
      behind: fc.constantFrom('', ok('Content-Length: 4\r\n', 'evil')),
      method: fc.constantFrom('GET', 'GET', 'HEAD'),
      ends: fc.boolean(),
      stops: fc.boolean(),
    })
    .map(({ right, changes, behind, ...how }) => ({ bytes: changes.reduce(changed, right) + behind, ...how }))

  function changed(bytes: string, { at, removed, put }: { at: number; removed: number; put: string }): string {
    const place = at % (bytes.length + 1)
    return bytes.slice(0, place) + put + bytes.slice(place + removed)
  }

  it('each end their own request once, and never answer the next one', async () => {
    const wild = fc.sample(mutated, { seed: SEED, numRuns: RUNS })
    said = new Map(wild.map(({ bytes, ends }, index) => [`/wild/${index}`, { bytes, ends }]))
    const outcomes = { ended: 0, failed: 0 }
    let at = 0
    const work = async () => {
      const to = upstream()
      for (let index = at++; index < wild.length; index = at++) {
        const { method, stops, bytes } = wild[index]!
        const hold = (controller: { pause(): void; resume(): void }) => {
          if (!stops) return
          controller.pause()
          if (index % 3 === 0) controller.resume()
          else setImmediate(() => controller.resume())
        }
        const asked = ask(to, `/wild/${index}`, { method }, { head: hold, data: hold })
        // The victim waits for the very connection.
        const victim = answered(to, `/own/${index}`)
        const first = await endless(asked, `/wild/${index}`)
        const next = await victim
        expect(next.body, JSON.stringify(bytes)).toMatch(new RegExp(`^\\d+ /own/${index}$`))
        for (const told of [first, next]) expect(told, JSON.stringify(bytes)).toMatchObject({ over: 1, more: false })
        outcomes[first.error === undefined ? 'ended' : 'failed']++
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    // Neither is so rare that nothing is shown by it.
    expect(Math.min(outcomes.ended, outcomes.failed)).toBeGreaterThan(RUNS / 10)
  })

  /** An answer that is never whole is ended by the backend: it has been quiet for some turns of the loop. */
  async function endless(asked: Promise<Told>, path: string): Promise<Told> {
    let isOver = false
    void asked.then(() => (isOver = true))
    for (let turns = 0; !isOver; turns++) {
      await new Promise((resolve) => setImmediate(resolve))
      const socket = asking.get(path)
      if (turns > 20 && socket !== undefined) socket.end()
    }
    return asked
  }

  /** A backend that ended its connection meanwhile is asked once more, as the gateway does. */
  async function answered(to: Http1Upstream, path: string): Promise<Told> {
    const told = await ask(to, path)
    return told.error === undefined ? told : ask(to, path)
  }
})
