import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Domain } from '@shared/domain'
import { createWorkspace, openWorkspace, type Store } from './index'

let home: string
let folder: string
const open = () => openWorkspace(folder, { keyFolder: join(home, 'keys') })
const stores: Store[] = []

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatehouse-workspace-'))
  folder = join(home, 'lab')
  await createWorkspace(folder, { name: 'Lab' })
})
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  await rm(home, { recursive: true, force: true })
})

async function opened(): Promise<Store> {
  const store = await open()
  stores.push(store)
  return store
}

function domain(path = 'demo', changes: Partial<Domain> = {}): Domain {
  const now = '2026-01-01T00:00:00.000Z'
  const { id = `domain-${path}` } = changes
  return {
    ...{
      id,
      name: 'Demo',
      path,
      enabled: true,
      scopes: [],
      keys: [],
      applications: [],
      createdAt: now,
      updatedAt: now,
    },
    ...changes,
  }
}

/** Resolves when the store has told of a change from outside after `work`. */
async function toldOf(store: Store, work: () => Promise<void>) {
  const told = new Promise<readonly { kind: string; file?: string }[]>((resolve) => {
    const stop = store.onChange((event) => {
      if (event.source !== 'outside') return
      stop()
      resolve(event.changed)
    })
  })
  await work()
  return told
}

it('keeps documents over a restart, with members that it does not know', async () => {
  const store = await opened()
  const saved = { ...domain(), note: 'from elsewhere' }
  await store.saveDomain(saved)
  await store.close()
  expect((await opened()).domains()).toEqual([saved])
  const text = await readFile(join(folder, 'domains/demo.json'), 'utf8')
  expect(Object.keys(JSON.parse(text) as object).slice(0, 3)).toEqual(['id', 'name', 'path'])
  expect(text.endsWith('}\n')).toBe(true)
})

it('tells of members that it does not know, with what to do, without their values', async () => {
  const store = await opened()
  await store.saveDomain(domain())
  const now = '2026-01-01T00:00:00.000Z'
  const user = (id: string) => ({ ...{ id, username: id, enabled: true }, createdAt: now, updatedAt: now })
  const users = ['ada', 'grace'].map((id) => ({ ...user(id), password: 'correct horse' }))
  const additionalInformation = { anything: 'goes' }
  const written = { ...domain(), descripton: 'The lab', users: [...users, { ...user('mary'), additionalInformation }] }
  await toldOf(store, () => writeFile(join(folder, 'domains', 'demo.json'), JSON.stringify(written)))
  expect(store.problems()).toEqual([
    {
      file: 'domains/demo.json',
      field: '/descripton',
      message: 'domains/demo.json, /descripton: there is no member descripton here, so that it does nothing',
      remedy: 'Call it description if that is meant, or remove it.',
    },
    {
      file: 'domains/demo.json',
      field: '/users/0/password',
      message: expect.stringMatching(/no member password here, so that it does nothing; it is at 2 places$/) as string,
      remedy: expect.stringMatching(/^Remove it, for a password never stands in a document/) as string,
    },
  ])
  const [read] = store.domains()
  await store.saveDomain({ ...read!, name: 'Renamed' })
  expect(JSON.parse(await readFile(join(folder, 'domains', 'demo.json'), 'utf8'))).toEqual({
    ...written,
    name: 'Renamed',
  })
  expect(store.problems()).toHaveLength(2)
  const { descripton: _slip, ...rest } = written
  await toldOf(store, () => writeFile(join(folder, 'domains', 'demo.json'), JSON.stringify({ ...rest, users: [] })))
  expect(store.problems()).toEqual([])
})

it('moves the file of a domain whose path changes', async () => {
  const store = await opened()
  await store.saveDomain(domain())
  await store.saveDomain(domain('other', { id: 'domain-demo' }))
  expect(await readdir(join(folder, 'domains'))).toEqual(['other.json'])
})

