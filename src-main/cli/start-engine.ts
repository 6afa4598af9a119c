import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { startEngine } from '../engine/host'
import { loadEngine, type EngineThread } from '../engine/host/engine-thread'
import type { Engine } from '../engine/messages'
import type { Store } from '../workspace'
import { STATE_FOLDER } from '../workspace/layout'

/** Milliseconds that requests in flight get to finish. */
export const DRAIN_MS = 10_000

/** Loads the engine while the workspace is not open yet. */
export const loadEngineEarly = (): EngineThread => loadEngine(workerUrl())

/** Starts the engine of a workspace as it was built beside this program. @param loaded its thread, where that was loaded before */
export function startEngineOf(store: Store, loaded?: EngineThread): Engine {
  return startEngine({
    ...(loaded === undefined ? {} : { loaded }),
    stateFolder: join(store.folder, STATE_FOLDER, 'engine'),
    traceKey: randomBytes(24).toString('base64url'),
    workerUrl: workerUrl(),
  })
}

const workerUrl = () => new URL('./engine/worker.js', entryUrl())

/** The thread that reads files of APIs, as it was built beside this program. */
export const readingThreadUrl = () => new URL('./formats/reading-thread.js', entryUrl())

/** The address of cli.js: this module may have been bundled into a chunk in a folder of its own. */
function entryUrl(): string {
  return import.meta.url.replace(/\/chunks\/[^/]*$/, '/cli.js')
}
