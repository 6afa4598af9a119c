import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lockWorkspace } from './lock'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-lock-'))
  await mkdir(join(folder, '.state'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const stale = { pid: 1, host: hostname(), command: 'node', since: '2026-01-01T00:00:00.000Z', processStart: 'gone' }
const leave = (text: string) => writeFile(join(folder, '.state/lock.json'), text)

it.runIf(process.platform === 'linux')('gives a stale lock to exactly one of many', async () => {
  for (let round = 0; round < 10; round++) {
    await leave(JSON.stringify(stale))
    const attempts = await Promise.allSettled(Array.from({ length: 12 }, () => lockWorkspace(folder)))
    const won = attempts.filter((attempt) => attempt.status === 'fulfilled')
    expect(won).toHaveLength(1)
    await won[0]!.value()
    expect(await readdir(join(folder, '.state'))).toEqual([])
  }
})

it('never takes over the lock of another machine, or one that it cannot read', async () => {
  await leave(JSON.stringify({ ...stale, host: 'elsewhere' }))
  await expect(lockWorkspace(folder)).rejects.toMatchObject({
    problem: { key: 'WORKSPACE_LOCKED', detail: expect.stringContaining('elsewhere') as string },
  })
  await leave('')
  await expect(lockWorkspace(folder)).rejects.toMatchObject({ problem: { key: 'WORKSPACE_LOCKED' } })
})
