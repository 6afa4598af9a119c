import type { ChallengeStyle } from '@shared/api-definition'
import type { BodyOwner } from '../expression/parse'
import type { Condition } from '../expression/template'
import type { Handler, ReadCredential, StepPlace } from '../policies/policy'
import type { Sampler } from '../sampler'
import type { ApiSnapshot } from '../snapshot'
import type { Connection } from './endpoints/connection'
import type { Failover } from './endpoints/failover'
import type { CompiledGroup } from './endpoints/group'
import type { HealthMonitor } from './endpoints/health-monitor'
import type { HeaderTemplate, TextTemplate } from './endpoints/header-templates'
import type { Dictionaries } from './dictionaries'
import type { FlowPath } from './flow-path'
import type { LaterFlows } from './later-flows'
import type { CompiledTemplates } from './response-templates'
import type { CompiledPlan } from './plans/compile-plans'
import type { ProtectedResource } from './protected-resource'

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

interface EndpointInGroup {
  readonly name: string
  /** Share of the requests under a weighted load balancer, at least 1. */
  readonly weight: number
  /** Gets requests only while no other of its group is up. */
  readonly secondary: boolean
  /** Gets no requests while it is; changed by its health checks, who then have its group choose anew. */
  isDown: boolean
}

/** Calls its target. */
export interface HttpEndpoint extends EndpointInGroup, Omit<Connection, 'close'> {
  readonly kind: 'http'
  readonly origin: string
  readonly host: string
  /** Of the target, without a slash at the end. */
  readonly basePath: string
  /** Of the target, without `?`. */
  readonly query: string
  /** What is changed in the headers that go to the target; undefined for most endpoints. */
  readonly headers: UpstreamHeaders | undefined
}

export interface UpstreamHeaders {
  readonly passesHost: boolean
  readonly dropsAcceptEncoding: boolean
  /** Set in place of the client's. */
  readonly own: readonly HeaderTemplate[]
}

/** Answers by itself. */
export interface MockEndpoint extends EndpointInGroup {
  readonly kind: 'mock'
  readonly status: number
  readonly headers: readonly HeaderTemplate[]
  readonly body: TextTemplate
}

export type CompiledEndpoint = HttpEndpoint | MockEndpoint

/** An API ready to run; everything that can be prepared is. */
export interface CompiledApi {
  readonly snapshot: ApiSnapshot
  readonly id: string
  readonly name: string
  readonly revision: number
  readonly version: string | null
  readonly properties: Readonly<Record<string, string>>
  readonly endpointReferences: Readonly<Record<string, string>>
  /** Those of the workspace, as they are now. */
  readonly dictionaries: () => Dictionaries
  /** Values of properties and dictionaries that are secrets: expressions may use them, and no record may show them. */
  readonly secretValues: () => readonly string[]
  readonly contextPaths: readonly string[]
  readonly challengeStyle: ChallengeStyle
  /** Who issues tokens for it; undefined where nobody is known. */
  readonly protectedResource: ProtectedResource | undefined
  /** Whether the next call is traced where not every one is; undefined: as the gateway says. */
  readonly samples: Sampler | undefined
  /** Undefined: failures are answered in the gateway's own words. */
  readonly responseTemplates: CompiledTemplates | undefined
  /** Those that let calls in, in the order that they are asked. None: nobody is asked who they are. */
  readonly plans: readonly CompiledPlan[]
  readonly flows: LaterFlows
  readonly bestMatch: boolean
  /** Whether it has to look at the request's body before it can choose the best match. */
  readonly choosesByBody: boolean
  readonly matchRequired: boolean
  /** Runs while the API does. */
  readonly health: HealthMonitor
  /** The first is the default one. */
  readonly groups: readonly CompiledGroup[]
  /** An endpoint or a group by its name gives the next endpoint: undefined while it is down; no entry where nothing has the name. */
  readonly endpointsByName: ReadonlyMap<string, () => CompiledEndpoint | undefined>
  readonly failover: Failover | undefined
  /** Requests and generations that use it; at none it is closed. */
  holders: number
  /** Closes its connections and resources. */
  close(): Promise<void>
}
