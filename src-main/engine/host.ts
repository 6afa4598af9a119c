import { Worker } from 'node:worker_threads'
import type { EngineStatus } from '@shared/engine-status'
import type { ResourceTest } from '@shared/operations'
import type { RequestRecord } from '@shared/traffic'
import { createCalls, type Question } from './host/calls'
import { crashReason } from './host/crash-reason'
import {
  type CompileProblem,
  type Engine,
  type EngineOptions,
  type FromEngine,
  type PortsBefore,
  type ToEngine,
} from './messages'
import type { Snapshot } from './snapshot'

export interface HostOptions extends EngineOptions {
  /** The built `engine/worker.js`. The entries give it, since their own place in the build is the only fixed one. */
  readonly workerUrl: URL
  /** Makes the thread; for whoever needs its handle. */
  readonly startThread?: (workerUrl: URL, options: EngineOptions) => Worker
}

/** Wait before the first restart after a crash, milliseconds; doubled by each crash that follows soon. */
const FIRST_BACKOFF_MS = 100
const LONGEST_BACKOFF_MS = 10_000
/** An engine that ran so long before it crashed starts again at the first back-off, milliseconds. */
const STEADY_MS = 30_000
/** Default of `stop`, milliseconds. */
const DRAIN_MS = 5000
/** What a thread gets on top of its drain before it is ended by force, milliseconds. */
const DRAIN_GRACE_MS = 2000

const startWorker = (workerUrl: URL, workerData: EngineOptions) =>
  // Flags of this process (inspection, loaders) are not the engine's.
  new Worker(workerUrl, { name: 'gatehouse-engine', workerData, execArgv: [] })

/** Starts the engine in a thread of its own, and again whenever it crashes, with the last snapshot that ran. */
export function startEngine({ workerUrl, startThread = startWorker, ...options }: HostOptions): Engine {
  const statusListeners = new Set<(status: EngineStatus) => void>()
  const recordListeners = new Set<(records: readonly RequestRecord[]) => void>()
  const nowhere = { state: 'starting', host: '127.0.0.1', port: 0 } as const
  let status: EngineStatus = { state: 'starting', gateway: nowhere, authorization: nowhere, restarts: 0 }
  let applied: Snapshot | undefined
  let tracesAll = false
  let crashesInARow = 0
  let thread: Worker | undefined
  let backoff: NodeJS.Timeout | undefined
  let stopping: Promise<void> | undefined
  let restarting: Promise<void> | undefined

  const calls = createCalls((message) => thread?.postMessage(message))

  function become(change: Partial<EngineStatus>): void {
    status = { ...status, ...change }
    for (const listener of statusListeners) listener(status)
  }

  function start(): void {
    const own = startThread(workerUrl, options)
    thread = own
    const startedAt = Date.now()
    let failure: unknown
    own.on('message', (message: FromEngine) => {
      if (thread === own) take(message)
    })
    own.on('error', (error) => (failure = error))
    own.on('exit', () => {
      if (thread === own) crashed(failure, Date.now() - startedAt)
    })
    if (tracesAll) post({ type: 'trace-all', on: true })
    become({ startedAt })
    if (applied === undefined) {
      calls.open()
      if (status.state === 'restarting') become({ state: 'running' })
      return
    }
    // What runs comes first; what was asked meanwhile is asked after it.
    const running = applied
    void calls
      .askFirst({ type: 'apply', snapshot: running, portsBefore: portsBefore(status) })
      // The snapshot ran before; a crash in the middle of it starts this anew, and any other failure is told by the status.
      .catch((error: unknown) => become({ lastCrash: { at: Date.now(), reason: crashReason(error) } }))
      .finally(() => {
        if (thread === own && stopping === undefined) become({ state: 'running' })
      })
    calls.open()
  }

  function crashed(failure: unknown, ranMs: number): void {
    thread = undefined
    calls.close('The engine stopped in the middle of this and is being started again. Try it once more.')
    if (stopping !== undefined || restarting !== undefined) return
    crashesInARow = ranMs >= STEADY_MS ? 0 : crashesInARow + 1
    const lastCrash = { at: Date.now(), reason: crashReason(failure) }
    become({ state: 'restarting', restarts: status.restarts + 1, lastCrash })
    const wait = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.max(0, crashesInARow - 1))
    backoff = setTimeout(start, wait)
  }

  function take(message: FromEngine): void {
    switch (message.type) {
      case 'answer':
        return calls.answered(message)
      case 'status':
        return become({ gateway: message.gateway, authorization: message.authorization })
      case 'records':
        post({ type: 'records-taken', count: message.records.length })
        for (const listener of recordListeners) listener(message.records)
    }
  }

  function post(message: ToEngine): void {
    thread?.postMessage(message)
  }

  const ask = (question: Question) =>
    stopping === undefined ? calls.ask(question) : Promise.reject(new Error('The engine has been stopped'))

  /** Ends the thread when it has finished, or by force when it does not. */
  async function end(timeoutMs: number): Promise<void> {
    clearTimeout(backoff)
    const own = thread
    if (own === undefined) return
    const patience = new AbortController()
    await Promise.race([
      calls.ask({ type: 'drain', timeoutMs }).catch(() => undefined),
      new Promise<void>((resolve) => {
        const late = setTimeout(resolve, timeoutMs + DRAIN_GRACE_MS)
        patience.signal.addEventListener('abort', () => clearTimeout(late))
        own.once('exit', () => resolve())
      }),
    ])
    patience.abort()
    thread = undefined
    calls.close('The engine was stopped before it could answer')
    await own.terminate()
  }

  start()
  return {
    traceKey: options.traceKey,
    status: () => status,
    async apply(snapshot) {
      await ask({ type: 'apply', snapshot })
      applied = snapshot
      if (status.state === 'starting') become({ state: 'running' })
    },
    check: async (apis) => (await ask({ type: 'check', apis })) as readonly CompileProblem[], // what the worker answers to check
    testResource: async (resource) => (await ask({ type: 'test-resource', resource })) as ResourceTest, // likewise
    traceAll(on) {
      tracesAll = on
      post({ type: 'trace-all', on })
    },
    restart() {
      restarting ??= (async () => {
        become({ state: 'restarting' })
        await end(DRAIN_MS)
        restarting = undefined
        if (stopping === undefined) start()
        // Resolves when it runs again: the first answer comes after the snapshot.
        await ask({ type: 'check', apis: [] })
      })()
      return restarting
    },
    stop(timeoutMs = DRAIN_MS) {
      stopping ??= (async () => {
        await end(timeoutMs)
        become({ state: 'stopped' })
      })()
      return stopping
    },
    onStatus(listener) {
      statusListeners.add(listener)
      return () => void statusListeners.delete(listener)
    },
    onRecords(listener) {
      recordListeners.add(listener)
      return () => void recordListeners.delete(listener)
    },
  }
}

/** Where the servers listened last. */
function portsBefore({ gateway, authorization }: EngineStatus): PortsBefore {
  return {
    ...(gateway.state === 'listening' ? { gateway: gateway.port } : {}),
    ...(authorization.state === 'listening' ? { authorization: authorization.port } : {}),
  }
}
