import { once } from 'node:events'
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { flowOf } from './flow.testing'
import { apiWith, api, listenTo, startBackend, startGateway, type TestGateway } from './testing'

const closers: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function impatient(): Promise<TestGateway> {
  const gateway = await startGateway(undefined, undefined, undefined, { patience: 250 }, { headersTimeout: 250, connectionsCheckingInterval: 50 }) // prettier-ignore
  closers.push(() => gateway.close())
  return gateway
}

/** A connection, and what comes back on it. */
async function open(port: number): Promise<{ socket: Socket; received: () => string; closed: Promise<unknown> }> {
  const socket = connect(port, '127.0.0.1')
  closers.push(() => void socket.destroy())
  let received = ''
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  await once(socket, 'connect')
  return { socket, received: () => received, closed }
}

/** A backend that begins to read bodies only when it is told to. */
async function backend(reads = true) {
  const seen = { requests: 0, aborted: 0, bytes: 0 }
  let begin: () => void = () => undefined
  const { address, close } = await startBackend((request, response) => {
    seen.requests++
    request.on('error', () => seen.aborted++)
    begin = () => {
      request.on('data', (chunk: Buffer) => (seen.bytes += chunk.length))
      request.on('end', () => response.end('whole'))
    }
    if (reads) begin()
  })
  closers.push(close)
  return { address, seen, begin: () => begin() }
}

const POST = 'POST /echo HTTP/1.1\r\nHost: h\r\n'

describe('a client that is slow with its headers', () => {
  it.each([
    ['within a line', 'GET /echo HT'],
    ['within the headers', 'GET /echo HTTP/1.1\r\nHost: h\r\nX: '],
  ])('%s is answered 408, and its connection ends (RFC 9110 §15.5.9)', async (_what, begun) => {
    const gateway = await impatient()
    gateway.deploy(api())
    const { socket, received, closed } = await open(gateway.port)
    socket.write(begun)
    await closed
    expect(received()).toMatch(/^HTTP\/1.1 408 [^]*"The request took too long to arrive"/)
  })

  it.each([
    ['says nothing', ''],
    ['begins as HTTP/2 does, and stops', 'PR'],
  ])('that %s is let go', async (_what, begun) => {
    const gateway = await impatient()
    const { socket, received, closed } = await open(gateway.port)
    if (begun !== '') socket.write(begun)
    await closed
    expect(received()).toBe('')
  })
})

describe('a client that stops in the middle of its body', () => {
  it.each([
    ['with a length', `${POST}Content-Length: 10\r\n\r\nhalf`],
    ['in chunks', `${POST}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`],
  ])('%s is answered 408, and the backend is let go (RFC 9110 §15.5.9)', async (_what, begun) => {
    const gateway = await impatient()
    const { address, seen } = await backend()
    gateway.deploy(api({ target: address }))
    const { socket, received, closed } = await open(gateway.port)
    socket.write(begun)
    await closed
    expect(received()).toMatch(/^HTTP\/1.1 408 [^]*connection: close\r\n/i)
    await expect.poll(() => seen.aborted).toBe(1)
    await expect
      .poll(() => gateway.records.at(-1))
      .toMatchObject({ status: 408, refusal: { key: 'GATEWAY_REQUEST_TIMEOUT' } })
  })

  it('that a policy waits for is answered 408 too', async () => {
    const gateway = await impatient()
    gateway.deploy(apiWith('policy-request-validation', { status: '400', rules: [{ input: '{#request.content}', constraint: { type: 'NOT_NULL' } }] })) // prettier-ignore
    const { socket, received, closed } = await open(gateway.port)
    socket.write(`${POST}Content-Length: 10\r\n\r\nhalf`)
    await closed
    expect(received()).toMatch(/^HTTP\/1.1 408 /)
  })

  it('that nobody wants any more holds its connection no longer either', async () => {
    const gateway = await impatient()
    gateway.deploy(api())
    const { socket, received, closed } = await open(gateway.port)
    socket.write('POST /none HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf')
    await closed
    expect(received()).toMatch(/^HTTP\/1.1 404 /)
  })

  it('over HTTP/2 is answered 408, and its connection goes on', async () => {
    const gateway = await impatient()
    const { address, seen } = await backend()
    gateway.deploy(api({ target: address }))
    const session = connectHttp2(gateway.address)
    closers.push(() => session.destroy())
    const stream = session.request({ ':path': '/echo', ':method': 'POST' })
    stream.write('half')
    const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status': number }]
    expect(head[':status']).toBe(408)
    await expect.poll(() => seen.aborted).toBe(1)
    const next = session.request({ ':path': '/none' })
    expect(((await once(next, 'response')) as [{ ':status': number }])[0][':status']).toBe(404)
  })

  it('but is not blamed for a backend that is slow to read', async () => {
    const gateway = await impatient()
    const { address, seen, begin } = await backend(false)
    gateway.deploy(api({ target: address }))
    const { socket, received } = await open(gateway.port)
    const size = 24 * 1024 * 1024
    socket.write(`${POST}Content-Length: ${size}\r\n\r\n`)
    socket.write(Buffer.alloc(size))
    // Nothing moves for longer than the gateway waits for a client.
    const started = performance.now()
    await expect.poll(() => performance.now() - started > 800, { timeout: 3000 }).toBe(true)
    expect(received()).toBe('')
    begin()
    await expect.poll(received, { timeout: 10_000 }).toMatch(/^HTTP\/1.1 200 /)
    expect(seen.bytes).toBe(size)
  })
})

