import { expect, it } from 'vitest'
import {
  conditionOf,
  copyOfFlow,
  describeSelector,
  insertStep,
  moveFlow,
  moveStep,
  newFlow,
  pathParameters,
  removeStep,
  usersOfResource,
  withCondition,
  withSelector,
} from './flow-edits'
import type { ApiDefinition, Step } from '@shared/api-definition'
import { freeName } from '@/free-name'

const step = (policy: string): Step => ({ policy, enabled: true })
const definition = (request: string[], response: string[] = []): ApiDefinition => ({
  id: 'a',
  name: 'Echo',
  gravitee: '4.0.0',
  type: 'proxy',
  listeners: [{ type: 'http', paths: [{ path: '/echo' }], entrypoints: [] }],
  endpointGroups: [{ name: 'g', type: 'http-proxy', endpoints: [] }],
  flows: [{ ...newFlow('All paths'), request: request.map(step), response: response.map(step) }],
  plans: [],
  resources: [],
})
const policies = (api: ApiDefinition, phase: 'request' | 'response' = 'request') =>
  api.flows[0]![phase].map(({ policy }) => policy)
const at = (index: number, phase: 'request' | 'response' = 'request') => ({ flow: 0, phase, step: index })

it('inserts and removes steps without touching what was there', () => {
  const before = definition(['a', 'b'])
  expect(policies(insertStep(before, at(1), step('x')))).toEqual(['a', 'x', 'b'])
  expect(policies(removeStep(before, at(0)))).toEqual(['b'])
  expect(policies(before)).toEqual(['a', 'b'])
})

it.each([
  [0, 2, ['b', 'a', 'c'], 1],
  [0, 3, ['b', 'c', 'a'], 2],
  [2, 0, ['c', 'a', 'b'], 0],
  [1, 1, ['a', 'b', 'c'], 1],
  [1, 2, ['a', 'b', 'c'], 1],
])('moves step %i into gap %i', (from, gap, order, index) => {
  const result = moveStep(definition(['a', 'b', 'c']), at(from), at(gap))
  expect(policies(result.definition)).toEqual(order)
  expect(result.place.step).toBe(index)
})

it('moves a step into the other phase', () => {
  const { definition: after, place } = moveStep(definition(['a', 'b'], ['r']), at(0), at(1, 'response'))
  expect(policies(after)).toEqual(['b'])
  expect(policies(after, 'response')).toEqual(['r', 'a'])
  expect(place).toEqual(at(1, 'response'))
})

it('keeps a moved flow within the list', () => {
  const api = { ...definition([]), flows: ['1', '2', '3'].map(newFlow) }
  expect(moveFlow(api, 0, 9).flows.map(({ name }) => name)).toEqual(['2', '3', '1'])
  expect(moveFlow(api, 2, -1).flows.map(({ name }) => name)).toEqual(['3', '1', '2'])
})

it('copies a flow without its id', () => {
  expect(copyOfFlow({ ...newFlow('Read'), id: '1' })).toEqual({ ...newFlow('Read copy') })
})

it('says and changes which requests a flow takes', () => {
  const flow = newFlow('x')
  expect(describeSelector(flow)).toEqual({ methods: 'ALL', path: '/*' })
  const changed = withSelector(flow, { path: '/orders/:id', pathOperator: 'EQUALS', methods: ['GET'] })
  expect(describeSelector(changed)).toEqual({ methods: 'GET', path: '/orders/:id' })
})

it('finds the steps that name a resource, and a name that is free', () => {
  const api = definition([])
  const flow = { ...api.flows[0]!, request: [{ ...step('oauth2'), configuration: { oauthResource: 'am' } }] }
  expect(usersOfResource({ ...api, flows: [flow] }, 'am')).toEqual([at(0)])
  expect(freeName('am', ['am', 'am-2'])).toBe('am-3')
})

it('sets, changes and takes out the condition of a flow, its other selectors kept', () => {
  const flow = newFlow('Orders')
  const conditional = withCondition(flow, '{#request.secure}')
  expect(conditional.selectors).toEqual([...flow.selectors, { type: 'condition', condition: '{#request.secure}' }])
  expect(conditionOf(withCondition(conditional, '{#true}'))).toBe('{#true}')
  expect(withCondition(conditional, ' ')).toEqual(flow)
  expect(withCondition(flow, '')).toBe(flow)
})

it.each([
  ['/orders/:id/lines/:line', ['id', 'line']],
  ['/orders/:', []],
  ['/a:b', []],
])('reads the parameters of %s', (path, names) => {
  expect(pathParameters(path)).toEqual(names)
})
