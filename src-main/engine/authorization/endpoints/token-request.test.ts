import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { domain, startTestServer, type TestServer } from '../testing'
import { CLIENT, GRANT, refusal, TOKEN } from './token.testing'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
beforeEach(() => server.apply(domain()))
afterAll(() => server.stop())

describe('the form of a request', () => {
  const credentials = `client_id=${CLIENT.clientId}&client_secret=${encodeURIComponent(CLIENT.clientSecret)}`

  it.each([
    ['a repeated parameter (RFC 6749 §3.2)', 'grant_type=client_credentials&grant_type=client_credentials'],
    ['a repeated unknown parameter', 'grant_type=client_credentials&a=1&a=2'],
    ['a parameter repeated in another spelling', 'grant_type=client_credentials&%67rant_type=client_credentials'],
    ['broken percent-encoding', 'grant_type=client_credentials&a=%zz'],
    ['a cut-off percent-encoding', 'grant_type=client_credentials&a=%4'],
    ['percent-encoded bytes that are not UTF-8', 'grant_type=client_credentials&a=%ff'],
    ['a NUL character', 'grant_type=client_credentials%00'],
  ])('refuses %s', async (_name, form) => {
    expect(await refusal(await server.post(TOKEN, form, CLIENT))).toMatchObject({
      status: 400,
      error: 'invalid_request',
    })
  })

  it('refuses raw bytes that are not UTF-8', async () => {
    const response = await fetch(`${server.address}${TOKEN}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.concat([Buffer.from(`${credentials}&grant_type=`), Buffer.from([0xc3, 0x28])]),
    })
    expect(await refusal(response)).toMatchObject({ status: 400, error: 'invalid_request' })
  })

  it('ignores parameters that it does not know (RFC 6749 §3.2)', async () => {
    const response = await server.post(TOKEN, 'grant_type=client_credentials&audience=x&__proto__=1&=&&flag', CLIENT)
    expect(response.status).toBe(200)
  })

  it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'nonsense', ''])(
    'refuses the content type %j, and says which it wants',
    async (contentType) => {
      const response = await fetch(`${server.address}${TOKEN}`, {
        method: 'POST',
        headers: { 'content-type': contentType },
        body: Buffer.from('grant_type=client_credentials'),
      })
      const { status, error, description } = await refusal(response)
      expect([status, error]).toEqual([400, 'invalid_request'])
      expect(description).toContain('application/x-www-form-urlencoded')
    },
  )

  it('refuses a request without content type or body', async () => {
    const response = await fetch(`${server.address}${TOKEN}`, { method: 'POST' })
    expect(await refusal(response)).toMatchObject({ status: 400, error: 'invalid_request' })
  })

  it('takes the content type with parameters and in any case', async () => {
    const headers = { 'content-type': 'Application/X-WWW-Form-URLencoded; charset=UTF-8' }
    expect((await server.post(TOKEN, GRANT, CLIENT, headers)).status).toBe(200)
  })

  it('refuses a compressed body', async () => {
    const response = await server.post(TOKEN, GRANT, CLIENT, { 'content-encoding': 'gzip' })
    expect(await refusal(response)).toMatchObject({ status: 400, error: 'invalid_request' })
  })

  it.each(['client_secret=x', 'grant_type=client_credentials', 'a=1&scope=read'])(
    'refuses %s in the address (RFC 6749 §2.3.1)',
    async (query) => {
      const response = await server.post(`${TOKEN}?${query}`, GRANT, CLIENT)
      expect(await refusal(response)).toMatchObject({ status: 400, error: 'invalid_request' })
    },
  )

  it('takes a body of 64 KiB, and refuses a larger one with 413', async () => {
    const start = 'grant_type=client_credentials&padding='
    const full = start + 'x'.repeat(64 * 1024 - start.length)
    expect((await server.post(TOKEN, full, CLIENT)).status).toBe(200)
    expect(await refusal(await server.post(TOKEN, `${full}x`, CLIENT))).toMatchObject({
      status: 413,
      error: 'invalid_request',
    })
    const huge = await server.post(TOKEN, start + 'x'.repeat(4 * 1024 * 1024), CLIENT)
    expect((await refusal(huge)).status).toBe(413)
  })

  it('refuses a chunked body as soon as it is larger than 64 KiB', async () => {
    const response = await fetch(`${server.address}${TOKEN}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new Blob(Array.from({ length: 20 }, () => 'x'.repeat(8192))).stream(),
      duplex: 'half',
    } as RequestInit)
    expect((await refusal(response)).status).toBe(413)
  })

  it('hangs up on a client that sends on and on', async () => {
    const socket = connect(Number(new URL(server.address).port), '127.0.0.1')
    const answered = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString('latin1'))))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined) // hung up on while it was sending
    socket.write(`POST ${TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n`)
    socket.write('Transfer-Encoding: chunked\r\n\r\n')
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
    let sentMiB = 0
    const sendOn = (): void => {
      socket.write(chunk, (error) => {
        // A write that failed went nowhere; writing on from its callback would only fill the queue that the socket is throwing away.
        if (error) return
        sentMiB += 1 / 16
        if (sentMiB < 64) sendOn()
      })
    }
    sendOn()
    expect(await answered).toMatch(/^HTTP\/1\.1 413 /)
    await closed
    expect(sentMiB).toBeLessThan(64)
  })

  it('records a client that goes away in the middle of its body as aborted', async () => {
    const before = server.records.length
    const socket = connect(Number(new URL(server.address).port), '127.0.0.1')
    socket.write(
      `POST ${TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ngrant`,
      () => socket.destroy(),
    )
    await expect.poll(() => server.records.slice(before)).toMatchObject([{ status: 0, outcome: 'aborted' }])
  })
})

