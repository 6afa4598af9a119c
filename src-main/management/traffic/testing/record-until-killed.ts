import type { RequestRecord } from '@shared/traffic'
import { createTraffic } from '../traffic-log'

/** Records requests as fast as it can, telling on stdout the newest seq of each batch that has been written; ends where that fails. */
const [workspaceFolder = ''] = process.argv.slice(2)
const traffic = createTraffic({ workspaceFolder, onProblems: () => process.exit(1) })
await traffic.open()
traffic.configure({ recording: true, limitMegabytes: 64 })
const record = (id: string): RequestRecord => ({
  ...{ id, server: 'gateway', at: Date.now(), method: 'GET', path: `/${'x'.repeat(500)}`, status: 200, durationMs: 1 },
  outcome: 'answered',
})
for (let batch = 0; ; batch++) {
  const added = traffic.add(Array.from({ length: 100 }, (_, index) => record(`${process.pid}-${batch}-${index}`)))
  await traffic.list({}, 1) // answers from what is written
  process.stdout.write(`${added.at(-1)?.seq}\n`)
}
