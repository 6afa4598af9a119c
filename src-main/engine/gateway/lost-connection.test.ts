import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createServer, type Server } from 'node:net'
import { api, startGateway, type TestGateway } from './testing'

let gateway: TestGateway
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(() => gateway.close())

/** Answers the first request of each connection, and cuts it when a second one comes: a kept connection that died. */
async function startForgetfulBackend(): Promise<{ address: string; requests: string[]; close(): Promise<void> }> {
  const requests: string[] = []
  const sockets = new Set<{ destroy(): unknown }>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    let answered = false
    socket.on('error', () => undefined)
    socket.on('data', (head) => {
      if (answered) return socket.destroy()
      answered = true
      requests.push(head.toString('latin1').split(' ', 1)[0]!)
      return socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not on TCP')
  return {
    address: `http://127.0.0.1:${address.port}`,
    requests,
    async close() {
      sockets.forEach((socket) => socket.destroy())
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('a kept connection that is lost under a request', () => {
  it.each([
    ['GET', undefined, 200],
    ['HEAD', undefined, 200],
    ['OPTIONS', undefined, 200],
    ['POST', 'body', 502],
    ['POST', undefined, 502],
    ['PUT', 'body', 502],
    ['DELETE', undefined, 502],
  ])('%s with the body %s is answered %i', async (method, body, status) => {
    const backend = await startForgetfulBackend()
    try {
      gateway.deploy(api({ target: backend.address }))
      const address = `${gateway.address}/echo`
      expect((await fetch(address)).status).toBe(200)
      const response = await fetch(address, { method, ...(body === undefined ? {} : { body }) })
      expect(response.status).toBe(status)
      await response.arrayBuffer()
      // What changes something reached the backend once at most; the cut connection read it and told nobody.
      expect(backend.requests).toEqual(status === 200 ? ['GET', method] : ['GET'])
    } finally {
      await backend.close()
    }
  })

  it('is tried again once only', async () => {
    let connections = 0
    const server = createServer((socket) => {
      connections++
      socket.on('error', () => undefined).on('data', () => socket.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('not on TCP')
    gateway.deploy(api({ target: `http://127.0.0.1:${address.port}` }))
    expect((await fetch(`${gateway.address}/echo`)).status).toBe(502)
    expect(connections).toBe(2)
    await new Promise((resolve) => server.close(resolve))
  })
})
