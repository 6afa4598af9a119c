import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ApiDefinition, Resource } from '@shared/api-definition'
import type { Domain } from '@shared/domain'
import type { GatehouseEvent } from '@shared/events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { buildWorker } from '../../engine/testing/start-engine'
import { writeDurably } from '../../workspace/files/durable-file'
import { createHttp } from '../http/http'
import { createSample } from '../sample'
import { serveEmpty, type ServedFolder, type Worker } from '../served.testing'

let worker: Worker
let served: ServedFolder
beforeAll(async () => {
  worker = await buildWorker()
})
afterAll(() => worker.remove())
beforeEach(async () => {
  served = await serveEmpty(worker)
  await createSample(served.now.call)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await served.close()
  expect(served.faults).toEqual([])
})

const at = (file: string) => join(served.folder, file)

/** As editors save: whole, so that nobody reads half of it. */
async function edit<T>(file: string, change: (document: T) => void): Promise<void> {
  const document = JSON.parse(await readFile(at(file), 'utf8')) as T
  change(document)
  await writeDurably(at(file), JSON.stringify(document, undefined, 2))
}

/** Resolves with the next event that tells of an edit from outside. */
function editSeen(): Promise<GatehouseEvent> {
  return new Promise((resolve) => {
    const stop = served.now.management.onEvent((event) => {
      if (event.type !== 'workspace' || event.source !== 'outside') return
      stop()
      resolve(event)
    })
  })
}

async function token(scopes: string[] = []) {
  const [domain] = await served.now.call('domains.list', {})
  const applicationId = domain!.applications[0]!.id
  return served.now.call('console.getToken', { domainId: domain!.id, applicationId, scopes })
}

const status = async (path: string, accessToken?: string) => {
  const headers: Record<string, string> = accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }
  return (await fetch(`${served.now.gateway}${path}`, { headers })).status
}

