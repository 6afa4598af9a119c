import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { startEngine } from './host'
import { crashReason } from './host/crash-reason'
import { loadEngine } from './host/engine-thread'
import type { Engine } from './messages'
import { openLevelState } from './state'
import { addressOf, echoApi, snapshot } from './testing/snapshots'
import { buildWorker, startTestEngine, when, type TestEngine } from './testing/start-engine'

let worker: Awaited<ReturnType<typeof buildWorker>>
const undo: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  worker = await buildWorker()
})
afterAll(() => worker.remove())
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function started(stateFolder?: string): Promise<TestEngine> {
  const engine = await startTestEngine(worker.workerUrl, stateFolder)
  undo.push(() => engine.dispose())
  return engine
}

/** An engine whose threads run this text. */
function scripted(script: string | (() => string)): Engine {
  const engine = startEngine({
    stateFolder: '',
    traceKey: 'key',
    workerUrl: worker.workerUrl,
    startThread: () => new Worker(typeof script === 'string' ? script : script(), { eval: true }),
  })
  undo.push(() => engine.stop(0))
  return engine
}

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-engine-'))
  undo.push(() => rm(folder, { recursive: true, force: true }))
  return folder
}

it.each(['that waits', 'that has ended'])(
  'runs in a thread loaded before, or in another one: in one %s',
  async (which) => {
    const loaded = loadEngine(worker.workerUrl)
    if (which === 'that has ended') await loaded.end()
    let made = 0
    const engine = startEngine({
      ...{ stateFolder: await temporary(), traceKey: 'key', workerUrl: worker.workerUrl, loaded },
      startThread: (url, workerData) => {
        made++
        return new Worker(url, { workerData })
      },
    })
    undo.push(() => engine.stop(0))
    await engine.apply(snapshot('http://127.0.0.1:1'))
    expect((await fetch(`${addressOf(engine.status().gateway)}/echo`)).status).toBe(401)
    expect(made).toBe(which === 'that waits' ? 0 : 1)
    await engine.restart()
    expect((await fetch(`${addressOf(engine.status().gateway)}/echo`)).status).toBe(401)
    await loaded.end()
    expect((await fetch(`${addressOf(engine.status().gateway)}/echo`)).status).toBe(401)
  },
)

it('stays stopped with the reason while another holds its state, and starts when it is asked to', async () => {
  const folder = await temporary()
  const state = await openLevelState(folder)
  const { engine } = await started(folder)
  const status = await when(engine, ({ state }) => state === 'stopped')
  expect(status).toMatchObject({ restarts: 0, gateway: { state: 'failed' }, authorization: { state: 'failed' } })
  expect(status.lastCrash?.reason).toContain(folder)
  expect(status.lastCrash?.reason).toContain('in use by another Gatehouse')
  await expect(engine.apply(snapshot('http://127.0.0.1:1'))).rejects.toThrow(folder)
  await expect(engine.restart()).rejects.toThrow(folder)

  await state.close()
  await engine.restart()
  await engine.apply(snapshot('http://127.0.0.1:1'))
  expect(engine.status()).toMatchObject({ state: 'running', gateway: { state: 'listening' } })
})

it('stays stopped with the remedy when its state is damaged', async () => {
  const folder = await temporary()
  const state = await openLevelState(folder)
  await state.put('a', 'one')
  await state.close()
  for (const name of await readdir(folder)) {
    if (/^(CURRENT|MANIFEST)/.test(name)) await writeFile(join(folder, name), 'no database')
  }
  const { engine } = await started(folder)
  const asked = engine.apply(snapshot('http://127.0.0.1:1')).catch((error: unknown) => error)
  const { lastCrash } = await when(engine, ({ state }) => state === 'stopped')
  expect(lastCrash?.reason).toContain(folder)
  expect(lastCrash?.reason).toMatch(/damaged|cannot be opened/)
  expect(String(await asked)).toContain(folder)
})

it('gives up after crashes in a row, tells why, and tries again when it is asked to', async () => {
  let threads = 0
  const engine = scripted(() => {
    threads++
    return 'throw new RangeError("out of everything")'
  })
  const status = await when(engine, ({ state }) => state === 'stopped')
  expect(threads).toBe(5)
  expect(status.restarts).toBe(4)
  expect(status.lastCrash?.reason).toContain('crashed 5 times in a row')
  expect(status.lastCrash?.reason).toContain('out of everything')
  const again = when(engine, ({ state }) => state === 'restarting')
  await expect(engine.restart()).rejects.toThrow()
  await again
  expect(threads).toBeGreaterThan(5)
})

