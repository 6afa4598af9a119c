import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildWorker } from '../engine/testing/start-engine'
import { serveEmpty, type ServedFolder, type Worker } from './served.testing'

let worker: Worker
let served: ServedFolder
beforeAll(async () => {
  worker = await buildWorker()
  served = await serveEmpty(worker)
})
afterAll(async () => {
  expect(served.faults).toEqual([])
  await served.close()
  await worker.remove()
})

/** A deployed API with as many revisions, each with a description of its own. */
async function withRevisions(name: string, count: number): Promise<string> {
  const { definition } = await served.now.call('apis.create', { name, path: `/${name.toLowerCase()}` })
  for (let revision = 1; revision <= count; revision++) {
    const { version } = await served.now.call('apis.get', { apiId: definition.id })
    const described = { ...definition, description: `The ${revision}.` }
    await served.now.call('apis.save', { apiId: definition.id, definition: described, version })
    await served.now.call('apis.deploy', { apiId: definition.id })
  }
  return definition.id
}
const statusOf = async (path: string) => (await fetch(`${served.now.gateway}${path}`)).status

describe('a resource that a policy names and that the API does not have', () => {
  it('refuses the deploy, by a step or by a plan, with the field and the way out; what is off names none', async () => {
    const { definition, version } = await served.now.call('apis.create', { name: 'Lacking', path: '/lacking' })
    const step = { enabled: true, policy: 'oauth2', configuration: { oauthResource: 'am', oauthCacheResource: 'kept' } }
    const chosen = { ...step, configuration: { oauthResource: "{#api.properties['which']}" } }
    const [flow] = definition.flows
    const lacking = {
      ...definition,
      flows: [{ ...flow!, request: [step, { ...step, enabled: false }, chosen] }],
      plans: [
        { id: 'p', name: 'Partners', security: { type: 'OAUTH2', configuration: { oauthResource: 'theirs' } } },
        {
          id: 'c',
          name: 'Old',
          status: 'CLOSED',
          security: { type: 'OAUTH2', configuration: { oauthResource: 'old' } },
        },
      ],
    }
    await served.now.call('apis.save', { apiId: definition.id, definition: lacking, version })
    const { errors } = await served.now.problem('apis.deploy', { apiId: definition.id })
    expect(errors).toEqual(
      [
        ['/flows/0/request/0/configuration/oauthResource', 'am', 'Flow All paths, request step 1 (OAuth2)'],
        ['/flows/0/request/0/configuration/oauthCacheResource', 'kept', 'Flow All paths, request step 1 (OAuth2)'],
        ['/plans/0/security/configuration/oauthResource', 'theirs', 'Plan Partners'],
      ].map(([field, name, place]) => ({
        field,
        message: `${place}: it names the resource ${name}, which the API does not have`,
        remedy: `Add a resource called ${name}, or choose another one.`,
      })),
    )
    expect(await statusOf('/lacking')).toBe(404)
  })
})

describe('a condition that gives a list, whatever the request is', () => {
  it('refuses the deploy, with the field and the way out, for it never holds', async () => {
    const { definition, version } = await served.now.call('apis.create', { name: 'Listing', path: '/listing' })
    const [flow] = definition.flows
    const of = (condition: string, enabled = true) => ({ enabled, policy: 'mock', configuration: {}, condition })
    const selectors = [...flow!.selectors, { type: 'condition' as const, condition: '{#request.params.beta}' }]
    const steps = [
      of("{ #request.headers['x-beta'] }"),
      of("{#request.headers['x-beta']}", false),
      of("{#request.headers['x-beta'][0] == 'yes'}"),
      of("{#request.headers['x-beta'] != null}"),
    ]
    const listing = { ...definition, flows: [{ ...flow!, selectors, request: steps }] }
    await served.now.call('apis.save', { apiId: definition.id, definition: listing, version })
    const { errors } = await served.now.problem('apis.deploy', { apiId: definition.id })
    const message = 'the condition gives a list of values, which is neither true nor false: it never holds'
    expect(errors).toEqual([
      {
        field: '/flows/0/selectors/1/condition',
        message: `Flow All paths: ${message}`,
        remedy: "Compare one of them, such as {#request.params.beta[0] == 'yes'}, or ask whether there are any: {#request.params.beta != null}.", // prettier-ignore
      },
      {
        field: '/flows/0/request/0/condition',
        message: `Flow All paths, request step 1 (Mock): ${message}`,
        remedy: "Compare one of them, such as {#request.headers['x-beta'][0] == 'yes'}, or ask whether there are any: {#request.headers['x-beta'] != null}.", // prettier-ignore
      },
    ])
  })
})

