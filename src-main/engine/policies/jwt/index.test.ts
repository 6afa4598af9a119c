import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { apiWith, startBackend, startGateway, TRACE_KEY, type TestGateway } from '../../gateway/testing'
import type { DomainKey } from '../../resources/resource'

const SECRET = 'a-secret-of-more-than-thirty-two-bytes!'
let rsa: { privateKey: KeyObject; publicKey: KeyObject }
let other: typeof rsa
beforeAll(() => {
  rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  other = generateKeyPairSync('rsa', { modulusLength: 2048 })
})

let gateway: TestGateway
const closers: (() => Promise<void>)[] = []
beforeEach(async () => {
  gateway = await startGateway()
  closers.push(() => gateway.close())
})
afterEach(async () => {
  vi.useRealTimers()
  for (const close of closers.splice(0)) await close()
})

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const now = () => Math.floor(Date.now() / 1000)
type Members = Readonly<Record<string, unknown>>

function token(claims: Members = {}, header: Members = {}, key: KeyObject | string = rsa.privateKey): string {
  const alg = header.alg ?? (typeof key === 'string' ? 'HS256' : 'RS256')
  const input = `${encode({ alg, ...header })}.${encode({ iss: 'them', sub: 'ann', aud: 'app', exp: now() + 60, ...claims })}`
  const signature =
    typeof key === 'string'
      ? createHmac('sha256', key).update(input).digest('base64url')
      : createSign('RSA-SHA256').update(input).sign(key).toString('base64url')
  return `${input}.${signature}`
}
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString()
const jwk = (key: KeyObject, kid: string) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' })
const given = (more: object = {}) => ({ signature: 'RSA_RS256', publicKeyResolver: 'GIVEN_KEY', resolverParameter: pem(rsa.publicKey), ...more }) // prettier-ignore
const deploy = (configuration: Record<string, unknown>, changes: Parameters<typeof apiWith>[2] = {}, to = gateway) =>
  to.deploy(apiWith('jwt', configuration, changes))
const call = (bearer?: string, more: Record<string, string> = {}, to = gateway) =>
  fetch(`${to.address}/echo`, { headers: { ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }), ...more } }) // prettier-ignore
const refusal = async (response: Response, to = gateway) => (await to.recordOf(response)).refusal

