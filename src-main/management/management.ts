import type { OperationAnswer } from '@shared/bridge'
import type { GatehouseEvent } from '@shared/events'
import type { CallOperation } from '@shared/operations'
import { ProblemError } from '@shared/problem'
import type { Engine } from '../engine/messages'
import type { Store } from '../workspace/store'
import { apiHandlers } from './apis'
import { applicationHandlers } from './applications'
import { auditHandlers } from './audit'
import { openAuditLog } from './audit/audit-log'
import { catalogueHandlers } from './catalogue'
import { certificateHandlers } from './certificates'
import { trustedAuthorities } from './certificates/trusted'
import { keepCertificates } from './certificates/keep'
import { systemClock, type Clock } from './clock'
import { consoleHandlers } from './console'
import type { Context, Handlers } from './context'
import { dictionaryHandlers } from './dictionaries'
import { createPolling } from './dictionaries/polling'
import { forgetUnused } from './definition/forget-unused'
import { domainHandlers } from './domains'
import { engineHandlers } from './engine'
import { createApiReader } from './formats/api-reader'
import { createExclusive } from './exclusive'
import { groupHandlers } from './groups'
import { openHealthLog } from './health-log'
import { keyHandlers } from './keys'
import { createKeySchedule } from './keys/key-schedule'
import { liveHandlers } from './live'
import { openMemory } from './memory'
import { overviewHandlers } from './overview'
import { internal } from './problems'
import { roleHandlers } from './roles'
import type { ListenOverrides } from './running/build-snapshot'
import { listeningAddress } from './running/own-authorization'
import { createRunning } from './running/running'
import { subscriptionHandlers } from './subscriptions'
import { expressionHandlers } from './expressions'
import { trafficHandlers } from './traffic'
import { effectiveSettings } from './traffic/settings'
import { createTraffic } from './traffic/traffic-log'
import { tryItHandlers } from './try-it'
import { userHandlers } from './users'
import { operationName, validateInput } from './validation/validate-input'
import { noteWalkthrough } from './walkthrough/steps'
import { workspaceHandlers } from './workspace'

export type { ListenOverrides } from './running/build-snapshot'

export interface ManagementOptions {
  readonly store: Store
  /** Started already; management gives it its first snapshot in `start`. */
  readonly engine: Engine
  /** The product's version, for `User-Agent` and the OpenAPI document. */
  readonly version: string
  /** Addresses that count in place of the document's, until a person changes that one. */
  readonly listen?: ListenOverrides
  /** Whether it carries out what is scheduled, as the process that serves the workspace does; not unless given. */
  readonly keepsSchedule?: boolean
  /** Whether every request is traced unless a person has set it, which a window wants and a server without one does not. */
  readonly tracesUnlessSet?: boolean
  /** The system's unless given. */
  readonly clock?: Clock
  /** The built `formats/reading-thread.js`, for files of APIs to be read beside this thread; in it unless given. */
  readonly readingThreadUrl?: URL
  /** Told what failed by a fault of ours, which the caller gets to know only as INTERNAL. Never holds a secret. */
  readonly onFault?: (what: string, error: unknown) => void
}

/** The operations of an open workspace, for every transport: the window, HTTP and the command line. */
export interface Management {
  readonly version: string
  /**
   * Builds the first snapshot and has the engine run it. Resolves also when documents do not compile: what compiles
   * runs, the rest is told in `workspace.get`'s problems.
   */
  start(): Promise<void>
  /** Runs an operation whose name and input are not to be trusted. Never rejects. */
  run(name: string, input: unknown): Promise<OperationAnswer>
  /** The same for callers within the process, typed; rejects with ProblemError. */
  readonly call: CallOperation
  /** Listens to events; answers how to stop. */
  onEvent(listener: (event: GatehouseEvent) => void): () => void
  /** Waits for the changes under way, ends calls under way, then stops listening to store and engine; both stay open. */
  close(): Promise<void>
}

