import { createServer } from 'node:http'
import { createServer as createTcpServer, Server } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { createListener, type Listener } from './listen'

afterEach(() => vi.restoreAllMocks())

/** A listener whose system refuses to bind with the code. */
function refusedWith(code: string) {
  const real = Server.prototype.listen
  let isFirst = true
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...given: unknown[]) {
    if (!isFirst) return Reflect.apply(real, this, given) as Server
    isFirst = false
    process.nextTick(() => this.emit('error', Object.assign(new Error(code), { code })))
    return this
  })
  return createListener(
    () => createServer(),
    () => undefined,
  )
}

it('says that a low port is for privileged programs, and offers another', async () => {
  const listener = refusedWith('EACCES')
  await listener.listenOn({ host: '127.0.0.1', port: 80 })
  const status = listener.status()
  expect(status).toMatchObject({ state: 'failed', host: '127.0.0.1', port: 80 })
  expect(status.state === 'failed' && status.sentence).toMatch(/privileged.*above 1023, e\.g\. \d{4,5}\.$/)
})

it('says in a sentence that it cannot listen, whatever the system answers, and listens when asked again', async () => {
  const listener = refusedWith('EPROTO')
  await listener.listenOn({ host: '127.0.0.1', port: 0 })
  expect(listener.status()).toMatchObject({ state: 'failed', sentence: expect.stringContaining('EPROTO') as string })
  expect(listener.address()).toBeUndefined()
  await listener.listenOn({ host: '127.0.0.1', port: 0 })
  expect(listener.status().state).toBe('listening')
  await listener.close(0)
})

it("names an address that is not this machine's", async () => {
  const listener = createListener(
    () => createServer(),
    () => undefined,
  )
  // TEST-NET-1 (RFC 5737): nobody has it.
  await listener.listenOn({ host: '192.0.2.1', port: 0 })
  expect(listener.status()).toMatchObject({
    state: 'failed',
    sentence: '192.0.2.1 is not an address of this machine. Choose 127.0.0.1, or an address that it has.',
  })
})

it('does not offer the port that is in use', async () => {
  const other = createTcpServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const listener = createListener(
    () => createServer(),
    () => undefined,
  )
  await listener.listenOn({ host: '127.0.0.1', port })
  const status = listener.status()
  expect(status.state === 'port-taken' && status.offeredPort).not.toBe(port)
  await new Promise((resolve) => other.close(resolve))
})

it('moves from an address to one that takes its place on the same port', async () => {
  const listener = createListener(
    () => createServer((_request, response) => response.end('here')),
    () => undefined,
  )
  await listener.listenOn({ host: '127.0.0.1', port: 0 })
  const first = listener.status()
  for (const host of ['0.0.0.0', '127.0.0.1']) {
    await listener.listenOn({ host, port: first.port })
    // Nobody calls 0.0.0.0.
    const address = `http://127.0.0.1:${first.port}`
    expect(listener.status()).toMatchObject({ state: 'listening', host, port: first.port, address })
    expect(await (await fetch(address)).text()).toBe('here')
  }
  await listener.close(0)
})

it('lets two servers exchange their ports', async () => {
  const [one, other] = ['one', 'other'].map((name) =>
    createListener(
      () => createServer((_request, response) => response.end(name)),
      () => undefined,
    ),
  ) as [Listener, Listener]
  await Promise.all([one, other].map((listener) => listener.listenOn({ host: '127.0.0.1', port: 0 })))
  const [first, second] = [one.status().port, other.status().port]
  await Promise.all([
    one.listenOn({ host: '127.0.0.1', port: second }),
    other.listenOn({ host: '127.0.0.1', port: first }),
  ])
  expect(await (await fetch(`http://127.0.0.1:${second}`)).text()).toBe('one')
  expect(await (await fetch(`http://127.0.0.1:${first}`)).text()).toBe('other')
  await Promise.all([one.close(0), other.close(0)])
})