describe('a given key', () => {
  it('lets in what it has signed, and tells later policies whose it is', async () => {
    const configuration = given({ extractClaims: true })
    const limit = {
      enabled: true,
      policy: 'rate-limit',
      configuration: {
        addHeaders: true,
        rate: {
          dynamicLimit:
            "{#context.attributes['user'] == 'ann' && #context.attributes['oauth.client_id'] == 'app' && #context.attributes['jwt.claims']['iss'] == 'them' ? 7 : 1}",
        },
      },
    }
    const snapshot = apiWith('jwt', configuration)
    const [flow] = snapshot.definition.flows
    gateway.deploy({
      ...snapshot,
      definition: { ...snapshot.definition, flows: [{ ...flow!, request: [...flow!.request, limit] }] },
    })
    const answer = await call(token(), { 'x-gatehouse-trace': TRACE_KEY })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-rate-limit-limit')).toBe('7')
    const { trace, clientId } = await gateway.recordOf(answer)
    expect(clientId).toBe('app')
    const step = trace?.find(({ policy }) => policy === 'jwt')
    expect(step?.sentence).toBe('The token is signed with RS256 by the given key, and its time is not over')
  })

  it('verifies each token once, and forgets none of its time', async () => {
    deploy(given())
    const short = token({ exp: now() + 60 })
    expect((await call(short)).status).toBe(200)
    expect((await call(short)).status).toBe(200)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
    expect((await call(short)).status).toBe(401)
  })

  it('may be a secret, as a text or in Base64', async () => {
    const shared = { signature: 'HMAC_HS256', publicKeyResolver: 'GIVEN_KEY' }
    deploy({ ...shared, resolverParameter: SECRET })
    expect((await call(token({}, {}, SECRET))).status).toBe(200)
    expect((await call(token({}, {}, `${SECRET}!`))).status).toBe(401)
    deploy({ ...shared, resolverParameter: Buffer.from(SECRET).toString('base64') })
    expect((await call(token({}, {}, SECRET))).status).toBe(200)
  })

  it('may come from an expression', async () => {
    deploy(given({ resolverParameter: "{#api.properties['key']}" }), { properties: [{ key: 'key', value: pem(rsa.publicKey) }] }) // prettier-ignore
    expect((await call(token())).status).toBe(200)
    deploy(given({ resolverParameter: "{#api.properties['none']}" }))
    const answer = await call(token())
    expect(answer.status).toBe(500)
    expect((await refusal(answer))?.key).toBe('JWT_POLICY_ERROR')
  })

  it('is taken as an ssh-rsa key too', async () => {
    const { n, e } = rsa.publicKey.export({ format: 'jwk' })
    const part = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, bytes.length >> 8, bytes.length & 255]), bytes])
    const modulus = Buffer.concat([Buffer.from([0]), Buffer.from(n!, 'base64url')])
    const blob = Buffer.concat([part(Buffer.from('ssh-rsa')), part(Buffer.from(e!, 'base64url')), part(modulus)])
    deploy(given({ resolverParameter: `ssh-rsa ${blob.toString('base64')} ann@home` }))
    expect((await call(token())).status).toBe(200)
  })

  it.each([
    ['nothing', '', 'it has no key'],
    ['a text', 'my key', 'neither a public key nor a certificate'],
    ['a broken expression', '{#request.}', ''],
  ])('that is %s stops the deployment', (_what, resolverParameter, message) => {
    const compiled = gateway.gateway.compile([apiWith('jwt', given({ resolverParameter }))])
    expect(compiled).toMatchObject([{ errors: [{ field: '/flows/0/request/0/configuration/resolverParameter', message: expect.stringContaining(message) as string }] }]) // prettier-ignore
  })

  it('that is too short, or private, stops the deployment', () => {
    const errors = (configuration: Record<string, unknown>) => {
      const compiled = gateway.gateway.compile([apiWith('jwt', configuration)])
      return Array.isArray(compiled) ? compiled[0]?.errors[0]?.message : undefined
    }
    expect(errors({ signature: 'HMAC_HS256', publicKeyResolver: 'GIVEN_KEY', resolverParameter: 'short' })).toContain('32 bytes or more') // prettier-ignore
    const secretPart = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    expect(errors(given({ resolverParameter: secretPart }))).toContain('private key')
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
    expect(errors(given({ resolverParameter: pem(small) }))).toContain('2048 bits')
  })
})

