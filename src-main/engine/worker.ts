import { parentPort, workerData } from 'node:worker_threads'
import { runEngine } from './run-engine'
import type { EngineOptions, FromEngine, ToEngine } from './messages'

/** The thread's entry: everything it does is asked for by messages from `host.ts`. */
const port = parentPort
if (port === null) throw new Error('The engine runs in a worker thread')

const engine = await runEngine(workerData as EngineOptions, (message: FromEngine) => port.postMessage(message))
// Messages that came meanwhile have waited in the port.
port.on('message', (message: ToEngine) => engine.take(message))
