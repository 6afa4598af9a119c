import { once } from 'node:events'
import { constants } from 'node:http2'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, frame, openRaw, openSession, type Closers } from './http2.testing'
import { api, startBackend, startGateway, type TestGateway } from './testing'

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
