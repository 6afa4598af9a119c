import { expect, it } from 'vitest'
import { joinPaths, matches, operationsOf } from './operations-listing'
import type { ApiDefinition, Flow } from '@shared/api-definition'

const flow = (path: string, methods: ('GET' | 'POST')[], enabled = true): Flow => ({
  name: `flow ${path}`,
  enabled,
  selectors: [{ type: 'http', path, pathOperator: 'START_WITH', methods }],
  request: [],
  response: [],
})
const api = (flows: Flow[]): ApiDefinition => ({
  id: 'a',
  name: 'Echo',
  gravitee: '4.0.0',
  type: 'proxy',
  listeners: [{ type: 'http', paths: [{ path: '/echo' }], entrypoints: [] }],
  endpointGroups: [],
  flows,
  plans: [],
  resources: [],
})

it('lists each method of each flow once', () => {
  const flows = [flow('/', []), flow('/orders', ['GET', 'POST']), flow('/orders', ['GET']), flow('/off', [], false)]
  expect(operationsOf(api(flows)).map(({ key }) => key)).toEqual(['GET /echo', 'GET /echo/orders', 'POST /echo/orders'])
})

it('has a path that can be sent for a flow with parameters, since the gateway would take `:id` for the value', () => {
  const [operation] = operationsOf(api([flow('/items/:id/parts/:part', ['GET'])]))
  expect(operation).toMatchObject({ path: '/echo/items/:id/parts/:part', example: '/echo/items/1/parts/1' })
})

it('offers the context path when no flow speaks of one', () => {
  expect(operationsOf(api([])).map(({ name, key }) => [name, key])).toEqual([['Echo', 'GET /echo']])
})

it('joins paths on one slash and finds by every word', () => {
  expect([joinPaths('/echo', '/'), joinPaths('/', '/a'), joinPaths('/', '/')]).toEqual(['/echo', '/a', '/'])
  expect(matches('get ord', 'GET', '/orders')).toBe(true)
  expect(matches('post ord', 'GET', '/orders')).toBe(false)
})
