import type { ApiDefinition } from '@shared/api-definition'
import type { WalkthroughStep } from '@shared/overview'
import type { RequestRecord } from '@shared/traffic'
import type { Store } from '../../workspace/store'
import { runningRevision } from '../api-state'
import { pathsOf } from '../definition/context-path'
import type { Happened, Memory } from '../memory'
import { authorizationResources, protectingResource } from './protection'

/** The walk-through as it stands: each step ticked by what is in the workspace or has truly happened. */
export function walkthroughSteps(store: Store, memory: Memory): WalkthroughStep[] {
  const drafts = store.apis().map(({ definition }) => definition)
  const running = runningApis(store)
  const { refused, answered } = memory.get()
  return [
    applicationStep(store),
    apiStep('api', drafts[0], (api) => `${api.name} on ${pathsOf(api).join(', ')}`),
    apiStep(
      'resource',
      drafts.find((api) => authorizationResources(api).length > 0),
      (api) => `${authorizationResources(api)[0]!.name} in ${api.name}`,
    ),
    apiStep(
      'policy',
      drafts.find(protectingResource),
      (api) => `OAuth2 in ${api.name} asks ${protectingResource(api)!.name}`,
    ),
    apiStep(
      'deploy',
      running.find(protectingResource),
      (api) => `${api.name}, revision ${runningRevision(store, api.id)?.revision}`,
    ),
    happenedStep('refused', refused, drafts),
    happenedStep('answered', answered, drafts),
  ]
}

/** Remembers a refusal by the OAuth2 policy and an answered call with a token, the first time each happens to an API that is still there. */
export function noteWalkthrough(store: Store, memory: Memory, records: readonly RequestRecord[]): void {
  const { refused, answered } = memory.get()
  const stillThere = (happened: Happened | undefined) =>
    happened !== undefined && store.apis().some(({ definition }) => definition.id === happened.apiId)
  const [needRefused, needAnswered] = [!stillThere(refused), !stillThere(answered)]
  if (!needRefused && !needAnswered) return

  const running = new Map(runningApis(store).map((api) => [api.id, api]))
  const first = (matches: (record: RequestRecord) => boolean) =>
    records.find(
      (record) =>
        record.server === 'gateway' &&
        record.apiId !== undefined &&
        running.has(record.apiId) &&
        protectingResource(running.get(record.apiId)!) !== undefined &&
        matches(record),
    )
  const refusal = needRefused && first(({ refusal }) => refusal?.key.startsWith('OAUTH2_') === true)
  const answer =
    needAnswered && first(({ status, clientId }) => status >= 200 && status < 300 && clientId !== undefined)
  if (!refusal && !answer) return
  memory.update({
    ...(refusal ? { refused: happened(refusal, `${refusal.refusal?.key}`) } : {}),
    ...(answer ? { answered: happened(answer, `as ${answer.clientId}`) } : {}),
  })
}

function happened({ apiId, at, method, path, status }: RequestRecord, how: string): Happened {
  return { apiId: apiId!, at, evidence: `${method} ${path} answered ${status}, ${how}` }
}

function applicationStep(store: Store): WalkthroughStep {
  const domain = store.domains().find(({ applications }) => applications.length > 0)
  const application = domain?.applications[0]
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

function happenedStep(
  id: WalkthroughStep['id'],
  happened: Happened | undefined,
  drafts: readonly ApiDefinition[],
): WalkthroughStep {
  const there = happened && drafts.some((api) => api.id === happened.apiId)
  return there ? { id, done: true, evidence: happened.evidence, apiId: happened.apiId } : { id, done: false }
}

function runningApis(store: Store): ApiDefinition[] {
  return store.apis().flatMap(({ definition }) => runningRevision(store, definition.id)?.definition ?? [])
}
