import type { SecureContext } from 'node:tls'
import { isSamplingFault, parseSampling, type Sampling } from '@shared/sampling'
import { createAuthorization, DomainRefusal } from './authorization'
import { startEcho } from './echo/echo'
import { createCounters, createLastingCounters } from './gateway/counters'
import { createGateway } from './gateway/gateway'
import { GATEWAY_SERVER_OPTIONS } from './gateway/server-options'
import { createListener } from './listen'
import { createServer } from './listening/server'
import { EngineRefusal, type EngineOptions, type FromEngine, type ToEngine } from './messages'
import { createRecordBatches } from './record-batches'
import { packRecords } from './record-lines'
import { createSampler, type Sampler } from './sampler'
import type { Snapshot } from './snapshot'
import { unpackSnapshot } from './snapshot-message'
import { openLevelState } from './state'
import { trusting } from './tls/authorities'
import { createConnectors } from './tls/connector'

/** The engine within its thread. */
export interface RunningEngine {
  take(message: ToEngine): void
}

type Call<T extends ToEngine['type']> = Extract<ToEngine, { type: T }>

/** Opens the state and wires both servers together; they listen from the first snapshot on. */
export async function runEngine(options: EngineOptions, send: (message: FromEngine) => void): Promise<RunningEngine> {
  const records = createRecordBatches((batch) =>
    send({ type: 'records', count: batch.length, packed: packRecords(batch) }),
  )
  let tracesAll = false
  let samples: Sampler | undefined
  const servers = () => ({ gateway: gatewayListener.status(), authorization: authorizationListener.status() })
  let publicAuthorizationAddress: string | undefined
  let authorities: SecureContext | undefined
  let furtherAuthorities: readonly string[] = []

  const state = await openLevelState(options.stateFolder)
  const authorization = await createAuthorization({
    state,
    address: () => authorizationListener.address(),
    publicAddress: () => publicAuthorizationAddress,
    onRecord: records.add,
    traceKey: options.traceKey,
    tracesAll: () => tracesAll || samples?.() === true,
  })
  const echo = await startEcho()
  const lasting = createLastingCounters(state)
  const gateway = createGateway({
    counters: { passing: createCounters(), lasting },
    local: authorization.local,
    connectors: createConnectors(
      servers,
      () => authorities,
      () => furtherAuthorities,
    ),
    onRecord: records.add,
    onCheck: (record) => send({ type: 'health', record }),
    traceKey: options.traceKey,
    echoAddress: echo.address,
  })

  const tellStatus = () => send({ type: 'status', ...servers() })
  const gatewayListener = createListener((tls) => {
    const server = createServer(GATEWAY_SERVER_OPTIONS, gateway.requestListener, tls)
    gateway.attach(server)
    return server
  }, tellStatus)
  const authorizationListener = createListener(
    (tls) => createServer({}, authorization.requestListener, tls),
    tellStatus,
  )

  let running: Snapshot | undefined

  /** Compiles everything before it changes anything. */
  async function apply({ snapshot: message, portsBefore }: Call<'apply'>): Promise<void> {
    const snapshot = unpackSnapshot(message, running)
    const domains = await authorization.prepare(snapshot.domains)
    const apis = gateway.compile(snapshot.apis)
    if (Array.isArray(apis)) throw new EngineRefusal('Nothing was changed, because not every API compiles', apis)
    const trusted = snapshot.authorities ?? []
    // The same list is the same object, so that connections go on to be taken up again.
    if (trusted.join('') !== furtherAuthorities.join('')) {
      authorities = trusting(trusted)
      furtherAuthorities = trusted
    }
    authorization.swap(domains)
    publicAuthorizationAddress = snapshot.publicAuthorizationAddress
    gateway.swap(apis, snapshot.subscriptions ?? [], snapshot.dictionaries ?? [])
    running = snapshot
    await Promise.all([
      gatewayListener.listenOn(snapshot.gateway, portsBefore?.gateway),
      authorizationListener.listenOn(snapshot.authorization, portsBefore?.authorization),
    ])
  }

  function administer({ what, asked }: Call<'administer'>): Promise<unknown> {
    const { administration } = authorization
    return administration[what](asked as never) // the host's types pair them
  }

  /** The gateway first: what is in flight there may still have to ask the authorization server. */
  async function drain({ timeoutMs }: Call<'drain'>): Promise<void> {
    const end = Date.now() + timeoutMs
    await gatewayListener.close(timeoutMs)
    await gateway.close()
    await lasting.close()
    await authorizationListener.close(Math.max(0, end - Date.now()))
    await echo.close()
    await authorization.close()
    await state.close()
    records.flush()
  }

  // Snapshots one after the other, and the end after the last of them.
  let last: Promise<unknown> = Promise.resolve()
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }

  function answer(call: number, work: Promise<unknown>): void {
    work.then(
      (value) => send({ type: 'answer', call, ok: true, value }),
      (error: unknown) => send({ type: 'answer', call, ok: false, ...told(error) }),
    )
  }

  return {
    take(message) {
      switch (message.type) {
        case 'apply':
          return answer(
            message.call,
            inTurn(() => apply(message)),
          )
        case 'check':
          return answer(
            message.call,
            inTurn(async () => gateway.check(message.apis)),
          )
        case 'test-resource':
          return answer(message.call, gateway.testResource(message.resource))
        case 'test-endpoint':
          return answer(message.call, gateway.testEndpoint(message.endpoint, message.group))
        case 'administer':
          return answer(message.call, administer(message))
        case 'drain':
          return answer(
            message.call,
            inTurn(() => drain(message)),
          )
        case 'trace-all':
          tracesAll = message.on
          samples = samplerOf(message.sampling)
          return gateway.traceAll(message.on, samplerOf(message.sampling))
        case 'records-taken':
          return records.taken(message.count)
      }
    },
  }
}

/** Management checks what a person sets; what stands in a file otherwise is none. */
function samplerOf(sampling: Sampling | undefined): Sampler | undefined {
  const parsed = sampling === undefined ? undefined : parseSampling(sampling)
  return parsed === undefined || isSamplingFault(parsed) ? undefined : createSampler(parsed)
}

/** What the other thread may know of a failure. */
function told(error: unknown): Pick<Extract<FromEngine, { type: 'answer'; ok: false }>, 'message' | 'problems'> {
  if (error instanceof EngineRefusal) return { message: error.message, problems: error.problems }
  if (error instanceof DomainRefusal) return { message: `${error.message}. ${error.remedy}`, problems: [] }
  return { message: error instanceof Error ? error.message : 'The engine failed', problems: [] }
}
