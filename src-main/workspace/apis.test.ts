import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { ApiDefinition } from '@shared/api-definition'
import type { SavedRequest } from '@shared/console'
import { bundle, type Bundle } from '../engine/testing/bundle'
import { echoApi } from '../engine/testing/snapshots'
import { createWorkspace, openWorkspace, type Store } from './index'
import type { StoredDeployment } from './store'

let home: string
let folder: string
let editor: Bundle
const stores: Store[] = []

beforeAll(async () => {
  editor = await bundle('src-main/workspace/testing/deploy-until-killed.ts')
})
afterAll(() => editor.remove())
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatehouse-apis-'))
  folder = join(home, 'lab')
  await createWorkspace(folder, { name: 'Lab' })
})
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  await rm(home, { recursive: true, force: true })
})

async function opened(): Promise<Store> {
  const store = await openWorkspace(folder, { keyFolder: join(home, 'keys') })
  stores.push(store)
  return store
}
const api = (changes: Partial<ApiDefinition> = {}) => echoApi('http://127.0.0.1:1', changes)
const deployment = (revision: number, definition = api()): StoredDeployment => ({
  apiId: definition.id,
  revision,
  deployedAt: '2026-01-01T00:00:00.000Z',
  changes: [],
  definition,
})
const revisions = (store: Store, id = 'api-echo') => store.deployments(id).map(({ revision }) => revision)

