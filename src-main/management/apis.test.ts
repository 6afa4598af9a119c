import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ApiState } from '@shared/operations'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSample } from './sample'
import { openTestWorkspace, type TestWorkspace } from './testing'

let workspace: TestWorkspace
beforeEach(async () => {
  workspace = await openTestWorkspace()
})
afterEach(async () => {
  expect(workspace.faults).toEqual([])
  await workspace.close()
})

async function sampleApi(): Promise<ApiState> {
  await createSample(workspace.call)
  return (await workspace.call('apis.list', {}))[0]!
}

async function save(api: ApiState, change: (definition: ApiState['definition']) => void): Promise<ApiState> {
  const definition = structuredClone(api.definition)
  change(definition)
  return workspace.call('apis.save', { apiId: definition.id, definition, version: api.version })
}

const sentences = async (api: ApiState) =>
  (await workspace.call('apis.changes', { apiId: api.definition.id })).map(({ sentence }) => sentence)

describe('an API', () => {
  it('takes a path in its one form, and names who has it already', async () => {
    const api = await workspace.call('apis.create', { name: 'Orders', path: 'orders//v1/' })
    expect(api.definition.listeners[0]?.paths).toEqual([{ path: '/orders/v1' }])
    expect(await workspace.problem('apis.create', { name: 'Other', path: '/orders/v1/' })).toMatchObject({
      key: 'API_PATH_TAKEN',
      status: 409,
      title: 'The path /orders/v1 belongs to the API Orders',
      errors: [{ field: '/path' }],
    })
    expect(await workspace.problem('apis.create', { name: 'orders', path: '/x' })).toMatchObject({
      key: 'API_NAME_TAKEN',
    })
    for (const path of ['/a b', '/a?b', '/../a', '/%zz', '/ä'])
      expect(await workspace.problem('apis.create', { name: 'X', path })).toMatchObject({
        key: 'INPUT_INVALID',
        errors: [{ field: '/path' }],
      })
    expect(await workspace.problem('apis.create', { name: 'X', path: '/a b', target: 'nonsense' })).toMatchObject({
      errors: [{ field: '/path' }, { field: '/target' }],
    })
    for (const target of ['nonsense', 'ftp://x', 'http://user:secret@x/'])
      expect(await workspace.problem('apis.create', { name: 'X', path: '/x', target })).toMatchObject({
        errors: [{ field: '/target' }],
      })
  })

  it('tells every change in words, and none of the secrets', async () => {
    const api = await sampleApi()
    expect(await sentences(api)).toEqual([])
    await save(api, (definition) => {
      definition.name = 'Echo 2'
      definition.listeners[0]!.paths[0]!.path = '/echo2'
      definition.endpointGroups[0]!.endpoints[0]!.configuration.target = 'http://127.0.0.1:3000'
      definition.resources[0]!.configuration.clientSecret = 'hunter2-in-the-clear'
      definition.flows[0]!.request[0]!.configuration = {
        oauthResource: 'am-demo',
        checkRequiredScopes: true,
        requiredScopes: ['read', 'write'],
      }
      definition.flows[0]!.request.push({ enabled: false, policy: 'from-elsewhere' })
      definition.flows.push({ name: 'Admin', enabled: true, selectors: [], request: [], response: [] })
      definition.gatehouse = { challengeStyle: 'terse' }
      Object.assign(definition, { analytics: { enabled: true } })
    })
    expect(await sentences(api)).toEqual([
      'Renamed from Echo to Echo 2',
      'Path changed from /echo to /echo2',
      'Backend address changed from gatehouse:echo to http://127.0.0.1:3000',
      'Resource am-demo: Client secret changed',
      'Flow Admin added',
      'from-elsewhere added to flow All paths, turned off',
      'OAuth2 in flow All paths: Require scopes turned on',
      'OAuth2 in flow All paths: Required scopes set to read, write',
      'Challenge style changed from quickstart to terse',
      'Analytics set',
    ])
    const changes = await workspace.call('apis.changes', { apiId: api.definition.id })
    expect(JSON.stringify(changes)).not.toContain('hunter2')
    expect(JSON.stringify(workspace.store.apis())).not.toContain('hunter2')
    expect(changes.length).toBe(10)
  })

  it('tells which step of which flow of a plan has changed, and of which calls the trace is kept', async () => {
    const api = await sampleApi()
    const step = { enabled: true, policy: 'mock', configuration: { status: '200' } }
    const selectors = [{ type: 'http' as const, path: '/', pathOperator: 'START_WITH' as const }]
    const flow = { name: 'All', enabled: true, selectors, request: [step], response: [] }
    await save(api, ({ plans }) => (plans[0]!.flows = [flow]))
    await workspace.call('apis.deploy', { apiId: api.definition.id })
    const [plan] = api.definition.plans
    await save(await workspace.call('apis.get', { apiId: api.definition.id }), (definition) => {
      definition.plans[0]!.flows![0]!.request[0]!.configuration = { status: '404' }
      definition.plans[0]!.flows!.push({ ...flow, name: 'More' })
      definition.analytics = { sampling: { type: 'count', value: '10' } }
    })
    expect(await sentences(api)).toEqual([
      `Flow More of plan ${plan!.name} added`,
      `Mock added to flow More of plan ${plan!.name}`,
      `Mock in flow All of plan ${plan!.name}: Status changed from 200 to 404`,
      'Traces: 1 call in 10',
    ])
  })

  it('keeps a draft that is not finished, and refuses what can never be right', async () => {
    const api = await sampleApi()
    const saved = await save(api, (definition) => {
      definition.flows[0]!.request[0]!.configuration = { oauthResource: '' }
    })
    expect(saved.inSync).toBe(false)
    const definition = structuredClone(saved.definition)
    definition.flows[0]!.request[0]!.configuration = { oauthResource: 7 }
    expect(
      await workspace.problem('apis.save', { apiId: definition.id, definition, version: saved.version }),
    ).toMatchObject({ errors: [{ field: '/definition/flows/0/request/0/configuration/oauthResource' }] })
  })

  it('refuses an edit of an older version, and one that reaches for another secret', async () => {
    const api = await sampleApi()
    await save(api, (definition) => (definition.name = 'Newer'))
    const { definition, version } = api
    expect(await workspace.problem('apis.save', { apiId: definition.id, definition, version })).toMatchObject({
      key: 'API_CHANGED',
      status: 409,
    })
    const now = await workspace.call('apis.get', { apiId: definition.id })
    const key = workspace.store.domains()[0]!.keys[0]!
    const reaching = structuredClone(now.definition)
    reaching.resources[0]!.configuration.clientSecret = `secret://gatehouse/key/${key.id}`
    expect(
      await workspace.problem('apis.save', { apiId: definition.id, definition: reaching, version: now.version }),
    ).toMatchObject({ key: 'INPUT_INVALID', errors: [{ field: '/definition/resources/0/configuration/clientSecret' }] })
  })

  it('takes no reference to another secret wherever it stands', async () => {
    const { definition, version } = await sampleApi()
    const key = `secret://gatehouse/key/${workspace.store.domains()[0]!.keys[0]!.id}`
    const reaching = structuredClone(definition)
    reaching.properties = [{ key: 'k', value: key }]
    reaching.plans[0]!.flows = structuredClone(definition.flows)
    reaching.plans[0]!.flows[0]!.request[0]!.configuration = { oauthResource: key }
    expect(await workspace.problem('apis.save', { apiId: definition.id, definition: reaching, version })).toMatchObject(
      {
        errors: [
          { field: '/definition/plans/0/flows/0/request/0/configuration/oauthResource' },
          { field: '/definition/properties/0/value' },
        ],
      },
    )
  })

  it('goes from draft to revision and back', async () => {
    const api = await sampleApi()
    const apiId = api.definition.id
    expect(api).toMatchObject({ inSync: true, deployedRevision: 1, changeCount: 0 })
    expect((await workspace.call('apis.deploy', { apiId })).deployedRevision).toBe(1)
    await save(api, (definition) => (definition.description = 'Other'))
    expect(await workspace.call('apis.discard', { apiId })).toMatchObject({ inSync: true })
    const again = await workspace.call('apis.get', { apiId })
    await save(again, (definition) => (definition.description = 'Other'))
    expect(await workspace.call('apis.deploy', { apiId })).toMatchObject({ inSync: true, deployedRevision: 2 })
    await save(
      await workspace.call('apis.get', { apiId }),
      ({ listeners }) => (listeners[0]!.paths[0]!.path = '/moved'),
    )
    const { definition, deployedPaths } = await workspace.call('apis.get', { apiId })
    expect(definition.listeners[0]!.paths[0]!.path).toBe('/moved')
    expect(deployedPaths).toEqual(api.definition.listeners[0]!.paths.map(({ path }) => path))
    expect((await workspace.call('apis.deployments', { apiId })).map(({ revision }) => revision)).toEqual([2, 1])
    const fresh = await workspace.call('apis.create', { name: 'Fresh', path: '/fresh' })
    expect(fresh.deployedPaths).toBeUndefined()
    expect(await workspace.problem('apis.discard', { apiId: fresh.definition.id })).toMatchObject({
      key: 'API_NOT_DEPLOYED',
    })
  })

  it('is deployed as its file stands at that moment', async () => {
    const { definition, file } = await sampleApi()
    const edited = { ...definition, description: 'Edited a moment ago' }
    await writeFile(join(workspace.folder, file), JSON.stringify(edited))
    expect(await workspace.call('apis.deploy', { apiId: definition.id })).toMatchObject({
      deployedRevision: 2,
      definition: { description: 'Edited a moment ago' },
    })
  })

  it('follows a domain to its new path, and keeps what is undeployed of its draft so', async () => {
    const api = await sampleApi()
    await save(api, (definition) => {
      definition.description = 'Not deployed yet'
      const { configuration } = definition.resources[0]!
      const elsewhere = { ...configuration, serverURL: 'https://am.example.com' }
      definition.resources.push({
        name: 'foreign',
        type: 'oauth2-am-resource',
        enabled: true,
        configuration: elsewhere,
      })
    })
    const [domain] = await workspace.call('domains.list', {})
    await workspace.call('domains.update', { domainId: domain!.id, path: 'shop', name: 'Shop' })
    const moved = await workspace.call('apis.get', { apiId: api.definition.id })
    expect(moved.definition.resources.map(({ configuration }) => configuration.securityDomain)).toEqual([
      'shop',
      'demo',
    ])
    expect(moved).toMatchObject({ deployedRevision: 2, inSync: false })
    expect(await sentences(api)).toEqual([
      'Resource foreign added',
      'Description changed from Answers with what the backend received to Not deployed yet',
    ])
    expect(await workspace.call('apis.deployments', { apiId: api.definition.id })).toMatchObject([
      { revision: 2, changes: ['Resources follow the domain demo from demo to shop'] },
      { revision: 1 },
    ])
    expect((await workspace.call('workspace.get', {})).problems).toEqual([])
  })

  it('that asks a domain which is gone is listed as a problem', async () => {
    await sampleApi()
    const [domain] = await workspace.call('domains.list', {})
    await workspace.call('domains.delete', { domainId: domain!.id, confirmName: 'demo' })
    expect((await workspace.call('workspace.get', {})).problems).toContainEqual({
      file: expect.stringMatching(/^deployments\//),
      field: '/resources/0/configuration/securityDomain',
      message: 'API Echo: the resource am-demo asks the domain demo, which is not there',
      remedy: 'Choose a domain in the resource am-demo, and deploy the API.',
    })
  })

  it('takes its secrets with it when it goes', async () => {
    const api = await sampleApi()
    const saved = await save(api, (definition) => {
      definition.resources[0]!.configuration.clientSecret = 'typed-in'
    })
    const reference = String(saved.definition.resources[0]!.configuration.clientSecret)
    expect(workspace.store.secrets.resolve(reference)).toBe('typed-in')
    const apiId = api.definition.id
    expect(await workspace.problem('apis.delete', { apiId, confirmName: 'Wrong' })).toMatchObject({
      errors: [{ field: '/confirmName' }],
    })
    await workspace.call('apis.delete', { apiId, confirmName: 'Echo' })
    expect(workspace.store.secrets.resolve(reference)).toBeUndefined()
    expect(await workspace.call('apis.list', {})).toEqual([])
  })

  it('follows the authorization server to another port', async () => {
    const api = await sampleApi()
    await workspace.call('workspace.update', { authorizationPort: 8093 })
    const moved = await workspace.call('apis.get', { apiId: api.definition.id })
    expect(moved).toMatchObject({ inSync: true, deployedRevision: 2 })
    expect(moved.definition.resources[0]!.configuration.serverURL).toBe('http://127.0.0.1:8093')
    expect(await workspace.problem('workspace.update', { gatewayPort: 8093 })).toMatchObject({
      errors: [{ field: '/gatewayPort' }],
    })
  })
})
