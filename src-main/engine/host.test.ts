import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { EngineRefusal, type Engine } from './messages'
import { basic, domain, user } from './authorization/testing'
import { addressOf, echoApi, snapshot } from './testing/snapshots'
import { buildWorker, startTestEngine, when, type TestEngine } from './testing/start-engine'

let worker: Awaited<ReturnType<typeof buildWorker>>
const engines: TestEngine[] = []

beforeAll(async () => {
  worker = await buildWorker()
})
afterAll(() => worker.remove())
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.dispose()
})

async function started(stateFolder?: string): Promise<TestEngine> {
  const engine = await startTestEngine(worker.workerUrl, stateFolder)
  engines.push(engine)
  return engine
}

/** Applies once to get the ports, then with the resource that names them. */
async function serving(engine: Engine) {
  await engine.apply(snapshot('http://127.0.0.1:1', 1))
  const authorization = addressOf(engine.status().authorization)
  await engine.apply(snapshot(authorization, 2))
  return { gateway: addressOf(engine.status().gateway), authorization }
}

function form(address: string, path: string, fields: Record<string, string>): Promise<Response> {
  const headers = { authorization: basic('orders', 'wonderland') }
  return fetch(`${address}/demo/oauth/${path}`, { method: 'POST', headers, body: new URLSearchParams(fields) })
}

async function tokenFrom(address: string): Promise<string> {
  const response = await form(address, 'token', { grant_type: 'client_credentials' })
  return ((await response.json()) as { access_token: string }).access_token
}

const call = (gateway: string, token?: string) =>
  fetch(`${gateway}/echo`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })

it('refuses, issues and answers; a revoked token stays refused over a restart', async () => {
  const { engine } = await started()
  const { gateway, authorization } = await serving(engine)
  const refused = await call(gateway)
  expect(refused.status).toBe(401)
  expect(refused.headers.get('www-authenticate')).toBe(
    'Bearer realm=gravitee.io - No OAuth authorization header was supplied',
  )
  const token = await tokenFrom(authorization)
  const answered = await call(gateway, token)
  expect(answered.status).toBe(200)
  expect(await answered.json()).toHaveProperty('headers.X-Gravitee-Transaction-Id')

  expect((await form(authorization, 'revoke', { token })).status).toBe(200)
  expect((await call(gateway, token)).status).toBe(401)
  await engine.restart()
  expect(addressOf(engine.status().gateway)).toBe(gateway)
  expect((await call(gateway, token)).status).toBe(401)
  expect((await call(gateway, await tokenFrom(authorization))).status).toBe(200)
})

it('starts again after a crash, with the snapshot that ran, at the same addresses', async () => {
  const { engine, crash } = await started()
  const { gateway, authorization } = await serving(engine)
  const again = when(engine, ({ state, restarts }) => state === 'running' && restarts === 1)
  await crash()
  expect(engine.status().state).toBe('restarting')
  const status = await again
  expect(status.lastCrash?.reason).toBe('The thread ended without an error')
  expect((await call(gateway, await tokenFrom(authorization))).status).toBe(200)
})

it('takes snapshots of one domain in a row, at once, and after a crash in between', async () => {
  const { engine, crash } = await started()
  await engine.apply(snapshot('http://127.0.0.1:1', 1, { domains: [] }))
  const users = Array.from({ length: 9 }, (_, index) => user({ id: `user-${index}`, username: `user${index}` }))
  const withUsers = (count: number) =>
    snapshot('http://127.0.0.1:1', 1, { domains: [domain({ path: 'demo', users: users.slice(0, count) })] })
  await engine.apply(withUsers(3))
  await Promise.all([engine.apply(withUsers(4)), engine.apply(withUsers(2)), engine.apply(withUsers(5))])
  const first = engine.apply(withUsers(6))
  const second = engine.apply(withUsers(7))
  await first
  const third = engine.apply(withUsers(8))
  await Promise.all([second, third])
  await engine.apply(withUsers(1))
  const again = when(engine, ({ state, restarts }) => state === 'running' && restarts === 1)
  await crash()
  await Promise.all([engine.apply(withUsers(9)), again])
  await engine.apply(withUsers(2))
  await engine.restart()
  await engine.apply(withUsers(3))
})