it('keeps what a save did not change as the objects that they were, also when the file was looked at again', async () => {
  const store = await opened()
  const users = ['ada', 'grace'].map((username) => ({
    ...{ id: username, username, enabled: true, createdAt: '', updatedAt: '' },
  }))
  await store.saveDomain(domain('demo', { users }))
  const [before] = store.domains()
  await store.saveDomain({ ...before!, users: [before!.users![0]!, { ...before!.users![1]!, enabled: false }] })
  await store.takeUp(['domains/demo.json'])
  const [after] = store.domains()
  expect(after!.users![0]).toBe(before!.users![0])
  expect(after!.users![1]).toMatchObject({ username: 'grace', enabled: false })
})

it('opens everything but a broken file, and never overwrites that', async () => {
  const broken = '{ "id": "domain-demo",\n  "name": }\n'
  const first = await opened()
  await first.saveDomain(domain('good'))
  await first.close()
  await writeFile(join(folder, 'domains/demo.json'), broken)

  const store = await opened()
  expect(store.domains().map(({ path }) => path)).toEqual(['good'])
  expect(store.problems()).toMatchObject([{ file: 'domains/demo.json', field: '2:11' }])
  await store.saveDomain(domain())
  expect(await readFile(join(folder, 'domains/demo.json'), 'utf8')).toBe(broken)
  expect(await readdir(join(folder, 'domains'))).toEqual(['demo-2.json', 'demo.json', 'good.json'])
})

it('names the field of a document that does not hold', async () => {
  await writeFile(join(folder, 'gatehouse.json'), JSON.stringify({ formatVersion: 2, id: 'x', name: 'Lab' }))
  await expect(open()).rejects.toMatchObject({
    problem: { key: 'WORKSPACE_BROKEN', errors: [{ field: '/host' }] },
  })
})

const SINCE = '2026-01-01T00:00:00.000Z'
const KEY = { id: 'key-1', kid: 'key-1', algorithm: 'HS256', status: 'active', createdAt: SINCE }
const ADA = { id: 'user-1', username: 'ada', enabled: true, createdAt: SINCE, updatedAt: SINCE }

it.each<[string, object, string]>([
  ['/path', { path: 'A b' }, 'Path may hold only small letters, digits and hyphens'],
  ['/keys/0/algorithm', { keys: [{ ...KEY, algorithm: 'none' }] }, 'Algorithm must be one of HS256, '],
  ['/users/0/enabled', { users: [{ ...ADA, enabled: 'yes' }] }, 'Enabled must be true or false'],
])('says in words what is wrong with %s of a domain, and what to write', async (field, changes, message) => {
  await mkdir(join(folder, 'domains'))
  await writeFile(join(folder, 'domains/demo.json'), JSON.stringify({ ...domain(), ...changes }))
  const problem = (await opened()).problems().find(({ file }) => file === 'domains/demo.json')
  expect(problem?.message).toContain(`domains/demo.json, ${problem?.field}: `)
  expect(problem).toMatchObject({ field, message: expect.stringContaining(message) as string })
  expect(problem?.remedy).toMatch(/^(Use|Choose|Give) .*it is taken up as soon as it is saved\.$/)
})

it('refuses a newer format', async () => {
  const text = await readFile(join(folder, 'gatehouse.json'), 'utf8')
  const newer = text.replace('"formatVersion": 2', '"formatVersion": 99')
  await writeFile(join(folder, 'gatehouse.json'), newer)
  await expect(open()).rejects.toMatchObject({ problem: { key: 'WORKSPACE_NEWER' } })
  expect(await readFile(join(folder, 'gatehouse.json'), 'utf8')).toBe(newer)
})

