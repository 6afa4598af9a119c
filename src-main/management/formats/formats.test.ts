import type { FormatNoteKind } from '@shared/api-formats'
import type { OperationOutput } from '@shared/operations'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildWorker } from '../../engine/testing/start-engine'
import { createSample } from '../sample'
import { serveEmpty, type ServedFolder, type Worker } from '../served.testing'
import { openTestWorkspace, type TestWorkspace } from '../testing'
import { definitionV2, exportV4, petStore } from './examples.testing'

const exported = JSON.stringify(exportV4)

describe('an import', () => {
  let workspace: TestWorkspace
  beforeEach(async () => {
    workspace = await openTestWorkspace()
  })
  afterEach(async () => {
    expect(workspace.faults).toEqual([])
    await workspace.close()
  })

  it('tells what it would do and does nothing', async () => {
    const preview = await workspace.call('apis.importPreview', { content: exported })
    expect(preview).toMatchObject({
      format: 'gravitee-v4-export',
      name: 'Orders',
      paths: ['/shop/orders'],
      endpoints: ['http://127.0.0.1:9000/orders'],
      flows: 1,
      steps: 1,
      plans: ['Free'],
      resources: ['am'],
      conflicts: [],
      problems: [],
      freeName: 'Orders',
      freePath: '/shop/orders',
    })
    expect(JSON.stringify(preview)).not.toContain('s3cret')
    expect(await workspace.call('apis.list', {})).toEqual([])
  })

  it('makes a draft under the ids of the file, and seals its secrets', async () => {
    const { api, notes } = await workspace.call('apis.import', { content: exported })
    expect(api).toMatchObject({
      definition: { id: exportV4.api.id, plans: [{ id: exportV4.plans[0]!.id }] },
      inSync: false,
    })
    expect(api.deployedRevision).toBeUndefined()
    expect(notes.some(({ kind }) => kind === 'dropped')).toBe(true)
    const secret = String(api.definition.resources[0]!.configuration.clientSecret)
    expect(secret).toMatch(/^secret:\/\//)
    expect(workspace.store.secrets.resolve(secret)).toBe('s3cret')
  })

  it('names what stands in its way, and is let in under another name and path, with new ids', async () => {
    const { api: first } = await workspace.call('apis.import', { content: exported })
    const preview = await workspace.call('apis.importPreview', { content: exported })
    expect(preview.conflicts.map(({ what, apiName }) => [what, apiName])).toEqual([
      ['path', 'Orders'],
      ['name', 'Orders'],
      ['id', 'Orders'],
    ])
    expect(preview).toMatchObject({ freeName: 'Orders 2', freePath: '/shop/orders-2' })
    expect(await workspace.problem('apis.import', { content: exported })).toMatchObject({
      key: 'API_PATH_TAKEN',
      errors: [{ field: '/path' }],
    })
    expect(await workspace.problem('apis.import', { content: exported, path: preview.freePath })).toMatchObject({
      key: 'API_NAME_TAKEN',
      errors: [{ field: '/name' }],
    })
    expect(await workspace.problem('apis.import', { content: exported, path: '/a b' })).toMatchObject({
      key: 'INPUT_INVALID',
      errors: [{ field: '/path' }],
    })
    expect(await workspace.call('apis.list', {})).toHaveLength(1)
    const { api } = await workspace.call('apis.import', {
      content: exported,
      name: preview.freeName,
      path: preview.freePath,
    })
    expect(api.definition).toMatchObject({ name: 'Orders 2', listeners: [{ paths: [{ path: '/shop/orders-2' }] }] })
    expect(api.definition.id).not.toBe(first.definition.id)
    expect(api.definition.plans[0]!.id).not.toBe(first.definition.plans[0]!.id)
  })

  it('takes the place of a draft, which keeps its id, its secrets and what runs', async () => {
    const { api: first } = await workspace.call('apis.import', { content: exported })
    const apiId = first.definition.id
    await workspace.call('apis.setChallengeStyle', { apiId, challengeStyle: 'terse' })
    await workspace.call('apis.deploy', { apiId })
    const { content } = await workspace.call('apis.export', { apiId, format: 'gravitee-v4-export' })
    expect(content).not.toContain('s3cret')
    expect(content).not.toContain('secret://')
    const { api, notes } = await workspace.call('apis.import', { content, apiId })
    expect(api.definition.id).toBe(apiId)
    expect(api.definition.resources).toEqual(first.definition.resources)
    expect(api.definition.gatehouse).toEqual({ challengeStyle: 'terse' })
    expect(api.deployedRevision).toBe(1)
    expect(notes.map(({ sentence }) => sentence)).toContain('The secret of the resource am, which the draft before has')
    const other = { ...exportV4, api: { ...exportV4.api, id: 'elsewhere', name: 'Renamed', resources: [] } }
    const replaced = await workspace.call('apis.import', { content: JSON.stringify(other), apiId })
    expect(replaced.api).toMatchObject({ definition: { id: apiId, name: 'Renamed', resources: [] }, inSync: false })
    expect(replaced.api.definition.plans[0]!.id).toBe(first.definition.plans[0]!.id)
  })

  it('of a file that cannot be read or is not right leaves nothing behind', async () => {
    expect(await workspace.problem('apis.import', { content: '{"a":', fileName: 'a.json' })).toMatchObject({
      key: 'API_FILE_UNREADABLE',
      title: 'a.json, line 1, column 6: here it stops being JSON',
    })
    const wrong = { ...exportV4, api: { ...exportV4.api, endpointGroups: [] } }
    expect((await workspace.call('apis.importPreview', { content: JSON.stringify(wrong) })).problems).toHaveLength(1)
    expect(await workspace.problem('apis.import', { content: JSON.stringify(wrong) })).toMatchObject({
      key: 'INPUT_INVALID',
      errors: [{ field: '/content', message: expect.stringContaining('line 1, column') }],
    })
    const foreign = structuredClone(exportV4)
    foreign.api.properties = [{ key: 'a', value: 'secret://gatehouse/key/1', encrypted: false }]
    expect(await workspace.problem('apis.import', { content: JSON.stringify(foreign) })).toMatchObject({
      key: 'INPUT_INVALID',
    })
    expect(await workspace.call('apis.list', {})).toEqual([])
  })

  it('goes out as OpenAPI with what callers see', async () => {
    const { api } = await workspace.call('apis.import', { content: petStore, choices: { mocks: true } })
    const apiId = api.definition.id
    const { content, fileName, mediaType } = await workspace.call('apis.export', { apiId, format: 'openapi' })
    expect([fileName, mediaType]).toEqual(['pet-store.openapi.json', 'application/json'])
    expect(JSON.parse(content)).toMatchObject({
      openapi: '3.1.1',
      info: { title: 'Pet store', version: '1.2.0' },
      servers: [{ url: 'http://127.0.0.1:8082/v1' }],
      paths: {
        '/pets': {
          get: {
            operationId: 'listPets',
            security: [{ login: ['pets.read'] }],
            responses: { 200: { content: { 'application/json': { example: [{ name: 'Rex' }] } } } },
          },
        },
        '/pets/{petId}': { parameters: [{ name: 'petId', in: 'path', required: true }], get: {} },
      },
      components: { securitySchemes: { login: { type: 'openIdConnect' } } },
    })
  })

  it('exports a revision as it was deployed', async () => {
    const { api } = await workspace.call('apis.import', { content: JSON.stringify(definitionV2) })
    const apiId = api.definition.id
    await workspace.call('apis.deploy', { apiId })
    const { version, definition } = await workspace.call('apis.get', { apiId })
    await workspace.call('apis.save', { apiId, definition: { ...definition, description: 'Later' }, version })
    const text = async (revision?: number) =>
      (await workspace.call('apis.export', { apiId, format: 'gravitee-v4', ...(revision ? { revision } : {}) })).content
    expect(await text()).toContain('Later')
    expect(await text(1)).not.toContain('Later')
    expect(await workspace.problem('apis.export', { apiId, format: 'gravitee-v4', revision: 9 })).toMatchObject({
      key: 'REVISION_NOT_FOUND',
    })
  })
})

describe('beside the engine', () => {
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

  const ofKind = ({ notes }: OperationOutput<'apis.importPreview'>, kind: FormatNoteKind) =>
    notes.filter((note) => note.kind === kind)

  it('the list says what a deploy would be refused for, and what nothing here acts on', async () => {
    const definition = {
      ...exportV4,
      api: {
        ...exportV4.api,
        flows: [
          {
            ...exportV4.api.flows[0],
            request: [{ name: 'Odd', enabled: true, policy: 'not-a-policy', configuration: {} }],
          },
        ],
      },
    }
    const preview = await served.now.call('apis.importPreview', { content: JSON.stringify(definition) })
    expect(ofKind(preview, 'blocks').map(({ pointer }) => pointer)).toEqual(['/flows/0/request/0/policy'])
    expect(ofKind(preview, 'unused').map(({ pointer }) => pointer)).toEqual(['/tags'])
  })

  it('a version 2 definition is judged as what it becomes', async () => {
    const preview = await served.now.call('apis.importPreview', { content: JSON.stringify(definitionV2) })
    // Expressions that version 2 took and that are none here, each with the place that it has in the draft.
    expect(ofKind(preview, 'blocks').map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining([
        '/plans/0/selectionRule',
        '/endpointGroups/0/services/healthCheck/configuration/assertion',
      ]),
    )
    expect(ofKind(preview, 'unused').map(({ pointer }) => pointer)).toContain('/listeners/0/pathMappings')
  })

  it('an imported API is deployed, and answers as the file says', async () => {
    await createSample(served.now.call)
    const [sample] = await served.now.call('apis.list', {})
    const { content } = await served.now.call('apis.export', {
      apiId: sample!.definition.id,
      format: 'gravitee-v4-export',
      syntax: 'yaml',
    })
    const copy = { content, name: 'Copy', path: '/copy' }
    const preview = await served.now.call('apis.importPreview', copy)
    expect(ofKind(preview, 'blocks').map(({ pointer }) => pointer)).toEqual(['/resources/0/configuration/clientSecret'])
    const { api } = await served.now.call('apis.import', copy)
    const { version } = api
    const definition = structuredClone(api.definition)
    definition.resources[0]!.configuration.clientSecret = 'typed in'
    await served.now.call('apis.save', { apiId: definition.id, definition, version })
    await served.now.call('apis.deploy', { apiId: definition.id })
    const answer = await fetch(`${served.now.gateway}/copy`)
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ message: 'No OAuth authorization header was supplied' })
  })

  it('operations of an OpenAPI document are served, and nothing else is', async () => {
    const content = JSON.stringify({
      openapi: '3.0.3',
      info: { title: 'Pets', version: '1' },
      paths: { '/pets/{id}': { get: {} }, '/pets/mine': { get: {} } },
    })
    const { api, notes } = await served.now.call('apis.import', { content })
    expect(notes.filter(({ kind }) => kind === 'blocks')).toEqual([])
    await served.now.call('apis.deploy', { apiId: api.definition.id })
    const status = async (path: string, method = 'GET') =>
      (await fetch(`${served.now.gateway}/pets${path}`, { method })).status
    expect(await status('/pets/7')).toBe(200)
    expect(await status('/pets/mine')).toBe(200)
    expect(await status('/pets')).toBe(404)
    expect(await status('/pets/7', 'DELETE')).toBe(404)
  })
})
