import type { ApiDefinition, Flow, Plan, Resource } from '@shared/api-definition'
import type { DraftChange } from '@shared/operations'
import { samplingWords } from '@shared/sampling'
import { resourceSchema } from '../catalogue'
import { pathsOf } from '../definition/context-path'
import { newApi } from '../definition/new-api'
import { backendChanges } from './backend-changes'
import { sameContent } from './canonical'
import { flowChanges, onOff } from './flow-changes'
import { matchLists } from './match-lists'
import { valueChanges } from './value-changes'

/**
 * What differs between what runs and the draft, in words, for the whole definition: where there is a difference, there is a
 * sentence. Secrets are never in it.
 *
 * @param deployed undefined for an API that has never been deployed
 */
export function draftChanges(deployed: ApiDefinition | undefined, draft: ApiDefinition): DraftChange[] {
  if (deployed) return definitionChanges(deployed, draft)
  const paths = pathsOf(draft)
  return [
    { path: '', sentence: `${draft.name} is new on ${paths.join(', ')}` },
    ...definitionChanges(bareOf(draft, paths[0] ?? '/'), draft),
  ]
}

/** What is told by the API being new: nobody has seen the backend and the flow that a new API begins with, so neither was changed or removed. */
function bareOf(draft: ApiDefinition, path: string): ApiDefinition {
  const { name, listeners, plans, flowExecution, endpointGroups } = draft
  const blank = newApi(draft.id, plans[0]?.id ?? '', name, path)
  const flows = blank.flows.filter((flow) => draft.flows.some((each) => each.name === flow.name))
  const backends = endpointGroups.slice(0, 1).map((group) => ({ ...group, endpoints: group.endpoints.slice(0, 1) }))
  return { ...blank, listeners, plans, flows, endpointGroups: backends, ...(flowExecution ? { flowExecution } : {}) }
}

function definitionChanges(before: ApiDefinition, after: ApiDefinition): DraftChange[] {
  if (sameContent(before, after)) return []
  const changes = [
    ...(before.name === after.name
      ? []
      : [
          {
            path: '/name',
            sentence: `Renamed from ${before.name} to ${after.name}`,
            before: before.name,
            after: after.name,
          },
        ]),
    ...listenerChanges(before, after),
    ...backendChanges(before, after),
    ...resourceChanges(before.resources, after.resources),
    ...flowChanges(before.flows, after.flows),
    ...planChanges(before, after),
    ...samplingChanges(before, after),
    ...propertyChanges(before.properties ?? [], after.properties ?? []),
    ...valueChanges(
      before.gatehouse?.challengeStyle ?? 'quickstart',
      after.gatehouse?.challengeStyle ?? 'quickstart',
      '/gatehouse/challengeStyle',
      '',
      'Challenge style',
    ),
    ...valueChanges(
      before.flowExecution ?? {},
      after.flowExecution ?? {},
      '/flowExecution',
      'Flow execution: ',
      'mode',
    ),
    ...valueChanges(remainder(before), remainder(after), '', '', 'Definition'),
  ]
  // Equal in meaning and yet not the same, e.g. a default that is now written out.
  return changes.length > 0 ? changes : [{ path: '', sentence: 'Written differently, with the same meaning' }]
}

/** What no other function here speaks of. */
function remainder(definition: ApiDefinition): object {
  const { gatehouse, analytics, ...rest } = definition
  const handled = ['name', 'listeners', 'endpointGroups', 'resources', 'flows', 'plans', 'properties', 'flowExecution']
  const others = Object.entries(rest).filter(([name]) => !handled.includes(name))
  const { challengeStyle: _handled, ...ours } = gatehouse ?? {}
  const { sampling: _sampling, ...ofAnalytics } = analytics ?? {}
  return {
    ...Object.fromEntries(others),
    ...(Object.keys(ours).length === 0 ? {} : { gatehouse: ours }),
    ...(Object.keys(ofAnalytics).length === 0 ? {} : { analytics: ofAnalytics }),
  }
}

function listenerChanges(before: ApiDefinition, after: ApiDefinition): DraftChange[] {
  const [was, is] = [pathsOf(before), pathsOf(after)]
  const removed = was.filter((path) => !is.includes(path))
  const added = is.filter((path) => !was.includes(path))
  const path = '/listeners/0/paths'
  const withoutPaths = ({ listeners }: ApiDefinition) => listeners.map((listener) => ({ ...listener, paths: [] }))
  const paths =
    removed.length === 1 && added.length === 1
      ? [{ path, sentence: `Path changed from ${removed[0]} to ${added[0]}`, before: removed[0], after: added[0] }]
      : [
          ...removed.map((each) => ({ path, sentence: `Path ${each} removed`, before: each })),
          ...added.map((each) => ({ path, sentence: `Path ${each} added`, after: each })),
        ]
  return [...paths, ...valueChanges(withoutPaths(before), withoutPaths(after), '/listeners', '', 'Listeners')]
}