it('migrates format 1 and keeps a backup', async () => {
  const { gatewayPort, authorizationPort, ...rest } = JSON.parse(
    await readFile(join(folder, 'gatehouse.json'), 'utf8'),
  ) as Record<string, unknown>
  const old = JSON.stringify({
    ...rest,
    formatVersion: 1,
    ports: { gateway: gatewayPort, authorization: authorizationPort },
    note: 'kept',
  })
  await writeFile(join(folder, 'gatehouse.json'), old)
  const store = await opened()
  expect(store.document()).toMatchObject({ formatVersion: 2, gatewayPort: 8082, authorizationPort: 8092, note: 'kept' })
  const [backup] = await readdir(join(folder, '.state/backups'))
  expect(await readFile(join(folder, '.state/backups', backup!), 'utf8')).toBe(old)
})

it('lets one process in at a time', async () => {
  const store = await opened()
  await expect(open()).rejects.toMatchObject({
    problem: { key: 'WORKSPACE_LOCKED', detail: expect.stringContaining(`Process ${process.pid}`) as string },
  })
  await store.close()
  await opened()
})

it('takes over the lock of a process that is gone', async () => {
  const store = await opened()
  const lock = join(folder, '.state/lock.json')
  const held = JSON.parse(await readFile(lock, 'utf8')) as object
  await store.close()
  await writeFile(lock, JSON.stringify({ ...held, processStart: 'another boot' }))
  await opened()
})

it('takes up edits from outside, keeps the last good value of a half-written one, and forgets a removed one', async () => {
  const store = await opened()
  await store.saveDomain(domain())
  const file = join(folder, 'domains/demo.json')
  const text = await readFile(file, 'utf8')

  expect(await toldOf(store, () => writeFile(file, text.replace('"Demo"', '"Edited"')))).toMatchObject([
    { kind: 'domain', id: 'domain-demo', file: 'domains/demo.json' },
  ])
  expect(store.domains()[0]?.name).toBe('Edited')

  await toldOf(store, () => writeFile(file, text.slice(0, 40)))
  expect(store.domains()[0]?.name).toBe('Edited')
  expect(store.problems()).toMatchObject([{ file: 'domains/demo.json' }])
  await expect(store.saveDomain(domain())).rejects.toMatchObject({ problem: { key: 'FILE_BROKEN' } })

  await toldOf(store, () => writeFile(file, text))
  expect(store.problems()).toEqual([])

  await toldOf(store, () => rm(file))
  expect(store.domains()).toEqual([])
})

it('tells one checkout of many files as one change', async () => {
  const store = await opened()
  await store.saveDomain(domain())
  const changed = await toldOf(store, async () => {
    for (const path of ['a', 'b', 'c']) {
      await writeFile(join(folder, `domains/${path}.json`), JSON.stringify(domain(path)))
    }
  })
  expect(changed.map(({ file }) => file)).toEqual(['domains/a.json', 'domains/b.json', 'domains/c.json'])
})

it('keeps secrets sealed, and opens the rest without their key', async () => {
  const store = await opened()
  await store.secrets.set({ 'application/1': 'wonderland' })
  const reference = 'secret://gatehouse/application/1'
  expect(store.secrets.resolve(reference)).toBe('wonderland')
  expect(store.secrets.resolve('plain')).toBe('plain')
  await store.close()
  const sealed = await readFile(join(folder, 'secrets.enc'), 'utf8')
  expect(sealed).not.toContain('wonderland')

  const again = await opened()
  expect(again.secrets.resolve(reference)).toBe('wonderland')
  await again.close()

  await rm(join(home, 'keys'), { recursive: true })
  const without = await opened()
  expect(without.secrets.resolve(reference)).toBeUndefined()
  expect(without.problems()).toMatchObject([{ file: 'secrets.enc' }])
  expect(await readFile(join(folder, 'secrets.enc'), 'utf8')).toBe(sealed)

  await without.secrets.set({ 'application/1': 'anew' })
  expect(without.secrets.resolve(reference)).toBe('anew')
  expect(without.problems()).toEqual([])
})
