import { targetOf, type ApiDefinition, type Endpoint, type EndpointGroup } from '@shared/api-definition'
import type { DraftChange } from '@shared/operations'
import { matchLists } from './match-lists'
import { valueChanges } from './value-changes'

/** The differences of two versions of an API's backends, in words. */
export function backendChanges(before: ApiDefinition, after: ApiDefinition): DraftChange[] {
  const { pairs, removed, added } = matchLists(before.endpointGroups, after.endpointGroups, [
    ({ name }) => name,
    ({ type }) => type,
  ])
  const path = '/endpointGroups'
  const single = [before, after].every(({ endpointGroups: [first, ...more] }) => {
    return more.length === 0 && first?.endpoints.length === 1
  })
  return [
    ...removed.map((index) => {
      const group = before.endpointGroups[index]!
      return { path, sentence: `Backend group ${group.name} removed`, before: group }
    }),
    ...added.map((index) => {
      const group = after.endpointGroups[index]!
      return { path: `${path}/${index}`, sentence: `Backend group ${group.name} added`, after: group }
    }),
    ...pairs.flatMap((pair) => {
      const at = `${path}/${pair.after}`
      const is = after.endpointGroups[pair.after]!
      return [
        ...(pair.moved ? [{ path: at, sentence: `Backend group ${is.name} moved` }] : []),
        ...groupChanges(before.endpointGroups[pair.before]!, is, at, single),
      ]
    }),
  ]
}

function groupChanges(before: EndpointGroup, after: EndpointGroup, path: string, single: boolean): DraftChange[] {
  const { endpoints: was, ...restBefore } = before
  const { endpoints: is, ...restAfter } = after
  const { pairs, removed, added } = matchLists(was, is, [({ name }) => name, ({ type }) => type])
  return [
    ...removed.map((index) => {
      const endpoint = was[index]!
      return { path: `${path}/endpoints`, sentence: `Backend ${endpoint.name} removed`, before: endpoint }
    }),
    ...added.map((index) => {
      const endpoint = is[index]!
      const sentence = `Backend ${endpoint.name} added, ${endpoint.type === 'mock' ? 'a mock' : targetOf(endpoint)}`
      return { path: `${path}/endpoints/${index}`, sentence, after: endpoint }
    }),
    ...pairs.flatMap((pair) => {
      const at = `${path}/endpoints/${pair.after}`
      const endpoint = is[pair.after]!
      return [
        ...(pair.moved ? [{ path: at, sentence: `Backend ${endpoint.name} moved` }] : []),
        ...endpointChanges(was[pair.before]!, endpoint, at, single ? 'Backend' : `Backend ${endpoint.name}`),
      ]
    }),
    ...valueChanges(restBefore, restAfter, path, `Backend group ${after.name}: `, 'settings'),
  ]
}

function endpointChanges(before: Endpoint, after: Endpoint, path: string, called: string): DraftChange[] {
  const { target: was, ...configurationBefore } = before.configuration
  const { target: is, ...configurationAfter } = after.configuration
  return [
    ...valueChanges(was, is, `${path}/configuration/target`, '', `${called} address`),
    ...valueChanges(configurationBefore, configurationAfter, `${path}/configuration`, `${called}: `, 'configuration'),
    ...valueChanges(
      { ...before, configuration: undefined },
      { ...after, configuration: undefined },
      path,
      `${called}: `,
      'settings',
    ),
  ]
}
