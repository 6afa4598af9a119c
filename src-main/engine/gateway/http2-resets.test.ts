import { constants, createServer } from 'node:http2'
import { createServer as createTcp } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  answerOf,
  ask,
  frame,
  headersOf,
  openRaw,
  openSession,
  RESET_WITHOUT_FAULT,
  type Closers,
} from './http2.testing'
import { api, listenTo, startBackend, startGateway, type TestGateway } from './testing'

let gateway: TestGateway
const closers: Closers = []
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  await gateway.close()
})
const session = () => openSession(gateway.address, closers)
const raw = () => openRaw(gateway.port, closers)

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
