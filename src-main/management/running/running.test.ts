import { readFile, writeFile } from 'node:fs/promises'
import type { ApiDefinition } from '@shared/api-definition'
import type { Domain } from '@shared/domain'
import { describe, expect, it } from 'vitest'
import { createHttp } from '../http/http'
import { withServedSample } from './testing'

const { served, at, edit, editSeen, token, status, problems } = withServedSample()

describe('an edit of the files while they are served', () => {
  it('of a domain is told and runs', async () => {
    const seen = editSeen()
    await edit<Domain>('domains/demo.json', (domain) => {
      domain.applications[0]!.scopeSettings = [{ scope: 'write', defaultScope: true }]
    })
    expect(await seen).toMatchObject({ changed: [{ kind: 'domain', file: 'domains/demo.json' }] })
    expect(await token()).toMatchObject({ scope: 'write' })
  })

  it('of a draft is told, and runs when it is deployed', async () => {
    const seen = editSeen()
    await edit<ApiDefinition>('apis/echo.json', (draft) => {
      draft.listeners[0]!.paths = [{ path: '/moved' }]
    })
    expect(await seen).toMatchObject({ changed: [{ kind: 'api', file: 'apis/echo.json' }] })
    const [api] = await served().now.call('apis.list', {})
    expect(api).toMatchObject({ inSync: false, changeCount: 1 })
    expect([await status('/echo'), await status('/moved')]).toEqual([401, 404])
    await served().now.call('apis.deploy', { apiId: api!.definition.id })
    expect([await status('/echo'), await status('/moved')]).toEqual([404, 401])
  })

  it('that breaks a draft is listed, and what was there before stays', async () => {
    const seen = editSeen()
    await writeFile(at('apis/echo.json'), '{ "id": ')
    await seen
    expect(await problems()).toMatchObject([{ file: 'apis/echo.json' }])
    expect(await status('/echo')).toBe(401)
  })
})

describe('a start', () => {
  it('with a draft that cannot be read runs what was deployed of it, and keeps its path', async () => {
    const draft = await readFile(at('apis/echo.json'), 'utf8')
    await served().restart(() => writeFile(at('apis/echo.json'), draft.slice(0, 100)))
    expect(await problems()).toMatchObject([{ file: 'apis/echo.json' }])
    expect([await status('/echo'), await status('/echo', (await token()).accessToken)]).toEqual([401, 200])
    expect(await served().now.problem('apis.create', { name: 'Other', path: '/echo' })).toMatchObject({
      key: 'API_PATH_TAKEN',
    })
    const seen = editSeen()
    await writeFile(at('apis/echo.json'), draft)
    await seen
    expect(await problems()).toEqual([])
    expect(await served().now.call('apis.list', {})).toMatchObject([{ inSync: true }])
  })

  it('of a deployed revision is run in place of what was read before', async () => {
    expect(await status('/echo')).toBe(401)
    const seen = editSeen()
    await edit<{ definition: ApiDefinition }>('deployments/echo/1.json', ({ definition }) => {
      definition.flows = []
    })
    await seen
    expect(await status('/echo')).toBe(200)
  })

  it('with a revision that does not compile leaves that out, says so, and runs the others', async () => {
    const { definition } = await served().now.call('apis.create', { name: 'Open', path: '/open' })
    await served().now.call('apis.deploy', { apiId: definition.id })
    await served().restart(() =>
      edit<{ definition: ApiDefinition }>('deployments/echo/1.json', (deployment) => {
        deployment.definition.flows[0]!.request[0]!.configuration = { oauthResource: '' }
      }),
    )
    expect([await status('/echo'), await status('/open')]).toEqual([404, 200])
    expect(await problems()).toMatchObject([
      {
        file: 'deployments/echo/1.json',
        field: '/flows/0/request/0/configuration/oauthResource',
        message: expect.stringMatching(/^API Echo: /),
      },
    ])
  })
})

it('leaves out a domain whose key is of another kind than its file says, and runs the others', async () => {
  const { id } = await served().now.call('domains.create', { name: 'pairs', signingAlgorithm: 'RS256' })
  const seen = editSeen()
  await edit<Domain>('domains/pairs.json', (domain) => {
    domain.keys[0]!.algorithm = 'ES256'
  })
  await seen
  expect(await problems()).toMatchObject([
    { file: 'domains/pairs.json', field: '/keys/0' },
    { file: 'domains/pairs.json', field: '/keys' },
  ])
  expect(await status('/echo', (await token()).accessToken)).toBe(200)
  const { keys } = await served().now.call('domains.get', { domainId: id })
  await served().now.call('keys.rotate', { domainId: id, keyId: keys[0]!.id })
  expect(await problems()).toMatchObject([{ file: 'domains/pairs.json', field: '/keys/1' }])
  await served().now.call('keys.remove', { domainId: id, keyId: keys[0]!.id })
  expect(await problems()).toEqual([])
})

