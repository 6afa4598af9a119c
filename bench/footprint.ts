import { resolve } from 'node:path'
import { getToken, pointSampleAt, startGatehouse } from './gatehouse.ts'
import { sendMany } from './load.ts'
import { residentMiB, start } from './process.ts'

export interface Footprint {
  /** From the start of the process to the ready line, and to the first answered request, milliseconds; median of five. */
  readonly readyMs: number
  readonly firstAnswerMs: number
  /** Resident memory of `gatehouse serve`, MiB. */
  readonly atRestMiB: number
  readonly after100kMiB: number
  readonly requests: number
}

/** Start-up to the first answered request, and memory at rest and after many protected requests. */
export async function benchFootprint(requests: number): Promise<Footprint> {
  const starts: { readyMs: number; firstAnswerMs: number }[] = []
  for (let i = 0; i < 5; i++) {
    const gatehouse = await startGatehouse()
    const before = performance.now()
    await (await fetch(`${gatehouse.gateway}/echo`)).arrayBuffer()
    starts.push({ readyMs: gatehouse.readyMs, firstAnswerMs: gatehouse.readyMs + performance.now() - before })
    await gatehouse.stop()
  }
  const median = starts.toSorted((a, b) => a.firstAnswerMs - b.firstAnswerMs)[2]!
  const backend = await start(resolve(import.meta.dirname, 'peers/backend.ts'))
  const gatehouse = await startGatehouse()
  try {
    await pointSampleAt(gatehouse, backend.ready.address!)
    const authorization = `Bearer ${await getToken(gatehouse)}`
    const atRestMiB = residentMiB(gatehouse.pid)
    const request = { url: `${gatehouse.gateway}/echo`, headers: { authorization } }
    await sendMany({ name: 'gatehouse', subject: gatehouse, request }, 50, requests)
    return { ...median, atRestMiB, after100kMiB: residentMiB(gatehouse.pid), requests }
  } finally {
    await Promise.all([gatehouse.stop(), backend.stop()])
  }
}