describe('what is refused, and why', () => {
  const unsigned = () => `${encode({ alg: 'none' })}.${encode({ sub: 'ann' })}.`
  const table: [string, () => string, RegExp][] = [
    ['an expired one', () => token({ exp: now() - 300 }), /^It expired 5 min ago$/],
    ['one of tomorrow', () => token({ nbf: now() + 86_400 }), /^It is good only in 23 h|24 h$/],
    ['one of another key', () => token({}, {}, other.privateKey), /changed, or signed with another key/],
    [
      'a changed one',
      () => token().replace(/\.[^.]+\./, `.${encode({ sub: 'eve', exp: now() + 60 })}.`),
      /changed, or/,
    ],
    ['one of another algorithm', () => token({}, { alg: 'RS512' }), /^It is signed with RS512, and the policy takes RS256 alone$/], // prettier-ignore
    [
      'the public key taken for a secret',
      () => token({}, { alg: 'HS256' }, pem(rsa.publicKey)),
      /^It is signed with HS256/,
    ],
    ['an unsigned one', unsigned, /alg none, which is never accepted/],
    ['one that wants something heeded', () => token({}, { crit: ['exp'] }), /\(crit\)/],
    ['no JWT', () => 'abc', /^It is not a JWT$/],
    ['one whose claims are none', () => `${encode({ alg: 'RS256' })}.${encode('[]')}.AAAA`, /claims cannot be read/],
    ['one whose expiry is a text', () => token({ exp: 'soon' }), /is not a number/],
  ]

  it.each(table)('%s', async (_what, made, reason) => {
    deploy(given())
    const bearer = made()
    const answer = await call(bearer)
    expect(answer.status).toBe(401)
    expect(await answer.text()).toBe('{"message":"Unauthorized","http_status_code":401}')
    const found = await refusal(answer)
    expect(found?.key).toBe('JWT_INVALID_TOKEN')
    expect(found?.sentence).toMatch(reason)
    expect(JSON.stringify(found)).not.toContain(bearer)
  })

  it('is mended at the policy where every token of the server has another algorithm', async () => {
    deploy(given())
    const actions = async (bearer: string) => (await refusal(await call(bearer)))?.remedies.map(({ action }) => action)
    expect((await actions(token({}, { alg: 'RS512' })))?.at(0)).toBe('open-step')
    expect((await actions(token({ exp: now() - 300 })))?.at(0)).toBe('get-token')
  })

  it('a call without a token, or with another kind of credentials', async () => {
    deploy(given(), { gatehouse: { challengeStyle: 'rfc6750' } })
    const none = await call()
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="gravitee.io"'])
    expect(await refusal(none)).toMatchObject({ key: 'JWT_MISSING_TOKEN', sentence: 'The request has no Authorization header' }) // prettier-ignore
    const basic = await call(undefined, { authorization: 'Basic YTpi' })
    expect(await refusal(basic)).toMatchObject({ evidence: [{ value: 'Basic' }] })
    const invalid = await call(token({ exp: 1 }))
    expect(invalid.headers.get('www-authenticate')).toContain('error="invalid_token"')
  })

  it('a token that lacks a scope', async () => {
    deploy(given({ checkRequiredScopes: true, requiredScopes: ['read', 'write'] }))
    expect((await call(token({ scope: 'write read' }))).status).toBe(200)
    expect((await call(token({ scp: ['read', 'write'] }))).status).toBe(200)
    const lacking = await call(token({ scope: 'read' }))
    expect(lacking.status).toBe(401)
    expect(await refusal(lacking)).toMatchObject({ key: 'JWT_INSUFFICIENT_SCOPE', sentence: 'scope write is required; the token has read' }) // prettier-ignore
    deploy(given({ checkRequiredScopes: true, requiredScopes: ['read', 'write'], modeStrict: false }))
    expect((await call(token({ scope: 'read' }))).status).toBe(200)
    expect((await call(token())).status).toBe(401)
  })

  it('a token of another type, where the type is checked', async () => {
    deploy(given({ tokenTypValidation: { enabled: true, expectedValues: ['at+jwt'] } }))
    expect((await call(token({}, { typ: 'at+jwt' }))).status).toBe(200)
    expect((await call(token({}, { typ: 'AT+JWT' }))).status).toBe(401)
    expect((await call(token())).status).toBe(401)
    deploy(
      given({
        tokenTypValidation: { enabled: true, expectedValues: ['at+jwt'], ignoreCase: true, ignoreMissing: true },
      }),
    )
    expect((await call(token({}, { typ: 'AT+JWT' }))).status).toBe(200)
    expect((await call(token())).status).toBe(200)
    expect((await call(token({}, { typ: 'JWT' }))).status).toBe(401)
  })

  it.each([
    [{ revocationCheck: { enabled: true } }, 'revocationCheck/revocationListUrl'],
    [{ revocationCheck: { enabled: true, revocationListUrl: 'http://a/', auth: { type: 'basic' } } }, 'revocationCheck/auth/basic'], // prettier-ignore
    [{ revocationCheck: { enabled: true, revocationListUrl: 'http://a/', useSystemProxy: true } }, 'revocationCheck/useSystemProxy'], // prettier-ignore
    [{ useSystemProxy: true }, 'useSystemProxy'],
  ])('at the deployment, what it could not do: %j', (more, field) => {
    const compiled = gateway.gateway.compile([apiWith('jwt', given(more))])
    expect(compiled).toMatchObject([{ errors: [{ field: `/flows/0/request/0/configuration/${field}` }] }])
  })
})

