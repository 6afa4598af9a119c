import type { ApiDefinition } from '@shared/api-definition'
import type { HealthRecord } from '@shared/health'
import type { FieldError } from '@shared/problem'
import { readsDictionaries } from '../dictionary-references'
import type { Bound, PolicyDefinition } from '../policies/policy'
import type { LocalAuthorization } from '../resources/resource'
import type { ApiSnapshot } from '../snapshot'
import type { Connectors } from '../tls/connector'
import { compileEndpoints, endpointReferences, endpointsByName } from './compile-endpoints'
import { compileFailover } from './endpoints/failover'
import { createHealthMonitor } from './endpoints/health-monitor'
import { compileResources } from './compile-resources'
import type { CompiledApi } from './compiled-api'
import { compileSampling } from './compile-sampling'
import type { Dictionaries } from './dictionaries'
import { compileFlowsLater } from './later-flows'
import { secretForms } from './masking'
import { compilePlans } from './plans/compile-plans'
import { protectedResourceOf } from './protected-resource'
import { compileTemplates } from './response-templates'
import { normalizeContextPath } from './router'
import { unsupportedParts } from './unsupported'

export interface CompileContext {
  readonly local: LocalAuthorization
  readonly connectors: Connectors
  readonly echoAddress: string
  readonly policies: readonly PolicyDefinition[]
  readonly onCheck: (record: HealthRecord) => void
  readonly counters: Bound['counters']
  readonly subscriptions: Bound['subscriptions']
  readonly dictionaries: () => Dictionaries
}

/** Prepares everything of an API, or tells all that is wrong with it. Pointers lead into the definition. */
export function compileApi(snapshot: ApiSnapshot, context: CompileContext): CompiledApi | FieldError[] {
  const { definition } = snapshot
  const judged = { ...snapshot, definition }
  const errors = unsupportedParts(definition)
  const closers: (() => unknown)[] = []
  const close = async () => void (await Promise.all(closers.map((closer) => closer())))

  const resources = compileResources(definition.resources, context, errors, closers)
  const { connectors, counters, local, policies, subscriptions } = context
  const bound = {
    resources,
    local,
    subscriptions,
    connectors,
    counters,
    onClose: (closer: () => unknown) => void closers.push(closer),
  }
  const ofFlows = { bound, policies, errors }
  const { flows, conditionsReadRequest } = compileFlowsLater(snapshot, judged, {
    ...ofFlows,
    pointer: '/flows',
    flowsOf: (api) => api.definition.flows,
  })
  const responseTemplates = compileTemplates(definition.responseTemplates, errors)
  const plans = compilePlans(snapshot, { ...ofFlows, snapshot: judged })
  const { groups, checked } = compileEndpoints(definition.endpointGroups, context, errors, closers)
  const byName = endpointsByName(groups)
  const failover = compileFailover(definition.failover, errors)
  const samples = compileSampling(definition.analytics, errors)
  if (errors.length > 0) {
    void close()
    return errors
  }
  const bestMatch = definition.flowExecution?.mode === 'best-match'
  return {
    snapshot,
    id: definition.id,
    name: definition.name,
    revision: snapshot.revision,
    version: definition.apiVersion ?? null,
    properties: Object.fromEntries((definition.properties ?? []).map(({ key, value }) => [key, value])),
    contextPaths: definition.listeners.flatMap(({ paths }) => paths.map(({ path }) => normalizeContextPath(path))),
    challengeStyle: definition.gatehouse?.challengeStyle ?? 'quickstart',
    protectedResource: protectedResourceOf(definition),
    samples,
    responseTemplates,
    plans,
    flows,
    bestMatch,
    choosesByBody: bestMatch && (conditionsReadRequest || plans.some((plan) => plan.conditionsReadRequest)),
    matchRequired: definition.flowExecution?.matchRequired ?? false,
    groups,
    health: createHealthMonitor(snapshot.id, checked, context.onCheck),
    endpointsByName: byName,
    failover,
    dictionaries: context.dictionaries,
    secretValues: secretsOf(definition.properties, snapshot, context.dictionaries),
    endpointReferences: endpointReferences(byName.keys()),
    holders: 0,
    close,
  }
}

/** Its own, and those of the dictionaries where it reads any. Looked at for each record, so that little is done when nothing has changed. */
function secretsOf(
  properties: ApiDefinition['properties'] = [],
  snapshot: ApiSnapshot,
  dictionaries: () => Dictionaries,
): () => readonly string[] {
  const own = properties.flatMap(({ value, encryptable }) => (encryptable === true && value !== '' ? [value] : []))
  const alone = secretForms(own)
  let reads: boolean | undefined
  let joined: { readonly of: Dictionaries; readonly values: readonly string[] } | undefined
  return () => {
    const now = dictionaries()
    if (now.secretValues.length === 0) return alone
    reads ??= readsDictionaries(snapshot.definition)
    if (!reads) return alone
    if (joined?.of !== now) joined = { of: now, values: secretForms([...own, ...now.secretValues]) }
    return joined.values
  }
}