describe('revisions', () => {
  it('are compared with each other and with the draft, in words and as JSON', async () => {
    const apiId = await withRevisions('Compared', 2)
    const { definition, version } = await served.now.call('apis.get', { apiId })
    await served.now.call('apis.save', { apiId, definition: { ...definition, description: 'Typed' }, version })
    const sentences = async (input: { before?: number; after?: number }) =>
      (await served.now.call('apis.compare', { apiId, ...input })).changes.map(({ sentence }) => sentence)
    expect(await sentences({ before: 1, after: 2 })).toEqual(['Description changed from The 1. to The 2.'])
    expect(await sentences({ before: 2, after: 1 })).toEqual(['Description changed from The 2. to The 1.'])
    expect(await sentences({ before: 1 })).toEqual(['Description changed from The 1. to Typed'])
    expect(await sentences({})).toEqual([])
    const { before, after } = await served.now.call('apis.compare', { apiId, before: 1, after: 2 })
    expect(JSON.parse(before)).toMatchObject({ description: 'The 1.' })
    expect(after).toContain('  "description": "The 2.",\n')
    expect(await served.now.problem('apis.compare', { apiId, before: 9 })).toMatchObject({ key: 'REVISION_NOT_FOUND' })
  })

  it('of a new API say what it has, and not what a blank one had in its place', async () => {
    const { definition, version } = await served.now.call('apis.create', {
      ...{ name: 'Fresh', path: '/fresh', target: 'http://127.0.0.1:3000' },
    })
    const [group] = definition.endpointGroups
    const [first] = group!.endpoints
    const two = { ...first!, name: 'two', configuration: { target: 'http://127.0.0.1:3001' } }
    const flow = { ...definition.flows[0]!, name: 'Reads' }
    const changed = {
      ...definition,
      flowExecution: { mode: 'best-match' as const, matchRequired: true },
      flows: [flow],
      endpointGroups: [{ ...group!, endpoints: [{ ...first!, name: 'one' }, two] }],
    }
    await served.now.call('apis.save', { apiId: definition.id, definition: changed, version })
    const changes = await served.now.call('apis.changes', { apiId: definition.id })
    expect(changes.map(({ sentence }) => sentence)).toEqual([
      'Fresh is new on /fresh',
      'Backend two added, http://127.0.0.1:3001',
      'Flow Reads added',
    ])
  })

  it('become the draft again, which a deploy makes run', async () => {
    const apiId = await withRevisions('Restored', 2)
    const restored = await served.now.call('apis.restore', { apiId, revision: 1 })
    expect(restored).toMatchObject({ definition: { description: 'The 1.' }, inSync: false, deployedRevision: 2 })
    expect(await served.now.call('apis.deploy', { apiId })).toMatchObject({ inSync: true, deployedRevision: 3 })
    expect(await served.now.problem('apis.restore', { apiId, revision: 7 })).toMatchObject({
      key: 'REVISION_NOT_FOUND',
      status: 404,
    })
  })
})

describe('a stopped API', () => {
  it('is not served until it is started, also after a restart', async () => {
    const apiId = await withRevisions('Stopped', 1)
    expect(await statusOf('/stopped')).toBe(200)
    expect(await served.now.call('apis.stop', { apiId })).toMatchObject({ stopped: true, deployedRevision: 1 })
    expect(await statusOf('/stopped')).toBe(404)
    expect(await served.now.call('apis.stop', { apiId })).toMatchObject({ stopped: true })
    await served.restart()
    expect(await statusOf('/stopped')).toBe(404)
    expect(await served.now.problem('apis.create', { name: 'Other', path: '/stopped' })).toMatchObject({
      key: 'API_PATH_TAKEN',
    })
    expect((await served.now.call('apis.start', { apiId })).stopped).toBeUndefined()
    expect(await statusOf('/stopped')).toBe(200)
    expect(JSON.parse(await readFile(join(served.folder, 'gatehouse.json'), 'utf8'))).not.toHaveProperty('stoppedApis')
  })

  it('is started by a deploy, and forgotten when it is deleted', async () => {
    const apiId = await withRevisions('Redeployed', 1)
    await served.now.call('apis.stop', { apiId })
    expect((await served.now.call('apis.deploy', { apiId })).stopped).toBeUndefined()
    expect(await statusOf('/redeployed')).toBe(200)
    await served.now.call('apis.stop', { apiId })
    const { definition, version } = await served.now.call('apis.get', { apiId })
    await served.now.call('apis.save', { apiId, definition: { ...definition, description: 'New' }, version })
    expect(await served.now.call('apis.deploy', { apiId })).toMatchObject({ deployedRevision: 2, inSync: true })
    expect(await statusOf('/redeployed')).toBe(200)
    await served.now.call('apis.stop', { apiId })
    await served.now.call('apis.delete', { apiId, confirmName: 'Redeployed' })
    expect(served.now.store.document().stoppedApis).toBeUndefined()
  })

  it('that was never deployed cannot be stopped', async () => {
    const { definition } = await served.now.call('apis.create', { name: 'Draft', path: '/draft' })
    for (const operation of ['apis.stop', 'apis.start'] as const)
      expect(await served.now.problem(operation, { apiId: definition.id })).toMatchObject({ key: 'API_NOT_DEPLOYED' })
  })
})