describe('a list of revoked tokens', () => {
  const listed = (revocationListUrl: string, more: object = {}) =>
    given({ revocationCheck: { enabled: true, revocationListUrl, ...more } })

  it('turns away the tokens that it names, by the claim that is named', async () => {
    const asked: (string | undefined)[] = []
    const list = await startBackend((request, response) => {
      asked.push(request.headers.authorization)
      response.end(' a7 \n\nb8\n')
    })
    closers.push(list.close)
    deploy(listed(list.address, { auth: { type: 'token', token: { value: 'for-the-list' } } }))
    expect((await call(token({ jti: 'a6' }))).status).toBe(200)
    expect((await call(token())).status).toBe(200)
    const revoked = await call(token({ jti: 'a7' }))
    expect(revoked.status).toBe(401)
    expect(await refusal(revoked)).toMatchObject({
      key: 'JWT_REVOKED',
      sentence: 'The token was revoked: the list names it',
      evidence: expect.arrayContaining([{ label: 'jti', value: 'a7' }]),
    })
    expect(asked).toEqual(['Bearer for-the-list'])
    deploy(listed(list.address, { revocationClaim: 'sid', auth: { type: 'basic', basic: { username: 'u', password: 'p' } } })) // prettier-ignore
    expect((await call(token({ jti: 'a7' }))).status).toBe(200)
    expect((await call(token({ sid: 'b8' }))).status).toBe(401)
    expect(asked.at(-1)).toBe(`Basic ${Buffer.from('u:p').toString('base64')}`)
  })

  it('names numbers too', async () => {
    const list = await startBackend((_request, response) => void response.end('123\n'))
    closers.push(list.close)
    deploy(listed(list.address))
    expect((await call(token({ jti: 123 }))).status).toBe(401)
    expect((await call(token({ jti: 124 }))).status).toBe(200)
  })

  it('that trickles is given up, and holds nobody up', async () => {
    const list = await startBackend((_request, response) => {
      const timer = setInterval(() => response.write('a7\n'), 20)
      response.once('close', () => clearInterval(timer))
    })
    closers.push(list.close)
    deploy(listed(list.address, { connectTimeout: 150, requestTimeout: 150 }))
    const answer = await call(token())
    expect(answer.status).toBe(503)
    expect(await refusal(answer)).toMatchObject({
      key: 'JWT_REVOCATION_LIST_UNAVAILABLE',
      sentence: `The list of revoked tokens cannot be read: ${new URL(list.address).host} does not answer in time`,
    })
  })

  it('is read again at most every ten seconds', () => {
    const compiled = gateway.gateway.compile([apiWith('jwt', listed('http://127.0.0.1:1/', { refreshInterval: 9 }))])
    expect(compiled).toMatchObject([{ errors: [{ field: '/flows/0/request/0/configuration/revocationCheck/refreshInterval' }] }]) // prettier-ignore
  })

  it('is read again after its time, and the one before counts until then', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const answers = ['', 'a7', undefined]
    let read = 0
    const list = await startBackend((_request, response) => {
      const text = answers[Math.min(read++, answers.length - 1)]
      response.writeHead(text === undefined ? 500 : 200).end(text)
    })
    closers.push(list.close)
    deploy(listed(list.address, { refreshInterval: 60 }))
    const bearer = token({ jti: 'a7' })
    expect((await call(bearer)).status).toBe(200)
    vi.advanceTimersByTime(61_000)
    await vi.waitFor(async () => expect((await call(bearer)).status).toBe(401))
    vi.advanceTimersByTime(61_000)
    expect((await call(bearer)).status).toBe(401)
    await vi.waitFor(() => expect(read).toBe(3))
    expect((await call(bearer)).status).toBe(401)
    expect((await call(token({ jti: 'b8' }))).status).toBe(200)
  })

  it('lets nobody in while it was never read', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    let isUp = false
    const list = await startBackend((_request, response) => void response.writeHead(isUp ? 200 : 404).end(''))
    closers.push(list.close)
    deploy(listed(list.address))
    const answer = await call(token())
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([503, null])
    expect(await refusal(answer)).toMatchObject({
      key: 'JWT_REVOCATION_LIST_UNAVAILABLE',
      sentence: `The list of revoked tokens cannot be read: ${new URL(list.address).host} answered 404`,
    })
    isUp = true
    expect((await call(token())).status).toBe(503)
    vi.advanceTimersByTime(11_000)
    expect((await call(token())).status).toBe(200)
  })
})

