import { createServer as createHttpServer } from 'node:http'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { connectionTest } from './connection.testing'

const test = connectionTest()
const { deploy, call, fields, listening, backend } = test

describe('an outgoing proxy', () => {
  /** Passes on what it is asked for, and keeps what that was. */
  async function proxy(authorization?: string) {
    const asked: string[] = []
    const server = createHttpServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      if (request.headers['proxy-authorization'] !== authorization) return void response.writeHead(407).end()
      void fetch(request.url!, { headers: { 'x-by': 'proxy' }, redirect: 'manual' }).then(async (answer) => {
        const location = answer.headers.get('location')
        response.writeHead(answer.status, location === null ? {} : { location }).end(await answer.text())
      })
    })
    server.on('connect', (request, socket: Socket) => {
      asked.push(`CONNECT ${request.url}`)
      if (request.headers['proxy-authorization'] !== authorization) {
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
        return
      }
      const [host, port] = request.url!.split(':')
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        socket.pipe(upstream).pipe(socket)
      })
      upstream.on('error', () => socket.destroy())
      socket.on('error', () => upstream.destroy())
    })
    return { asked, port: await listening(server) }
  }
  const by = (port: number, more: object = {}) => ({ enabled: true, type: 'HTTP', host: '127.0.0.1', port, ...more })

  it('is asked for the whole address without TLS', async () => {
    const { asked, port } = await proxy()
    const target = await backend((request, response) => void response.end(`by ${String(request.headers['x-by'])}`))
    deploy(target, { proxy: by(port) })
    expect(await (await call('/echo/a?b=c')).text()).toBe('by proxy')
    expect(asked).toEqual([`GET ${target}/a?b=c`])
  })

  it('opens a tunnel for TLS, with its test.credentials', async () => {
    const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`
    const { asked, port } = await proxy(basic)
    const target = await backend((_request, response) => void response.end('answered'), test.credentials)
    const ssl = { trustStore: { type: 'PEM', content: test.credentials.authority } }
    deploy(target, { ssl, proxy: by(port, { username: 'me', password: 'secret' }) })
    expect(await (await call()).text()).toBe('answered')
    expect(asked).toEqual([`CONNECT ${target.slice('https://'.length)}`])

    deploy(target, { ssl, proxy: by(port, { username: 'me', password: 'wrong' }) })
    const refused = await call()
    expect(refused.status).toBe(502)
    expect((await test.gateway.recordOf(refused)).refusal).toMatchObject({
      key: 'GATEWAY_PROXY_FAILED',
      sentence: expect.stringContaining('refused the tunnel') as string,
    })
  })

  it('that is not there is told as such', async () => {
    const port = await closedPort()
    deploy('https://127.0.0.1:1', { proxy: by(port) })
    const response = await call()
    expect((await test.gateway.recordOf(response)).refusal?.sentence).toBe(
      `The proxy 127.0.0.1:${port} cannot be reached`,
    )
  })

  it.each([
    ['/proxy/host', { enabled: true, port: 1 }],
    ['/proxy/host', { enabled: true, host: 'a/b', port: 1 }],
    ['/proxy/port', { enabled: true, host: 'a' }],
    ['/proxy/port', { enabled: true, type: 'SOCKS5', host: 'a' }],
  ])('%s is refused when it cannot be used', (field, settings) => {
    expect(fields({ proxy: settings })).toEqual([field])
  })
})

/** What a client of SOCKS has said, in the order that it did. */
interface Asked {
  readonly version: number
  readonly user: string
  readonly target: string
}

describe('a SOCKS proxy', () => {
  /** Speaks SOCKS 4, 4a and 5 by the letter of RFC 1928 and 1929, and opens every tunnel that it is asked for. */
  async function socks(login?: string) {
    const asked: Asked[] = []
    const server = createServer((socket) => {
      const read = reader(socket)
      const open = (host: string, port: number, granted: Buffer) => {
        const upstream = connect(port, host, () => {
          socket.write(granted)
          socket.pipe(upstream).pipe(socket)
        })
        upstream.on('error', () => socket.destroy())
        socket.on('close', () => upstream.destroy())
      }
      const text = async () => {
        let all = ''
        for (let byte = (await read(1))[0]!; byte !== 0; byte = (await read(1))[0]!) all += String.fromCharCode(byte)
        return all
      }
      const four = async () => {
        const [, high, low, a, b, c, d] = await read(7)
        const user = await text()
        const host = a === 0 && b === 0 && c === 0 ? await text() : [a, b, c, d].join('.')
        const port = high! * 256 + low!
        asked.push({ version: 4, user, target: `${host}:${port}` })
        open(host, port, Buffer.from([0, 0x5a, 0, 0, 0, 0, 0, 0]))
      }
      const five = async () => {
        await read((await read(1))[0]!)
        let user = ''
        socket.write(Buffer.from([5, login === undefined ? 0 : 2]))
        if (login !== undefined) {
          const [, length] = await read(2)
          const name = (await read(length!)).toString()
          user = `${name}:${(await read((await read(1))[0]!)).toString()}`
          socket.write(Buffer.from([1, user === login ? 0 : 1]))
        }
        const [, , , kind] = await read(4)
        const host = kind === 1 ? [...(await read(4))].join('.') : (await read((await read(1))[0]!)).toString()
        const port = (await read(2)).readUInt16BE()
        asked.push({ version: 5, user, target: `${host}:${port}` })
        open(host, port, Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
      }
      socket.on('error', () => undefined)
      void read(1).then(([version]) => (version === 4 ? four() : five()))
    })
    return { asked, port: await listening(server) }
  }

  /** Gives so many bytes once they are there, and leaves the rest to whoever reads next. */
  function reader(socket: Socket): (count: number) => Promise<Buffer> {
    socket.pause()
    return async (count) => {
      for (;;) {
        const chunk = socket.read(count) as Buffer | null
        if (chunk !== null) return chunk
        await once(socket, 'readable')
      }
    }
  }

  const by = (type: string, port: number, more: object = {}) => ({
    enabled: true,
    type,
    host: '127.0.0.1',
    port,
    ...more,
  })
  const answers = () => backend((request, response) => void response.end(`${request.method} ${request.url}`))

  it.each([
    ['SOCKS4', 4],
    ['SOCKS5', 5],
  ])('%s carries requests with and without TLS', async (type, version) => {
    const { asked, port } = await socks()
    const plain = await answers()
    deploy(plain, { proxy: by(type, port) })
    expect(await (await call('/echo/a')).text()).toBe('GET /a')
    expect(await (await call('/echo/b')).text()).toBe('GET /b')
    // The connection behind the tunnel is kept.
    expect(asked).toEqual([{ version, user: '', target: plain.slice('http://'.length) }])

    const secure = await backend((_request, response) => void response.end('secure'), test.credentials)
    const ssl = { trustStore: { type: 'PEM', content: test.credentials.authority } }
    deploy(secure, { ssl, proxy: by(type, port) })
    expect(await (await call()).text()).toBe('secure')
    expect(asked.at(-1)).toEqual({ version, user: '', target: secure.slice('https://'.length) })
  })

  it.each(['SOCKS4', 'SOCKS5'])('%s looks the name of the backend up itself', async (type) => {
    const { asked, port } = await socks()
    const target = (await answers()).replace('127.0.0.1', 'localhost')
    deploy(target, { proxy: by(type, port) })
    expect((await call()).status).toBe(200)
    expect(asked[0]?.target).toBe(target.slice('http://'.length))
  })

  it('is told the user name, and what it says against it is told (RFC 1929)', async () => {
    const { asked, port } = await socks('me:secret')
    deploy(await answers(), { proxy: by('SOCKS5', port, { username: 'me', password: 'secret' }) })
    expect((await call()).status).toBe(200)
    expect(asked[0]?.user).toBe('me:secret')

    deploy(await answers(), { proxy: by('SOCKS5', port, { username: 'me', password: 'wrong' }) })
    const refused = await call()
    expect(refused.status).toBe(502)
    const { refusal } = await test.gateway.recordOf(refused)
    expect(refusal).toMatchObject({
      key: 'GATEWAY_PROXY_FAILED',
      sentence: expect.stringContaining('did not open a tunnel') as string,
    })
    expect(JSON.stringify(refusal)).not.toContain('wrong')
  })

  it('that is not there, or speaks something else, is told as such', async () => {
    const server = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const port = await listening(server)
    deploy(await answers(), { proxy: by('SOCKS5', port) })
    const strange = await call()
    expect((await test.gateway.recordOf(strange)).refusal?.sentence).toContain('did not open a tunnel')

    deploy(await answers(), { proxy: by('SOCKS5', await closedPort()) })
    const gone = await call()
    expect((await test.gateway.recordOf(gone)).refusal?.sentence).toMatch(/^The proxy .* cannot be reached$/)
  })
})

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // on TCP
  await new Promise((resolve) => server.close(resolve))
  return port
}
