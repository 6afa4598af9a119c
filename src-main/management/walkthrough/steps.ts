import type { ApiDefinition, Resource } from '@shared/api-definition'
import { canWalkThrough } from '@shared/application-kinds'
import type { WalkthroughStep } from '@shared/overview'
import type { RequestRecord } from '@shared/traffic'
import type { Store } from '../../workspace/store'
import { runningRevision, runningRevisions } from '../api-state'
import { pathsOf } from '../definition/context-path'
import type { Happened, Memory } from '../memory'
import type { OwnAuthorization } from '../running/build-snapshot'
import { authorizationResources, protectingResource } from './protection'
import { resourceFault } from './resource-fault'

/** The walk-through as it stands: each step ticked by what is in the workspace or has truly happened. */
export function walkthroughSteps(store: Store, memory: Memory, own: OwnAuthorization): WalkthroughStep[] {
  const drafts = store.apis().map(({ definition }) => definition)
  const running = runningApis(store)
  const { refused, answered } = memory.get()
  const isProtected = (api: ApiDefinition) => letsIn(store, own, api)
  return [
    applicationStep(store),
    apiStep('api', drafts[0], (api) => `${api.name} on ${pathsOf(api).join(', ')}`),
    resourceStep(store, own, 'resource', drafts, authorizationResources),
    apiStep(
      'policy',
      drafts.find(isProtected) ?? drafts.find(protectingResource),
      (api) => `OAuth2 in ${api.name} asks ${protectingResource(api)!.name}`,
    ),
    resourceStep(
      store,
      own,
      'deploy',
      running,
      (api) => [protectingResource(api) ?? []].flat(),
      (api) => `${api.name}, revision ${runningRevision(store, api.id)?.revision}`,
    ),
    happenedStep('refused', refused, drafts),
    happenedStep('answered', answered, stillProtected(store, own)),
  ]
}

/** Remembers a refusal by the OAuth2 policy and an answered call with a token, the first time each happens to an API for which it still counts. */
export function noteWalkthrough(
  store: Store,
  memory: Memory,
  own: OwnAuthorization,
  records: readonly RequestRecord[],
): void {
  const { refused, answered } = memory.get()
  const apiOf = (happened: Happened | undefined) =>
    happened && store.apis().find(({ definition }) => definition.id === happened.apiId)?.definition
  const needRefused = apiOf(refused) === undefined
  // While a record is remembered that counts no more, an answer of another API takes its place.
  const answeredApi = apiOf(answered)
  const needAnswered =
    answeredApi === undefined ||
    !letsIn(store, own, answeredApi) ||
    !letsIn(store, own, runningRevision(store, answeredApi.id)?.definition)
  if (!needRefused && !needAnswered) return

  const running = new Map(runningApis(store).map((api) => [api.id, api]))
  const first = (matches: (record: RequestRecord) => boolean) =>
    records.find(
      (record) =>
        record.server === 'gateway' &&
        // Asked first: of thousands of records hardly one is such.
        matches(record) &&
        record.apiId !== undefined &&
        running.has(record.apiId) &&
        protectingResource(running.get(record.apiId)!) !== undefined,
    )
  const refusal = needRefused && first(({ refusal }) => refusal?.key.startsWith('OAUTH2_') === true)
  const answer =
    needAnswered && first(({ status, clientId }) => status >= 200 && status < 300 && clientId !== undefined)
  if (!refusal && !answer) return
  memory.update({
    ...(refusal ? { refused: happened(refusal, `${refusal.refusal?.key}`) } : {}),
    ...(answer ? { answered: happened(answer, `as ${clientName(store, answer.clientId)}`) } : {}),
  })
}

/** The name of the client's application; its id where the token is another server's. */
function clientName(store: Store, clientId: string | undefined): string | undefined {
  const applications = store.domains().flatMap((domain) => domain.applications)
  return applications.find((each) => each.clientId === clientId)?.name ?? clientId
}

function happened({ apiId, at, method, path, status }: RequestRecord, how: string): Happened {
  return { apiId: apiId!, at, evidence: `${method} ${path} answered ${status}, ${how}` }
}

function applicationStep(store: Store): WalkthroughStep {
  const domain = store.domains().find(({ applications }) => applications.some(canWalkThrough))
  const application = domain?.applications.find(canWalkThrough)
  if (!domain || !application) return { id: 'application', done: false }
  return {
    id: 'application',
    done: true,
    evidence: `${application.name} in domain ${domain.name}`,
    domainId: domain.id,
    applicationId: application.id,
  }
}

function apiStep(
  id: WalkthroughStep['id'],
  api: ApiDefinition | undefined,
  evidence: (api: ApiDefinition) => string,
): WalkthroughStep {
  return api ? { id, done: true, evidence: evidence(api), apiId: api.id } : { id, done: false }
}

/** Done by a resource that can work; open with what is wrong when those that there are cannot. */
function resourceStep(
  store: Store,
  own: OwnAuthorization,
  id: WalkthroughStep['id'],
  apis: readonly ApiDefinition[],
  resourcesOf: (api: ApiDefinition) => readonly Resource[],
  evidence?: (api: ApiDefinition) => string,
): WalkthroughStep {
  const found = apis.flatMap((api) =>
    resourcesOf(api).map((resource) => ({ api, resource, fault: resourceFault(store, own, resource) })),
  )
  const best = found.find(({ fault }) => fault === undefined) ?? found[0]
  if (!best) return { id, done: false }
  const { api, resource, fault } = best
  const what = `${resource.name} in ${api.name}`
  if (fault !== undefined) return { id, done: false, evidence: `${what} ${fault}`, apiId: api.id }
  return { id, done: true, evidence: evidence?.(api) ?? what, apiId: api.id }
}

/** The drafts that are protected by a resource that can work, and run so. */
function stillProtected(store: Store, own: OwnAuthorization): ApiDefinition[] {
  const running = runningRevisions(store)
  return store
    .apis()
    .map(({ definition }) => definition)
    .filter((draft) => letsIn(store, own, draft) && letsIn(store, own, running.get(draft.id)?.definition))
}

function letsIn(store: Store, own: OwnAuthorization, api: ApiDefinition | undefined): boolean {
  const resource = api && protectingResource(api)
  return resource !== undefined && resourceFault(store, own, resource) === undefined
}

function isAmong(apis: readonly ApiDefinition[], happened: Happened | undefined): boolean {
  return happened !== undefined && apis.some(({ id }) => id === happened.apiId)
}

function happenedStep(
  id: WalkthroughStep['id'],
  happened: Happened | undefined,
  drafts: readonly ApiDefinition[],
): WalkthroughStep {
  return happened && isAmong(drafts, happened)
    ? { id, done: true, evidence: happened.evidence, apiId: happened.apiId }
    : { id, done: false }
}

function runningApis(store: Store): ApiDefinition[] {
  const running = runningRevisions(store)
  return store.apis().flatMap(({ definition }) => running.get(definition.id)?.definition ?? [])
}
