import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { application, basic, domain, scopeSettings, startTestServer, type TestServer } from '../testing'

const CLIENT = application()
const GRANT = { grant_type: 'client_credentials' }
const TOKEN = '/orders/oauth/token'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
beforeEach(() => server.apply(domain()))
afterAll(() => server.stop())

async function refusal(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/json;charset=UTF-8')
  expect(response.headers.get('cache-control')).toContain('no-store')
  const body = (await response.json()) as { error: string; error_description: string }
  // RFC 6749 §5.2: the characters that a description may have.
  expect(body.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  return { status: response.status, error: body.error, description: body.error_description }
}

describe('a token by client credentials (RFC 6749 §4.4), as Access Management answers it', () => {
  it('has exactly the headers of the walk-through, in its capitals', async () => {
    const raw = await new Promise<string[]>((resolve, reject) => {
      const request = httpRequest(
        `${server.address}${TOKEN}`,
        {
          method: 'POST',
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            authorization: basic(CLIENT.clientId, CLIENT.clientSecret),
          },
        },
        (response) => {
          response.resume().on('end', () => resolve(response.rawHeaders))
        },
      )
      request.on('error', reject).end('grant_type=client_credentials')
    })
    expect(raw.slice(0, 6)).toEqual([
      'Content-Type',
      'application/json;charset=UTF-8',
      'Cache-Control',
      'no-cache, no-store, max-age=0, must-revalidate',
      'Pragma',
      'no-cache',
    ])
  })

  it('has exactly the three members of the walk-through when no scope is granted', async () => {
    const response = await server.post(TOKEN, GRANT, CLIENT)
    const text = await response.text()
    expect(response.status).toBe(200)
    expect(text).toMatch(/^\{"access_token":"[^"]+","token_type":"bearer","expires_in":7199\}$/)
  })

  it('is a JWT with the header kid and alg, and the claims of Access Management', async () => {
    const token = await server.token(domain())
    const header = Buffer.from(token.split('.')[0]!, 'base64url').toString()
    expect(header).toBe('{"kid":"default-gravitee-AM-key","alg":"HS256"}')
    const claims = decodeJwt(token)
    expect(claims).toEqual({
      sub: 'orders-service',
      aud: 'orders-service',
      domain: 'domain-1',
      iss: `${server.address}/orders/oidc`,
      exp: claims.iat! + 7200,
      iat: expect.any(Number),
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  it('tells one second less than the lifetime, however long that is', async () => {
    await server.apply(domain({ applications: [application({ accessTokenValiditySeconds: 60 })] }))
    const body = (await (await server.post(TOKEN, GRANT, CLIENT)).json()) as { expires_in: number }
    expect(body.expires_in).toBe(59)
  })

  it('never gives the same token twice', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => server.token(domain())))
    expect(new Set(tokens).size).toBe(20)
  })
})

describe('client authentication (RFC 6749 §2.3)', () => {
  it('takes Basic credentials with both parts form-decoded (§2.3.1)', async () => {
    const odd = application({ clientId: 'a+b:c%d', clientSecret: 'p%3A+ä\\"&=' })
    await server.apply(domain({ applications: [odd] }))
    expect((await server.post(TOKEN, GRANT, odd)).status).toBe(200)
  })

  it('takes the scheme in any case (RFC 9110 §11.1)', async () => {
    const authorization = basic(CLIENT.clientId, CLIENT.clientSecret).replace('Basic', 'bAsIc')
    expect((await server.post(TOKEN, GRANT, undefined, { authorization })).status).toBe(200)
  })

  it('takes client_id and client_secret in the body', async () => {
    const form = { ...GRANT, client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret }
    expect((await server.post(TOKEN, form)).status).toBe(200)
  })

  it('refuses both at once as invalid_request (§2.3)', async () => {
    const form = { ...GRANT, client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret }
    expect(await refusal(await server.post(TOKEN, form, CLIENT))).toMatchObject({
      status: 400,
      error: 'invalid_request',
    })
  })

  it('takes a client_id in the body beside Basic only when it is the same', async () => {
    expect((await server.post(TOKEN, { ...GRANT, client_id: CLIENT.clientId }, CLIENT)).status).toBe(200)
    const other = await server.post(TOKEN, { ...GRANT, client_id: 'another' }, CLIENT)
    expect(await refusal(other)).toMatchObject({ status: 400, error: 'invalid_request' })
  })

  const wrong: Record<string, { authorization?: string; form?: Record<string, string>; key: string }> = {
    'a wrong secret': { authorization: basic(CLIENT.clientId, 'wrong'), key: 'CLIENT_SECRET_WRONG' },
    'an unknown client': { authorization: basic('nobody', 'wrong'), key: 'CLIENT_UNKNOWN' },
    'a wrong secret in the body': {
      form: { client_id: CLIENT.clientId, client_secret: 'wrong' },
      key: 'CLIENT_SECRET_WRONG',
    },
    'a client id without a secret': { form: { client_id: CLIENT.clientId }, key: 'CLIENT_SECRET_MISSING' },
    'no credentials': { key: 'CLIENT_CREDENTIALS_MISSING' },
    'another scheme': { authorization: 'Bearer abc', key: 'CLIENT_SCHEME_UNSUPPORTED' },
    'Basic without Base64': { authorization: 'Basic ???', key: 'BASIC_NOT_BASE64' },
    'Basic with nothing': { authorization: 'Basic', key: 'BASIC_NOT_BASE64' },
    'Basic without a colon': {
      authorization: `Basic ${Buffer.from('abc').toString('base64')}`,
      key: 'BASIC_WITHOUT_COLON',
    },
    'Basic that is not UTF-8': {
      authorization: `Basic ${Buffer.from([0xff, 0x3a, 0xff]).toString('base64')}`,
      key: 'BASIC_WITHOUT_COLON',
    },
    'Basic with broken percent-encoding': {
      authorization: `Basic ${Buffer.from('id:100%').toString('base64')}`,
      key: 'BASIC_NOT_FORM_ENCODED',
    },
  }
  it.each(Object.entries(wrong))(
    'answers %s with 401 invalid_client and a challenge (§5.2)',
    async (_name, attempt) => {
      const headers = attempt.authorization === undefined ? {} : { authorization: attempt.authorization }
      const response = await server.post(TOKEN, { ...GRANT, ...attempt.form }, undefined, headers)
      expect(response.headers.get('www-authenticate')).toBe('Basic realm="gravitee-io"')
      expect(await refusal(response)).toMatchObject({ status: 401, error: 'invalid_client' })
      expect(server.records.at(-1)?.refusal?.key).toBe(attempt.key)
    },
  )

  it('tells the caller the same of a wrong secret, an unknown client and a disabled application', async () => {
    const wrongSecret = await refusal(await server.post(TOKEN, GRANT, { ...CLIENT, clientSecret: 'wrong' }))
    const unknown = await refusal(await server.post(TOKEN, GRANT, { ...CLIENT, clientId: 'nobody' }))
    await server.apply(domain({ applications: [application({ enabled: false })] }))
    const disabled = await refusal(await server.post(TOKEN, GRANT, CLIENT))
    expect(unknown).toEqual(wrongSecret)
    expect(disabled).toEqual(wrongSecret)
    expect(server.records.at(-1)?.refusal?.sentence).toBe('Application Orders service is disabled')
  })
})

describe('the grant type (RFC 6749 §5.2)', () => {
  it('is required', async () => {
    expect(await refusal(await server.post(TOKEN, {}, CLIENT))).toMatchObject({ status: 400, error: 'invalid_request' })
    const empty = await server.post(TOKEN, { grant_type: '' }, CLIENT)
    expect(await refusal(empty)).toMatchObject({ status: 400, error: 'invalid_request' })
  })
  it.each(['urn:ietf:params:oauth:grant-type:jwt-bearer', 'CLIENT_CREDENTIALS', '__proto__'])(
    '%s is not supported',
    async (grant_type) => {
      const response = await server.post(TOKEN, { grant_type }, CLIENT)
      expect(await refusal(response)).toMatchObject({ status: 400, error: 'unsupported_grant_type' })
    },
  )
  it('must be one of the application', async () => {
    await server.apply(domain({ applications: [application({ grantTypes: [] })] }))
    for (const grant_type of ['client_credentials', 'authorization_code', 'refresh_token', 'password']) {
      const response = await server.post(TOKEN, { grant_type }, CLIENT)
      expect(await refusal(response)).toMatchObject({ status: 400, error: 'unauthorized_client' })
    }
  })
})

describe('scopes (RFC 6749 §3.3)', () => {
  const scoped = domain({
    applications: [application({ scopeSettings: scopeSettings(['read', 'write', 'admin'], ['read']) })],
  })
  beforeEach(() => server.apply(scoped))

  it.each([
    ['the ones asked for', 'write admin', 'write admin'],
    ['each once', 'write write', 'write'],
    ['the defaults when none is asked for', undefined, 'read'],
    ['the defaults when scope is empty', '', 'read'],
  ])('gives %s', async (_name, scope, granted) => {
    const response = await server.post(TOKEN, { ...GRANT, ...(scope === undefined ? {} : { scope }) }, CLIENT)
    const body = (await response.json()) as { scope: string; access_token: string }
    expect(body.scope).toBe(granted)
    expect(decodeJwt(body.access_token).scope).toBe(granted)
  })

  it('refuses what the application does not have, and says to the person what it has', async () => {
    const response = await server.post(TOKEN, { ...GRANT, scope: 'read delete' }, CLIENT)
    expect(await refusal(response)).toMatchObject({ status: 400, error: 'invalid_scope' })
    expect(server.records.at(-1)?.refusal).toMatchObject({
      key: 'SCOPE_NOT_ALLOWED',
      sentence: 'Application Orders service may not have scope delete; it has read, write, admin',
      source: 'RFC 6749 §3.3',
      remedies: [{ action: 'add-scopes', domainPath: 'orders', clientId: 'orders-service', scopes: ['delete'] }],
    })
  })

  it.each(['re"ad', 're\\ad', 'read\twrite', 'lesen-ü', '   '])('refuses the malformed %j', async (scope) => {
    const response = await server.post(TOKEN, { ...GRANT, scope }, CLIENT)
    expect(await refusal(response)).toMatchObject({ status: 400, error: 'invalid_scope' })
  })
})

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
