import { resolve } from 'node:path'
import { getToken, pointSampleAt, startGatehouse } from './gatehouse.ts'
import { type Effort, type Measured, measure } from './load.ts'
import { start } from './process.ts'
import { buildWithAndWithout } from './without-trace.ts'

/** What the trace costs a protected request when nobody looks: the product, and a build of it that has no trace. */
export interface TraceCost {
  readonly measured: readonly [whole: Measured, untraced: Measured]
  /** Places of the source that were left out. */
  readonly leftOut: number
}

/** In short turns, many of them: what is looked for is smaller than what the machine differs by from second to second. */
export async function benchTraceCost(effort: Effort): Promise<TraceCost> {
  const builds = await buildWithAndWithout()
  const backend = await start(resolve(import.meta.dirname, 'peers/backend.ts'))
  const subjects = []
  try {
    const targets = []
    for (const [name, cli] of [
      ['as it is', builds.whole],
      ['without the trace', builds.untraced],
    ] as const) {
      const gatehouse = await startGatehouse(cli)
      subjects.push(gatehouse)
      await pointSampleAt(gatehouse, backend.ready.address!)
      const authorization = `Bearer ${await getToken(gatehouse)}`
      targets.push({
        name,
        subject: gatehouse,
        request: { url: `${gatehouse.gateway}/echo`, headers: { authorization } },
      })
    }
    const [whole, untraced] = await measure(targets, effort)
    return { measured: [whole!, untraced!], leftOut: builds.leftOut }
  } finally {
    await Promise.all([...subjects, backend].map((subject) => subject.stop()))
    builds.remove()
  }
}
