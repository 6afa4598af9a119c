import { expect, it } from 'vitest'
import { buildSnapshot } from './build-snapshot'
import { withServedSample } from './testing'
import { viewOf } from './workspace-view'

const { served } = withServedSample()

it('keeps what is compiled of an API when the authorization server moves, unless a resource has to follow', async () => {
  const { call, store, authorization } = served().now
  const { definition } = await call('apis.create', { name: 'Open', path: '/open' })
  await call('apis.deploy', { apiId: definition.id })
  const known = new Set([authorization])
  const [before, after] = [undefined, 'http://127.0.0.1:40001'].map((now) => {
    const { apis } = buildSnapshot(viewOf(store), 1, {}, { known, now }).snapshot
    return new Map(apis.map((api) => [api.definition.name, api]))
  })
  expect(after!.get('Open')).toEqual(before!.get('Open'))
  expect(after!.get('Open')!.definition).toBe(before!.get('Open')!.definition)
  expect(after!.get('Echo')!.definition.resources[0]!.configuration.serverURL).toBe('http://127.0.0.1:40001')
  expect(after!.get('Echo')!.secretsVersion).not.toBe(before!.get('Echo')!.secretsVersion)
})
