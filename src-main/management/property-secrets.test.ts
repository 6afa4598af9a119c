import { afterEach, beforeEach, expect, it } from 'vitest'
import { openTestWorkspace, type TestWorkspace } from './testing'

let workspace: TestWorkspace
beforeEach(async () => void (workspace = await openTestWorkspace()))
afterEach(() => workspace.close())

it('a property that is marked as a secret is sealed when it is saved, and only its reference stands in the draft', async () => {
  const { definition, version } = await workspace.call('apis.create', { name: 'Echo', path: '/echo' })
  const properties = [
    { key: 'plain', value: 'v' },
    { key: 'secret', value: 'hunter22', encryptable: true, encrypted: false },
    { key: 'foreign', value: 'AAAA', encrypted: true },
  ]
  const saved = await workspace.call('apis.save', { apiId: definition.id, definition: { ...definition, properties }, version }) // prettier-ignore
  const [plain, secret, foreign] = saved.definition.properties ?? []
  expect([plain, foreign]).toEqual([properties[0], properties[2]])
  expect(secret).toMatchObject({ encryptable: true, encrypted: true })
  expect(secret?.value).toMatch(new RegExp(`^secret://gatehouse/property/${definition.id}/`))
  expect(workspace.store.secrets.resolve(secret?.value ?? '')).toBe('hunter22')

  const again = await workspace.call('apis.save', { apiId: definition.id, definition: saved.definition, version: saved.version }) // prettier-ignore
  expect(again.definition.properties?.[1]).toEqual(secret)
})

it('a secret that is too short to be kept out of traces is refused when it is typed', async () => {
  const { definition, version } = await workspace.call('apis.create', { name: 'Echo', path: '/echo' })
  const properties = [{ key: 'pin', value: '123', encryptable: true }]
  const apiId = definition.id
  expect(
    await workspace.problem('apis.save', { apiId, definition: { ...definition, properties }, version }),
  ).toMatchObject({
    key: 'INPUT_INVALID',
    errors: [{ field: '/definition/properties/0/value', message: expect.stringContaining('fewer than 4') as string }],
  })
})
