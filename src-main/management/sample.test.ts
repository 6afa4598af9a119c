import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSample } from './sample'
import { openTestWorkspace, type TestWorkspace } from './testing'

let workspace: TestWorkspace
beforeEach(async () => {
  workspace = await openTestWorkspace()
})
afterEach(() => workspace.close())

describe('the sample', () => {
  it('is the walk-through up to the first call', async () => {
    const sample = await createSample(workspace.call)
    expect(sample).toEqual({
      domain: 'demo',
      clientId: expect.stringMatching(/^[\w-]{22}$/),
      clientSecret: expect.stringMatching(/^[\w-]{64}$/),
      api: '/echo',
      username: 'alice',
      password: expect.stringMatching(/^\S{12,}$/) as string,
    })
    const { steps } = await workspace.call('overview.get', {})
    expect(steps.map(({ id, done, evidence }) => [id, done, evidence])).toEqual([
      ['application', true, 'orders-service in domain demo'],
      ['api', true, 'Echo on /echo'],
      ['resource', true, 'am-demo in Echo'],
      ['policy', true, 'OAuth2 in Echo asks am-demo'],
      ['deploy', true, 'Echo, revision 1'],
      ['refused', false, undefined],
      ['answered', false, undefined],
    ])
    expect(workspace.faults).toEqual([])
  })

  it('keeps its secrets out of every document', async () => {
    const { clientSecret, password } = await createSample(workspace.call)
    const documents = JSON.stringify([workspace.store.domains(), workspace.store.apis()])
    for (const secret of [clientSecret, password]) expect(documents).not.toContain(secret)
    expect(workspace.store.secrets.resolve(workspace.store.domains()[0]!.applications[0]!.clientSecret!)).toBe(
      clientSecret,
    )
  })
})
