import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Agent, request } from 'undici'
import type { ApiDefinition, Flow } from '@shared/api-definition'
import { startBackend } from '../engine/gateway/testing'
import { buildWorker } from '../engine/testing/start-engine'
import { serveEmpty, type ServedFolder, type Worker } from './served.testing'

const ROUNDS = 15
/** Calls under way at a time. */
const CALLERS = 12

let worker: Worker
let served: ServedFolder
let backend: Awaited<ReturnType<typeof startBackend>>
const agent = new Agent({ connections: CALLERS })
/** Answers of the backend that wait: those of `/slow`. */
const held: ServerResponse[] = []
beforeAll(async () => {
  worker = await buildWorker()
  served = await serveEmpty(worker)
  backend = await startBackend(answer)
})
afterAll(async () => {
  await agent.close()
  expect(served.faults).toEqual([])
  await served.close()
  await backend.close()
  await worker.remove()
})

/** The marks that the first and the last request step have set. */
function answer({ headers, url }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-type', 'text/plain')
  if (url === '/slow') {
    response.write(String(headers['x-first']))
    held.push(response)
  } else response.end(`${String(headers['x-first'])} ${String(headers['x-last'])}`)
}

const call: ServedFolder['now']['call'] = (name, input) => served.now.call(name, input)

/** Two request steps and a response step that each tell the mark, in flows of their own. */
function marked(mark: string): Flow[] {
  const step = (name: string) => ({
    enabled: true,
    policy: 'transform-headers',
    configuration: { addHeaders: [{ name, value: mark }] },
  })
  const flow = (phases: Pick<Flow, 'request' | 'response'>): Flow => ({
    enabled: true,
    selectors: [{ type: 'http', path: '/', pathOperator: 'START_WITH' }],
    ...phases,
  })
  return [
    flow({ request: [step('X-First')], response: [] }),
    flow({ request: [], response: [step('X-Answered')] }),
    flow({ request: [step('X-Last')], response: [] }),
  ]
}

async function createApi(path: string, mark: string): Promise<ApiDefinition> {
  const { definition } = await call('apis.create', { name: path, path: `/${path}`, target: backend.address })
  await deploy(definition, mark)
  return definition
}

async function deploy(definition: ApiDefinition, mark: string): Promise<void> {
  const { id: apiId } = definition
  const { version } = await call('apis.get', { apiId })
  await call('apis.save', { apiId, definition: { ...definition, flows: marked(mark) }, version })
  await call('apis.deploy', { apiId })
}

async function get(path: string) {
  const { statusCode, headers, body } = await request(`${served.now.gateway}/${path}`, { dispatcher: agent })
  return { status: statusCode, answered: headers['x-answered'], text: await body.text() }
}
const whole = (mark: string) => ({ status: 200, answered: mark, text: `${mark} ${mark}` })

it('loses no request while APIs are redeployed, added, removed, stopped and rolled back, and none meets a half-built one', async () => {
  const shop = await createApi('shop', 'start')
  /** In the order in which they were deployed. */
  const marks = ['start']
  /** Of these the newest has been answered for: an older one may not answer a request that begins later. */
  let deployed = 0
  let isOver = false
  let answers = 0
  let noticed = () => {}
  const callers = Array.from({ length: CALLERS }, async () => {
    while (!isOver) {
      const since = deployed
      const answer = await get('shop/orders/7')
      const possible = marks.slice(since).map(whole)
      expect(possible).toContainEqual(answer)
      answers++
      noticed()
    }
  })
  /** So that changes and requests meet, however slow the machine is. */
  const someMore = async () => {
    const until = answers + CALLERS
    await Promise.race([new Promise<void>((resolve) => (noticed = () => answers >= until && resolve())), ...callers])
  }
  const begin = (mark: string) => void marks.push(mark)
  const end = () => void (deployed = marks.length - 1)

  for (let round = 0; round < ROUNDS; round++) {
    begin(`round-${round}`)
    await deploy(shop, `round-${round}`)
    end()
    expect(await get('shop')).toEqual(whole(`round-${round}`))
    await someMore()

    const other = await createApi(`other-${round}`, 'other')
    expect(await get(`other-${round}`)).toEqual(whole('other'))
    await call('apis.stop', { apiId: other.id })
    expect((await get(`other-${round}`)).status).toBe(404)
    await call('apis.start', { apiId: other.id })
    expect(await get(`other-${round}`)).toEqual(whole('other'))
    await call('apis.delete', { apiId: other.id, confirmName: other.name })
    expect((await get(`other-${round}`)).status).toBe(404)

    if (round % 5 === 4) {
      begin('start')
      await call('apis.restore', { apiId: shop.id, revision: 1 })
      await call('apis.deploy', { apiId: shop.id })
      end()
      expect(await get('shop')).toEqual(whole('start'))
    }
  }
  isOver = true
  await Promise.all(callers)
  expect(answers).toBeGreaterThan(ROUNDS * CALLERS)
}, 120_000)

it('ends an answer that is under way by the revision that it began with, also when the API is deleted meanwhile', async () => {
  const api = await createApi('slow', 'old')
  const { body, headers } = await request(`${served.now.gateway}/slow/slow`, { dispatcher: agent })
  const parts = body[Symbol.asyncIterator]()
  expect(String((await parts.next()).value)).toBe('old')
  await deploy(api, 'new')
  expect(await get('slow')).toEqual(whole('new'))
  await call('apis.delete', { apiId: api.id, confirmName: api.name })
  expect((await get('slow')).status).toBe(404)
  held.pop()!.end(' to the end')
  expect(String((await parts.next()).value)).toBe(' to the end')
  expect((await parts.next()).done).toBe(true)
  expect(headers['x-answered']).toBe('old')
}, 60_000)

it('refuses what does not compile, and goes on with what runs', async () => {
  const api = await createApi('kept', 'kept')
  const { version } = await call('apis.get', { apiId: api.id })
  const [first, ...others] = marked('broken')
  const broken = { ...first!, request: [{ enabled: true, policy: 'no-such-policy', configuration: {} }] }
  await call('apis.save', { apiId: api.id, definition: { ...api, flows: [...others, broken] }, version })
  expect((await served.now.problem('apis.deploy', { apiId: api.id })).status).toBe(422)
  expect(await get('kept')).toEqual(whole('kept'))
}, 60_000)
