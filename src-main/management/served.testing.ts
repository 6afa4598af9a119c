import type { OperationName } from '@shared/operations'
import type { Problem } from '@shared/problem'
import { addressOf } from '../engine/testing/snapshots'
import { startTestEngine, type TestEngine, type buildWorker } from '../engine/testing/start-engine'
import { createWorkspace, openWorkspace, type Store } from '../workspace'
import { systemClock, type Clock } from './clock'
import { createManagement, type Management } from './management'
import { testFolders } from './testing'

/** A workspace served on free ports by a real engine, for tests. */
export interface Served {
  readonly store: Store
  readonly engine: TestEngine
  readonly management: Management
  readonly call: Management['call']
  /** Address of the gateway now; throws while it does not listen. */
  readonly gateway: string
  /** Address of the authorization server now; throws while it does not listen. */
  readonly authorization: string
  /** The problem that an operation answers; fails when it answers none. */
  problem(name: OperationName, input: unknown): Promise<Problem>
}

/** A folder that is served, stopped and served again. */
export interface ServedFolder {
  readonly folder: string
  readonly now: Served
  /** What failed by a fault of ours. */
  readonly faults: unknown[]
  /** @param between done while nothing serves the folder */
  restart(between?: () => Promise<unknown>): Promise<void>
  close(): Promise<void>
}

export type Worker = Awaited<ReturnType<typeof buildWorker>>

/** An empty workspace, served. */
export async function serveEmpty({ workerUrl }: Worker, clock: Clock = systemClock): Promise<ServedFolder> {
  const { folder, keyFolder, remove } = await testFolders()
  await createWorkspace(folder, { name: 'Test' })
  const faults: unknown[] = []

  async function serve(stateFolder?: string): Promise<Served> {
    const store = await openWorkspace(folder, { keyFolder })
    const engine = await startTestEngine(workerUrl, stateFolder)
    const management = createManagement({
      store,
      engine: engine.engine,
      version: '0.0.0',
      listen: { gatewayPort: 0, authorizationPort: 0 },
      keepsSchedule: true,
      clock,
      onFault: (what, error) => faults.push([what, error]),
    })
    await management.start()
    return {
      store,
      engine,
      management,
      call: management.call,
      get gateway() {
        return addressOf(engine.engine.status().gateway)
      },
      get authorization() {
        return addressOf(engine.engine.status().authorization)
      },
      async problem(name, input) {
        const answer = await management.run(name, input)
        if (answer.ok) throw new Error(`${name} succeeded: ${JSON.stringify(answer.value)}`)
        return answer.problem
      },
    }
  }
  async function stop({ management, engine, store }: Served): Promise<void> {
    await management.close()
    await engine.engine.stop()
    await store.close()
  }

  let now = await serve()
  return {
    folder,
    get now() {
      return now
    },
    faults,
    async restart(between) {
      await stop(now)
      await between?.()
      now = await serve(now.engine.stateFolder)
    },
    async close() {
      await stop(now)
      await now.engine.dispose()
      await remove()
    },
  }
}
