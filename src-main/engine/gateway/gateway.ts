import type { Resource } from '@shared/api-definition'
import type { ResourceTest } from '@shared/operations'
import type { RequestRecord } from '@shared/traffic'
import type { RequestListener, Server } from 'node:http'
import type { CompileProblem } from '../messages'
import type { LocalAuthorization } from '../resources/resource'
import type { ApiSnapshot } from '../snapshot'

export interface GatewayOptions {
  /** The in-process way to this engine's own authorization server. */
  readonly local: LocalAuthorization
  /** Called once for each finished request. Records hold neither secrets nor tokens. */
  readonly onRecord: (record: RequestRecord) => void
  /** A request that carries it in `X-Gatehouse-Trace` is traced. */
  readonly traceKey: string
  /** Where the built-in echo backend listens, e.g. `http://127.0.0.1:40123`: what the target `gatehouse:echo` stands for. */
  readonly echoAddress: string
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
   */
  swap(compiled: CompiledApis): void
  /** Tries a resource's configuration for real, step by step. */
  testResource(resource: Resource): Promise<ResourceTest>
  /** Whether every request is traced. */
  traceAll(on: boolean): void
  /** For `http.createServer(GATEWAY_SERVER_OPTIONS, requestListener)`. */
  readonly requestListener: RequestListener
  /** Adds what a request listener alone cannot do: `Expect: 100-continue` answered only when the body is wanted, and clear answers to malformed requests. */
  attach(server: Server): void
  /** Runs no APIs any more and closes their connections once the requests in flight have ended. Stop accepting first. */
  close(): Promise<void>
}

export declare function createGateway(options: GatewayOptions): Gateway
