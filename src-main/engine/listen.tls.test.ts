import { Agent, get as httpGet } from 'node:http'
import { Agent as TlsAgent, get as httpsGet } from 'node:https'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls, TLSSocket } from 'node:tls'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { testCredentials, type TestCredentials } from '../certificates/testing'
import { createListener, type Listener } from './listen'
import { createServer } from './listening/server'

let credentials: TestCredentials
let listener: Listener
/** Connections whose time for a handshake ran out. */
let timedOut: string[]
/** The answer of a request to /slow, once it is there. */
let slow: Promise<() => void>
beforeAll(async () => {
  credentials = await testCredentials()
})
beforeEach(() => {
  let arrived: (answer: () => void) => void
  slow = new Promise((resolve) => (arrived = resolve))
  timedOut = []
  listener = createListener(
    (tls) => {
      const server = createServer(
        {},
        (request, response) => {
          if (request.url === '/slow') arrived(() => response.end('slow'))
          else response.end('here')
        },
        tls,
      )
      server.on('connection', (socket: Socket) => socket.on('timeout', () => timedOut.push('silent')))
      server.on('tlsClientError', ({ code = '' }: NodeJS.ErrnoException) => {
        if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') timedOut.push('half')
      })
      return server
    },
    () => undefined,
  )
})
afterEach(() => listener.close(0))

const secure = (tls = credentials, port = 0) => ({ host: '127.0.0.1', port, tls })
const plain = (port = 0) => ({ host: '127.0.0.1', port })
const port = () => listener.status().port

/** Body and connection of an answer. */
function get(
  path = '/',
  agent: Agent | false = false,
  ca = credentials.authority,
): Promise<{ text: string; socket: Socket; certificate: string | undefined }> {
  const isSecure = listener.address()?.startsWith('https://')
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: port(), path, agent, ca }
    const request = (isSecure ? httpsGet : httpGet)(options, (response) => {
      let text = ''
      const { socket } = response
      const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.fingerprint256 : undefined
      response.on('data', (chunk) => (text += String(chunk)))
      response.on('end', () => resolve({ text, socket, certificate }))
    })
    request.on('error', reject)
  })
}

it('serves HTTPS to whoever trusts the authority, and tells the certificate', async () => {
  await listener.listenOn(secure())
  const { text, certificate } = await get()
  expect(certificate).toBeDefined()
  expect(text).toBe('here')
  expect(listener.status()).toMatchObject({
    state: 'listening',
    address: `https://127.0.0.1:${port()}`,
    certificate,
  })
  await expect(fetch(listener.address()!)).rejects.toThrow()
})

it('speaks no TLS older than 1.2', async () => {
  await listener.listenOn(secure())
  const shake = async (version: 'TLSv1.1' | 'TLSv1.2') => {
    const socket = connectTls({
      ...{ host: '127.0.0.1', port: port(), ca: credentials.authority },
      ...{ minVersion: 'TLSv1', maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' },
    })
    const protocol = await once(socket, 'secureConnect').then(
      () => socket.getProtocol(),
      () => 'refused',
    )
    socket.destroy()
    return protocol
  }
  expect(await shake('TLSv1.2')).toBe('TLSv1.2')
  expect(await shake('TLSv1.1')).toBe('refused')
})

it('tells whoever still speaks HTTP to use HTTPS', async () => {
  await listener.listenOn(secure())
  const response = await fetch(`http://127.0.0.1:${port()}/x`, { method: 'POST', body: 'x'.repeat(100_000) })
  expect(response.status).toBe(400)
  expect(await response.text()).toBe(
    `This server speaks HTTPS: write https://127.0.0.1:${port()} in place of http://.\n`,
  )
})

it('takes up another certificate without losing a connection', async () => {
  const agent = new TlsAgent({ keepAlive: true, maxSockets: 1 })
  await listener.listenOn(secure())
  const before = await get('/', agent)
  const under = get('/slow', agent)
  const answer = await slow
  const renewed = await testCredentials()
  await listener.listenOn(secure(renewed))
  answer()
  expect(await under).toMatchObject({ text: 'slow', socket: before.socket })
  expect((await get('/', agent)).socket).toBe(before.socket)
  agent.destroy()

  const after = await get('/', false, renewed.authority)
  expect(after.certificate).not.toBe(before.certificate)
  expect(listener.status()).toMatchObject({ certificate: after.certificate })
  await expect(get()).rejects.toMatchObject({ code: expect.stringMatching(/UNABLE_TO|SELF_SIGNED/) as string })
})

it.each([0, 'its own'])('moves to HTTPS and back on the same port, when %s is asked for', async (asked) => {
  await listener.listenOn(plain())
  const first = port()
  const wanted = asked === 0 ? 0 : first
  const agent = new Agent({ keepAlive: true })
  await get('/', agent)
  const under = get('/slow', agent)
  const answer = await slow
  await listener.listenOn(secure(credentials, wanted))
  expect(listener.address()).toBe(`https://127.0.0.1:${first}`)
  expect((await get()).text).toBe('here')
  answer()
  expect((await under).text).toBe('slow')

  await listener.listenOn(plain(wanted))
  expect(listener.status()).toEqual({
    state: 'listening',
    host: '127.0.0.1',
    port: first,
    address: `http://127.0.0.1:${first}`,
  })
  expect((await get()).text).toBe('here')
  agent.destroy()
})

it('is not kept by connections that never finish their handshake', async () => {
  await listener.listenOn(secure())
  const silent = connect(port(), '127.0.0.1')
  const half = connect(port(), '127.0.0.1', () => half.write(Buffer.from([0x16, 0x03, 0x01])))
  await Promise.all([once(silent, 'connect'), once(half, 'connect')])
  // One whole request tells that both of the others have been accepted.
  await get()
  const ended = [silent, half].map((socket) => once(socket.resume(), 'close'))
  await listener.close(60_000)
  await Promise.all(ended)
  // They were ended by the close, and not by the end of their own time, for which it would wait.
  expect(timedOut).toEqual([])
})

it('says that it cannot listen with a key that does not fit, or where HTTPS cannot be had', async () => {
  await listener.listenOn(secure({ ...credentials, key: (await testCredentials()).key }))
  expect(listener.status()).toMatchObject({
    state: 'failed',
    sentence: expect.stringMatching(/certificate or key cannot be used .* Choose another certificate/) as string,
  })
  await listener.listenOn(secure())
  expect(listener.status().state).toBe('listening')
  await listener.listenOn({ ...plain(), refused: 'There is no certificate. Make one.' })
  expect(listener.status()).toEqual({
    ...{ state: 'failed', host: '127.0.0.1', port: 0 },
    sentence: 'There is no certificate. Make one.',
  })
  expect(listener.address()).toBeUndefined()
  await listener.listenOn(plain())
  expect(listener.address()).toMatch(/^http:/)
})