/** How many picked addresses of the authorization server are remembered. */
const REMEMBERED_ADDRESSES = 20
/** How often it is looked whether a certificate has to be renewed, milliseconds. */
const CERTIFICATES_MS = 3_600_000
/** How often the audit log looks for minutes that are over. */
const AUDIT_MS = 10_000

export function createManagement({
  store,
  engine,
  version,
  listen = {},
  keepsSchedule = false,
  tracesUnlessSet = false,
  clock = systemClock,
  readingThreadUrl,
  onFault = () => undefined,
}: ManagementOptions): Management {
  const memory = openMemory(store.folder, onFault)
  const audit = openAuditLog(store.folder, onFault)
  const domainAt = (path: string) => store.domains().find((domain) => domain.path === path)
  const tellProblems = () => emit({ type: 'workspace', changed: [{ kind: 'workspace' }], source: 'here' })
  const traffic = createTraffic({ workspaceFolder: store.folder, onProblems: tellProblems })
  const trafficSettings = () => effectiveSettings(store.document().traffic, tracesUnlessSet)
  /** Has what is kept and traced follow the document. */
  const followTrafficSettings = () => {
    const settings = trafficSettings()
    traffic.configure(settings)
    engine.traceAll(settings.traceAll, settings.sampling)
  }
  const health = openHealthLog(store.folder, clock, onFault)
  const running = createRunning({
    store,
    engine,
    listen,
    earlierAddresses: () => memory.get().authorizationAddresses,
  })
  const exclusive = createExclusive()
  const closing = new AbortController()
  const listeners = new Set<(event: GatehouseEvent) => void>()
  const emit = (event: GatehouseEvent) => {
    for (const listener of listeners) listener(event)
  }

  const call: CallOperation = async (name, input) => {
    const handler = handlers[name] as (input: unknown) => Promise<unknown> // the same name gives the same types
    return (await handler(validateInput(name, input))) as never
  }
  const polling = createPolling(
    () => context,
    (id, isOther) => {
      emit({ type: 'workspace', changed: [{ kind: 'dictionary', id }], source: 'here' })
      if (isOther) tellProblems()
    },
    onFault,
  )
  const keySchedule = createKeySchedule(() => context, tellProblems, onFault)
  const context: Context = {
    store,
    engine,
    version,
    clock,
    running,
    keySchedule,
    polling,
    traffic,
    trafficSettings,
    health,
    memory,
    audit,
    readApi: createApiReader(
      readingThreadUrl === undefined ? undefined : { url: readingThreadUrl, closing: closing.signal },
    ),
    emit,
    call,
    exclusive,
    authorities: trustedAuthorities(store),
    closing: closing.signal,
    rememberAuthorization(address) {
      const others = memory.get().authorizationAddresses.filter((each) => each !== address)
      memory.update({ authorizationAddresses: [...others, address].slice(-REMEMBERED_ADDRESSES) })
    },
  }
  const handlers: Handlers = {
    ...workspaceHandlers(context),
    ...certificateHandlers(context),
    ...engineHandlers(context),
    ...catalogueHandlers(),
    ...overviewHandlers(context),
    ...domainHandlers(context),
    ...dictionaryHandlers(context),
    ...keyHandlers(context),
    ...applicationHandlers(context),
    ...userHandlers(context),
    ...roleHandlers(context),
    ...groupHandlers(context),
    ...apiHandlers(context),
    ...subscriptionHandlers(context),
    ...consoleHandlers(context),
    ...tryItHandlers(context),
    ...liveHandlers(context),
    ...auditHandlers(context),
    ...trafficHandlers(context),
    ...expressionHandlers(context),
  }

  /** Runs again what is saved, for a reason that nobody called for and nobody waits on. */
  const rerun = (why: string, work: () => Promise<void>) =>
    void exclusive(work).catch((error: unknown) => {
      // The engine tells by itself that it is not running; it is given the snapshot when it is back.
      if (!(error instanceof ProblemError)) onFault(why, error)
    })
  const stops: (() => void)[] = []
  const keep = () => keepCertificates(store, store.document(), running.hosts(), clock.now())
  /** Runs what is saved, with the certificates that it needs. */
  const reload = async () => {
    // Where they cannot be had, the servers that need them tell it by their status and among the workspace's problems.
    await keep().catch((error: unknown) => {
      if (!(error instanceof ProblemError)) onFault('The certificates of HTTPS could not be made or renewed', error)
    })
    await running.reload()
  }

  /** Of users and applications that were deleted while no engine ran, or by hand. It may take a while, and nothing waits for it. */
  const forgetGone = () => {
    for (const { id: domainId, users = [], applications } of store.domains()) {
      const userIds = users.map(({ id }) => id)
      const clientIds = applications.map(({ clientId }) => clientId)
      // What does not run keeps it until it does.
      void engine.administer('forgetOthers', { domainId, userIds, clientIds }).catch(() => undefined)
    }
  }

  const forgetSecrets = () =>
    exclusive(() => forgetUnused(store)).catch((error: unknown) =>
      onFault('Secrets that nothing refers to could not be removed', error),
    )

  let isStarted = false
  return {
    version,
    async start() {
      await traffic.open()
      followTrafficSettings()
      stops.push(
        clock.every(CERTIFICATES_MS, () =>
          rerun('The certificates of HTTPS could not be renewed', async () => {
            if (await keep()) await running.reload()
          }),
        ),
        clock.every(AUDIT_MS, () => audit.writeCounted(clock.now())),
        engine.onStatus((status) => {
          emit({ type: 'engine', status })
          const address = listeningAddress(status)
          const picked = (listen.authorizationPort ?? store.document().authorizationPort) === 0
          if (address !== undefined && picked) context.rememberAuthorization(address)
          rerun('Resources could not follow the authorization server', () => running.follow())
        }),
        engine.onHealth((record) => {
          health.add(record)
          emit({ type: 'health', record })
        }),
        engine.onRecords((records, lines) => {
          const told = traffic.add(records, lines)
          audit.add(records, domainAt)
          noteWalkthrough(store, memory, running.ownAuthorization(), records)
          emit({ type: 'traffic', records: [...told] })
        }),
        store.onChange((event) => {
          followTrafficSettings()
          if (event.changed.some(({ kind }) => kind === 'dictionary')) polling.follow()
          if (event.source === 'here') return emit(event)
          // What runs follows the files before the listeners read it anew.
          void exclusive(reload)
            .catch((error: unknown) => onFault('A change on disk could not be run', error))
            .finally(() => emit(event))
        }),
      )
      await exclusive(reload).catch((error: unknown) => {
        if (!(error instanceof ProblemError)) throw error
        onFault('The workspace could not be run', error)
      })
      forgetGone()
      await forgetSecrets()
      isStarted = true
      if (!keepsSchedule) return
      polling.start()
      stops.push(
        () => keySchedule.stop(),
        () => polling.stop(),
      )
      await keySchedule.start()
    },
    async run(name, input) {
      try {
        return { ok: true, value: await call(operationName(name), input as never) } // `call` validates it
      } catch (error) {
        if (error instanceof ProblemError) return { ok: false, problem: error.problem }
        onFault(`The operation ${name.slice(0, 100)} failed`, error)
        return { ok: false, problem: internal }
      }
    },
    call,
    onEvent(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      closing.abort(new Error('The workspace is being closed'))
      for (const stop of stops.splice(0)) stop()
      // Who only runs an operation leaves them to whom the workspace is open for.
      if (isStarted) await forgetSecrets()
      isStarted = false
      await Promise.all([exclusive(() => memory.flushed()), audit.flushed(), traffic.close(), health.close()])
      listeners.clear()
    },
  }
}
