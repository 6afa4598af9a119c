import { request as httpRequest } from 'node:http'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { application, basic, domain, scopeSettings, startTestServer, type TestServer } from '../testing'
import { CLIENT, GRANT, refusal, TOKEN } from './token.testing'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
beforeEach(() => server.apply(domain()))
afterAll(() => server.stop())

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
