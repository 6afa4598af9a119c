import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as Chokidar from 'chokidar'
import { FSWatcher, watch } from 'chokidar'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createWorkspace, openWorkspace, type Store } from './index'

vi.mock('chokidar', async (original) => {
  const chokidar = await original<typeof Chokidar>()
  return { ...chokidar, watch: vi.fn(chokidar.watch) }
})

let home: string
let store: Store | undefined
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatehouse-watch-'))
  await createWorkspace(join(home, 'lab'), { name: 'Lab' })
})
afterEach(async () => {
  await store?.close()
  vi.mocked(watch).mockReset()
  await rm(home, { recursive: true, force: true })
})
const open = () => openWorkspace(join(home, 'lab'), { keyFolder: join(home, 'keys') })
const failure = (code: string) => Object.assign(new Error(`${code}: watch`), { code })

it('opens a workspace that cannot be watched, and says that edits may go unseen', async () => {
  vi.mocked(watch).mockImplementation(() => {
    const watcher = new FSWatcher()
    process.nextTick(() => watcher.emit('error', failure('ENOSPC')))
    return watcher
  })
  store = await open()
  const [problem] = store.problems()
  expect(problem?.message).toMatch(/cannot be watched.*as many files as it may.*may go unseen/)
  expect(problem?.remedy).toContain('max_user_watches')
})

it('tells when watching fails later', async () => {
  const { watch: realWatch } = await vi.importActual<typeof Chokidar>('chokidar')
  let watcher: FSWatcher | undefined
  vi.mocked(watch).mockImplementation((...given) => (watcher = realWatch(...given)))
  store = await open()
  expect(store.problems()).toEqual([])
  const told = new Promise<void>((resolve) => store!.onChange(() => resolve()))
  watcher?.emit('error', failure('EMFILE'))
  watcher?.emit('error', failure('EMFILE'))
  await told
  expect(store.problems()).toMatchObject([{ remedy: expect.stringContaining('ulimit -n') as string }])
})