it('does not read as running when what ran before is refused after a crash, until something runs', async () => {
  let threads = 0
  const engine = scripted(
    () => `
      const { parentPort } = require('node:worker_threads')
      let applies = 0
      parentPort.on('message', ({ type, call }) => {
        if (type === 'check') process.exit(1)
        const refused = ${threads++} > 0 && ++applies === 1
        if (call) parentPort.postMessage({ type: 'answer', call, ok: !refused, message: 'no key signs', problems: [] })
      })`,
  )
  await engine.apply(snapshot('http://127.0.0.1:1'))
  expect(engine.status().state).toBe('running')
  const stopped = when(engine, ({ state }) => state === 'stopped')
  await expect(engine.check([])).rejects.toThrow()
  expect((await stopped).lastCrash?.reason).toContain('no key signs')
  await engine.apply(snapshot('http://127.0.0.1:1', 2))
  expect(engine.status().state).toBe('running')
})

it('rejects what waits for an engine that is stopped before it is back', async () => {
  const engine = scripted('process.exit(1)')
  await when(engine, ({ state }) => state === 'restarting')
  const waiting = engine.check([]).catch((error: unknown) => String(error))
  await engine.stop()
  expect(await waiting).toContain('has been stopped')
})

it('ends what does not finish in time, and resolves', async () => {
  const { engine } = await started()
  const backend = createServer()
  const reached = new Promise<void>((resolve) => backend.once('request', () => resolve()))
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  undo.push(async () => {
    backend.closeAllConnections()
    await new Promise((resolve) => backend.close(resolve))
  })
  const target = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`
  const definition = echoApi(target, { flows: [], resources: [] })
  definition.endpointGroups[0]!.endpoints[0]!.configuration.target = target
  await engine.apply(snapshot(target, 1, { apis: [{ id: 'api-echo', revision: 1, secretsVersion: '1', definition }] }))
  const cut = fetch(`${addressOf(engine.status().gateway)}/echo`).then(
    () => 'answered',
    () => 'cut',
  )
  await reached
  await engine.stop(50)
  expect(await cut).toBe('cut')
  expect(engine.status().state).toBe('stopped')
})

it('tests a resource, and says what is wrong with its credentials', async () => {
  const { engine } = await started()
  await engine.apply(snapshot('http://127.0.0.1:1'))
  const server = addressOf(engine.status().authorization)
  const [resource] = echoApi(server).resources
  expect(await engine.testResource(resource!)).toMatchObject({ ok: true })
  const wrong = { ...resource!, configuration: { ...resource!.configuration, clientSecret: 'guessed' } }
  const result = await engine.testResource(wrong)
  expect(result.ok).toBe(false)
  expect(JSON.stringify(result)).not.toContain('guessed')
})

it('traces every request when it is told to, also after a crash', async () => {
  const { engine, crash } = await started()
  await engine.apply(snapshot('http://127.0.0.1:1'))
  const traced = async () => {
    const record = new Promise<{ trace?: unknown }>((resolve) => {
      const stop = engine.onRecords(([first]) => {
        stop()
        resolve(first!)
      })
    })
    await fetch(`${addressOf(engine.status().gateway)}/nowhere`)
    return JSON.stringify(await record).includes('"trace"')
  }
  const before = await traced()
  engine.traceAll(true)
  expect(await traced()).toBe(true)
  expect(before).toBe(false)
  const again = when(engine, ({ state, restarts }) => state === 'running' && restarts === 1)
  await crash()
  await again
  expect(await traced()).toBe(true)
})

it('masks what could be a credential in the reason of a crash', () => {
  const token = `eyJ${'a'.repeat(30)}.eyJ${'b'.repeat(30)}.${'c'.repeat(40)}`
  for (const secret of [
    token,
    'Bearer short-token',
    'Basic b3JkZXJzOndvbmRlcmxhbmQ=',
    'client_secret=wonderland',
    '"password": "wonderland"',
    'x'.repeat(43),
  ]) {
    const value = secret.split(/[ =]/).at(-1)!.replaceAll('"', '') || 'b3JkZXJzOndvbmRlcmxhbmQ'
    expect(crashReason(new TypeError(`call with ${secret} failed`))).not.toContain(value)
  }
  expect(crashReason(new TypeError('Cannot read /home/me/lab/.state/engine\nsecond line'))).toBe(
    'TypeError: Cannot read /home/me/lab/.state/engine',
  )
  expect(crashReason('token')).not.toContain('token')
})