it('passes the token on or not, and takes it from the query too', async () => {
  const seen: (string | undefined)[] = []
  const backend = await startBackend((request, response) => {
    seen.push(request.headers.authorization)
    response.end()
  })
  closers.push(backend.close)
  const bearer = token()
  deploy(given(), { target: backend.address })
  await call(bearer)
  deploy(given({ propagateAuthHeader: false }), { target: backend.address })
  await call(bearer)
  expect((await fetch(`${gateway.address}/echo?access_token=${bearer}`)).status).toBe(200)
  expect(seen).toEqual([`Bearer ${bearer}`, undefined, undefined])
})

it('reads the client and the user from the claims that are named', async () => {
  deploy(given({ clientIdClaim: 'act.client', userClaim: 'realm.name' }))
  const nested = await call(token({ act: { client: 'nested' }, realm: { name: 'bob' } }))
  expect((await gateway.recordOf(nested)).clientId).toBe('nested')
  const flat = await call(token({ act: { client: 'nested' }, 'act.client': 'flat' }))
  expect((await gateway.recordOf(flat)).clientId).toBe('flat')
})

describe('a key set at an address', () => {
  /** A server whose answer is changed by the test. */
  async function keySet(answer: { keys?: unknown; status?: number; text?: string; location?: string }) {
    let asked = 0
    const server = await startBackend((request, response) => {
      if (request.url === '/moved') return void response.writeHead(302, { location: '/jwks' }).end()
      asked++
      response.writeHead(answer.status ?? 200).end(answer.text ?? JSON.stringify({ keys: answer.keys }))
    })
    closers.push(server.close)
    return { address: `${server.address}/jwks`, moved: `${server.address}/moved`, asked: () => asked }
  }
  const at = (resolverParameter: string, more: object = {}) => ({ signature: 'RSA_RS256', publicKeyResolver: 'JWKS_URL', resolverParameter, ...more }) // prettier-ignore

  it('is read once, and by kid its keys are chosen', async () => {
    const set = await keySet({ keys: [{ kty: 'EC', kid: 'x' }, jwk(other.publicKey, 'b'), jwk(rsa.publicKey, 'a')] })
    deploy(at(set.address))
    const [one, two] = await Promise.all([call(token({}, { kid: 'a' })), call(token({ n: 2 }, { kid: 'a' }))])
    expect([one.status, two.status, (await call(token({}, { kid: 'b' }))).status]).toEqual([200, 200, 401])
    const unknown = await call(token({}, { kid: 'c' }))
    expect((await refusal(unknown))?.sentence).toBe('It is signed by key c, which is not among the keys for RS256 at the address') // prettier-ignore
    const unnamed = await call(token())
    expect((await refusal(unnamed))?.sentence).toContain('names no key (kid)')
    expect(set.asked()).toBe(1)
  })

  it('of one key needs no kid', async () => {
    const set = await keySet({ keys: [jwk(rsa.publicKey, 'a'), { ...jwk(other.publicKey, 'e'), use: 'enc' }] })
    deploy(at(set.address))
    expect((await call(token())).status).toBe(200)
  })

  it('is found behind a redirect only when that is wanted', async () => {
    const set = await keySet({ keys: [jwk(rsa.publicKey, 'a')] })
    deploy(at(set.moved))
    expect((await call(token())).status).toBe(500)
    deploy(at(set.moved, { followRedirects: true }))
    expect((await call(token())).status).toBe(200)
  })

  it.each([
    [{ status: 404 }, 'answered 404'],
    [{ text: '<html>' }, 'no key set'],
    [{ text: '{"keys":1}' }, 'no key set'],
  ])('that cannot be read fails the call, and is tried again with the next: %j', async (answer, reason) => {
    const changing: Parameters<typeof keySet>[0] = { ...answer }
    const set = await keySet(changing)
    deploy(at(set.address))
    const failed = await call(token())
    expect([failed.status, await failed.text()]).toEqual([
      500,
      '{"message":"Internal Server Error","http_status_code":500}',
    ])
    const found = await refusal(failed)
    expect(found?.key).toBe('JWT_JWKS_RESOLUTION_ERROR')
    expect(found?.sentence).toContain(reason)
    delete changing.status
    delete changing.text
    changing.keys = [jwk(rsa.publicKey, 'a')]
    expect((await call(token())).status).toBe(200)
  })

  it('that nobody serves is told as such', async () => {
    const gone = await startBackend(() => undefined)
    await gone.close()
    deploy(at(gone.address))
    expect((await refusal(await call(token())))?.sentence).toContain('nothing listens there')
  })

  it('must be an http address', () => {
    const compiled = gateway.gateway.compile([apiWith('jwt', at('file:///etc/keys'))])
    expect(compiled).toMatchObject([{ errors: [{ message: expect.stringContaining('no http address') as string }] }])
  })
})

