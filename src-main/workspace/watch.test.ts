import { mkdirSync, readFileSync, watch, writeFileSync, type FSWatcher } from 'node:fs'
import type * as Fs from 'node:fs'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createWorkspace, openWorkspace, type Store } from './index'

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof Fs>()
  return { ...fs, watch: vi.fn(fs.watch), readFileSync: vi.fn(fs.readFileSync) }
})

let home: string
let store: Store | undefined
let real: typeof Fs
beforeEach(async () => {
  real = await vi.importActual<typeof Fs>('node:fs')
  home = await mkdtemp(join(tmpdir(), 'gatehouse-watch-'))
  await createWorkspace(join(home, 'lab'), { name: 'Lab' })
})
afterEach(async () => {
  await store?.close()
  vi.mocked(watch).mockReset().mockImplementation(real.watch)
  vi.mocked(readFileSync).mockReset().mockImplementation(real.readFileSync)
  await rm(home, { recursive: true, force: true })
})
const open = () => openWorkspace(join(home, 'lab'), { keyFolder: join(home, 'keys') })
const at = (...path: string[]) => join(home, 'lab', ...path)
const failure = (code: string) => Object.assign(new Error(`${code}: watch`), { code })
const domain = (path: string, name = path) => {
  const now = '2026-01-01T00:00:00.000Z'
  const empty = { scopes: [], keys: [], applications: [] }
  return JSON.stringify({ id: `domain-${path}`, name, path, enabled: true, ...empty, createdAt: now, updatedAt: now })
}

/** Resolves when what the opened store holds is so; it looks at each change that it tells. */
function until(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = store!.onChange(() => {
      if (!holds()) return
      stop()
      resolve()
    })
  })
}
const names = () => store!.domains().map(({ name }) => name)

/** Has something happen just before a folder begins to be watched, or just after. */
function onWatching(folder: string, when: 'before' | 'after', happens: () => void): void {
  let isDone = false
  vi.mocked(watch).mockImplementation(((...given: Parameters<typeof watch>) => {
    const counts = !isDone && String(given[0]) === at(folder)
    isDone ||= counts
    if (counts && when === 'before') happens()
    const watcher = real.watch(...given)
    if (counts && when === 'after') happens()
    return watcher
  }) as typeof watch)
}

it('opens a workspace that cannot be watched, and says that edits may go unseen', async () => {
  vi.mocked(watch).mockImplementation(() => {
    throw failure('ENOSPC')
  })
  store = await open()
  const [problem] = store.problems()
  expect(problem?.message).toMatch(/cannot be watched.*as many files as it may.*may go unseen/)
  expect(problem?.remedy).toContain('max_user_watches')
})

it('tells when watching fails later', async () => {
  let watcher: FSWatcher | undefined
  vi.mocked(watch).mockImplementation(
    ((...given: Parameters<typeof watch>) => (watcher = real.watch(...given))) as typeof watch,
  )
  store = await open()
  expect(store.problems()).toEqual([])
  const told = new Promise<void>((resolve) => store!.onChange(() => resolve()))
  watcher?.emit('error', failure('EMFILE'))
  watcher?.emit('error', failure('EMFILE'))
  await told
  expect(store.problems()).toMatchObject([{ remedy: expect.stringContaining('ulimit -n') as string }])
})

it('sees an edit that is made just after a file was read, while the workspace is being opened', async () => {
  await mkdir(at('domains'), { recursive: true })
  const file = at('domains', 'one.json')
  await writeFile(file, domain('one'))
  vi.mocked(readFileSync).mockImplementation(((...given: Parameters<typeof readFileSync>) => {
    const text = real.readFileSync(...given)
    if (given[0] === file && String(text).includes('"name":"one"')) writeFileSync(file, domain('one', 'Edited'))
    return text
  }) as typeof readFileSync)
  store = await open()
  if (names().join() !== 'Edited') await until(() => names().join() === 'Edited')
})

it.each(['before', 'after'] as const)(
  'sees a file that is written into a new folder just %s the folder is watched',
  async (when) => {
    store = await open()
    onWatching('deployments/lab', when, () => writeFileSync(at('deployments', 'lab', '1.json'), '{}'))
    const seen = until(() => store!.problems().some(({ file }) => file === 'deployments/lab/1.json'))
    await mkdir(at('deployments', 'lab'), { recursive: true })
    await seen
  },
)

it('sees a folder that is made in a new one just before that is watched', async () => {
  store = await open()
  await rm(at('deployments'), { recursive: true, force: true })
  onWatching('deployments', 'before', () => mkdirSync(at('deployments', 'lab')))
  const watched = new Promise<void>((resolve) => {
    const given = vi.mocked(watch).getMockImplementation()!
    vi.mocked(watch).mockImplementation(((...all: Parameters<typeof watch>) => {
      if (String(all[0]) === at('deployments', 'lab')) resolve()
      return given(...all)
    }) as typeof watch)
  })
  await mkdir(at('deployments'), { recursive: true })
  await watched
  const seen = until(() => store!.problems().some(({ file }) => file === 'deployments/lab/1.json'))
  await writeFile(at('deployments', 'lab', '1.json'), '{}')
  await seen
})

it('sees each of many edits close to each other, and the last of them counts', async () => {
  store = await open()
  await mkdir(at('domains'), { recursive: true })
  const seen = until(() => names()[0] === 'Edit 199')
  for (let number = 0; number < 200; number++) {
    const text = domain('demo', `Edit ${number}`)
    if (number % 2 === 0) {
      await writeFile(at('domains', 'demo.json'), text)
      continue
    }
    await writeFile(at('domains', 'demo.json~'), text)
    await rename(at('domains', 'demo.json~'), at('domains', 'demo.json'))
  }
  await seen
})

it('sees a folder go, another come in its place, and what is edited there', async () => {
  await mkdir(at('domains'), { recursive: true })
  await writeFile(at('domains', 'one.json'), domain('one'))
  await mkdir(join(home, 'other'))
  await writeFile(join(home, 'other', 'two.json'), domain('two'))
  store = await open()
  expect(names()).toEqual(['one'])

  let seen = until(() => names().length === 0)
  await rename(at('domains'), join(home, 'away'))
  await seen

  seen = until(() => names().join() === 'two')
  await rename(join(home, 'other'), at('domains'))
  await seen

  seen = until(() => names().join() === 'Edited')
  await writeFile(at('domains', 'two.json'), domain('two', 'Edited'))
  await seen
})

it.skipIf(process.platform === 'win32')('sees what is edited behind a link', async () => {
  await mkdir(at('domains'), { recursive: true })
  const target = join(home, 'elsewhere.json')
  await writeFile(target, domain('one'))
  await symlink(target, at('domains', 'one.json'))
  store = await open()
  for (const name of ['Edited', 'Edited again']) {
    const seen = until(() => names().join() === name)
    await writeFile(`${target}~`, domain('one', name))
    await rename(`${target}~`, target)
    await seen
  }
})
