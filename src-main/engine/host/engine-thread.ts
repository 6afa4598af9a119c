import { Worker } from 'node:worker_threads'
import type { EngineOptions, StartEngine } from '../messages'

/** MiB for what lives no longer than a request: with V8's 16 an eighth of the thread's time went to collecting it. */
const YOUNG_GENERATION_MB = 96

/** A thread that loads the engine's code, and then waits to be told which engine to be. */
export interface EngineThread {
  /** The thread, which is that engine from now on; undefined when it has been taken already, or has ended. */
  take(options: EngineOptions): Worker | undefined
  /** Ends it where nobody has taken it. */
  end(): Promise<void>
}

export function startWorker(workerUrl: URL, workerData?: EngineOptions): Worker {
  // Flags of this process (inspection, loaders) are not the engine's.
  return new Worker(workerUrl, {
    name: 'gatehouse-engine',
    workerData,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  })
}

/** Begins to load the engine while it is not known yet what it is to run: on another core that is done by the time it is known. */
export function loadEngine(workerUrl: URL): EngineThread {
  let waiting: Worker | undefined = startWorker(workerUrl)
  const gone = () => void (waiting = undefined)
  // What keeps it from loading keeps the one that is started in its place, and is told of that.
  waiting.once('error', gone).once('exit', gone)
  return {
    take(options) {
      const thread = waiting
      if (thread === undefined) return undefined
      waiting = undefined
      thread.off('error', gone).off('exit', gone)
      thread.postMessage({ type: 'start', options } satisfies StartEngine)
      return thread
    },
    async end() {
      await waiting?.terminate()
    },
  }
}