it('a client that takes nothing of its answer is cut off, and the backend is let go', async () => {
  const gateway = await impatient()
  let gone = false
  const { port, close } = await listenTo(
    createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('close', () => (gone = true))
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
        const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x1_0000), Buffer.from('\r\n')])
        const more = () => {
          while (socket.writable && socket.write(chunk));
        }
        socket.on('drain', more)
        more()
      })
    }),
  )
  closers.push(close)
  gateway.deploy(api({ target: `http://127.0.0.1:${port}` }))
  const { socket } = await open(gateway.port)
  socket.pause()
  socket.write('GET /echo HTTP/1.1\r\nHost: h\r\n\r\n')
  await expect.poll(() => gone, { timeout: 10_000 }).toBe(true)
  expect(gateway.records.at(-1)).toMatchObject({ status: 200, outcome: 'aborted' })
})

it('a client that takes nothing of an answer that a policy has read is cut off too', async () => {
  const gateway = await impatient()
  const { address, close } = await startBackend((_request, response) => response.end('x'.repeat(9_000_000)))
  closers.push(close)
  const looks = {
    policy: 'transform-headers',
    condition: "{#response.content != ''}",
    configuration: { addHeaders: [] },
  }
  gateway.deploy(api({ target: address, flows: [flowOf([], [looks])] }))
  const { socket } = await open(gateway.port)
  socket.pause()
  socket.write('GET /echo HTTP/1.1\r\nHost: h\r\n\r\n')
  await expect
    .poll(() => gateway.records.at(-1), { timeout: 10_000 })
    .toMatchObject({ status: 200, outcome: 'aborted' })
})

it('over HTTP/2 what else moves on its connection does not count for it', async () => {
  const gateway = await impatient()
  gateway.deploy(apiWith('mock', { status: '200', content: 'x'.repeat(1024 * 1024) }))
  const session = connectHttp2(gateway.address)
  closers.push(() => session.destroy())
  const stream = session.request({ ':path': '/echo' }).pause()
  stream.on('error', () => undefined)
  const pings = setInterval(() => session.ping(() => undefined), 50)
  closers.push(() => clearInterval(pings))
  await expect.poll(() => gateway.records, { timeout: 3000 }).toMatchObject([{ outcome: 'aborted' }])
  const taken = session.request({ ':path': '/echo' })
  let received = 0
  taken.on('data', (chunk: Buffer) => (received += chunk.length))
  await once(taken, 'end')
  expect(received).toBe(1024 * 1024)
})

it('a slow client with a slow backend is waited for as long as something moves', async () => {
  const gateway = await impatient()
  const { address, seen } = await backend()
  gateway.deploy(api({ target: address }))
  const { socket, received } = await open(gateway.port)
  socket.setNoDelay(true)
  socket.write(`${POST}Content-Length: 8\r\n\r\n`)
  for (let sent = 0; sent < 8; sent++) {
    await expect.poll(() => seen.bytes).toBe(sent)
    const at = performance.now()
    await expect.poll(() => performance.now() - at > 100).toBe(true)
    socket.write('x')
  }
  await expect.poll(received).toMatch(/^HTTP\/1.1 200 /)
})
