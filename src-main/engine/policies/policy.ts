import type { Phase } from '@shared/catalogue'
import type { Evidence, Remedy } from '@shared/traffic'
import type { Static, TObject } from 'typebox'
import type { BodyOwner } from '../expression/parse'
import type { Exchange } from '../gateway/exchange'
import type { BoundResources, LocalAuthorization } from '../resources/resource'
import type { Connectors } from '../tls/connector'
import type { Counters } from '../gateway/counters'
import type { Subscriptions } from '../gateway/plans/subscriptions'

/** What a policy declares it can answer instead of passing a request on. */
export interface FailureDeclaration {
  readonly status: number
  /** What it means, for the guide and the trace. */
  readonly meaning: string
}

/**
 * A refusal as a value: the chain stops and answers it. `message` is what the caller is told; `sentence`, `evidence` and
 * `remedies` are for the person who asks why, and never reach the caller.
 */
export interface Failure {
  readonly key: string
  readonly status: number
  readonly message: string
  /** How the caller reads it: negotiated between JSON and text when undefined, always plain text, or not at all. */
  readonly body?: 'text' | 'none'
  /** Further members of its JSON body. */
  readonly members?: Readonly<Record<string, unknown>>
  /** What a response template may look at, by name. */
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly sentence: string
  readonly source?: string
  /** The connection ends with the answer: what follows on it cannot be told for certain. */
  readonly closes?: true
  readonly evidence: readonly Evidence[]
  readonly remedies: readonly Remedy[]
  /** Set when the answer must challenge the caller (RFC 6750 §3); `error` is its error code where one applies. */
  readonly challenge?: { readonly error?: string; readonly description?: string; readonly scope?: string }
}

/** Continues with undefined; a Failure stops the chain. Synchronous when it can be: the chain awaits only promises. */
export type Handler = (exchange: Exchange) => Failure | undefined | Promise<Failure | undefined>

/** By what a call says who it is from. */
export type Credential =
  | { readonly kind: 'none' }
  /** SHA-256 of the key, base64url. */
  | { readonly kind: 'api-key'; readonly digest: string }
  /** Of a token, which need not be verified yet: the handler does that when the plan is chosen. */
  | { readonly kind: 'client'; readonly clientId: string }
  /** SHA-256 of the certificate, base64url. */
  | { readonly kind: 'certificate'; readonly thumbprint: string }
  /** There is one of the kind, and nobody can be known by it: why, to be read after the plan's name and a colon. `fault`: not by what was sent. */
  | {
      readonly kind: 'invalid'
      readonly reason: string
      readonly evidence: readonly Evidence[]
      readonly fault?: boolean
    }

/** Undefined when the call carries nothing of the kind. */
export type ReadCredential = (exchange: Exchange) => Credential | undefined | Promise<Credential | undefined>

/** What a policy does in each phase and, where plans may be made of it, how it reads who calls. */
export type Handlers = Partial<Record<Phase, Handler>> & { readonly credential?: ReadCredential }

/** Where a step stands, for messages and remedies. */
export interface StepPlace {
  readonly apiId: string
  readonly apiName: string
  readonly flow: number
  readonly flowName: string
  readonly phase: Phase
  readonly step: number
  /** Of its flow, as it is configured. */
  readonly path: string
  /** The plan that it belongs to; undefined for one of the API. `flow` is -1 then. */
  readonly plan?: { readonly id: string; readonly name: string }
}

/** What a policy may use beside its own configuration. */
export interface Bound {
  readonly resources: BoundResources
  readonly place: StepPlace
  /** The keys of this engine's own domains. */
  readonly local: Pick<LocalAuthorization, 'keyOf'>
  /** How other servers are connected to. */
  readonly connectors: Connectors
  /** Who has subscribed to the plans of the APIs now; asked anew with each call. */
  readonly subscriptions: () => Subscriptions
  /** Shared by all APIs; those of `lasting` survive a restart. Whoever counts takes keys that nobody else takes. */
  readonly counters: { readonly passing: Counters; readonly lasting: Counters }
  /**
   * Says that the step looks at a body or changes it: that body is then collected before the step runs, up to `MAX_BODY`, and stands
   * in the exchange. What no step asks for is passed on as it comes.
   */
  needsBody(owner: BodyOwner): void
  /** Runs when the API is not run any more, and no request is under way in it. */
  onClose(close: () => unknown): void
}

export interface PolicyDefinition<S extends TObject = TObject> {
  /** Gravitee's id. */
  readonly id: string
  readonly name: string
  readonly summary: string
  readonly category: 'security' | 'traffic' | 'transformation' | 'other'
  readonly icon: string
  readonly phases: readonly Phase[]
  readonly configuration: S
  readonly guide: string
  readonly errors: Readonly<Record<string, FailureDeclaration>>
  /** Of a policy that plans may be made of: what it wants of a call, e.g. `an API key`, to be read after "it wants". */
  readonly planWants?: string
  /**
   * Runs at deploy, and once more at the first call unless it holds on to something (`onClose`).
   * Throws ConfigurationError naming the field when the configuration cannot work although its
   * schema holds (an expression that does not parse, a resource that is not there is NOT such a case for oauth2: see its guide).
   */
  create(configuration: Static<S>, bound: Bound): Handlers
}

export function definePolicy<S extends TObject>(definition: PolicyDefinition<S>): PolicyDefinition<S> {
  return definition
}

/** Thrown by `create`: which field of the configuration, what is wrong, what to do. */
export class ConfigurationError extends Error {
  constructor(
    readonly field: string,
    message: string,
    readonly remedy: string,
  ) {
    super(message)
    this.name = 'ConfigurationError'
  }
}
