import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../testing'

let gateway: TestGateway
const closers: (() => unknown)[] = []
beforeEach(async () => void (gateway = await startGateway()))
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
  await gateway.close()
})

const test = (port: number, version: 'HTTP_1_1' | 'HTTP_2') =>
  gateway.gateway.testEndpoint(
    {
      ...{ name: 'default', type: 'http-proxy', configuration: { target: `http://127.0.0.1:${port}/base` } },
      sharedConfigurationOverride: { http: { version } },
    },
    { name: 'group', type: 'http-proxy', endpoints: [] },
  )

describe('the test of an endpoint', () => {
  it.each(['HTTP_1_1', 'HTTP_2'] as const)('tells the status of any answer over %s', async (version) => {
    const server =
      version === 'HTTP_2'
        ? createHttp2Server((_request, response) => void response.writeHead(404).end())
        : createServer((_request, response) => void response.writeHead(404).end())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    closers.push(() => server.close())
    const { port } = server.address() as AddressInfo // listening on TCP
    expect(await test(port, version)).toMatchObject({
      ok: true,
      sentence: expect.stringMatching(/answers, with 404 after \d+ ms/) as string,
      steps: [
        { title: 'Connection', ok: true },
        { title: 'Answer', sentence: '404 to GET /base' },
      ],
    })
  })

  it('tells what the last of the redirects that are followed answers', async () => {
    const server = createServer(({ url }, response) => {
      if (url === '/there') response.writeHead(204).end()
      else response.writeHead(302, { location: '/there' }).end()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    closers.push(() => server.close().closeAllConnections())
    const { port } = server.address() as AddressInfo // listening on TCP
    const endpoint = { name: 'default', type: 'http-proxy', configuration: { target: `http://127.0.0.1:${port}` } }
    const following = { ...endpoint, sharedConfigurationOverride: { http: { followRedirects: true } } }
    const group = { name: 'group', type: 'http-proxy', endpoints: [] }
    expect(await gateway.gateway.testEndpoint(following, group)).toMatchObject({
      ok: true,
      sentence: expect.stringMatching(/answers, with 204 after/) as string,
    })
  })

  it('tells that nothing answers within the read time-out', async () => {
    const server = createServer(() => undefined)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    closers.push(() => server.close().closeAllConnections())
    const { port } = server.address() as AddressInfo // listening on TCP
    const endpoint = { name: 'default', type: 'http-proxy', configuration: { target: `http://127.0.0.1:${port}` } }
    const impatient = { ...endpoint, sharedConfigurationOverride: { http: { readTimeout: 50 } } }
    const group = { name: 'group', type: 'http-proxy', endpoints: [] }
    expect(await gateway.gateway.testEndpoint(impatient, group)).toMatchObject({
      ok: false,
      sentence: expect.stringContaining('sent nothing for 50 ms') as string,
    })
  })
})
