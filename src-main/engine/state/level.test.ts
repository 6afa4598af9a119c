import { fork } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openLevelState, StateError } from '.'
import type { EntriesOptions, State } from './state'

let home: string
let folder: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatehouse-state-'))
  folder = join(home, 'deep', 'state')
})
afterEach(async () => {
  vi.useRealTimers()
  await rm(home, { recursive: true, force: true })
})

async function use<T>(work: (state: State) => Promise<T>): Promise<T> {
  const state = await openLevelState(folder)
  try {
    return await work(state)
  } finally {
    await state.close()
  }
}

const all = async (state: State, prefix = '', options: EntriesOptions = {}) => {
  const keys: string[] = []
  for await (const { key } of state.entries(prefix, options)) keys.push(key)
  return keys
}

describe('the state', () => {
  it('keeps what is put in, over a restart', async () => {
    await use((state) => state.put('a', 'one\ntwo ü'))
    expect(await use((state) => state.get('a'))).toBe('one\ntwo ü')
    await use((state) => state.delete('a'))
    expect(await use((state) => state.get('a'))).toBeUndefined()
  })

  it('lists the entries of one prefix in order', async () => {
    await use(async (state) => {
      for (const key of ['b/2', 'b/1', 'a/1', 'b0', 'c']) await state.put(key, key)
      expect(await all(state, 'b/')).toEqual(['b/1', 'b/2'])
      expect(await all(state)).toEqual(['a/1', 'b/1', 'b/2', 'b0', 'c'])
      expect(await all(state, 'b/', { reverse: true })).toEqual(['b/2', 'b/1'])
      expect(await all(state, 'b/', { reverse: true, before: 'b/2' })).toEqual(['b/1'])
      expect(await all(state, 'b/', { before: 'z' })).toEqual(['b/1', 'b/2'])
    })
  })

  it('forgets an entry when it expires, and purges it from the disk', async () => {
    await use(async (state) => {
      const now = Date.now()
      await state.put('short', 'x', { expiresAt: now + 1000 })
      await state.put('long', 'y', { expiresAt: now + 5000 })
      await state.put('forever', 'z')
      vi.useFakeTimers({ toFake: ['Date'], now: now + 999 })
      expect(await state.get('short')).toBe('x')
      vi.setSystemTime(now + 1000)
      expect(await state.get('short')).toBeUndefined()
      expect(await all(state)).toEqual(['forever', 'long'])
      expect(await state.purge()).toBe(1)
      vi.setSystemTime(now)
      expect(await all(state)).toEqual(['forever', 'long'])
    })
  })

  it('purges thousands, and what was written anew meanwhile stays', async () => {
    await use(async (state) => {
      const expiresAt = Date.now() - 1
      const put = (index: number) => ({ type: 'put' as const, key: `old/${index}`, value: 'x', expiresAt })
      await state.batch(Array.from({ length: 1200 }, (_, index) => put(index)))
      const purged = state.purge()
      await state.put('old/999', 'again')
      await purged
      expect(await all(state)).toEqual(['old/999'])
    })
  })

  it('has every write that was answered after kill -9', async () => {
    const child = fork(join(import.meta.dirname, 'write-until-killed.testing.mjs'), [folder], {
      stdio: 'ignore',
      execArgv: [],
    })
    let answered = 0
    await new Promise<void>((resolve, reject) => {
      child.on('message', (count: number) => {
        answered = count
        if (count >= 50) child.kill('SIGKILL')
      })
      child.on('exit', (_code, signal) => (signal === 'SIGKILL' ? resolve() : reject(new Error('ended by itself'))))
    })
    const keys = await use((state) => all(state, 'key/'))
    expect(keys.length).toBeGreaterThanOrEqual(answered)
    expect(answered).toBeGreaterThanOrEqual(50)
  })
})

describe('a state that cannot be opened names its folder and what to do', () => {
  const refusal = () =>
    openLevelState(folder).then(
      () => undefined,
      (error: unknown) => error as StateError,
    )

  it('when another holds it', async () => {
    await use(async () => {
      const error = await refusal()
      expect(error).toMatchObject({ code: 'STATE_LOCKED', folder, message: expect.stringContaining(folder) })
    })
    await use((state) => state.put('free', 'again'))
  })

  it('when it is damaged', async () => {
    await use((state) => state.put('a', 'b'))
    const manifest = (await readdir(folder)).find((name) => name.startsWith('MANIFEST'))
    await writeFile(join(folder, manifest!), 'nonsense')
    const error = await refusal()
    expect(error).toBeInstanceOf(StateError)
    expect(error).toMatchObject({ code: 'STATE_CORRUPT', message: expect.stringMatching(/damaged.*backup/) })
    expect(error?.message).toContain(folder)
  })

  it('when it is no folder', async () => {
    await writeFile(join(home, 'deep'), 'a file')
    const error = await refusal()
    expect(error).toMatchObject({ code: 'STATE_UNAVAILABLE', message: expect.stringContaining(folder) })
  })
})
