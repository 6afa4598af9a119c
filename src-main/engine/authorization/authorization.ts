import type { RequestRecord } from '@shared/traffic'
import type { RequestListener } from 'node:http'
import type { LocalAuthorization } from '../resources/resource'
import type { DomainSnapshot } from '../snapshot'
import type { State } from '../state/state'
import type { Administration } from './administration/administration'
import type { CompiledDomains } from './compiled-domain'

export interface AuthorizationOptions {
  /** Keeps revocations over a restart. Opened and closed by the caller. */
  readonly state: State
  /**
   * Where the server listens, e.g. `http://127.0.0.1:8092` without a slash at the end; undefined until it listens. Asked anew
   * for each request, since port 0 and a move to another port are told only afterwards.
   */
  readonly address: () => string | undefined
  /** By which clients reach it, where a person has said so: the issuer of its tokens. Without a slash at the end. */
  readonly publicAddress: () => string | undefined
  /** Called once for each finished request. Records hold neither secrets nor tokens. */
  readonly onRecord: (record: RequestRecord) => void
  /**
   * A request that carries it in `X-Gatehouse-Trace` is recorded step by step, under the id that its
   * `X-Gravitee-Transaction-Id` gives it: the console finds its own record so.
   */
  readonly traceKey: string
  /** Whether every request is recorded step by step. */
  readonly tracesAll: () => boolean
}

/** The authorization server without its socket: whoever listens hands it the requests. */
export interface Authorization {
  /**
   * Imports the keys of the domains that changed and keeps the others as they are. Changes nothing that runs. Rejects with
   * DomainRefusal naming the domain and the field when one cannot work.
   */
  prepare(domains: readonly DomainSnapshot[]): Promise<CompiledDomains>
  /** From the next request on, these domains are the ones; at once and whole. */
  swap(compiled: CompiledDomains): void
  /** For `http.createServer(requestListener)`. */
  readonly requestListener: RequestListener
  /** The same introspection without HTTP, and with the reason. */
  readonly local: LocalAuthorization
  readonly administration: Administration
  /** Forgets its caches and stops its timers. The state stays open. */
  close(): Promise<void>
}
