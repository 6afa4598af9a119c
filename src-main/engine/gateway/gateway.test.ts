import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { api, rawExchange, startBackend, startGateway, type TestGateway } from './testing'

let gateway: TestGateway
const closers: (() => Promise<void>)[] = []
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(async () => {
  await gateway.close()
  for (const close of closers.splice(0)) await close()
})

async function backend(listener: Parameters<typeof startBackend>[0]): Promise<string> {
  const started = await startBackend(listener)
  closers.push(started.close)
  return started.address
}

describe('routing', () => {
  it.each([
    ['/echo', 200],
    ['/echo/x', 200],
    ['/echo?x', 200],
    ['/echoes', 404],
    ['/', 404],
    ['/echo/%2e%2e/other', 404],
    ['/echo/..%2fother', 400],
    ['/echo/a%5cb', 400],
    ['/echo/%zz', 400],
  ])('%s is answered %i', async (path, status) => {
    gateway.deploy(api())
    const answer = await rawExchange(gateway.port, `GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    if (status === 404) expect(answer).toContain('No context-path matches the request URI.')
  })

  it('gives the request to the longest context path, and the rest of the path and the query to the backend undecoded', async () => {
    const target = await backend((request, response) => void response.end(request.url))
    gateway.deploy(api({ path: '/a', target: `${target}/short` }), api({ path: '/a/b', target: `${target}/long?k=1` }))
    const get = async (path: string) => (await fetch(gateway.address + path)).text()
    expect(await get('/a/bc')).toBe('/short/bc')
    expect(await get('/a/b/c%20d?q=%2F')).toBe('/long/c%20d?k=1&q=%2F')
    expect(await get('/a')).toBe('/short')
  })
})

describe('an API whose backend is the gateway itself', () => {
  it('answers 508 after a few rounds, where it would go on for ever (RFC 5842 §7.2)', async () => {
    gateway.deploy(api({ target: `${gateway.address}/echo` }))
    expect((await fetch(`${gateway.address}/echo/x`)).status).toBe(508)
    await expect.poll(() => gateway.records.length).toBe(11)
    expect(gateway.records[0]?.refusal).toMatchObject({
      key: 'GATEWAY_LOOP',
      remedies: [{ action: 'open-endpoints', apiId: 'api/echo' }],
    })
  })

  it('may well lead to another API of it', async () => {
    const target = await backend((_request, response) => void response.end('there'))
    gateway.deploy(api({ path: '/far', target }), api({ path: '/near', target: `${gateway.address}/far` }))
    expect(await (await fetch(`${gateway.address}/near`)).text()).toBe('there')
  })
})

describe('headers', () => {
  it('keeps hop-by-hop headers and those that Connection names to their hop, and appends to X-Forwarded-For', async () => {
    gateway.deploy(api())
    const answer = await rawExchange(
      gateway.port,
      'GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close, X-Secret\r\nX-Secret: 1\r\nTE: trailers\r\nKeep-Alive: 5\r\nProxy-Authorization: x\r\nX-Forwarded-For: 1.2.3.4\r\nX-Kept: yes\r\n\r\n',
    )
    expect(answer).toContain('"X-Kept": "yes"')
    expect(answer).toContain('"X-Forwarded-For": "1.2.3.4, 127.0.0.1"')
    expect(answer).not.toMatch(/X-Secret|"Te"|Keep-Alive": |Proxy-Authorization/)
  })
})

it('gives the client every header of the answer, several of one name too, and none of the hop', async () => {
  const target = await backend((_request, response) => {
    response.setHeader('Set-Cookie', ['a=1', 'b=2'])
    response.setHeader('X-Gravitee-Request-Id', 'of the backend')
    response.setHeader('Connection', 'close, X-Hop')
    response.setHeader('X-Hop', '1')
    response.end()
  })
  gateway.deploy(api({ target }))
  const { headers } = await fetch(`${gateway.address}/echo`)
  expect(headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(headers.get('x-gravitee-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  expect(headers.has('x-hop')).toBe(false)
})

it('passes a 304 on that tells the length of what it does not send', async () => {
  const target = await backend((_request, response) => {
    response.writeHead(304, { ETag: '"1"', 'Content-Length': 5 }).end()
  })
  gateway.deploy(api({ target }))
  const request = 'GET /echo HTTP/1.1\r\nHost: a\r\n'
  const answer = await rawExchange(gateway.port, `${request}\r\n${request}Connection: close\r\n\r\n`)
  expect(answer.match(/HTTP\/1.1 304 [^]*?\r\ncontent-length: 5\r\n/gi)).toHaveLength(2)
  await expect.poll(() => gateway.records.map(({ outcome }) => outcome)).toEqual(['answered', 'answered'])
})

describe('a backend in trouble', () => {
  it('is answered 502 when it refuses, with the target and the remedy in the record', async () => {
    const gone = await startBackend(() => undefined)
    await gone.close()
    gateway.deploy(api({ target: gone.address }))
    const response = await fetch(`${gateway.address}/echo`, { method: 'POST', body: 'x'.repeat(100_000) })
    expect(response.status).toBe(502)
    expect(await response.json()).toEqual({ message: 'The backend refused the connection', http_status_code: 502 })
    const { refusal, outcome } = await gateway.recordOf(response)
    expect(outcome).toBe('failed')
    expect(refusal?.evidence[0]).toEqual({ label: 'Target', value: gone.address })
    expect(refusal?.remedies[0]?.action).toBe('open-endpoints')
  })

  it('is answered 503 when its name is not known', async () => {
    gateway.deploy(api({ target: 'http://nowhere.invalid' }))
    expect((await fetch(`${gateway.address}/echo`)).status).toBe(503)
  })

  it('is answered 504 when it is slower than the configured time', async () => {
    gateway.deploy(api({ target: await backend(() => undefined), readTimeout: 100 }))
    expect((await fetch(`${gateway.address}/echo`)).status).toBe(504)
  })

  it('cuts the connection when it dies in the middle of an answer', async () => {
    const target = await backend((_request, response) => {
      response.writeHead(200, { 'Content-Length': 1000 })
      response.write('half', () => response.destroy())
    })
    gateway.deploy(api({ target }))
    const response = await fetch(`${gateway.address}/echo`)
    await expect(response.text()).rejects.toThrow()
  })

  it('is told when the client went away', async () => {
    const arrived = deferred<IncomingMessage>()
    gateway.deploy(api({ target: await backend((request) => arrived.resolve(request)) }))
    const client = httpRequest(`${gateway.address}/echo`).on('error', () => undefined)
    client.end()
    const atBackend = await arrived.promise
    const closed = new Promise((resolve) => atBackend.on('error', () => undefined).on('close', resolve))
    client.destroy()
    await closed
    expect(gateway.records.at(-1)?.outcome).toBe('aborted')
  })
})

describe('bodies', () => {
  it('streams 400 MB both ways in memory that stays well below that', { timeout: 120_000 }, async () => {
    const target = await backend((request, response) => void request.pipe(response))
    gateway.deploy(api({ target }))
    const size = 400 * 1024 * 1024
    const chunk = Buffer.alloc(1024 * 1024, 'x')
    let sent = 0
    const source = new Readable({
      read() {
        sent += chunk.length
        this.push(sent <= size ? chunk : null)
      },
    })
    const before = process.memoryUsage().rss
    let peak = before
    const client = httpRequest(`${gateway.address}/echo`, { method: 'POST' })
    source.pipe(client)
    const [response] = (await once(client, 'response')) as [IncomingMessage]
    let received = 0
    for await (const part of response) {
      received += (part as Buffer).length
      peak = Math.max(peak, process.memoryUsage().rss)
    }
    expect(received).toBe(size)
    // Client, gateway and backend share this process, garbage of all three included.
    expect(peak - before).toBeLessThan(200 * 1024 * 1024)
  })

  it('asks for a body with 100 Continue only when the backend gets it, and gives HEAD no body', async () => {
    gateway.deploy(api())
    const post = (path: string) =>
      `POST ${path} HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n`
    expect(await rawExchange(gateway.port, post('/no'))).toMatch(/^HTTP\/1.1 404 /)
    expect(await rawExchange(gateway.port, `${post('/echo')}hello`)).toMatch(
      /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 /,
    )
    const head = await rawExchange(gateway.port, 'HEAD /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1.1 200 [\s\S]*\r\n\r\n$/)
  })
})

describe('deployment', () => {
  it('drops and mixes no answer over thousands of swaps', async () => {
    const targets = await Promise.all(
      ['a', 'b'].map((name) => backend((_request, response) => void response.end(name))),
    )
    const versions = targets.map((target) => () => api({ id: 'one', target }))
    gateway.deploy(versions[0]!())
    let swapping = true
    const client = async () => {
      let count = 0
      while (swapping) {
        const response = await fetch(`${gateway.address}/echo`)
        expect([response.status, await response.text()]).toEqual([200, expect.stringMatching(/^[ab]$/)])
        count++
      }
      return count
    }
    const clients = [client(), client(), client(), client()]
    for (let i = 0; i < 2000; i++) {
      gateway.deploy(versions[i % 2]!())
      if (i % 5 === 0) await new Promise(setImmediate)
    }
    swapping = false
    expect((await Promise.all(clients)).every((count) => count > 0)).toBe(true)
  })

  it.each([
    [
      'an unknown policy',
      { flows: [{ enabled: true, selectors: [], request: [{ enabled: true, policy: 'none' }], response: [] }] },
      '/flows/0/request/0/policy',
    ],
    [
      'a plan that would stand open',
      { plans: [{ id: 'p', name: 'Keys', security: { type: 'LDAP' } }] },
      '/plans/0/security/type',
    ],
    [
      'an unknown resource',
      { resources: [{ name: 'r', type: 'none', enabled: true, configuration: {} }] },
      '/resources/0/type',
    ],
    [
      'an invalid configuration',
      {
        resources: [{ name: 'r', type: 'oauth2-am-resource', enabled: true, configuration: { serverURL: 'http://h' } }],
      },
      '/resources/0/configuration/securityDomain',
    ],
    ['no http address', { target: 'ftp://h' }, '/endpointGroups/0/endpoints/0/configuration/target'],
  ])('refuses %s and names the field and the remedy', (_what, changes, field) => {
    const problems = gateway.gateway.compile([api(changes)])
    expect(problems).toMatchObject([{ apiName: 'Echo', errors: expect.arrayContaining([expect.objectContaining({ field, remedy: expect.any(String) })]) }]) // prettier-ignore
  })
})

function deferred<T>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((done) => (resolve = done))
  return { promise, resolve }
}
