import type { ChallengeStyle } from '@shared/api-definition'
import type { Pool } from 'undici'
import type { BodyOwner } from '../expression/parse'
import type { Condition } from '../expression/template'
import type { Handler, ReadCredential, StepPlace } from '../policies/policy'
import type { ApiSnapshot } from '../snapshot'
import type { FlowPath } from './flow-path'
import type { CompiledPlan } from './plans/compile-plans'

export interface CompiledStep {
  readonly title: string
  readonly policy: string
  readonly place: StepPlace
  readonly condition: Condition | undefined
  readonly handler: Handler
  /** Of a policy that plans may be made of. */
  readonly credential?: ReadCredential | undefined
  /** The bodies that its handler looks at. */
  readonly reads: ReadonlySet<BodyOwner>
}

export interface CompiledFlow {
  /** Where it stands among the API's flows; -1 in a plan. */
  readonly index: number
  readonly title: string
  readonly path: FlowPath
  /** Undefined: every method. */
  readonly methods: ReadonlySet<string> | undefined
  readonly conditions: readonly Condition[]
  readonly request: readonly CompiledStep[]
  readonly response: readonly CompiledStep[]
  /** Whether its conditions look at the request's body, and whether a response step does. */
  readonly conditionsReadRequest: boolean
  readonly responseReadsRequest: boolean
  /** Whether a response step looks at the answer's body. */
  readonly readsAnswer: boolean
}

export interface CompiledEndpoint {
  readonly name: string
  /** Share of the requests under a weighted load balancer, at least 1. */
  readonly weight: number
  readonly origin: string
  readonly host: string
  /** Of the target, without a slash at the end. */
  readonly basePath: string
  /** Of the target, without `?`. */
  readonly query: string
  readonly pool: Pool
  /** Milliseconds. */
  readonly connectTimeout: number
  readonly readTimeout: number
}

/** An API ready to run; everything that can be prepared is. */
export interface CompiledApi {
  readonly snapshot: ApiSnapshot
  readonly id: string
  readonly name: string
  readonly revision: number
  readonly version: string | null
  readonly properties: Readonly<Record<string, string>>
  readonly endpointAddresses: Readonly<Record<string, string>>
  readonly contextPaths: readonly string[]
  readonly challengeStyle: ChallengeStyle
  /** Those that let calls in, in the order that they are asked. None: nobody is asked who they are. */
  readonly plans: readonly CompiledPlan[]
  readonly flows: readonly CompiledFlow[]
  readonly bestMatch: boolean
  /** Whether it has to look at the request's body before it can choose the best match. */
  readonly choosesByBody: boolean
  readonly matchRequired: boolean
  /** The next in turn; undefined when the API has none. */
  readonly nextEndpoint: () => CompiledEndpoint | undefined
  /** Requests and generations that use it; at none it is closed. */
  holders: number
  /** Closes its connections and resources. */
  close(): Promise<void>
}
