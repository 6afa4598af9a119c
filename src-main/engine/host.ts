import type { Worker } from 'node:worker_threads'
import type { EngineStatus, ListenerStatus } from '@shared/engine-status'
import type { HealthRecord } from '@shared/health'
import type { ResourceTest } from '@shared/operations'
import { createCalls, type Question } from './host/calls'
import { crashReason } from './host/crash-reason'
import { startWorker, type EngineThread } from './host/engine-thread'
import {
  type CompileProblem,
  type Engine,
  type EngineOptions,
  type FromEngine,
  type PortsBefore,
  type ToEngine,
} from './messages'
import { unpackRecords } from './record-lines'
import type { Snapshot } from './snapshot'
import { packSnapshot } from './snapshot-message'

export interface HostOptions extends EngineOptions {
  /** The built `engine/worker.js`. The entries give it, since their own place in the build is the only fixed one. */
  readonly workerUrl: URL
  /** The first thread, where one has been loaded before. */
  readonly loaded?: EngineThread
  /** Makes the thread; for whoever needs its handle. */
  readonly startThread?: (workerUrl: URL, options: EngineOptions) => Worker
}

/** Wait before the first restart after a crash, milliseconds; doubled by each crash that follows soon. */
const FIRST_BACKOFF_MS = 100
const LONGEST_BACKOFF_MS = 10_000
/** An engine that ran so long before it crashed starts again at the first back-off, milliseconds. */
const STEADY_MS = 30_000
/** After so many crashes that followed soon upon each other the engine stays stopped until somebody restarts it. */
const MOST_CRASHES = 5
/** Default of `stop`, milliseconds. */
const DRAIN_MS = 5000
/** What a thread gets on top of its drain before it is ended by force, milliseconds. */
const DRAIN_GRACE_MS = 2000

/**
 * Starts the engine in a thread of its own, and again whenever it crashes, with the last snapshot that ran. What another
 * start would not mend, and crashes without end, leave it `stopped` with the reason in `lastCrash`, until `restart`.
 */
