import { expect, it } from 'vitest'
import { apiAt } from './offered-keys'

const gateway = 'http://127.0.0.1:8082'
const apis = [
  { definition: { id: 'shop' }, deployedPaths: ['/shop'] },
  { definition: { id: 'stock' }, deployedPaths: ['/shop/stock', '/stock'] },
  { definition: { id: 'draft' } },
]

it.each([
  ['/shop', 'shop'],
  ['/shop/orders?limit=1', 'shop'],
  ['/shop/stock/1', 'stock'],
  ['/shopping', undefined],
  ['/', undefined],
])('%s leads to %s', (path, apiId) => {
  expect(apiAt(`${gateway}${path}`, gateway, apis)).toBe(apiId)
})

it('leads to none of them at another server', () => {
  expect(apiAt('http://127.0.0.1:9000/shop', gateway, apis)).toBeUndefined()
})
