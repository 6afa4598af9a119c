import { writeFileSync } from 'node:fs'
import { mkdtemp, open as openFile, readFile, rm } from 'node:fs/promises'
import type * as FsPromises from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Domain } from '@shared/domain'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createWorkspace, openWorkspace, type Store } from '../index'

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof FsPromises>()
  return { ...fs, open: vi.fn(fs.open) }
})

let home: string
let store: Store
let real: typeof FsPromises
beforeEach(async () => {
  real = await vi.importActual<typeof FsPromises>('node:fs/promises')
  home = await mkdtemp(join(tmpdir(), 'gatehouse-meanwhile-'))
  await createWorkspace(join(home, 'lab'), { name: 'Lab' })
  store = await openWorkspace(join(home, 'lab'), { keyFolder: join(home, 'keys') })
})
afterEach(async () => {
  await store.close()
  vi.mocked(openFile).mockReset().mockImplementation(real.open)
  await rm(home, { recursive: true, force: true })
})
const at = (file: string) => join(home, 'lab', file)

function domain(name: string, description: string): Domain {
  const now = '2026-01-01T00:00:00.000Z'
  const empty = { scopes: [], keys: [], applications: [] }
  return { id: name, name, path: name, description, enabled: true, ...empty, createdAt: now, updatedAt: now }
}

/** A person saves the file once while a write of ours to it is under way. */
function saveByHandMeanwhile(file: string, text: () => string): void {
  let isDone = false
  vi.mocked(openFile).mockImplementation(async (...given) => {
    if (!isDone && new RegExp(`\\.gatehouse-${file.split('/').at(-1)}-.+\\.tmp$`).test(String(given[0]))) {
      isDone = true
      writeFileSync(at(file), text())
    }
    return real.open(...given)
  })
}

it('does not write over what a person saves in the moment of a save', async () => {
  await store.saveDomain(domain('demo', 'first'))
  saveByHandMeanwhile('domains/demo.json', () => JSON.stringify(domain('demo', 'by hand')))
  await expect(store.saveDomain(domain('demo', 'second'))).rejects.toMatchObject({
    problem: { key: 'FILE_CHANGED_OUTSIDE', remedy: expect.stringContaining('make your change again') as string },
  })
  expect(store.domains()).toMatchObject([{ description: 'by hand' }])
  expect(await readFile(at('domains/demo.json'), 'utf8')).toContain('by hand')
  await store.saveDomain(domain('demo', 'third'))
  expect(store.domains()).toMatchObject([{ description: 'third' }])
})

it('does not write over a file that a person makes in the moment of the first save', async () => {
  saveByHandMeanwhile('domains/demo.json', () => JSON.stringify(domain('demo', 'by hand')))
  await expect(store.saveDomain(domain('demo', 'ours'))).rejects.toMatchObject({
    problem: { key: 'FILE_CHANGED_OUTSIDE' },
  })
  expect(store.domains()).toMatchObject([{ description: 'by hand' }])
})

it('keeps a secret on top of what is checked out in that moment', async () => {
  await store.secrets.set({ 'application/1': 'one' })
  const checkedOut = await readFile(at('secrets.enc'), 'utf8')
  await store.secrets.set({ 'application/2': 'two' })
  saveByHandMeanwhile('secrets.enc', () => checkedOut)
  await store.secrets.set({ 'application/3': 'three' })
  expect([1, 2, 3].map((id) => store.secrets.get(`application/${id}`))).toEqual(['one', undefined, 'three'])
})
