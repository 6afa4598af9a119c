import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiSnapshot } from '../snapshot'
import { api, startBackend, startGateway, type TestGateway } from './testing'

const APIS = 1000
const FLOWS = 20

let gateway: TestGateway
let backend: Awaited<ReturnType<typeof startBackend>>
beforeAll(async () => {
  backend = await startBackend(
    (request, response) => void response.end(`${request.url} ${String(request.headers['x-flow'])}`),
  )
  gateway = await startGateway()
})
afterAll(async () => {
  await gateway.close()
  await backend.close()
})

/** Each flow is for a part of its own, and tells by a header that it was the one. */
function many(index: number, mark = 'first'): ApiSnapshot {
  return api({
    path: `/team-${index % 10}/api-${index}`,
    target: backend.address,
    name: `API ${index}`,
    flows: Array.from({ length: FLOWS }, (_, at) => ({
      enabled: true,
      selectors: [{ type: 'http' as const, path: `/part-${at}/:id`, pathOperator: 'START_WITH' as const }],
      request: [
        {
          enabled: true,
          policy: 'transform-headers',
          configuration: {
            addHeaders: [{ name: 'X-Flow', value: `${index}.${at} ${mark} {#request.pathParams['id'][0]}` }],
          },
        },
      ],
      response: [],
    })),
  })
}
const text = async (index: number, at: number) =>
  (await fetch(`${gateway.address}/team-${index % 10}/api-${index}/part-${at}/seven`)).text()

it('serves a thousand APIs with twenty flows each, every one by its own flow', async () => {
  const apis = Array.from({ length: APIS }, (_, index) => many(index))
  gateway.deploy(...apis)
  for (const index of [0, 1, 10, 99, 100, 500, APIS - 1])
    for (const at of [0, 7, FLOWS - 1])
      expect(await text(index, at)).toBe(`/part-${at}/seven ${index}.${at} first seven`)
  expect((await fetch(`${gateway.address}/team-0/api-${APIS}`)).status).toBe(404)

  // One of them anew: the others are taken over as they are.
  const changed = apis.map((each, index) => (index === 500 ? many(500, 'second') : each))
  gateway.deploy(...changed)
  expect(await text(500, 3)).toBe('/part-3/seven 500.3 second seven')
  expect(await text(499, 3)).toBe('/part-3/seven 499.3 first seven')
  gateway.deploy(...changed.filter((_, index) => index !== 999))
  expect((await fetch(`${gateway.address}/team-9/api-999/part-0/x`)).status).toBe(404)
  expect(await text(998, 0)).toBe('/part-0/seven 998.0 first seven')
}, 60_000)
