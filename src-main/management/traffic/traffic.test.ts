import { appendFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { KeptRecord } from '@shared/traffic'
import type { TrafficFilter } from '@shared/traffic-filter'
import { buildWorker } from '../../engine/testing/start-engine'
import { createSample } from '../sample'
import { serveEmpty, type ServedFolder, type Worker } from '../served.testing'
import { bearer, trafficOf } from './traffic.testing'

let worker: Worker
let served: ServedFolder
let sample: { clientId: string; clientSecret: string }
beforeAll(async () => {
  worker = await buildWorker()
})
afterAll(() => worker.remove())
beforeEach(async () => {
  served = await serveEmpty(worker)
  sample = await createSample(served.now.call)
  return () => served.close()
})

const folder = () => join(served.folder, '.state', 'traffic')
const { list, get, recorded, askToken } = trafficOf(() => served, () => sample) // prettier-ignore
const seqs = (records: readonly KeptRecord[]) => records.map(({ seq }) => seq)

async function filesOf(): Promise<string> {
  const names = await readdir(folder())
  return (await Promise.all(names.map((name) => readFile(join(folder(), name), 'utf8')))).join('')
}

describe('the recorded requests', () => {
  it('are there after a restart, page by page, and count on', async () => {
    for (const path of ['/echo/a', '/echo/b', '/nowhere']) await get(path)
    await recorded(3)
    await served.restart()
    await get('/echo/c')
    await recorded(4)
    const all = await list()
    expect(all.map(({ path }) => path)).toEqual(['/echo/c', '/nowhere', '/echo/b', '/echo/a'])
    expect(seqs(all)).toEqual([4, 3, 2, 1])
    expect(seqs(await list({}, { limit: 2 }))).toEqual([4, 3])
    expect(seqs(await list({}, { limit: 2, before: 3 }))).toEqual([2, 1])
    expect(await served.now.call('traffic.get', { id: all[3]!.id })).toEqual(all[3])
    expect(await served.now.problem('traffic.get', { id: 'no-such-request' })).toMatchObject({ status: 404 })
    expect((await stat(folder())).mode & 0o777).toBe(0o700)
    for (const name of await readdir(folder())) expect((await stat(join(folder(), name))).mode & 0o777).toBe(0o600)
  })

  it('hold no secret, token, code or query, also when everything is traced', async () => {
    await served.now.call('traffic.configure', { traceAll: true })
    const token = await askToken()
    await get('/echo/orders?access_token=from-the-query', {
      headers: { ...bearer(token).headers, cookie: 'session=from-a-cookie', 'x-api-key': 'from-an-api-key' },
    })
    await get('/echo/orders', bearer('a-token-that-is-wrong'))
    await fetch(`${served.now.authorization}/demo/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        ...{ grant_type: 'authorization_code', code: 'a-code', code_verifier: 'a-verifier' },
        ...{ client_id: sample.clientId, client_secret: 'a-guessed-secret' },
      }),
    })
    await recorded(1, { server: 'gateway', outcomes: ['answered'] })
    await recorded(1, { server: 'gateway', outcomes: ['refused'] })
    await recorded(1, { text: 'client_secret_wrong' })
    await served.restart()
    const text = await filesOf()
    expect(text).toContain('"kind":"policy"')
    const secrets = [token, sample.clientSecret, 'from-the-query', 'from-a-cookie', 'from-an-api-key']
    for (const secret of [...secrets, 'a-token-that-is-wrong', 'a-code', 'a-verifier', 'a-guessed-secret', 'Basic '])
      expect(text).not.toContain(secret)
  })

  it('are found by each filter, from memory and from disk', async () => {
    const token = await askToken()
    await get('/echo/orders', bearer(token))
    await get('/echo/Größe "x"', { method: 'POST' })
    await get('/nowhere')
    await recorded(3, { server: 'gateway' })
    const [api] = await served.now.call('apis.list', {})
    const { at } = (await list({ text: 'nowhere' }))[0]!
    const cases: [TrafficFilter, number][] = [
      [{ server: 'gateway' }, 3],
      [{ apiId: api!.definition.id }, 2],
      [{ domainPath: 'demo', server: 'authorization', text: 'client_credentials' }, 1],
      [{ clientId: sample.clientId, server: 'gateway' }, 1],
      [{ outcomes: ['refused'], server: 'gateway' }, 2],
      [{ outcomes: ['answered', 'refused'], apiId: api!.definition.id }, 2],
      [{ statusClasses: [2], server: 'gateway' }, 1],
      [{ statusClasses: [4, 5], server: 'gateway' }, 2],
      [{ methods: ['POST'], server: 'gateway' }, 1],
      [{ text: 'ORDERS get' }, 1],
      [{ text: 'oauth2_missing_header' }, 1],
      [{ text: '401' }, 1],
      [{ from: at, server: 'gateway' }, 1],
      [{ to: at, server: 'gateway' }, 2],
      [{ from: at + 1 }, 0],
      [{ apiId: 'another' }, 0],
    ]
    const found = async () => await Promise.all(cases.map(async ([filter]) => [filter, (await list(filter)).length]))
    expect(await found()).toEqual(cases)
    // What is read back into memory is asked from the disk where it does not fit.
    const lines = (await filesOf()).trimEnd().split('\n')
    const many = Array.from({ length: 2100 }, (_, index) =>
      JSON.stringify({
        ...JSON.parse(lines[0]!),
        id: `later-${index.toString(2)}`,
        seq: 100 + index,
        apiId: 'later',
        at: 1,
        server: 'authorization',
        method: 'PUT',
        path: '/',
        status: 301,
        outcome: 'failed',
        clientId: 'x',
        domainPath: 'x',
        grantType: 'x',
      }),
    )
    await served.restart(async () => {
      const [name] = await readdir(folder())
      await appendFile(join(folder(), name!), many.map((line) => `${line}\n`).join(''))
    })
    expect(await found()).toEqual(cases)
  })

  it('stay within the limit: the oldest go first', async () => {
    await served.now.call('traffic.configure', { limitMegabytes: 1 })
    const long = 'x'.repeat(4000)
    for (let batch = 0; batch < 10; batch++)
      await Promise.all(Array.from({ length: 80 }, (_, index) => get(`/nowhere/${batch * 80 + index}/${long}`)))
    await recorded(1, { text: '/nowhere/799/' })
    await expect.poll(async () => (await served.now.call('traffic.status', {})).bytes).toBeGreaterThan(600_000)
    expect((await served.now.call('traffic.status', {})).bytes).toBeLessThanOrEqual(1024 * 1024)
    await served.restart()
    expect(await list({ text: '/nowhere/0/' })).toEqual([])
    expect(await list({ text: '/nowhere/799/' })).toHaveLength(1)
    expect((await served.now.call('traffic.status', {})).bytes).toBeLessThanOrEqual(1024 * 1024)
  })

  it('are read past a line that a kill cut short, and lines of other hands', async () => {
    await get('/echo/before')
    await recorded(1)
    await served.restart(async () => {
      const [name] = await readdir(folder())
      await appendFile(join(folder(), name!), 'null\n{"seq":7}\n{"id":"cut sho')
      await writeFile(join(folder(), 'notes.txt'), 'mine')
    })
    await get('/echo/after')
    await recorded(2)
    await served.restart()
    expect((await list()).map(({ path, seq }) => [path, seq])).toEqual([
      ['/echo/after', 2],
      ['/echo/before', 1],
    ])
  })

  it('are not kept and not listed while recording is off; the numbers of the last minute go on', async () => {
    await get('/echo/kept')
    await recorded(1)
    expect(await served.now.call('traffic.configure', { recording: false })).toMatchObject({ recording: false })
    await get('/echo/unseen')
    await expect.poll(async () => (await served.now.call('overview.get', {})).live.requests).toBe(2)
    expect((await list()).map(({ path }) => path)).toEqual(['/echo/kept'])
    await served.restart()
    expect(await served.now.call('traffic.status', {})).toMatchObject({ recording: false, limitMegabytes: 64 })
    await get('/echo/unseen')
    await expect.poll(async () => (await served.now.call('overview.get', {})).live.requests).toBe(1)
    await served.now.call('traffic.configure', { recording: true })
    await get('/echo/seen')
    await recorded(2)
    expect(await filesOf()).not.toContain('unseen')
  })

  it('tell among the problems when they cannot be written; the servers go on, and it mends itself', async () => {
    await writeFile(folder(), 'in the way')
    expect((await get('/echo')).status).toBe(401)
    await recorded(1)
    const problems = async () => (await served.now.call('workspace.get', {})).problems
    await expect
      .poll(problems)
      .toMatchObject([{ file: '.state/traffic', message: expect.stringContaining('could not be written (EEXIST)') }])
    await rm(folder())
    await get('/echo')
    await expect.poll(problems).toEqual([])
    expect(served.faults).toEqual([])
  })

  it('are forgotten when somebody asks for it', async () => {
    await get('/echo')
    await recorded(1)
    await served.now.call('traffic.clear', {})
    expect(await list()).toEqual([])
    await get('/echo/new')
    await recorded(1)
    await served.restart()
    expect((await list()).map(({ path }) => path)).toEqual(['/echo/new'])
  })

  it('carry the way they took when every request is traced, and only then', async () => {
    await get('/echo/untraced')
    await recorded(1)
    expect(await served.now.call('traffic.configure', { traceAll: true })).toMatchObject({ traceAll: true })
    // Messages to the engine's thread arrive in their order.
    await served.now.call('engine.status', {})
    await expect
      .poll(async () => {
        await get('/echo/traced')
        return (await list({ text: '/echo/traced' }))[0]?.trace?.map(({ kind }) => kind)
      })
      .toContain('policy')
    expect((await list({ text: 'untraced' }))[0]).not.toHaveProperty('trace')
    expect((await served.now.call('traffic.list', { traces: false })).some((record) => 'trace' in record)).toBe(false)
  })
})

describe('a sampling of the traffic', () => {
  it('says of which requests of both servers the trace is kept, also after a restart', async () => {
    const one = { type: 'count', value: '1' }
    expect(await served.now.call('traffic.configure', { sampling: one })).toMatchObject({ sampling: one, traceAll: false }) // prettier-ignore
    const isTraced = async () => {
      await get('/echo/sampled')
      await askToken()
      const [ofGateway, ofAuthorization] = [
        await list({ server: 'gateway', text: 'sampled' }),
        await list({ server: 'authorization', text: 'token' }),
      ]
      return [ofGateway[0]?.trace !== undefined, ofAuthorization[0]?.trace !== undefined]
    }
    await expect.poll(isTraced).toEqual([true, true])
    await served.restart()
    await expect.poll(isTraced).toEqual([true, true])
    expect(await served.now.call('traffic.configure', { limitMegabytes: 32 })).toMatchObject({ sampling: one })
    expect(await served.now.call('traffic.configure', { sampling: null })).not.toHaveProperty('sampling')
    await expect.poll(isTraced).toEqual([false, false])
  })

  it('is refused by field when it is none', async () => {
    const problem = await served.now.problem('traffic.configure', { sampling: { type: 'count', value: 'many' } })
    expect(problem).toMatchObject({ key: 'INPUT_INVALID', errors: [{ field: '/sampling/value' }] })
  })
})

describe('the settings of the traffic', () => {
  it('are refused by field when they are not right', async () => {
    expect(await served.now.problem('traffic.configure', { limitMegabytes: 0 })).toMatchObject({
      key: 'INPUT_INVALID',
      errors: [{ field: '/limitMegabytes' }],
    })
    expect(await served.now.problem('traffic.configure', { limitMegabytes: 1025 })).toMatchObject({ status: 400 })
  })

  it('follow an edit of gatehouse.json; one that is not right is told with its place', async () => {
    const file = join(served.folder, 'gatehouse.json')
    const edit = async (traffic: unknown) =>
      await writeFile(file, JSON.stringify({ ...(JSON.parse(await readFile(file, 'utf8')) as object), traffic }))
    await edit({ recording: false, limitMegabytes: 5 })
    await expect
      .poll(() => served.now.call('traffic.status', {}))
      .toMatchObject({ recording: false, limitMegabytes: 5 })
    await edit({ limitMegabytes: 'many' })
    await expect
      .poll(async () => (await served.now.call('workspace.get', {})).problems)
      .toMatchObject([{ file: 'gatehouse.json', field: '/traffic/limitMegabytes' }])
    await edit({ sampling: { type: 'count', value: 'many' } })
    await expect
      .poll(async () => (await served.now.call('workspace.get', {})).problems)
      .toMatchObject([{ file: 'gatehouse.json', field: '/traffic/sampling/value' }])
  })
})

describe('the export', () => {
  it('is JSON lines with all that is kept, oldest first', async () => {
    for (const path of ['/echo/a', '/echo/b', '/nowhere']) await get(path)
    await recorded(3)
    const { text, requests, isWhole } = await served.now.call('traffic.export', {
      format: 'jsonl',
      filter: { text: '/echo/' },
    })
    expect([requests, isWhole]).toEqual([2, true])
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as KeptRecord)
    expect(lines).toEqual((await list({ text: '/echo/' })).toReversed())
    expect(await served.now.call('traffic.export', { format: 'jsonl', limit: 2 })).toMatchObject({
      requests: 2,
      isWhole: false,
    })
  })

  it('is a HAR 1.2 with the reason of each refusal', async () => {
    await get('/echo/a?secret=1')
    await recorded(1)
    const { text } = await served.now.call('traffic.export', { format: 'har' })
    expect(text).not.toContain('secret=1')
    const [record] = await list()
    expect(JSON.parse(text)).toEqual({
      log: {
        version: '1.2',
        creator: { name: 'Gatehouse', version: '0.0.0' },
        entries: [
          {
            startedDateTime: new Date(record!.at).toISOString(),
            time: record!.durationMs,
            request: {
              ...{ method: 'GET', url: `${served.now.gateway}/echo/a`, httpVersion: 'unknown' },
              ...{ cookies: [], headers: [], queryString: [], headersSize: -1, bodySize: -1 },
            },
            response: {
              ...{ status: 401, statusText: 'Unauthorized', httpVersion: 'unknown', redirectURL: '' },
              ...{ cookies: [], headers: [], headersSize: -1, bodySize: -1 },
              content: { size: -1, mimeType: 'x-unknown' },
            },
            cache: {},
            timings: { send: 0, wait: record!.durationMs, receive: 0 },
            comment: expect.stringMatching(/^OAUTH2_MISSING_HEADER: /),
            _gatehouse: record,
          },
        ],
      },
    })
  })
})