it('of two keys that a file has active for one algorithm, the second only verifies, and that is told', async () => {
  const { id } = await served().now.call('domains.create', { name: 'twins', signingAlgorithm: 'ES256' })
  const rotated = await served().now.call('keys.rotate', {
    domainId: id,
    keyId: (await served().now.call('domains.get', { domainId: id })).keys[0]!.id,
  })
  const seen = editSeen()
  await edit<Domain>('domains/twins.json', (domain) => {
    domain.keys[1]!.status = 'active'
  })
  await seen
  const [first, second] = rotated.keys
  expect(await problems()).toMatchObject([
    {
      file: 'domains/twins.json',
      field: '/keys/1/status',
      message: `Domain twins: ${second!.kid} signs nothing, for ${first!.kid} is active for ES256 too`,
    },
  ])
  const jwks = await fetch(`${served().now.authorization}/twins/oidc/.well-known/jwks.json`)
  expect(((await jwks.json()) as { keys: unknown[] }).keys).toHaveLength(2)
  await served().now.call('keys.retire', { domainId: id, keyId: second!.id })
  expect(await problems()).toEqual([])
})

describe('a public address of the authorization server', () => {
  const publicAuthorizationAddress = 'https://login.example.com'
  const discovered = async () =>
    (await (await fetch(`${served().now.authorization}/demo/oidc/.well-known/openid-configuration`)).json()) as Record<
      string,
      unknown
    >

  it('is what tokens and discovery name, and stands for the server where a resource names it', async () => {
    await served().now.call('workspace.update', { publicAuthorizationAddress: `${publicAuthorizationAddress}/` })
    expect(await discovered()).toMatchObject({
      issuer: `${publicAuthorizationAddress}/demo/oidc`,
      token_endpoint: `${publicAuthorizationAddress}/demo/oauth/token`,
    })
    const { accessToken, claims } = await token()
    expect(claims).toMatchObject({ iss: `${publicAuthorizationAddress}/demo/oidc` })

    const [api] = await served().now.call('apis.list', {})
    const definition = structuredClone(api!.definition)
    definition.resources[0]!.configuration.serverURL = publicAuthorizationAddress
    const apiId = definition.id
    await served().now.call('apis.save', { apiId, definition, version: api!.version })
    await served().now.call('apis.deploy', { apiId })
    expect(await status('/echo', accessToken)).toBe(200)

    await served().restart()
    expect(await discovered()).toMatchObject({ issuer: `${publicAuthorizationAddress}/demo/oidc` })
    await served().now.call('workspace.update', { publicAuthorizationAddress: '' })
    expect(await discovered()).toMatchObject({ issuer: `${served().now.authorization}/demo/oidc` })
    expect(served().now.store.document()).not.toHaveProperty('publicAuthorizationAddress')
  })

  it.each([
    'login.example.com',
    'ftp://login.example.com',
    'https://login.example.com/auth',
    'https://a:b@c',
    'https://c?d',
  ])('cannot be %s', async (address) => {
    expect(await served().now.problem('workspace.update', { publicAuthorizationAddress: address })).toMatchObject({
      key: 'INPUT_INVALID',
      errors: [{ field: '/publicAuthorizationAddress' }],
    })
  })
})

describe('the engine', () => {
  it('restarted runs the same, and takes the tokens that it issued before', async () => {
    const { accessToken } = await token()
    expect(await served().now.call('engine.restart', {})).toMatchObject({
      gateway: { state: 'listening' },
      authorization: { state: 'listening' },
    })
    const { gateway } = served().now.engine.engine.status()
    expect(gateway).toMatchObject({ address: served().now.gateway })
    expect([await status('/echo'), await status('/echo', accessToken)]).toEqual([401, 200])
  })

  it('follows a domain to its new path', async () => {
    const [domain] = await served().now.call('domains.list', {})
    await served().now.call('domains.update', { domainId: domain!.id, path: 'shop' })
    const got = await token()
    expect(await status('/echo', got.accessToken)).toBe(200)
    expect(await problems()).toEqual([])
  })
})

it('records of simultaneous token requests are each given to their own', async () => {
  const got = await Promise.all(Array.from({ length: 8 }, () => token()))
  expect(new Set(got.map(({ exchange }) => exchange.record?.id)).size).toBe(8)
})

it('GET /events streams what happens', async () => {
  const app = createHttp(served().now.management, 'the-token')
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  try {
    const response = await fetch(`${address}/events`, { headers: { authorization: 'Bearer the-token' } })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const stream = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const until = async (part: string) => {
      while (!text.includes(part)) {
        const { value, done } = await stream.read()
        if (done) throw new Error(`The stream ended without ${part}`)
        text += value
      }
    }
    await until(': listening\n\n')
    await status('/echo')
    await until('"type":"traffic"')
    await served().now.call('domains.create', { name: 'Other' })
    await until('"source":"here"')
    const events = text.split('\n\n').filter((line) => line.startsWith('data: '))
    for (const line of events.slice(0, -1))
      expect(JSON.parse(line.slice(6))).toMatchObject({ type: expect.any(String) })
    await stream.cancel()
  } finally {
    await app.close()
  }
})
