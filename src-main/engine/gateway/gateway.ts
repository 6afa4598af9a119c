import type { Endpoint, EndpointGroup, Resource } from '@shared/api-definition'
import type { HealthRecord } from '@shared/health'
import type { ResourceTest } from '@shared/operations'
import type { RequestRecord } from '@shared/traffic'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { CompileProblem } from '../messages'
import { policies as catalogue } from '../policies/catalogue'
import type { Bound, PolicyDefinition } from '../policies/policy'
import { findResource } from '../resources/catalogue'
import type { LocalAuthorization } from '../resources/resource'
import type { Sampler } from '../sampler'
import type { ApiSnapshot, DictionarySnapshot, SubscriptionSnapshot } from '../snapshot'
import { isSameApi } from '../snapshot-message'
import type { Connectors } from '../tls/connector'
import { compileApi } from './compile-api'
import type { CompiledApi } from './compiled-api'
import { indexDictionaries, NO_DICTIONARIES } from './dictionaries'
import { testEndpoint } from './endpoints/test-endpoint'
import { acceptHttp2 } from '../listening/http2'
import { afterAnswers, endAfterAnswer, isEnding } from './ending'
import { takeUpgrades } from './endpoints/upgrade'
import { handleRequest } from './handle-request'
import { indexSubscriptions, type Subscriptions } from './plans/subscriptions'
import { METADATA_PATH } from './protected-resource'
import { letHalfClose, PATIENCE_MS } from './patience'
import { MAX_TARGET } from './refusable-request'
import { createRouter, type Router } from './router'
import { GATEWAY_HTTP2_OPTIONS } from './server-options'

export interface GatewayOptions {
  /** The in-process way to this engine's own authorization server. */
  readonly local: LocalAuthorization
  /** How backends and authorization servers are connected to. */
  readonly connectors: Connectors
  /** Called once for each finished request. Records hold neither secrets nor tokens. */
  readonly onRecord: (record: RequestRecord) => void
  /** Called once for each look at an endpoint whose health is checked. */
  readonly onCheck?: (record: HealthRecord) => void
  /** A request that carries it in `X-Gatehouse-Trace` is traced. */
  readonly traceKey: string
  /** Where the built-in echo backend listens, e.g. `http://127.0.0.1:40123`: what the target `gatehouse:echo` stands for. */
  readonly echoAddress: string
  /** What policies count with. Closed by whoever made them, after the gateway. */
  readonly counters: Bound['counters']
  /** Milliseconds that a client may be silent in the middle of a body, or take nothing of an answer; a minute unless told otherwise. */
  readonly patience?: number
  /** What steps may name; the whole catalogue unless told otherwise. */
  readonly policies?: readonly PolicyDefinition[]
}

/** APIs ready to run. Opaque: made by `compile`, given to `swap`. */
export interface CompiledApis {
  readonly kind: 'compiled-apis'
}

/** The gateway without its socket: whoever listens hands it the requests. */
export interface Gateway {
  /**
   * Compiles all APIs and changes nothing that runs; APIs that run already with the same id, revision and secretsVersion are
   * taken over as they are. An array is what is wrong: each API, and each place in it with its remedy.
   */
  compile(apis: readonly ApiSnapshot[]): CompiledApis | CompileProblem[]
  /** Compiles without keeping the result. */
  check(apis: readonly ApiSnapshot[]): CompileProblem[]
  /**
   * From the next request on these APIs are the ones; at once and whole. Requests in flight finish on the old ones, whose
   * connections are closed when the last of them has ended. Give the newest compiled value: one compiled before the last
   * swap may hold APIs that are closed.
   *
   * @param subscriptions to the plans of the APIs; those from before when not given
   * @param dictionaries that expressions read; those from before when not given
   */
  swap(
    compiled: CompiledApis,
    subscriptions?: readonly SubscriptionSnapshot[],
    dictionaries?: readonly DictionarySnapshot[],
  ): void
  /** Tries a resource's configuration for real, step by step. */
  testResource(resource: Resource): Promise<ResourceTest>
  /** Connects to an endpoint as its group has it and asks for an answer, step by step. */
  testEndpoint(endpoint: Endpoint, group: EndpointGroup): Promise<ResourceTest>
  /** Whether every request is traced, or else of which ones the trace is kept where the API does not say it. */
  traceAll(on: boolean, samples?: Sampler): void
  /** For `http.createServer(GATEWAY_SERVER_OPTIONS, requestListener)`. */
  readonly requestListener: RequestListener
  /**
   * Adds what a request listener alone cannot do: `Expect: 100-continue` answered only when the body is wanted, WebSockets, HTTP/2,
   * and clear answers to malformed requests.
   */
  attach(server: Server): void
  /** Runs no APIs any more and closes their connections once the requests in flight have ended. Stop accepting first. */
  close(): Promise<void>
}

