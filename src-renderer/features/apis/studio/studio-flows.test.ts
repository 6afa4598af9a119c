import { expect, it } from 'vitest'
import { flowOwners, within } from './studio-flows'
import { insertFlow, newFlow, removeFlow } from '../flow-edits'
import type { ApiDefinition } from '@shared/api-definition'

const plan = (id: string) => ({ id, name: id, security: { type: 'KEY_LESS' }, status: 'PUBLISHED' as const })
const api: ApiDefinition = {
  id: 'a',
  name: 'Echo',
  gravitee: '4.0.0',
  type: 'proxy',
  listeners: [{ type: 'http', paths: [{ path: '/echo' }], entrypoints: [] }],
  endpointGroups: [],
  flows: [newFlow('For all')],
  plans: [plan('free'), { ...plan('gold'), flows: [newFlow('For gold')] }],
  resources: [],
}
const names = (of: ApiDefinition) =>
  flowOwners(of).map(({ name, flows }) => [name, flows.map((flow) => flow.name)] as const)

it('makes a change to the flows of one plan, and to nothing else', () => {
  const changed = within('free', (each) => insertFlow(each, 0, newFlow('New')))(api)
  expect(names(changed)).toEqual([
    ['Every call', ['For all']],
    ['free', ['New']],
    ['gold', ['For gold']],
  ])
  expect(changed.plans[1]).toBe(api.plans[1])
  expect(within('gone', (each) => removeFlow(each, 0))(api)).toBe(api)
})

it('knows where the flows of a plan stand in the definition', () => {
  expect(flowOwners(api).map(({ pointer }) => pointer)).toEqual(['/flows', '/plans/0/flows', '/plans/1/flows'])
})
