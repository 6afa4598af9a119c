import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { RequestRecord } from '@shared/traffic'
import { exportOf } from './export'
import { createTraffic } from './traffic-log'

const bodyChange = { before: 'pin 1234', beforeBytes: 8, after: 'pin 5678', afterBytes: 8 }
const record: RequestRecord = {
  ...{ id: 'changed', server: 'gateway', at: Date.now(), method: 'POST', path: '/', status: 200, durationMs: 1 },
  outcome: 'answered',
  trace: [
    { kind: 'policy', title: 'A', decision: 'passed', sentence: 'changed', evidence: [], bodyChange },
    { kind: 'answer', title: 'Answer', decision: 'passed', sentence: '200', evidence: [] },
  ],
}

it('shows the bodies that a step changed while a request is among the newest, and writes none of them down', async () => {
  const workspaceFolder = await mkdtemp(join(tmpdir(), 'gatehouse-traffic-'))
  onTestFinished(() => rm(workspaceFolder, { recursive: true, force: true }))
  const folder = join(workspaceFolder, '.state', 'traffic')
  await mkdir(join(workspaceFolder, '.state'))
  const open = async () => {
    const traffic = createTraffic({ workspaceFolder, onProblems: () => undefined })
    await traffic.open()
    return traffic
  }

  const first = await open()
  first.add([record])
  expect((await first.get('changed'))?.trace?.[0]?.bodyChange).toEqual(bodyChange)
  const addresses = { gateway: 'http://127.0.0.1:1', authorization: 'http://127.0.0.1:2' }
  for (const format of ['har', 'jsonl'] as const) {
    const { text } = await exportOf(first, format, {}, 10, { addresses, version: '0' })
    expect(text).toMatch(/"beforeBytes": ?8/)
    expect(text).not.toContain('pin')
  }
  await first.close()

  const [name] = await readdir(folder)
  expect(await readFile(join(folder, name!), 'utf8')).not.toContain('pin')
  const second = await open()
  expect((await second.get('changed'))?.trace?.[0]?.bodyChange).toEqual({ beforeBytes: 8, afterBytes: 8 })
  await second.close()
})