it('tells a taken port and who has it, offers another, and runs the other server', async () => {
  const { engine } = await started()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  await engine.apply(snapshot('http://127.0.0.1:1', 1, { gateway: { host: '127.0.0.1', port } }))
  const { gateway, authorization } = engine.status()
  expect(authorization.state).toBe('listening')
  expect(gateway).toMatchObject({ state: 'port-taken', port })
  if (gateway.state !== 'port-taken') return
  expect(gateway.offeredPort).toBeGreaterThan(port)
  if (process.platform === 'linux') expect(gateway.sentence).toContain(`(process ${process.pid})`)

  await new Promise((resolve) => other.close(resolve))
  await engine.apply(snapshot('http://127.0.0.1:1', 1, { gateway: { host: '127.0.0.1', port } }))
  expect(addressOf(engine.status().gateway)).toBe(`http://127.0.0.1:${port}`)
})

it('moves only the server whose address changed', async () => {
  const { engine } = await started()
  const { gateway, authorization } = await serving(engine)
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  await engine.apply(snapshot(authorization, 2, { gateway: { host: '127.0.0.1', port } }))
  expect(addressOf(engine.status().gateway)).toBe(`http://127.0.0.1:${port}`)
  expect(addressOf(engine.status().authorization)).toBe(authorization)
  expect((await call(`http://127.0.0.1:${port}`, await tokenFrom(authorization))).status).toBe(200)
  await expect(call(gateway)).rejects.toThrow()
})

it('refuses a snapshot that does not compile, and goes on with what ran', async () => {
  const { engine } = await started()
  const { gateway, authorization } = await serving(engine)
  const definition = echoApi(authorization, {
    flows: [
      {
        enabled: true,
        selectors: [{ type: 'http', path: '/', pathOperator: 'START_WITH' }],
        request: [{ enabled: true, policy: 'no-such-policy' }],
        response: [],
      },
    ],
  })
  const broken = snapshot(authorization, 3, {
    domains: [],
    apis: [{ id: 'api-echo', revision: 3, secretsVersion: '1', definition }],
  })
  await expect(engine.apply(broken)).rejects.toBeInstanceOf(EngineRefusal)
  expect((await call(gateway, await tokenFrom(authorization))).status).toBe(200)
})

it('swaps 500 snapshots under load without a failed request', async () => {
  const { engine } = await started()
  const { gateway, authorization } = await serving(engine)
  const token = await tokenFrom(authorization)
  let applying = true
  const statuses: number[] = []
  const client = async () => {
    while (applying) {
      const response = await call(gateway, token)
      await response.arrayBuffer()
      statuses.push(response.status)
    }
  }
  const clients = [client(), client(), client(), client()]
  for (let revision = 3; revision < 503; revision++) await engine.apply(snapshot(authorization, revision))
  applying = false
  await Promise.all(clients)
  expect(statuses.length).toBeGreaterThan(20)
  expect(statuses.filter((status) => status !== 200)).toEqual([])
})

it('finishes what is in flight when it stops', async () => {
  const { engine } = await started()
  let answerBackend = () => {}
  const reached = new Promise<void>((resolve) => {
    backend.on('request', (_request, response) => {
      answerBackend = () => response.end('late')
      resolve()
    })
  })
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  const target = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`
  const definition = echoApi(target, { flows: [], resources: [] })
  definition.endpointGroups[0]!.endpoints[0]!.configuration.target = target
  await engine.apply(snapshot(target, 1, { apis: [{ id: 'api-echo', revision: 1, secretsVersion: '1', definition }] }))
  const gateway = addressOf(engine.status().gateway)
  const response = call(gateway)
  await reached
  const stopped = engine.stop(10_000)
  answerBackend()
  expect(await (await response).text()).toBe('late')
  await stopped
  await expect(call(gateway)).rejects.toThrow()
  backend.closeAllConnections()
  backend.close()
})
const backend = createServer()