describe('addresses and methods', () => {
  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])(
    'answers %s with 405 and Allow (RFC 9110 §15.5.6)',
    async (method) => {
      const response = await fetch(`${server.address}${TOKEN}`, { method })
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('POST, OPTIONS')
      expect(response.headers.get('cache-control')).toContain('no-store')
      if (method !== 'HEAD') expect(await response.json()).toMatchObject({ error: 'method_not_allowed' })
    },
  )

  it('answers OPTIONS with Allow', async () => {
    const response = await fetch(`${server.address}${TOKEN}`, { method: 'OPTIONS' })
    expect([response.status, response.headers.get('allow')]).toEqual([204, 'POST, OPTIONS'])
  })

  it.each(['/nowhere/oauth/token', `/${'x'.repeat(500)}/oauth/token`, '/__proto__/oauth/token', '/%00/oauth/token'])(
    'answers the unknown domain of %s with 404',
    async (path) => {
      expect(await refusal(await server.post(path, GRANT, CLIENT))).toMatchObject({ status: 404, error: 'not_found' })
    },
  )

  it('answers a disabled domain as one that is not there, and tells the person which it is', async () => {
    const unknown = await refusal(await server.post(TOKEN.replace('orders', 'nowhere'), GRANT, CLIENT))
    await server.apply(domain({ enabled: false }))
    expect(await refusal(await server.post(TOKEN, GRANT, CLIENT))).toEqual(unknown)
    expect(server.records.at(-1)?.refusal?.sentence).toBe('Domain Orders is disabled')
  })

  it.each([
    '/',
    '/orders',
    '/orders/oauth/token/',
    '/orders/oauth/tokens',
    '/orders/..%2f/oauth/token',
    '//oauth/token',
  ])('answers %s with 404', async (path) => {
    const response = await server.post(path, GRANT, CLIENT)
    expect(await refusal(response)).toMatchObject({ status: 404, error: 'not_found' })
  })

  it('answers an address with broken percent-encoding with 400', async () => {
    const response = await server.post('/%zz/oauth/token', GRANT, CLIENT)
    expect(await refusal(response)).toMatchObject({ status: 400, error: 'invalid_request' })
  })

  it('takes an address in absolute form (RFC 9112 §3.2.2), and never records what stands before its host', async () => {
    const { host, port } = new URL(server.address)
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1')
      socket.once('data', (data) => {
        resolve(data.toString('latin1'))
        socket.destroy()
      })
      socket.write(`GET http://user:password@${host}${TOKEN} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 405 /)
    expect(server.records.at(-1)?.path).toBe(TOKEN)
  })
})