const problems = async () => (await served.now.call('workspace.get', {})).problems

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
    const [api] = await served.now.call('apis.list', {})
    expect(api).toMatchObject({ inSync: false, changeCount: 1 })
    expect([await status('/echo'), await status('/moved')]).toEqual([401, 404])
    await served.now.call('apis.deploy', { apiId: api!.definition.id })
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
    await served.restart(() => writeFile(at('apis/echo.json'), draft.slice(0, 100)))
    expect(await problems()).toMatchObject([{ file: 'apis/echo.json' }])
    expect([await status('/echo'), await status('/echo', (await token()).accessToken)]).toEqual([401, 200])
    expect(await served.now.problem('apis.create', { name: 'Other', path: '/echo' })).toMatchObject({
      key: 'API_PATH_TAKEN',
    })
    const seen = editSeen()
    await writeFile(at('apis/echo.json'), draft)
    await seen
    expect(await problems()).toEqual([])
    expect(await served.now.call('apis.list', {})).toMatchObject([{ inSync: true }])
  })

  it('with a revision that does not compile leaves that out, says so, and runs the others', async () => {
    const { definition } = await served.now.call('apis.create', { name: 'Open', path: '/open' })
    await served.now.call('apis.deploy', { apiId: definition.id })
    await served.restart(() =>
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
  const { id } = await served.now.call('domains.create', { name: 'pairs', signingAlgorithm: 'RS256' })
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
  const { keys } = await served.now.call('domains.get', { domainId: id })
  await served.now.call('keys.rotate', { domainId: id, keyId: keys[0]!.id })
  expect(await problems()).toMatchObject([{ file: 'domains/pairs.json', field: '/keys/1' }])
  await served.now.call('keys.remove', { domainId: id, keyId: keys[0]!.id })
  expect(await problems()).toEqual([])
})

it('of two keys that a file has active for one algorithm, the second only verifies, and that is told', async () => {
  const { id } = await served.now.call('domains.create', { name: 'twins', signingAlgorithm: 'ES256' })
  const rotated = await served.now.call('keys.rotate', {
    domainId: id,
    keyId: (await served.now.call('domains.get', { domainId: id })).keys[0]!.id,
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
  const jwks = await fetch(`${served.now.authorization}/twins/oidc/.well-known/jwks.json`)
  expect(((await jwks.json()) as { keys: unknown[] }).keys).toHaveLength(2)
  await served.now.call('keys.retire', { domainId: id, keyId: second!.id })
  expect(await problems()).toEqual([])
})

describe('a public address of the authorization server', () => {
  const publicAuthorizationAddress = 'https://login.example.com'
  const discovered = async () =>
    (await (await fetch(`${served.now.authorization}/demo/oidc/.well-known/openid-configuration`)).json()) as Record<
      string,
      unknown
    >

  it('is what tokens and discovery name, and stands for the server where a resource names it', async () => {
    await served.now.call('workspace.update', { publicAuthorizationAddress: `${publicAuthorizationAddress}/` })
    expect(await discovered()).toMatchObject({
      issuer: `${publicAuthorizationAddress}/demo/oidc`,
      token_endpoint: `${publicAuthorizationAddress}/demo/oauth/token`,
    })
    const { accessToken, claims } = await token()
    expect(claims).toMatchObject({ iss: `${publicAuthorizationAddress}/demo/oidc` })

    const [api] = await served.now.call('apis.list', {})
    const definition = structuredClone(api!.definition)
    definition.resources[0]!.configuration.serverURL = publicAuthorizationAddress
    const apiId = definition.id
    await served.now.call('apis.save', { apiId, definition, version: api!.version })
    await served.now.call('apis.deploy', { apiId })
    expect(await status('/echo', accessToken)).toBe(200)

    await served.restart()
    expect(await discovered()).toMatchObject({ issuer: `${publicAuthorizationAddress}/demo/oidc` })
    await served.now.call('workspace.update', { publicAuthorizationAddress: '' })
    expect(await discovered()).toMatchObject({ issuer: `${served.now.authorization}/demo/oidc` })
    expect(served.now.store.document()).not.toHaveProperty('publicAuthorizationAddress')
  })

  it.each([
    'login.example.com',
    'ftp://login.example.com',
    'https://login.example.com/auth',
    'https://a:b@c',
    'https://c?d',
  ])('cannot be %s', async (address) => {
    expect(await served.now.problem('workspace.update', { publicAuthorizationAddress: address })).toMatchObject({
      key: 'INPUT_INVALID',
      errors: [{ field: '/publicAuthorizationAddress' }],
    })
  })
})

describe('a secret that is missing', () => {
  it('is named where it is needed, and lets nobody in', async () => {
    const seen = editSeen()
    await edit<Domain>('domains/demo.json', (domain) => {
      domain.applications[0]!.clientSecret = 'secret://env/GATEHOUSE_SECRET_NOT_SET'
    })
    await seen
    expect(await problems()).toMatchObject([
      {
        field: '/applications/0/clientSecret',
        message: 'Domain demo: the secret of application orders-service is missing',
        remedy: expect.stringContaining('GATEHOUSE_SECRET_NOT_SET'),
      },
    ])
    await expect(token()).rejects.toMatchObject({ problem: { key: 'SECRET_MISSING', status: 409 } })
  })

  it('is one that stands in the document itself: it is told, and lets nobody in', async () => {
    const seen = editSeen()
    await edit<Domain>('domains/demo.json', (domain) => {
      domain.applications[0]!.clientSecret = 'in-clear'
    })
    await seen
    const [problem] = await problems()
    expect(problem).toMatchObject({
      field: '/applications/0/clientSecret',
      message: expect.stringContaining('orders-service is no reference'),
      remedy: expect.stringContaining('secret://env/GATEHOUSE_SECRET_'),
    })
    expect(JSON.stringify(problem)).not.toContain('in-clear')
    await expect(token()).rejects.toMatchObject({ problem: { status: 409 } })
  })

  it('is told as soon as the application is deleted that an API has it from, with the way out', async () => {
    const [domain] = await served.now.call('domains.list', {})
    const [api] = await served.now.call('apis.list', {})
    const applicationId = domain!.applications[0]!.id
    const definition = structuredClone(api!.definition)
    definition.resources[0]!.configuration.clientSecret = `secret://gatehouse/application/${applicationId}`
    await served.now.call('apis.save', { apiId: definition.id, definition, version: api!.version })
    await served.now.call('apis.deploy', { apiId: definition.id })
    expect(await problems()).toEqual([])

    const told: ReturnType<typeof problems>[] = []
    const stop = served.now.management.onEvent(({ type }) => void (type === 'workspace' && told.push(problems())))
    await served.now.call('applications.delete', { domainId: domain!.id, applicationId })
    stop()
    const name = definition.resources[0]!.name
    const expected = [
      {
        field: '/resources/0/configuration/clientSecret',
        message: `API ${definition.name}, resource ${name}: the secret that this refers to is gone`,
        remedy:
          'Open the resource and choose Replace at the secret, or fill the resource in from the workspace. ' +
          `Then deploy the API ${definition.name}.`,
      },
    ]
    expect(await told.at(-1)).toMatchObject(expected)
    expect(await problems()).toMatchObject(expected)
  })

  it('of an API refuses its deploy, naming the field', async () => {
    const [api] = await served.now.call('apis.list', {})
    const definition = structuredClone(api!.definition)
    definition.resources[0]!.configuration.clientSecret = 'secret://env/GATEHOUSE_SECRET_NOT_SET'
    const apiId = definition.id
    await served.now.call('apis.save', { apiId, definition, version: api!.version })
    expect(await served.now.problem('apis.deploy', { apiId })).toMatchObject({
      key: 'API_DOES_NOT_COMPILE',
      errors: [{ field: '/resources/0/configuration/clientSecret' }],
    })
    expect(await status('/echo', (await token()).accessToken)).toBe(200)
  })
})

describe('a variable of the environment that is not for workspaces', () => {
  const reference = 'secret://env/AWS_SECRET_ACCESS_KEY'
  beforeEach(() => vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'of somebody else'))

  it('is refused in a draft, with the rule and the way out', async () => {
    const [api] = await served.now.call('apis.list', {})
    const definition = structuredClone(api!.definition)
    const [resource] = definition.resources
    resource!.configuration.clientSecret = reference
    const apiId = definition.id
    const expected = (field: string) => ({
      key: 'INPUT_INVALID',
      errors: [
        {
          field,
          message: 'The environment variable AWS_SECRET_ACCESS_KEY is not for workspaces',
          remedy: expect.stringContaining('GATEHOUSE_SECRET_') as string,
        },
      ],
    })
    expect(await served.now.problem('apis.save', { apiId, definition, version: api!.version })).toMatchObject(
      expected('/definition/resources/0/configuration/clientSecret'),
    )
    expect(await served.now.problem('apis.testResource', { apiId, resource })).toMatchObject(
      expected('/resource/configuration/clientSecret'),
    )
  })

  it('is nothing to an application or a revision that was written by hand', async () => {
    const [api] = await served.now.call('apis.list', {})
    let seen = editSeen()
    await edit<{ definition: ApiDefinition }>('deployments/echo/1.json', ({ definition }) => {
      definition.resources[0]!.configuration.clientSecret = reference
    })
    await seen
    expect(await problems()).toMatchObject([
      {
        message: `API Echo, resource ${api!.definition.resources[0]!.name}: the environment variable AWS_SECRET_ACCESS_KEY is not for workspaces`,
        remedy: expect.stringContaining('GATEHOUSE_SECRET_') as string,
      },
    ])
    expect(await status('/echo', (await token()).accessToken)).toBe(503)

    seen = editSeen()
    await edit<Domain>('domains/demo.json', (domain) => {
      domain.applications[0]!.clientSecret = reference
    })
    await seen
    expect(await problems()).toMatchObject([
      { field: '/applications/0/clientSecret', remedy: expect.stringContaining('GATEHOUSE_SECRET_') as string },
      {},
    ])
    await expect(token()).rejects.toMatchObject({ problem: { key: 'SECRET_MISSING' } })
  })
})

describe('a secret', () => {
  it('goes nowhere but to the places for secrets, so that no expression, record or test shows it', async () => {
    vi.stubEnv('GATEHOUSE_SECRET_TEST', 'not-to-be-seen')
    const reference = 'secret://env/GATEHOUSE_SECRET_TEST'
    const [api] = await served.now.call('apis.list', {})
    const apiId = api!.definition.id
    const definition = structuredClone(api!.definition)
    definition.properties = [{ key: 'k', value: reference }]
    definition.flows[0]!.request[0]!.configuration = { oauthResource: "{#api.properties['k']}" }
    await served.now.call('apis.save', { apiId, definition, version: api!.version })
    await served.now.call('apis.deploy', { apiId })
    const request = { method: 'GET', url: `${served.now.gateway}/echo`, headers: [] }
    const { record } = await served.now.call('console.send', { request })
    expect(record?.refusal).toMatchObject({ evidence: [{ label: 'Resource', value: reference }] })

    const test = (resource: Resource) => served.now.call('apis.testResource', { apiId, resource })
    const [own] = definition.resources
    const tested = [
      await test({ ...own!, name: reference, type: 'unknown' }),
      await test({ ...own!, configuration: { ...own!.configuration, clientId: reference } }),
    ]
    expect(JSON.stringify([record, tested])).not.toContain('not-to-be-seen')
  })

  it('that is not for an API does not get into it by a file either', async () => {
    const [domain] = await served.now.call('domains.list', {})
    await served.restart(() =>
      edit<{ definition: ApiDefinition }>('deployments/echo/1.json', ({ definition }) => {
        definition.resources[0]!.configuration.clientSecret = `secret://gatehouse/key/${domain!.keys[0]!.id}`
      }),
    )
    expect(await problems()).toMatchObject([
      { field: '/resources/0/configuration/clientSecret', message: expect.stringContaining('not for this API') },
    ])
    expect(await status('/echo', (await token()).accessToken)).toBe(503)
  })
})

describe('the engine', () => {
  it('restarted runs the same, and takes the tokens that it issued before', async () => {
    const { accessToken } = await token()
    expect(await served.now.call('engine.restart', {})).toMatchObject({
      gateway: { state: 'listening' },
      authorization: { state: 'listening' },
    })
    const { gateway } = served.now.engine.engine.status()
    expect(gateway).toMatchObject({ address: served.now.gateway })
    expect([await status('/echo'), await status('/echo', accessToken)]).toEqual([401, 200])
  })

  it('follows a domain to its new path', async () => {
    const [domain] = await served.now.call('domains.list', {})
    await served.now.call('domains.update', { domainId: domain!.id, path: 'shop' })
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
  const app = createHttp(served.now.management, 'the-token')
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
    await served.now.call('domains.create', { name: 'Other' })
    await until('"source":"here"')
    const events = text.split('\n\n').filter((line) => line.startsWith('data: '))
    for (const line of events.slice(0, -1))
      expect(JSON.parse(line.slice(6))).toMatchObject({ type: expect.any(String) })
    await stream.cancel()
  } finally {
    await app.close()
  }
})