/** Runs nothing until the first swap. */
export function createGateway({
  local,
  connectors,
  onRecord,
  onCheck = () => undefined,
  traceKey,
  echoAddress,
  counters,
  patience = PATIENCE_MS,
  policies = catalogue,
}: GatewayOptions): Gateway {
  let running = generationOf([])
  let subscribed: Subscriptions = indexSubscriptions([])
  const subscriptions = () => subscribed
  let known = NO_DICTIONARIES
  const dictionaries = () => known
  let tracesAll = false
  let samples: Sampler | undefined
  const closing = new Set<Promise<void>>()

  const release = (api: CompiledApi) => {
    if (--api.holders > 0) return
    const closed = api.close().finally(() => closing.delete(closed))
    closing.add(closed)
  }
  const hold = (api: CompiledApi) => void api.holders++
  const context = {
    router: () => running.router,
    hold,
    release,
    subscriptions,
    traceKey,
    tracesAll: () => tracesAll,
    samples: () => samples?.() === true,
    patience,
    onRecord,
  }

  function compile(apis: readonly ApiSnapshot[]): Generation | CompileProblem[] {
    const compiled: CompiledApi[] = []
    const problems: CompileProblem[] = []
    const before = byId(running.apis)
    for (const snapshot of apis) {
      const known = before.get(snapshot.id)
      const same = known !== undefined && isSameApi(snapshot, known.snapshot) ? known : undefined
      const context = { local, connectors, echoAddress, counters, policies, subscriptions, dictionaries, onCheck }
      const result = same ?? compileApi(snapshot, context)
      if (Array.isArray(result))
        problems.push({ apiId: snapshot.id, apiName: snapshot.definition.name, errors: result })
      else compiled.push(result)
    }
    problems.push(...pathsTwice(compiled))
    if (problems.length === 0) return generationOf(compiled)
    discard(compiled)
    return problems
  }

  /** Closes what was compiled and never ran. */
  function discard(apis: readonly CompiledApi[]): void {
    for (const api of apis) if (api.holders === 0) void api.close()
  }

  function swap(next: Generation): void {
    const before = running
    next.apis.forEach(hold)
    running = next
    const [now, earlier] = [byId(next.apis), byId(before.apis)]
    for (const api of next.apis) {
      const predecessor = earlier.get(api.id)
      if (predecessor !== api) api.health.start(predecessor?.health)
    }
    for (const api of before.apis) if (now.get(api.id) !== api) api.health.stop()
    before.apis.forEach(release)
  }

  return {
    compile,
    check(apis) {
      const compiled = compile(apis)
      if (Array.isArray(compiled)) return compiled
      discard(compiled.apis)
      return []
    },
    // A CompiledApis is made by `compile` alone.
    swap(compiled, subscriptionsNow, dictionariesNow) {
      if (subscriptionsNow !== undefined) subscribed = indexSubscriptions(subscriptionsNow)
      if (dictionariesNow !== undefined) known = indexDictionaries(dictionariesNow, known)
      swap(compiled as Generation)
    },
    async testResource({ name, type, configuration }) {
      const test = findResource(type)?.test
      if (test !== undefined) return test(configuration, local, connectors)
      return { ok: false, sentence: `There is no test for ${name}, which is of the type ${type}`, steps: [] }
    },
    testEndpoint: (endpoint, group) => testEndpoint(endpoint, group, { echoAddress, connectors }),
    traceAll(on, sampler) {
      tracesAll = on
      samples = sampler
    },
    requestListener: (request, response) => {
      if (!isEnding(request.socket)) handleRequest(context, request, response, false)
    },
    attach(server) {
      // First, since it takes the place of the listener that node has added last.
      acceptHttp2(server, GATEWAY_HTTP2_OPTIONS, (request, response, expectsContinue) =>
        handleRequest(context, request, response, expectsContinue),
      )
      letHalfClose(server)
      server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
        if (!isEnding(request.socket)) handleRequest(context, request, response, true)
      })
      takeUpgrades(server, (request, response, upgrade) => {
        if (!isEnding(request.socket)) handleRequest(context, request, response, false, upgrade)
      })
      // One that is no proxy for everything makes no tunnels (RFC 9110 §9.3.6).
      server.on('connect', (_request: IncomingMessage, socket: Duplex) =>
        afterAnswers(socket, () => answerBare(socket, '501 Not Implemented', 'CONNECT is not supported')),
      )
      // Counted by the gateway: node leaves out those that are too many, some versions without a word.
      server.maxHeadersCount = 0
      server.on('clientError', answerMalformed)
    },
    async close() {
      swap(generationOf([]))
      while (closing.size > 0) await Promise.all(closing)
    },
  }
}

