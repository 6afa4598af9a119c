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
