import { afterEach, describe, expect, it } from 'vitest'
import type { RequestListener } from 'node:http'
import { AUTHORIZATION_URL, securedApi, startBackend, startGateway } from '../../gateway/testing'
import type { LocalIntrospection } from '../resource'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function server(listener: RequestListener): Promise<string> {
  const started = await startBackend(listener)
  closers.push(started.close)
  return started.address
}

async function gatewayWith(local?: () => LocalIntrospection) {
  const gateway = await startGateway(local)
  closers.push(() => gateway.close())
  return gateway
}

async function test(serverURL: string, more: object = {}, local?: () => LocalIntrospection) {
  const gateway = await gatewayWith(local)
  const result = await gateway.gateway.testResource({
    name: 'AM',
    type: 'oauth2-am-resource',
    enabled: true,
    configuration: { serverURL, securityDomain: 'demo', clientId: 'client', clientSecret: 'the-secret', ...more },
  })
  expect(JSON.stringify(result)).not.toContain('the-secret')
  return { ...result, steps: result.steps.map(({ title, ok }) => `${title} ${ok ? 'good' : 'bad'}`) }
}

const answers =
  (status: number, body = ''): RequestListener =>
  (_request, response) =>
    void response.writeHead(status).end(body)

describe("a resource's test", () => {
  it('is good when a token that nobody issued is called not active', async () => {
    expect(await test(await server(answers(200, '{"active":false}')))).toMatchObject({
      ok: true,
      steps: ['Server good', 'Domain good', 'Credentials good', 'Introspection good'],
    })
  })

  it("is good in process for this workspace's own server", async () => {
    const local = (): LocalIntrospection => ({ status: 200, active: false, reason: 'unknown', evidence: [] })
    expect(await test(AUTHORIZATION_URL, {}, local)).toMatchObject({ ok: true })
  })

  it('says that nothing listens', async () => {
    const gone = await startBackend(() => undefined)
    await gone.close()
    const result = await test(gone.address)
    expect(result).toMatchObject({ ok: false, steps: ['Server bad'] })
    expect(result.sentence).toBe(`${new URL(gone.address).host} refuses the connection`)
    expect(result.remedy).toContain('server URL')
  })

  it('says that the name is not known', async () => {
    expect((await test('http://nowhere.invalid')).sentence).toBe('The name nowhere.invalid is not known')
  })

  it.each([
    ['no such domain', answers(404), 'Domain', 'security domain'],
    ['a server that fails', answers(500), 'Domain', 'log of the authorization server'],
    ['a redirect to a login', answers(302), 'Domain', 'log of the authorization server'],
    ['wrong credentials', answers(401), 'Credentials', 'client secret'],
    ['a client that may not ask', answers(403), 'Credentials', 'client secret'],
    ['a page', answers(200, '<html>hello</html>'), 'Introspection', 'RFC 7662'],
    ['an answer without active', answers(200, '{"ok":true}'), 'Introspection', 'RFC 7662'],
    ['a list', answers(200, '[]'), 'Introspection', 'RFC 7662'],
    ['more than can be an answer', answers(200, `{"a":"${'x'.repeat(1024 * 1024)}"}`), 'Introspection', 'RFC 7662'],
    ['a server that lets in everyone', answers(200, '{"active":true}'), 'Introspection', 'repaired'],
  ])('tells of %s', async (_what, listener, failing, remedy) => {
    const result = await test(await server(listener))
    expect(result.ok).toBe(false)
    expect(result.steps.at(-1)).toBe(`${failing} bad`)
    expect(result.steps.slice(0, -1).every((step) => step.endsWith('good'))).toBe(true)
    expect(result.remedy).toContain(remedy)
  })

  it('tells of a server that never answers, and of one that stops in the middle', async () => {
    const silent = await test(await server(() => undefined), { readTimeout: 100 })
    expect(silent.sentence).toContain('gave no answer within 100 ms')
    const half = await test(await server((_request, response) => void response.writeHead(200).write('{"act')), { readTimeout: 100 }) // prettier-ignore
    expect(half).toMatchObject({ ok: false, sentence: silent.sentence.replace(/127.0.0.1:\d+/, half.sentence.match(/127.0.0.1:\d+/)![0]) }) // prettier-ignore
  })

  it.each([
    [{ status: 404, reason: 'There is no domain demo' }, 'Domain bad'],
    [{ status: 401, reason: 'The secret is wrong' }, 'Credentials bad'],
  ] satisfies [LocalIntrospection, string][])('tells the reason of its own server: %j', async (answer, last) => {
    const result = await test(AUTHORIZATION_URL, {}, () => answer)
    expect(result.steps.at(-1)).toBe(last)
    expect(result.sentence).toContain('reason' in answer ? answer.reason : '')
  })
})

describe('the address that is asked', () => {
  it.each([
    ['V1_X', '', '/demo/oauth/check_token', '{"client_id":"client","scope":["read"]}', 200],
    ['V1_X', '', '/demo/oauth/check_token', '{"error":"invalid_token","client_id":"client"}', 401],
    ['V2_X', '/am/', '/am/demo/oauth/introspect', '{"active":true}', 200],
    ['V3_X', '', '/demo/oauth/introspect', '{"client_id":"client"}', 401],
    ['V3_X', '', '/demo/oauth/introspect', '{"active":true,"token_type":"refresh_token"}', 401],
  ])('is, for %s under %s, %s; %s is answered %i', async (version, path, expected, answer, status) => {
    const asked: (string | undefined)[] = []
    const address = await server((request, response) => {
      asked.push(request.url)
      response.end(answer)
    })
    const gateway = await gatewayWith()
    gateway.deploy(securedApi({}, { serverURL: address + path, resource: { version } }))
    const response = await fetch(`${gateway.address}/echo`, { headers: { authorization: 'Bearer t' } })
    expect([response.status, asked]).toEqual([status, [expected]])
  })

  it('gets client id and secret form-encoded before they are joined (RFC 6749 §2.3.1)', async () => {
    let authorization = ''
    const address = await server((request, response) => {
      authorization = Buffer.from(request.headers.authorization!.slice(6), 'base64').toString()
      response.end('{"active":false}')
    })
    await test(address, { clientId: 'a:b', clientSecret: 'p+ß the-secret' })
    expect(authorization).toBe('a%3Ab:p%2B%C3%9F+the-secret')
  })
})
