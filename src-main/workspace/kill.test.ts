import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundle, type Bundle } from '../engine/testing/bundle'
import { createWorkspace, openWorkspace } from './index'

let home: string
let editor: Bundle

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatehouse-kill-'))
  editor = await bundle('src-main/workspace/testing/edit-until-killed.ts')
})
afterAll(async () => {
  await editor.remove()
  await rm(home, { recursive: true, force: true })
})

/** Runs the editor until it has told some edits; answers the last one that was acknowledged before it was killed. */
async function editAndKill(folder: string, edits: number): Promise<number> {
  const child = spawn(process.execPath, [editor.file, folder, join(home, 'keys')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let told = 0
  let last = 0
  for await (const line of createInterface(child.stdout)) {
    last = Number(line)
    if (++told === edits) child.kill('SIGKILL')
  }
  return last
}

it('loses nothing that was acknowledged, whenever it is killed', { timeout: 60_000 }, async () => {
  const folder = join(home, 'lab')
  await createWorkspace(folder, { name: 'Lab' })
  let before = 0
  for (let round = 0; round < 12; round++) {
    const acknowledged = await editAndKill(folder, 1 + ((round * 7) % 12))
    expect(acknowledged).toBeGreaterThan(before)
    before = acknowledged

    const store = await openWorkspace(folder, { keyFolder: join(home, 'keys') })
    expect(store.problems()).toEqual([])
    // What was under way when it was killed is there whole or not at all.
    const number = Number(store.domains()[0]?.description)
    expect([acknowledged, acknowledged + 1]).toContain(number)
    expect([`secret ${acknowledged}`, `secret ${number}`]).toContain(store.secrets.get('application/1'))
    await store.close()
    for (const file of await readdir(folder, { recursive: true })) {
      expect(file).not.toMatch(/\.tmp$/)
      if (/\.(json|enc)$/.test(file)) JSON.parse(await readFile(join(folder, file), 'utf8'))
    }
  }
})
