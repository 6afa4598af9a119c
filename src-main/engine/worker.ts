import { parentPort, workerData } from 'node:worker_threads'
import { runEngine } from './run-engine'
import { StateError } from './state'
import type { EngineOptions, FromEngine, ToEngine } from './messages'

/** The thread's entry: everything it does is asked for by messages from `host.ts`. */
const port = parentPort
if (port === null) throw new Error('The engine runs in a worker thread')

const send = (message: FromEngine) => port.postMessage(message)
try {
  const engine = await runEngine(workerData as EngineOptions, send)
  // Messages that came meanwhile have waited in the port.
  port.on('message', (message: ToEngine) => engine.take(message))
} catch (error) {
  if (!(error instanceof StateError)) throw error
  // The thread ends after this: nothing keeps it.
  send({ type: 'unusable', reason: error.message })
}
