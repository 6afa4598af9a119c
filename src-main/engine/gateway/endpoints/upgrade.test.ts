import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { createHash } from 'node:crypto'
import { PassThrough, type Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'undici'
import { api, rawExchange, securedApi, startGateway, type TestGateway } from '../testing'
import { join } from './upgrade'

let gateway: TestGateway
const closers: (() => Promise<unknown> | void)[] = []
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(async () => {
  await gateway.close()
  for (const close of closers.splice(0)) await close()
})

/** A backend that takes upgrades and then does with the connection what it is told. */
async function backend(use: (socket: Socket) => void, refuse?: number) {
  const headers: Record<string, unknown>[] = []
  const open = new Set<Duplex>()
  const server = createServer((_request, response) => response.writeHead(refuse ?? 200).end('no upgrade'))
  if (refuse === undefined)
    server.on('upgrade', (request, socket: Socket) => {
      open.add(socket)
      headers.push(request.headers)
      socket.on('error', () => socket.destroy())
      const accept = createHash('sha1').update(`${String(request.headers['sec-websocket-key'])}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64') // prettier-ignore
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`) // prettier-ignore
      use(socket)
    })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    for (const socket of open) socket.destroy()
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return { target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, headers } // listening on TCP
}

/** Asks for an upgrade and gives the connection once it is one. */
async function upgrade(path = '/echo'): Promise<Socket> {
  const socket = connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true })
  closers.push(() => void socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.write(`GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a2V5\r\nSec-WebSocket-Version: 13\r\n\r\n`) // prettier-ignore
  const head = await new Promise<string>((resolve) => {
    let received = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      const end = received.indexOf('\r\n\r\n')
      if (end < 0) return
      socket.off('data', onData).pause()
      if (received.length > end + 4) socket.unshift(received.subarray(end + 4))
      resolve(received.toString('latin1', 0, end))
    }
    socket.on('data', onData)
  })
  expect(head).toMatch(/^HTTP\/1.1 101 Switching Protocols\r\n/)
  return socket
}

const ended = (socket: Socket) => new Promise((resolve) => socket.resume().once('end', resolve).once('close', resolve))

describe('a WebSocket', () => {
  it('speaks through the gateway (RFC 6455), with the headers of a forwarded request', async () => {
    // Echoes frames as they are: a server must not mask, so that the payload is unmasked on the way.
    const { target, headers } = await backend((socket) =>
      socket.on('data', (frame: Buffer) => {
        const mask = frame.subarray(2, 6)
        const payload = frame.subarray(6).map((byte, i) => byte ^ mask[i % 4]!)
        socket.write(Buffer.concat([Buffer.from([frame[0]!, payload.length]), payload]))
      }),
    )
    gateway.deploy(api({ target }))
    const socket = new WebSocket(`${gateway.address.replace('http', 'ws')}/echo`)
    const said = await new Promise((resolve, reject) => {
      socket.addEventListener('open', () => socket.send('hello'))
      socket.addEventListener('message', ({ data }) => resolve(data))
      socket.addEventListener('error', reject)
    })
    expect(said).toBe('hello')
    expect(headers[0]).toMatchObject({ upgrade: 'websocket', 'x-forwarded-host': `127.0.0.1:${gateway.port}`, via: '1.1 gatehouse' }) // prettier-ignore
    socket.close()
  })

  it('is let in by the policies or refused by them', async () => {
    const { target } = await backend(() => undefined)
    gateway.deploy(securedApi({}, { target }))
    const refused = await rawExchange(gateway.port, 'GET /echo HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n') // prettier-ignore
    expect(refused).toMatch(/^HTTP\/1.1 401 .*Connection: close/s)
    expect(gateway.records.at(-1)).toMatchObject({ status: 401, outcome: 'refused' })
  })

  it('that the backend refuses is answered as the backend answers', async () => {
    const { target } = await backend(() => undefined, 403)
    gateway.deploy(api({ target }))
    const answer = await rawExchange(gateway.port, 'GET /echo HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n') // prettier-ignore
    expect(answer).toMatch(/^HTTP\/1.1 403 .*no upgrade/s)
  })

  it('that cannot reach its backend is answered 502', async () => {
    gateway.deploy(api({ target: 'http://127.0.0.1:1' }))
    const answer = await rawExchange(gateway.port, 'GET /echo HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n') // prettier-ignore
    expect(answer).toMatch(/^HTTP\/1.1 502 /)
  })

  it('passes an end on and lets the other side finish what it has to say', async () => {
    const { target } = await backend((socket) => {
      socket.allowHalfOpen = true
      void text(socket).then((heard) => socket.end(`heard ${heard}`))
    })
    gateway.deploy(api({ target }))
    const socket = await upgrade()
    socket.end('all of it')
    expect(await text(socket)).toBe('heard all of it')
    await expect.poll(() => gateway.records.at(-1)).toMatchObject({ status: 101, outcome: 'answered' })
  })

  it('ends for both when one breaks', async () => {
    let other: Socket | undefined
    const { target } = await backend((socket) => void (other = socket.resume()))
    gateway.deploy(api({ target }))
    const socket = await upgrade()
    const told = ended(other!)
    socket.resetAndDestroy()
    await told

    const again = await upgrade()
    const gone = ended(again)
    other!.resetAndDestroy()
    await gone
  })

  it('is only read as fast as the other side takes it', async () => {
    let written = 0
    const { target } = await backend((socket) => {
      const chunk = Buffer.alloc(256 * 1024)
      const more = () => {
        while (written < 200 * chunk.length) {
          written += chunk.length
          if (!socket.write(chunk)) {
            socket.once('drain', more)
            return
          }
        }
        socket.end()
      }
      more()
    })
    gateway.deploy(api({ target }))
    const socket = await upgrade()
    // It comes to rest long before all is written, for nobody reads.
    let before = -1
    await expect
      .poll(
        () => {
          const rests = written === before
          before = written
          return rests
        },
        { interval: 200, timeout: 5000 },
      )
      .toBe(true)
    expect(written).toBeLessThan(50 * 1024 * 1024)
    let received = 0
    socket.on('data', (chunk: Buffer) => (received += chunk.length))
    await ended(socket)
    expect(received).toBe(200 * 256 * 1024)
  })

  it('ends when the gateway does', async () => {
    const { target } = await backend(() => undefined)
    gateway.deploy(api({ target }))
    const socket = await upgrade()
    const closed = ended(socket)
    await gateway.close()
    await closed
    gateway = await startGateway()
  })
})

it('an upgrade to something else is passed over (RFC 9110 §7.8)', async () => {
  gateway.deploy(api())
  const answer = await rawExchange(gateway.port, 'GET /echo HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n') // prettier-ignore
  expect(answer).toMatch(/^HTTP\/1.1 200 /)
})

it('a backend that has gone before its connection is joined takes the client with it', async () => {
  const { target } = await backend((socket) => socket.resume())
  const client = connect(Number(new URL(target).port), '127.0.0.1')
  closers.push(() => void client.destroy())
  const gone = new PassThrough()
  gone.destroy()
  await new Promise((resolve) => gone.once('close', resolve))
  await new Promise<void>((resolve) => {
    join({ socket: client, head: Buffer.alloc(0), release: (then) => then() }, gone, resolve)
  })
  expect(client.destroyed).toBe(true)
})
