import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundle, type Bundle } from '../../engine/testing/bundle'
import { createTraffic } from './traffic-log'

let home: string
let recorder: Bundle
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatehouse-kill-'))
  await mkdir(join(home, '.state'))
  recorder = await bundle('src-main/management/traffic/testing/record-until-killed.ts')
})
afterAll(async () => {
  await recorder.remove()
  await rm(home, { recursive: true, force: true })
})

/** Runs the recorder until it has told some batches; answers the newest seq that was told before it was killed. */
async function recordAndKill(batches: number): Promise<number> {
  const child = spawn(process.execPath, [recorder.file, home], { stdio: ['ignore', 'pipe', 'inherit'] })
  let told = 0
  let last = 0
  for await (const line of createInterface(child.stdout)) {
    last = Number(line)
    if (++told === batches) child.kill('SIGKILL')
  }
  return last
}

it('keeps what was written, whenever it is killed, and counts on', { timeout: 60_000 }, async () => {
  let before = 0
  for (let round = 0; round < 6; round++) {
    const told = await recordAndKill(1 + ((round * 7) % 12))
    expect(told).toBeGreaterThan(before)
    const traffic = createTraffic({ workspaceFolder: home, onProblems: () => undefined })
    await traffic.open()
    expect(traffic.problems()).toEqual([])
    const seqs = (await traffic.list({}, 100_000)).map(({ seq }) => seq)
    expect(seqs.slice(-told)).toEqual(Array.from({ length: told }, (_, index) => told - index))
    before = seqs[0]!
    await traffic.close()
  }
})
