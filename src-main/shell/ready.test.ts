import type { EngineStatus } from '@shared/engine-status'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readyText } from '../cli/ready-text'
import { createSample } from '../management/sample'
import { openTestWorkspace, type TestWorkspace } from '../management/testing'
import { readyOf } from './ready'

const status: EngineStatus = {
  state: 'running',
  restarts: 0,
  gateway: { state: 'listening', host: '127.0.0.1', port: 1, address: 'http://127.0.0.1:1' },
  authorization: { state: 'listening', host: '127.0.0.1', port: 2, address: 'http://127.0.0.1:2' },
}
const addresses = { gateway: 'http://127.0.0.1:1', authorization: 'http://127.0.0.1:2' }

let workspace: TestWorkspace
beforeEach(async () => {
  workspace = await openTestWorkspace()
})
afterEach(() => workspace.close())

const told = (isSample: boolean) => JSON.stringify(readyOf(workspace.store, status, isSample))

describe('what a terminal is told when everything answers', () => {
  it("holds the sample's secret, and no other workspace's", async () => {
    const sample = await createSample(workspace.call)
    expect(readyOf(workspace.store, status, true)).toMatchObject({
      ...addresses,
      problems: [],
      example: { domain: 'demo', application: 'orders-service', clientSecret: sample.clientSecret },
    })
    expect(told(true)).toContain(`-u ${sample.clientId}:${sample.clientSecret}`)
    expect(told(false)).not.toContain(sample.clientSecret)
    expect(told(false)).toContain(`${sample.clientId}:$CLIENT_SECRET`)
    expect(readyText(workspace.store, addresses)).not.toContain(sample.clientSecret)
  })

  it('is about an API that runs and is protected, and about a client of its domain, wherever it is told', async () => {
    const { call } = workspace
    const open = await call('apis.create', { name: 'Open', path: '/open' })
    await call('apis.deploy', { apiId: open.definition.id })
    const other = await call('domains.create', { name: 'another' })
    await call('applications.create', { domainId: other.id, name: 'stranger' })
    expect(readyOf(workspace.store, status, true).example).toBeUndefined()

    const { clientId } = await createSample(call)
    const [, echo] = await call('apis.list', {})
    // A draft that is not deployed is not what can be called.
    const moved = {
      ...echo!.definition,
      listeners: [{ ...echo!.definition.listeners[0]!, paths: [{ path: '/moved' }] }],
    }
    await call('apis.save', { apiId: moved.id, definition: moved, version: echo!.version })
    const { example } = readyOf(workspace.store, status, false)
    expect(example).toMatchObject({ domain: 'demo', clientId })
    expect(example?.lines).toContain('curl -i http://127.0.0.1:1/echo')
    expect(readyText(workspace.store, addresses)).toContain(example!.lines!.join('\n'))
  })

  it('names what clients have to trust where HTTPS is on, also in the lines', async () => {
    await createSample(workspace.call)
    const { caFile } = await workspace.call('workspace.update', { tls: { gateway: true, authorization: true } })
    const secure = {
      ...status,
      gateway: { ...status.gateway, address: 'https://127.0.0.1:1' },
      authorization: { ...status.authorization, address: 'https://127.0.0.1:2' },
    } as EngineStatus
    const ready = readyOf(workspace.store, secure, false)
    expect(ready.caFile).toBe(caFile)
    const curls = ready.example!.lines!.filter((line) => line.includes('curl '))
    expect(curls).toHaveLength(4)
    for (const line of curls) expect(line).toContain(`--cacert ${caFile}`)
  })

  it('holds no calls while a server does not listen', async () => {
    await createSample(workspace.call)
    const taken = {
      state: 'port-taken',
      host: '127.0.0.1',
      port: 1,
      sentence: 'Port 1 is in use',
      offeredPort: 3,
    } as const
    const ready = readyOf(workspace.store, { ...status, gateway: taken }, true)
    expect(ready).toMatchObject({ problems: ['Port 1 is in use'], authorization: 'http://127.0.0.1:2' })
    expect(ready.example).not.toHaveProperty('lines')
  })
})