describe("the domains' keys", () => {
  const mac = (input: string) => createHmac('sha256', SECRET).update(input).digest('base64url')
  const domain: DomainKey = {
    domainName: 'Demo',
    domainPath: 'demo',
    kids: ['k1'],
    key: { kid: 'k1', algorithm: 'HS256', verify: (input, signature) => mac(input) === signature },
  }
  const { key: _none, ...withoutKey } = domain
  async function withDomain(): Promise<TestGateway> {
    const own = await startGateway(undefined, undefined, undefined, {
      local: {
        serves: () => false,
        introspect: () => ({ status: 404, reason: '' }),
        keyOf: (issuer, kid) => (issuer !== 'https://as/demo/oidc' ? undefined : kid === 'k1' ? domain : withoutKey),
      },
    })
    closers.push(() => own.close())
    return own
  }

  it('sign tokens that name their issuer and key, and no ID tokens', async () => {
    const own = await withDomain()
    deploy({ signature: 'HMAC_HS256', publicKeyResolver: 'GATEWAY_KEYS' }, {}, own)
    const iss = 'https://as/demo/oidc'
    const send = (claims: Members, header: Members) => call(token(claims, header, SECRET), {}, own)
    expect((await send({ iss }, { kid: 'k1' })).status).toBe(200)
    const told = async (response: Response) => (await refusal(response, own))?.sentence
    expect(await told(await send({ iss: 'https://else' }, { kid: 'k1' }))).toContain('no domain of this workspace')
    expect(await told(await send({ iss }, { kid: 'k2' }))).toContain('key k2, which domain Demo does not have')
    expect(await told(await send({ iss }, { kid: 'k1', typ: 'JWT' }))).toContain('ID token')
    expect(await told(await send({ iss: 7 }, { kid: 'k1' }))).toContain('who issued it')
  })
})
