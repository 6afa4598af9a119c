import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pointSampleAt, startGatehouse, type Gatehouse } from './gatehouse.ts'
import { type Effort, type Measured, measure, type Target } from './load.ts'
import { residentMiB, start } from './process.ts'

const FLOWS = 20

/** `gatehouse serve`, started with so many deployed APIs of 20 flows each. */
export interface ManyApis {
  readonly count: number
  /** Milliseconds from the start of the process to its ready line. */
  readonly readyMs: number
  readonly atRestMiB: number
  /** A request to the last of them, which runs two of its flows. */
  readonly measured: Measured
}

/** What many APIs cost at the start and for each request. All are measured in turns. */
export async function benchManyApis(counts: readonly number[], effort: Effort): Promise<ManyApis[]> {
  const backend = await start(resolve(import.meta.dirname, 'peers/backend.ts'))
  const served: { count: number; gatehouse: Gatehouse; atRestMiB: number }[] = []
  try {
    for (const count of counts) {
      const before = await startGatehouse()
      await pointSampleAt(before, backend.ready.address!)
      const gatehouse = await before.restart((workspace) => writeApis(workspace, count))
      served.push({ count, gatehouse, atRestMiB: residentMiB(gatehouse.pid) })
    }
    const targets = served.map(({ count, gatehouse }): Target => {
      const url = `${gatehouse.gateway}/many/${count - 1}/orders/7`
      return { name: String(count), subject: gatehouse, request: { url } }
    })
    const measured = await measure(targets, effort)
    return served.map(({ count, gatehouse: { readyMs }, atRestMiB }, index) => ({
      ...{ count, readyMs, atRestMiB },
      measured: measured[index]!,
    }))
  } finally {
    await Promise.all([...served.map(({ gatehouse }) => gatehouse), backend].map((subject) => subject.stop()))
  }
}

/** Writes APIs, deployed, into a workspace that is not open, as files that a person may write: copies of the sample's without its policy. */
function writeApis(workspace: string, count: number): void {
  const [file] = readdirSync(join(workspace, 'apis'))
  const definition = JSON.parse(readFileSync(join(workspace, 'apis', file!), 'utf8')) as object
  for (let index = 0; index < count; index++) {
    const id = `many-${index}`
    const api = {
      ...definition,
      ...{
        id,
        name: `Many ${index}`,
        resources: [],
        plans: [],
        flows: Array.from({ length: FLOWS }, (_, at) => flow(at)),
      },
      listeners: [{ type: 'http', paths: [{ path: `/many/${index}` }], entrypoints: [{ type: 'http-proxy' }] }],
    }
    writeFileSync(join(workspace, 'apis', `${id}.json`), JSON.stringify(api, null, 2))
    mkdirSync(join(workspace, 'deployments', id), { recursive: true })
    const deployment = { apiId: id, revision: 1, deployedAt: new Date().toISOString(), changes: [], definition: api }
    writeFileSync(join(workspace, 'deployments', id, '1.json'), JSON.stringify(deployment, null, 2))
  }
}

/** The first matches every request, the last but one orders alone, the others no request that is sent. */
function flow(at: number): object {
  const path = at === 0 ? '/' : at === FLOWS - 2 ? '/orders/:id' : `/part-${at}/:id`
  return {
    name: `Flow ${at}`,
    enabled: true,
    selectors: [{ type: 'http', path, pathOperator: 'START_WITH' }],
    request: [
      {
        enabled: true,
        policy: 'transform-headers',
        configuration: { addHeaders: [{ name: `X-Flow-${at}`, value: `{#request.pathInfo}` }] },
      },
    ],
    response: [],
  }
}