function resourceChanges(before: readonly Resource[], after: readonly Resource[]): DraftChange[] {
  const { pairs, removed, added } = matchLists(before, after, [({ name }) => name, ({ type }) => type])
  return [
    ...removed.map((index) => ({ path: '/resources', sentence: `Resource ${before[index]!.name} removed` })),
    ...added.map((index) => ({ path: `/resources/${index}`, sentence: `Resource ${after[index]!.name} added` })),
    ...pairs.flatMap((pair): DraftChange[] => {
      const path = `/resources/${pair.after}`
      const [was, is] = [before[pair.before]!, after[pair.after]!]
      const { configuration: configurationBefore, name: nameBefore, enabled: wasOn, ...restBefore } = was
      const { configuration: configurationAfter, name: nameAfter, enabled: isOn, ...restAfter } = is
      const called = `Resource ${nameAfter}`
      const renamed = { path: `${path}/name`, sentence: `Resource ${nameBefore} renamed to ${nameAfter}` }
      return [
        ...(pair.moved ? [{ path, sentence: `${called} moved` }] : []),
        ...(nameBefore === nameAfter ? [] : [{ ...renamed, before: nameBefore, after: nameAfter }]),
        ...(wasOn === isOn ? [] : [onOff(called, `${path}/enabled`, wasOn, isOn)]),
        ...valueChanges(
          configurationBefore,
          configurationAfter,
          `${path}/configuration`,
          `${called}: `,
          'configuration',
          resourceSchema(is.type),
        ),
        ...valueChanges(restBefore, restAfter, path, `${called}: `, 'settings'),
      ]
    }),
  ]
}

function planChanges({ plans: before }: ApiDefinition, { plans: after }: ApiDefinition): DraftChange[] {
  const { pairs, removed, added } = matchLists(before, after, [({ id }) => id, ({ name }) => name])
  return [
    ...removed.map((index) => ({ path: '/plans', sentence: `Plan ${before[index]!.name} removed` })),
    ...added.flatMap((index): DraftChange[] => {
      const plan = after[index]!
      const path = `/plans/${index}`
      return [{ path, sentence: `Plan ${plan.name} added` }, ...planFlowChanges([], plan, path)]
    }),
    ...pairs.flatMap((pair) => {
      const { flows: was, ...restBefore } = before[pair.before]!
      const plan = after[pair.after]!
      const { flows: _is, ...restAfter } = plan
      const path = `/plans/${pair.after}`
      return [
        ...(pair.moved ? [{ path, sentence: `Plan ${plan.name} moved` }] : []),
        ...valueChanges(restBefore, restAfter, path, `Plan ${plan.name}: `, 'settings'),
        ...planFlowChanges(was, plan, path),
      ]
    }),
  ]
}

const planFlowChanges = (before: readonly Flow[] = [], { name, flows = [] }: Plan, path: string): DraftChange[] =>
  flowChanges(before, flows, { pointer: `${path}/flows`, of: ` of plan ${name}` })

function samplingChanges({ analytics: before }: ApiDefinition, { analytics: after }: ApiDefinition): DraftChange[] {
  const [was, is] = [before, after].map((analytics) => analytics?.sampling)
  if (sameContent(was, is)) return []
  const words = is === undefined ? 'as the workspace says' : samplingWords(is)
  return [{ path: '/analytics/sampling', sentence: `Traces: ${words}`, before: was, after: is }]
}

type Properties = NonNullable<ApiDefinition['properties']>

function propertyChanges(before: Properties, after: Properties): DraftChange[] {
  const { pairs, removed, added } = matchLists(before, after, [({ key }) => key])
  return [
    ...removed.map((index) => ({ path: '/properties', sentence: `Property ${before[index]!.key} removed` })),
    ...added.map((index) => ({ path: `/properties/${index}`, sentence: `Property ${after[index]!.key} added` })),
    ...pairs.flatMap((pair) => {
      const [was, is] = [before[pair.before]!, after[pair.after]!]
      const path = `/properties/${pair.after}`
      if (was.encrypted || is.encrypted)
        return sameContent(was, is) ? [] : [{ path, sentence: `Property ${is.key} changed` }]
      return [
        ...(pair.moved ? [{ path, sentence: `Property ${is.key} moved` }] : []),
        ...valueChanges(was, is, path, `Property ${is.key}: `, 'value'),
      ]
    }),
  ]
}
