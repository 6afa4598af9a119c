import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { EngineStatus } from '@shared/engine-status'
import { startEngine } from '../host'
import type { Engine } from '../messages'
import { bundle } from './bundle'

/** A real engine in a real thread, for tests. */
export interface TestEngine {
  readonly engine: Engine
  readonly stateFolder: string
  /** Ends the thread as a crash would. */
  crash(): Promise<void>
  /** Stops the engine and removes its state. */
  dispose(): Promise<void>
}

export async function buildWorker(): Promise<{ readonly workerUrl: URL; remove(): Promise<void> }> {
  const { file, remove } = await bundle('src-main/engine/worker.ts')
  return { workerUrl: pathToFileURL(file), remove }
}

/** @param stateFolder of an engine before, to start where it ended */
export async function startTestEngine(workerUrl: URL, stateFolder?: string): Promise<TestEngine> {
  const folder = stateFolder ?? (await mkdtemp(join(tmpdir(), 'gatehouse-engine-')))
  let thread: Worker | undefined
  const engine = startEngine({
    stateFolder: folder,
    traceKey: randomBytes(16).toString('hex'),
    workerUrl,
    startThread: (url, workerData) => (thread = new Worker(url, { workerData, execArgv: [] })),
  })
  return {
    engine,
    stateFolder: folder,
    async crash() {
      await thread?.terminate()
    },
    async dispose() {
      await engine.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Resolves with the first status from now on that holds. */
export function when(engine: Engine, holds: (status: EngineStatus) => boolean): Promise<EngineStatus> {
  return new Promise((resolve) => {
    const stop = engine.onStatus((status) => {
      if (!holds(status)) return
      stop()
      resolve(status)
    })
  })
}
