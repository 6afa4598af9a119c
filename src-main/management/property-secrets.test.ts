import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createManagement } from './management'
import { noEngine } from './no-engine'
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

describe('a secret that the draft has given up', () => {
  async function givenUp() {
    const { definition, version } = await workspace.call('apis.create', { name: 'Echo', path: '/echo' })
    const apiId = definition.id
    const properties = [{ key: 'secret', value: 'hunter22', encryptable: true }]
    const withIt = await workspace.call('apis.save', { apiId, definition: { ...definition, properties }, version })
    const without = await workspace.call('apis.save', { apiId, definition: { ...withIt.definition, properties: [] }, version: withIt.version }) // prettier-ignore
    const reference = withIt.definition.properties![0]!.value
    return { apiId, withIt, without, id: reference.slice('secret://gatehouse/'.length) }
  }

  it('is there when the edit is taken back, also after the workspace was closed', async () => {
    const { apiId, withIt, without, id } = await givenUp()
    await workspace.call('apis.save', { apiId, definition: withIt.definition, version: without.version })
    expect(workspace.store.secrets.get(id)).toBe('hunter22')
    await workspace.management.close()
    expect(workspace.store.secrets.get(id)).toBe('hunter22')
  })

  it('is removed when the workspace is closed', async () => {
    const { id } = await givenUp()
    await workspace.management.close()
    expect(workspace.store.secrets.ids()).not.toContain(id)
  })

  it('goes with its API', async () => {
    const { apiId, id } = await givenUp()
    await workspace.call('apis.delete', { apiId, confirmName: 'Echo' })
    expect(workspace.store.secrets.ids()).not.toContain(id)
  })

  it('is removed when the workspace is opened, where it was left behind, and nothing else is', async () => {
    const { apiId } = await givenUp()
    await workspace.management.close()
    const others = { 'user/someone': 'kept', [`step/${apiId}x/one`]: 'kept' }
    await workspace.store.secrets.set({ ...others, [`step/${apiId}/one`]: 'left' })
    const { store } = workspace
    const management = createManagement({ store, engine: noEngine(store.document()), version: '0.0.0' })
    await management.start()
    expect(store.secrets.ids()).toEqual(expect.arrayContaining(Object.keys(others)))
    expect(store.secrets.has(`step/${apiId}/one`)).toBe(false)
    await management.close()
  })
})