it('keeps revisions in order over a restart, and never changes one', async () => {
  const store = await opened()
  await store.saveApi(api())
  for (let revision = 1; revision <= 11; revision++) await store.addDeployment(deployment(revision))
  expect(revisions(store)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  const file = join(folder, 'deployments/echo/11.json')
  const text = await readFile(file, 'utf8')
  const other = deployment(11, api({ name: 'Other' }))
  await expect(store.addDeployment(other)).rejects.toMatchObject({ problem: { key: 'FILE_BROKEN' } })
  expect(await readFile(file, 'utf8')).toBe(text)
  await store.close()
  const again = await opened()
  expect(revisions(again)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  expect(again.deployments('api-echo').at(-1)).toEqual(deployment(11))
})

it('keeps the revisions of two APIs of one name apart', async () => {
  const store = await opened()
  for (const id of ['one', 'two']) {
    await store.saveApi(api({ id }))
    await store.addDeployment(deployment(1, api({ id })))
  }
  expect(await readdir(join(folder, 'deployments'))).toEqual(['echo', 'echo-2'])
  await store.deleteApi('one')
  expect([revisions(store, 'one'), revisions(store, 'two')]).toEqual([[], [1]])
})

/** Runs the deployer until it has told some lines; answers the last of them. */
async function killAfter(mode: 'add' | 'delete', lines: number): Promise<number> {
  const child = spawn(process.execPath, [editor.file, mode, folder, join(home, 'keys')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let told = 0
  let last = 0
  for await (const line of createInterface(child.stdout)) {
    last = Number(line)
    if (++told === lines) child.kill('SIGKILL')
  }
  return last
}

it('has a revision whole or not at all, whenever it is killed', { timeout: 60_000 }, async () => {
  const store = await opened()
  await store.saveApi(api())
  await store.close()
  let before = 0
  for (let round = 0; round < 6; round++) {
    const acknowledged = await killAfter('add', 1 + round)
    const after = await opened()
    expect(after.problems()).toEqual([])
    const found = revisions(after)
    expect(found).toEqual(Array.from({ length: found.length }, (_, index) => index + 1))
    expect([acknowledged, acknowledged + 1]).toContain(found.length)
    expect(found.length).toBeGreaterThan(before)
    before = found.length
    await after.close()
  }
})

it('deletes an API with its revisions', async () => {
  const store = await opened()
  await store.saveApi(api())
  for (const revision of [1, 2]) await store.addDeployment(deployment(revision))
  await store.deleteApi('api-echo')
  await store.deleteApi('api-echo')
  expect([store.apis(), revisions(store), store.deployed()]).toEqual([[], [], []])
  await store.close()
  const again = await opened()
  expect([again.apis(), revisions(again), again.problems()]).toEqual([[], [], []])
})

it('leaves an API that can be deleted again when it is killed while deleting', { timeout: 60_000 }, async () => {
  for (const steps of [1, 5, 10]) {
    const store = await opened()
    await store.saveApi(api())
    for (let revision = 1; revision <= 10; revision++) await store.addDeployment(deployment(revision))
    await store.close()
    await killAfter('delete', steps)

    const after = await opened()
    const left = revisions(after)
    // Whatever is left ends with the revision that ran: no older one runs in its place, and nothing runs unseen.
    if (left.length > 0) expect(left.at(-1)).toBe(10)
    if (left.length > 0) expect(after.apis()).toHaveLength(1)
    expect(after.problems()).toEqual([])
    await after.deleteApi('api-echo')
    expect([after.apis(), revisions(after)]).toEqual([[], []])
    await after.close()
    expect(await readdir(join(folder, 'apis'))).toEqual([])
  }
})

it('removes the oldest revision first and the draft last', async () => {
  const store = await opened()
  await store.saveApi(api())
  for (const revision of [1, 2, 3]) await store.addDeployment(deployment(revision))
  // Somebody edits the one in the middle, so that deleting stops there.
  await writeFile(join(folder, 'deployments/echo/2.json'), '{')
  await expect(store.deleteApi('api-echo')).rejects.toMatchObject({ problem: { key: 'FILE_BROKEN' } })
  expect(await readdir(join(folder, 'deployments/echo'))).toEqual(['2.json', '3.json'])
  expect(store.deployed()).toMatchObject([{ revision: 3 }])
  expect(store.apis()).toHaveLength(1)
})

it('does not save a draft over another one', async () => {
  const store = await opened()
  const first = await store.saveApi(api())
  const second = await store.saveApi(api({ name: 'Echo two' }), first.version)
  await expect(store.saveApi(api({ name: 'Late' }), first.version)).rejects.toMatchObject({
    problem: { key: 'API_CHANGED', status: 409 },
  })
  // Neither over an edit of its file that the watcher has not told of yet.
  const file = join(folder, second.file)
  await writeFile(file, (await readFile(file, 'utf8')).replace('Echo two', 'By hand'))
  await expect(store.saveApi(api({ name: 'Late' }), second.version)).rejects.toMatchObject({
    problem: { key: 'API_CHANGED' },
  })
  expect(store.apis()[0]?.definition.name).toBe('By hand')
  await expect(store.saveApi(api({ id: 'gone' }), 'v')).rejects.toMatchObject({ problem: { key: 'API_CHANGED' } })
})

it('uses the first of two files with the same id or path, and tells the second', async () => {
  const now = '2026-01-01T00:00:00.000Z'
  const domain = (id: string, path: string) =>
    JSON.stringify({
      ...{ id, name: path, path, enabled: true, scopes: [], keys: [], applications: [] },
      ...{ createdAt: now, updatedAt: now },
    })
  await mkdir(join(folder, 'domains'))
  await writeFile(join(folder, 'domains/a.json'), domain('one', 'demo'))
  await writeFile(join(folder, 'domains/b.json'), domain('one', 'other'))
  await writeFile(join(folder, 'domains/c.json'), domain('two', 'demo'))
  const store = await opened()
  expect(store.domains().map(({ id, path }) => [id, path])).toEqual([['one', 'demo']])
  expect(store.problems()).toMatchObject([
    { file: 'domains/b.json', field: '/id', message: expect.stringContaining('domains/a.json') as string },
    { file: 'domains/c.json', field: '/path', message: expect.stringContaining('path demo') as string },
  ])
  // The one that was hidden counts as soon as the first is gone.
  await store.deleteDomain('one')
  expect(store.problems()).toEqual([])
  expect(store.domains().map(({ id }) => id)).toEqual(['one', 'two'])
})

it('keeps saved requests', async () => {
  const store = await opened()
  const request: SavedRequest = {
    id: 'Get orders',
    name: 'Get orders',
    request: { method: 'GET', url: 'http://127.0.0.1:8082/orders', headers: [] },
    authorization: { kind: 'none' },
  }
  await store.saveRequest(request)
  await store.saveRequest({ ...request, name: 'All orders' })
  expect(await readdir(join(folder, 'console'))).toEqual(['get-orders.json'])
  await store.close()
  const again = await opened()
  expect(again.savedRequests()).toMatchObject([{ id: 'Get orders', name: 'All orders' }])
  await again.deleteRequest('Get orders')
  await again.deleteRequest('Get orders')
  expect([again.savedRequests(), await readdir(join(folder, 'console'))]).toEqual([[], []])
})