export function startEngine({ workerUrl, loaded, startThread = startWorker, ...options }: HostOptions): Engine {
  const statusListeners = new Set<(status: EngineStatus) => void>()
  const healthListeners = new Set<(record: HealthRecord) => void>()
  const recordListeners = new Set<Parameters<Engine['onRecords']>[0]>()
  const nowhere = { state: 'starting', host: '127.0.0.1', port: 0 } as const
  let status: EngineStatus = { state: 'starting', gateway: nowhere, authorization: nowhere, restarts: 0 }
  let applied: Snapshot | undefined
  /** What the thread runs, while that is known for sure: no other snapshot is on its way to it. */
  let inThread: Snapshot | undefined
  let snapshotsSent = 0
  let traced: Extract<ToEngine, { type: 'trace-all' }> | undefined
  let crashesInARow = 0
  let ports: PortsBefore = {}
  /** Why the engine is not started again by itself. */
  let gaveUp: string | undefined
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
    const own = loaded?.take(options) ?? startThread(workerUrl, options)
    thread = own
    inThread = undefined
    const startedAt = Date.now()
    let failure: unknown
    let unusable: string | undefined
    own.on('message', (message: FromEngine) => {
      if (thread !== own) return
      if (message.type === 'unusable') unusable = message.reason
      else take(message)
    })
    own.on('error', (error) => (failure = error))
    own.on('exit', () => {
      if (thread === own) crashed(unusable ?? crashReason(failure), unusable !== undefined, Date.now() - startedAt)
    })
    if (traced !== undefined) post(traced)
    become({ startedAt })
    if (applied === undefined) {
      calls.open()
      if (status.state === 'restarting') become({ state: 'running' })
      return
    }
    // What runs comes first; what was asked meanwhile is asked after it.
    calls.askFirst({ type: 'apply', snapshot: packSnapshot(applied, undefined), portsBefore: ports }).then(
      () => {
        if (thread === own && stopping === undefined) become({ state: 'running' })
      },
      (error: unknown) => {
        // A crash in the middle of it has been told, and starts this anew.
        if (thread !== own || stopping !== undefined) return
        // The thread stays: the next snapshot that it takes runs.
        notRunning(`The engine started again, but does not take what ran before: ${crashReason(error)}`)
      },
    )
    calls.open()
  }

  function crashed(reason: string, isFinal: boolean, ranMs: number): void {
    thread = undefined
    const isSteady = ranMs >= STEADY_MS
    const isFirst = crashesInARow === 0 || isSteady
    crashesInARow = isSteady ? 1 : crashesInARow + 1
    // Right after a crash a lock may be one that the dead thread leaves behind: that passes.
    const isOver = (isFinal && isFirst) || crashesInARow >= MOST_CRASHES
    if (stopping !== undefined || restarting !== undefined) {
      calls.close(reason)
      return
    }
    if (isOver) {
      gaveUp = isFinal ? reason : `The engine crashed ${crashesInARow} times in a row and stays stopped. ${reason}`
      calls.giveUp(gaveUp)
      notRunning(gaveUp)
      return
    }
    calls.close('The engine stopped in the middle of this and is being started again. Try it once more.')
    become({ state: 'restarting', restarts: status.restarts + 1, lastCrash: { at: Date.now(), reason } })
    backoff = setTimeout(start, Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (crashesInARow - 1)))
  }

  /** Nothing is answered at the addresses any more. */
  function notRunning(reason: string): void {
    const closed = ({ host, port }: ListenerStatus): ListenerStatus => ({
      state: 'failed',
      host,
      port,
      sentence: reason,
    })
    become({
      state: 'stopped',
      gateway: closed(status.gateway),
      authorization: closed(status.authorization),
      lastCrash: { at: Date.now(), reason },
    })
  }

  function take(message: Exclude<FromEngine, { type: 'unusable' }>): void {
    switch (message.type) {
      case 'answer':
        return calls.answered(message)
      case 'status':
        ports = { ...ports, ...portsOf(message) }
        return become({ gateway: message.gateway, authorization: message.authorization })
      case 'health':
        for (const listener of healthListeners) listener(message.record)
        return
      case 'records':
        post({ type: 'records-taken', count: message.count })
        tellRecords(message.packed)
    }
  }

  function tellRecords(packed: string): void {
    if (recordListeners.size === 0) return
    const { records, lines } = unpackRecords(packed)
    for (const listener of recordListeners) listener(records, lines)
  }

  function post(message: ToEngine): void {
    thread?.postMessage(message)
  }

  function ask(question: Question): Promise<unknown> {
    if (stopping !== undefined) return Promise.reject(new Error('The engine has been stopped'))
    if (gaveUp !== undefined) return Promise.reject(new Error(gaveUp))
    return calls.ask(question)
  }

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
      const own = thread
      const sent = ++snapshotsSent
      const packed = packSnapshot(snapshot, own === undefined ? undefined : inThread)
      inThread = undefined
      await ask({ type: 'apply', snapshot: packed })
      applied = snapshot
      if (thread === own && sent === snapshotsSent) inThread = snapshot
      if (status.state === 'starting' || status.state === 'stopped') become({ state: 'running' })
    },
    check: async (apis) => (await ask({ type: 'check', apis })) as readonly CompileProblem[], // what the worker answers to check
    testResource: async (resource) => (await ask({ type: 'test-resource', resource })) as ResourceTest, // likewise
    testEndpoint: async (endpoint, group) => (await ask({ type: 'test-endpoint', endpoint, group })) as ResourceTest, // likewise
    administer: (what, asked) => ask({ type: 'administer', what, asked }) as never, // what the worker answers to it
    traceAll(on, sampling) {
      traced = { type: 'trace-all', on, sampling }
      post(traced)
    },
    restart() {
      restarting ??= (async () => {
        become({ state: 'restarting' })
        await end(DRAIN_MS)
        restarting = undefined
        gaveUp = undefined
        crashesInARow = 0
        if (stopping === undefined) start()
        // Resolves when it runs again: the first answer comes after the snapshot.
        await ask({ type: 'check', apis: [] })
      })()
      return restarting
    },
    stop(timeoutMs = DRAIN_MS) {
      stopping ??= (async () => {
        await end(timeoutMs)
        calls.giveUp('The engine has been stopped')
        become({ state: 'stopped' })
      })()
      return stopping
    },
    onStatus(listener) {
      statusListeners.add(listener)
      return () => void statusListeners.delete(listener)
    },
    onHealth(listener) {
      healthListeners.add(listener)
      return () => void healthListeners.delete(listener)
    },
    onRecords(listener) {
      recordListeners.add(listener)
      return () => void recordListeners.delete(listener)
    },
  }
}

/** Where the servers listen. */
function portsOf({ gateway, authorization }: Pick<EngineStatus, 'gateway' | 'authorization'>): PortsBefore {
  return {
    ...(gateway.state === 'listening' ? { gateway: gateway.port } : {}),
    ...(authorization.state === 'listening' ? { authorization: authorization.port } : {}),
  }
}
