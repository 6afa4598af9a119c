import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildWorker } from '../../engine/testing/start-engine'
import { writeDurably } from '../../workspace/files/durable-file'
import { createTestClock, type TestClock } from '../clock.testing'
import { serveEmpty, type ServedFolder, type Worker } from '../served.testing'

let worker: Worker
let served: ServedFolder
let server: Server
let clock: TestClock
let asked: IncomingMessage[]
let answer: { status: number; body: string }
beforeAll(async () => {
  worker = await buildWorker()
})
afterAll(() => worker.remove())
beforeEach(async () => {
  asked = []
  answer = { status: 200, body: '{"blue": "Paris", "limit": 7, "on": true}' }
  server = createServer((request, response) => {
    asked.push(request)
    response.writeHead(answer.status).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  clock = createTestClock()
  served = await serveEmpty(worker, clock)
})
afterEach(async () => {
  await served.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  expect(served.faults).toEqual([])
})

const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/tenants.json`
const provider = (headers: { name: string; value: string; encryptable?: boolean }[] = []) => ({ type: 'HTTP', configuration: { url: address(), method: 'GET', headers } }) as const // prettier-ignore
const trigger = { rate: 10, unit: 'SECONDS' } as const
const entries = [
  { key: 'blue', value: 'Paris' },
  { key: 'limit', value: '7' },
  { key: 'on', value: 'true' },
]
const create = (more: object = {}) => served.now.call('dictionaries.create', { name: 'Tenants', provider: provider(), trigger, ...more }) // prettier-ignore
const get = async (dictionaryId: string) => served.now.call('dictionaries.get', { dictionaryId })
const update = (dictionaryId: string, change: object) => served.now.call('dictionaries.update', { dictionaryId, ...change }) // prettier-ignore
const problems = async () => (await served.now.call('workspace.get', {})).problems

describe('a dictionary with a provider', () => {
  it('gets its entries at once and as often as its trigger says, until it is stopped', async () => {
    const made = await create()
    expect(made).toMatchObject({ type: 'DYNAMIC', state: 'STARTED', properties: [] })
    await expect.poll(async () => (await get(made.id)).properties).toEqual(entries)
    const text = "{#dictionaries['tenants']['blue']}"
    expect(await served.now.call('expressions.evaluate', { text })).toMatchObject({ text: 'Paris' })

    answer.body = '[{"key": "blue", "value": "Lyon"}]'
    clock.advance(10_000)
    await expect.poll(async () => (await get(made.id)).properties).toEqual([{ key: 'blue', value: 'Lyon' }])
    expect((await get(made.id)).lastPoll).toMatchObject({ ok: true, sentence: '1 entry' })
    await served.restart()
    expect((await get(made.id)).properties).toEqual([{ key: 'blue', value: 'Lyon' }])
    await expect.poll(async () => (await get(made.id)).lastPoll?.ok).toBe(true)

    await update(made.id, { state: 'STOPPED' })
    const before = asked.length
    clock.advance(60_000)
    await served.now.call('dictionaries.poll', { dictionaryId: made.id })
    expect(asked.length).toBe(before + 1)
  })

  it('sends its headers, and keeps a secret one in no file and no answer', async () => {
    const secret = { name: 'Authorization', value: 'Bearer hunter22', encryptable: true }
    const made = await create({ provider: provider([secret, { name: 'X-Tenant', value: 'all' }]) })
    await expect.poll(() => asked[0]?.headers).toMatchObject({ 'authorization': 'Bearer hunter22', 'x-tenant': 'all', 'accept': 'application/json' }) // prettier-ignore
    expect(JSON.stringify([made, await get(made.id), served.now.store.dictionaries()])).not.toContain('hunter22')
    await served.now.call('dictionaries.delete', { dictionaryId: made.id })
    expect(served.now.store.secrets.has(made.provider!.configuration.headers![0]!.value.slice('secret://gatehouse/'.length))).toBe(false) // prettier-ignore
  })

  it.each([
    [{ status: 404, body: '' }, 'answered 404'],
    [{ status: 302, body: '{}' }, 'answered 302'],
    [{ status: 200, body: 'not JSON' }, 'not JSON'],
    [{ status: 200, body: '7' }, 'neither an object nor a list'],
    [{ status: 200, body: '{"a": {"b": 1}}' }, 'The value of a is no text'],
    [{ status: 200, body: '[{"key": "a"}]' }, 'Entry 1'],
    [{ status: 200, body: JSON.stringify('x'.repeat(1024 * 1024)) }, 'larger than 1 MiB'],
  ])('keeps the entries of before where the answer holds none: %j', async (wrong, sentence) => {
    const { id } = await create()
    await expect.poll(async () => (await get(id)).properties).toEqual(entries)
    answer = wrong
    const after = await served.now.call('dictionaries.poll', { dictionaryId: id })
    expect(after).toMatchObject({ properties: entries, lastPoll: { ok: false, sentence: expect.stringContaining(sentence) as string } }) // prettier-ignore
    expect(await problems()).toMatchObject([{ file: 'dictionaries/tenants.json', field: '/provider', message: expect.stringContaining('The entries of before stay') as string }]) // prettier-ignore
    answer = { status: 200, body: '{}' }
    await served.now.call('dictionaries.poll', { dictionaryId: id })
    expect([await problems(), (await get(id)).properties]).toEqual([[], []])
  })

  it('that is changed while it is asked is asked anew', async () => {
    let release = () => {}
    server.removeAllListeners('request')
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      asked.push(request)
      if (request.url === '/slow') release = () => response.end('{"from": "before"}')
      else response.end('{"from": "now"}')
    })
    const at = (path: string) => ({ type: 'HTTP', configuration: { url: new URL(path, address()).href, method: 'GET' } }) as const // prettier-ignore
    const { id } = await create({ provider: at('/slow') })
    await expect.poll(() => asked.length).toBe(1)
    await update(id, { provider: at('/quick') })
    release()
    await expect.poll(async () => (await get(id)).properties).toEqual([{ key: 'from', value: 'now' }])
  })

  it('that was written by hand and is not right asks nobody, and is told', async () => {
    const { id, ...made } = await create()
    await expect.poll(() => asked.length).toBe(1)
    const wrong = { ...made, id, usedBy: undefined, lastPoll: undefined, provider: { type: 'HTTP', configuration: { url: 'ftp://a/', method: 'GET' } } } // prettier-ignore
    await writeDurably(join(served.folder, 'dictionaries/tenants.json'), JSON.stringify(wrong))
    await expect.poll(async () => (await get(id)).lastPoll).toMatchObject({ ok: false, sentence: expect.stringContaining('not by ftp') as string }) // prettier-ignore
    expect(asked.length).toBe(1)
  })

  it('tells that nothing listens', async () => {
    const url = 'http://127.0.0.1:1/'
    const { id } = await create({ provider: { type: 'HTTP', configuration: { url, method: 'GET' } } })
    expect(await served.now.call('dictionaries.poll', { dictionaryId: id })).toMatchObject({ lastPoll: { ok: false, sentence: 'Nothing listens at 127.0.0.1:1' } }) // prettier-ignore
  })

  it.each([
    ['half of it', { trigger: undefined }, '/trigger'],
    ['entries by hand', { properties: [{ key: 'a', value: 'b' }] }, '/properties'],
    ['no address', { provider: { type: 'HTTP', configuration: { url: 'tenants', method: 'GET' } } }, '/provider/configuration/url'], // prettier-ignore
    ['credentials', { provider: { type: 'HTTP', configuration: { url: 'http://a:b@c/', method: 'GET' } } }, '/provider/configuration/url'], // prettier-ignore
    ['a header with a line break', { provider: { type: 'HTTP', configuration: { url: 'http://c/', method: 'GET', headers: [{ name: 'A', value: 'b\nc' }] } } }, '/provider/configuration/headers/0/value'], // prettier-ignore
    ['a short secret', { provider: { type: 'HTTP', configuration: { url: 'http://c/', method: 'GET', headers: [{ name: 'A', value: 'b', encryptable: true }] } } }, '/provider/configuration/headers/0/value'], // prettier-ignore
    ['no time', { trigger: { rate: 0, unit: 'SECONDS' } }, '/trigger/rate'],
  ])('is not made with %s', async (_what, more, field) => {
    const problem = await served.now.problem('dictionaries.create', { name: 'Tenants', provider: provider(), trigger, ...more }) // prettier-ignore
    expect(problem).toMatchObject({ key: 'INPUT_INVALID', errors: [{ field, remedy: expect.any(String) as string }] })
  })

  it('is another thing than one that is kept by hand', async () => {
    const { id } = await served.now.call('dictionaries.create', { name: 'By hand' })
    expect(await served.now.problem('dictionaries.update', { dictionaryId: id, trigger })).toMatchObject({ errors: [{ field: '/trigger' }] }) // prettier-ignore
    expect(await served.now.problem('dictionaries.poll', { dictionaryId: id })).toMatchObject({ errors: [{ field: '/dictionaryId' }] }) // prettier-ignore
    const asking = await create()
    expect(await served.now.problem('dictionaries.update', { dictionaryId: asking.id, properties: [] })).toMatchObject({ errors: [{ field: '/properties' }] }) // prettier-ignore
  })
})
