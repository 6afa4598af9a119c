import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ApiState } from '@shared/operations'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestWorkspace, type TestWorkspace } from './testing'
import { buildWorker } from '../engine/testing/start-engine'
import { serveEmpty } from './served.testing'

describe('the endpoints of a draft', () => {
  let workspace: TestWorkspace
  beforeEach(async () => {
    workspace = await openTestWorkspace()
  })
  afterEach(async () => {
    expect(workspace.faults).toEqual([])
    await workspace.close()
  })

  type Change = (definition: ApiState['definition']) => void
  async function saved(change: Change): Promise<ApiState> {
    const { definition: made, version } = await workspace.call('apis.create', { name: 'Orders', path: '/orders' })
    const definition = structuredClone(made)
    change(definition)
    return workspace.call('apis.save', { apiId: definition.id, definition, version })
  }
  const wrong = async (change: Change) => {
    const { definition: made, version } = await workspace.call('apis.create', { name: 'Orders', path: '/orders' })
    const definition = structuredClone(made)
    change(definition)
    return workspace.problem('apis.save', { apiId: definition.id, definition, version })
  }

  it('keep their keys and passwords in no file', async () => {
    const state = await saved(({ endpointGroups: [group] }) => {
      const secret = { type: 'PEM', keyContent: '-----BEGIN PRIVATE KEY----- hunter2 -----END PRIVATE KEY-----' }
      group!.sharedConfiguration = { ssl: { keyStore: secret } }
      group!.endpoints[0]!.sharedConfigurationOverride = { proxy: { enabled: true, password: 'hunter2-too' } }
    })
    const text = await readFile(join(workspace.folder, state.file), 'utf8')
    expect(text).not.toContain('hunter2')
    expect(text.match(/secret:\/\/gatehouse\/endpoint\//g)).toHaveLength(2)
    const again = await workspace.call('apis.save', { apiId: state.definition.id, definition: state.definition, version: state.version }) // prettier-ignore
    expect(again.definition).toEqual(state.definition)
  })

  it('tell what can never become right, and let what is not filled in yet be', async () => {
    const endpoint = '/definition/endpointGroups/0/endpoints/0'
    expect(await wrong(({ endpointGroups: [group] }) => void (group!.endpoints[0]!.sharedConfigurationOverride = { http: { connectTimeout: 0 } }))).toMatchObject({ errors: [{ field: `${endpoint}/sharedConfigurationOverride/http/connectTimeout` }] }) // prettier-ignore
  })

  it('have an address of HTTP or gRPC, as the gateway calls it', async () => {
    for (const target of ['https://example.org/base', 'grpc://127.0.0.1:50051/words.Words', 'grpcs://example.org']) {
      const { definition } = await workspace.call('apis.create', { name: target, path: `/${target.length}`, target })
      expect(definition.endpointGroups[0]?.endpoints[0]?.configuration).toEqual({ target })
    }
    expect(await workspace.problem('apis.create', { name: 'Files', path: '/files', target: 'ftp://127.0.0.1' })).toMatchObject({ title: 'A backend is reached by http, https, grpc or grpcs, not by ftp' }) // prettier-ignore
  })

  it('of a mock need no address, and those that are not filled in are kept', async () => {
    const state = await saved((definition) => {
      Object.assign(definition.endpointGroups[0]!.endpoints[0]!, { type: 'mock', configuration: { headers: [{ name: '' }] } }) // prettier-ignore
      definition.endpointGroups[0]!.services = { healthCheck: { enabled: true, configuration: {} } }
      definition.failover = { enabled: true }
    })
    expect(state.definition.endpointGroups[0]?.endpoints[0]?.configuration).toEqual({ headers: [{ name: '' }] })
  })
})

it('whose health is checked tell it, and can be tested', async () => {
  const worker = await buildWorker()
  const served = await serveEmpty(worker)
  const backend = createServer((_request, response) => void response.end('well'))
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  const { port } = backend.address() as AddressInfo // listening on TCP
  try {
    const { call, management } = served.now
    const { definition: made, version } = await call('apis.create', { name: 'Orders', path: '/orders', target: `http://127.0.0.1:${port}` }) // prettier-ignore
    const definition = structuredClone(made)
    const apiId = definition.id
    expect(await call('apis.health', { apiId })).toEqual([])
    definition.endpointGroups[0]!.services = { healthCheck: { type: 'http-health-check', configuration: { schedule: '* * * * * *', target: '/' } } } // prettier-ignore
    await call('apis.save', { apiId, definition, version })
    const checked = new Promise((resolve) => management.onEvent((event) => event.type === 'health' && resolve(event.record))) // prettier-ignore
    await call('apis.deploy', { apiId })
    expect(await call('apis.health', { apiId })).toMatchObject([{ endpoint: 'default', state: 'up' }])
    expect(await checked).toMatchObject({ apiId, endpoint: 'default', check: { ok: true, status: 200, state: 'up' } })
    expect((await call('apis.health', { apiId }))[0]?.checks[0]).toMatchObject({ ok: true, status: 200 })

    const looks = (await call('apis.health', { apiId }))[0]!.checks
    await served.restart()
    const [after] = await served.now.call('apis.health', { apiId })
    expect(after).toMatchObject({ endpoint: 'default', state: 'up' })
    expect(after!.checks.slice(-looks.length)).toEqual(looks)

    expect(await served.now.call('apis.testEndpoint', { apiId, endpoint: 'default' })).toMatchObject({ ok: true })
    expect(await served.now.problem('apis.testEndpoint', { apiId, endpoint: 'gone' })).toMatchObject({ errors: [{ field: '/endpoint' }] }) // prettier-ignore
    expect(served.faults).toEqual([])
  } finally {
    await served.close()
    backend.closeAllConnections()
    await new Promise((resolve) => backend.close(resolve))
    await worker.remove()
  }
})