interface Generation extends CompiledApis {
  readonly apis: readonly CompiledApi[]
  readonly router: Router<CompiledApi>
}

function generationOf(apis: readonly CompiledApi[]): Generation {
  const paths = apis.flatMap((api) => api.contextPaths.map((path) => [path, api] as const))
  // An API of its own at such a path comes before the metadata of another.
  const metadata = paths.filter(([, api]) => api.protectedResource !== undefined)
  const routes = new Map([...metadata.map(([path, api]) => [METADATA_PATH + path, api] as const), ...paths])
  return { kind: 'compiled-apis', apis, router: createRouter(routes) }
}

const byId = (apis: readonly CompiledApi[]): ReadonlyMap<string, CompiledApi> =>
  new Map(apis.map((api) => [api.id, api]))

/** Two APIs on one context path: which of them answers would be chance. */
function pathsTwice(apis: readonly CompiledApi[]): CompileProblem[] {
  const owners = new Map<string, CompiledApi>()
  return apis.flatMap((api) =>
    api.contextPaths.flatMap((path) => {
      const owner = owners.get(path)
      owners.set(path, owner ?? api)
      if (owner === undefined || owner === api) return []
      const error = {
        field: '/listeners/0/paths/0/path',
        message: `The context path ${path || '/'} is already taken by ${owner.name}`,
        remedy: 'Choose another path for one of the two.',
      }
      return [{ apiId: api.id, apiName: api.name, errors: [error] }]
    }),
  )
}

/**
 * What node's parser refuses never becomes a request: a bare answer, then the end of the connection (RFC 9112 §11.2). Answers that
 * are under way come first, and whole.
 */
function answerMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Over TLS a handshake that does not come to its end is told here too, and nothing can be written before it.
  if (!socket.writable || ['ECONNRESET', 'ERR_TLS_HANDSHAKE_TIMEOUT'].includes(error.code ?? ''))
    return void socket.destroy()
  // The rest of what is malformed is told again with every piece that comes.
  if (isEnding(socket)) return
  endAfterAnswer(socket)
  // The client has said itself that it has nothing more to say.
  if (error.code === 'HPE_CLOSED_CONNECTION') return
  afterAnswers(socket, () => answerBare(socket, ...wordsFor(error)))
}

function wordsFor(error: NodeJS.ErrnoException): [status: string, message: string] {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return /^[A-Z]+ [^\r\n]*$/.test(cameWith(error))
        ? ['414 URI Too Long', 'The request target is too long']
        : ['431 Request Header Fields Too Large', 'The request headers are too large']
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['408 Request Timeout', 'The request took too long to arrive']
    case 'HPE_INVALID_VERSION':
      // Also what is told of a first line that ends as no line does.
      if (/^[A-Z]+ \S+ HTTP\/\d\.\d\r\n/.test(cameWith(error)))
        return ['505 HTTP Version Not Supported', 'The HTTP version is not supported']
  }
  return ['400 Bad Request', 'The request is malformed']
}

/** The beginning of what came last when the parser gave up. */
function cameWith(error: object): string {
  return 'rawPacket' in error && Buffer.isBuffer(error.rawPacket)
    ? error.rawPacket.toString('latin1', 0, MAX_TARGET)
    : ''
}

function answerBare(socket: Duplex, status: string, message: string): void {
  const body = JSON.stringify({ message, http_status_code: Number(status.slice(0, 3)) })
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
