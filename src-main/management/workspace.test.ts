import { createServer, type AddressInfo } from 'node:net'
import { rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openTestWorkspace, type TestWorkspace } from './testing'

let workspace: TestWorkspace
beforeEach(async () => {
  workspace = await openTestWorkspace()
})
afterEach(() => workspace.close())

it('saves no address that this machine does not have, since it would stop both servers', async () => {
  expect(await workspace.problem('workspace.update', { host: '192.0.2.1' })).toMatchObject({
    status: 400,
    errors: [{ field: '/host', message: '192.0.2.1 is not an address of this machine' }],
  })
  expect(workspace.store.document().host).toBe('127.0.0.1')
  expect(await workspace.call('workspace.update', { host: 'localhost' })).toMatchObject({ host: 'localhost' })
})

it('saves no port that another program has, since it would stop the server that listens now', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  try {
    for (const name of ['gatewayPort', 'authorizationPort']) {
      const { status, errors } = await workspace.problem('workspace.update', { [name]: port })
      expect([status, errors]).toMatchObject([400, [{ field: `/${name}` }]])
      expect(errors![0]!.message).toContain(`Port ${port} of 127.0.0.1 is in use`)
      expect(errors![0]!.remedy).toMatch(/^Choose another, e\.g\. \d+ \(free now\), or 0 for any\.$/)
    }
    expect(workspace.store.document().gatewayPort).toBe(8082)
  } finally {
    await new Promise((resolve) => other.close(resolve))
  }
  expect(await workspace.call('workspace.update', { gatewayPort: port })).toMatchObject({ gatewayPort: port })
  expect(await workspace.call('workspace.update', { gatewayPort: 0 })).toMatchObject({ gatewayPort: 0 })
})

it('leaves a folder that was removed removed', async () => {
  await rm(workspace.folder, { recursive: true })
  // A port that is picked has the address before it written down.
  await workspace.management.run('workspace.update', { authorizationPort: 0 })
  await workspace.management.close()
  expect(existsSync(`${workspace.folder}/.state/management.json`)).toBe(false)
  expect(workspace.faults).toEqual([])
})
