import type { ApiDefinition } from '@shared/api-definition'
import { canWalkThrough } from '@shared/application-kinds'
import type { Application, Domain } from '@shared/domain'
import type { Store } from '../../workspace/store'
import { protectingResource } from './protection'

/** Who can get a token by client credentials, and whose credentials a resource can ask with. */
export interface Client {
  readonly domain: Domain
  readonly application: Application
}

/** What runs in a workspace that the walk-through's three calls can be made with. */
export interface Example extends Client {
  /** The revision that runs. */
  readonly api: ApiDefinition
}

/** The first running API that is protected by an enabled domain of this workspace, with a client of that domain; undefined while there is none. */
export function runningExample(store: Store): Example | undefined {
  const domains = store.domains().filter(({ enabled }) => enabled)
  for (const { definition } of store.deployed()) {
    const client = clientOf(domains, definition)
    if (client) return { api: definition, ...client }
  }
  return undefined
}

/** An application of the domain that an API's resource asks and that gets tokens for itself: the resource's own client when it is one. Undefined when there is none. */
export function clientOf(domains: readonly Domain[], definition: ApiDefinition): Client | undefined {
  const { securityDomain, clientId } = protectingResource(definition)?.configuration ?? {}
  const domain = domains.find(({ path }) => path === securityDomain)
  const able = domain?.applications.filter((each) => each.enabled && canWalkThrough(each)) ?? []
  const application = able.find((each) => each.clientId === clientId) ?? able[0]
  return domain && application ? { domain, application } : undefined
}
