import { parentPort, workerData } from 'node:worker_threads'
import { runEngine } from './run-engine'
import { StateError } from './state'
import type { EngineOptions, FromEngine, StartEngine, ToEngine } from './messages'

/** The thread's entry: everything it does is asked for by messages from `host.ts`. */
const port = parentPort
if (port === null) throw new Error('The engine runs in a worker thread')

const send = (message: FromEngine) => port.postMessage(message)
// Messages that come before the engine is there wait.
const waiting: ToEngine[] = []
let take = (message: ToEngine): void => void waiting.push(message)
let start: (options: EngineOptions) => void
const told = new Promise<EngineOptions>((resolve) => (start = resolve))
port.on('message', (message: ToEngine | StartEngine) =>
  message.type === 'start' ? start(message.options) : take(message),
)
try {
  const options = workerData as EngineOptions | null // what `startWorker` was given
  const engine = await runEngine(options ?? (await told), send)
  take = (message) => engine.take(message)
  for (const message of waiting.splice(0)) take(message)
} catch (error) {
  if (!(error instanceof StateError)) throw error
  // The thread ends after this: nothing keeps it.
  send({ type: 'unusable', reason: error.message })
  port.unref()
}
