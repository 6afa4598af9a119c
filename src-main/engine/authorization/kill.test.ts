import { spawn, type ChildProcess } from 'node:child_process'
import { createHmac, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bundle, type Bundle } from '../testing/bundle'
import { application, callerOf, domain, keyPair, startTestServer, user, type TestServer } from './testing'
import { createTestBrowser } from './testing-browser'
import { getCode, redeemCode, refresh, webApplication, type TokenAnswer } from './testing-tokens'

const SECRET = 'a secret of more than thirty-two bytes'
const SHOP = webApplication()
const GATEWAY = application({ id: 'application-gateway', name: 'Gateway', clientId: 'gateway' })
const SIGNER = application({
  id: 'application-signer',
  name: 'Signer',
  clientId: 'signer',
  clientSecret: SECRET,
  authenticationMethods: ['client_secret_jwt'],
})
const ORDERS = domain({
  applications: [SHOP, GATEWAY, SIGNER],
  users: [user()],
  keys: [keyPair('ES256')],
  maxLoginAttempts: 1000,
})

let home: string
let serve: Bundle
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'gatehouse-kill-'))
  await writeFile(join(home, 'domain.json'), JSON.stringify(ORDERS))
  serve = await bundle('src-main/engine/authorization/serve.testing.ts')
})
afterAll(async () => {
  await serve.remove()
  await rm(home, { recursive: true, force: true })
})

type Caller = Pick<TestServer, 'post' | 'address'>

async function startProcess(folder: string): Promise<{ child: ChildProcess; caller: Caller; ended: Promise<unknown> }> {
  const child = spawn(process.execPath, [serve.file, folder, join(home, 'domain.json')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const address = await new Promise<string>((resolve) => createInterface(child.stdout!).once('line', resolve))
  return { child, caller: callerOf(address), ended }
}

/** What the clients were told before the kill. */
interface Told {
  /** Codes that nobody has presented. */
  readonly fresh: string[]
  /** Codes that were presented, and whether the answer came. */
  readonly presented: Map<string, TokenAnswer | undefined>
  /** Refresh tokens that were exchanged, and whether the answer came. */
  readonly exchanged: Map<string, TokenAnswer | undefined>
  /** The newest of each family, not presented yet. */
  readonly newest: TokenAnswer[]
  readonly revoked: TokenAnswer[]
  /** Ids of assertions that were taken. */
  readonly assertions: string[]
}

/** Uses the server like an application with many users, until it is gone. */
async function useUntilKilled(caller: Caller, told: Told, onAnswer: () => void): Promise<void> {
  const browser = createTestBrowser(caller)
  for (let round = 0; ; round++) {
    told.fresh.push(await getCode(browser, SHOP))
    onAnswer()
    const code = await getCode(browser, SHOP)
    told.presented.set(code, undefined)
    let tokens = await redeemCode(caller, SHOP, code)
    told.presented.set(code, tokens)
    onAnswer()
    for (let turn = 0; turn < 3; turn++) {
      told.exchanged.set(tokens.refresh_token!, undefined)
      const next = await refresh(caller, SHOP, tokens.refresh_token)
      told.exchanged.set(tokens.refresh_token!, next)
      tokens = next
      onAnswer()
    }
    if (round % 2 === 0) {
      const response = await caller.post('/orders/oauth/revoke', { token: tokens.refresh_token! }, SHOP)
      if (response.status === 200) told.revoked.push(tokens)
    } else {
      told.newest.push(tokens)
    }
    onAnswer()
    const jti = randomUUID()
    if ((await authenticate(caller, jti)) === 200) told.assertions.push(jti)
    onAnswer()
  }
}

/** Gets a token with an assertion of that id. */
async function authenticate(caller: Caller, jti: string): Promise<number> {
  const form = {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertionOf(caller, jti),
  }
  return (await caller.post('/orders/oauth/token', form)).status
}

function assertionOf({ address }: Caller, jti: string): string {
  const now = Math.floor(Date.now() / 1000)
  const { clientId } = SIGNER
  const claims = { iss: clientId, sub: clientId, aud: `${address}/orders/oidc`, jti, exp: now + 300 }
  const [header, payload] = [{ alg: 'HS256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')) // prettier-ignore
  return `${header}.${payload}.${createHmac('sha256', SECRET).update(`${header}.${payload}`).digest('base64url')}`
}

async function isActive(caller: Caller, token: string): Promise<boolean> {
  const response = await caller.post('/orders/oauth/introspect', { token }, GATEWAY)
  return ((await response.json()) as { active: boolean }).active
}

/** Everything that was told is true after the restart, and nothing that was spent can be spent again. */
async function check(server: TestServer, told: Told): Promise<void> {
  for (const code of told.fresh) expect(await redeemCode(server, SHOP, code)).toMatchObject({ status: 200 })
  for (const jti of told.assertions) expect(await authenticate(server, jti)).toBe(401)
  for (const tokens of told.revoked) {
    expect(await isActive(server, tokens.access_token)).toBe(false)
    expect(await refresh(server, SHOP, tokens.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' })
  }
  for (const tokens of told.newest) {
    expect(await isActive(server, tokens.access_token)).toBe(true)
    expect(await refresh(server, SHOP, tokens.refresh_token)).toMatchObject({ status: 200 })
  }
  // Before the codes, which take their families back as well.
  for (const [token, answer] of told.exchanged) {
    const again = await refresh(server, SHOP, token)
    if (answer !== undefined) expect(again).toMatchObject({ status: 400, error: 'invalid_grant' })
    expect(await refresh(server, SHOP, token)).toMatchObject({ status: 400, error: 'invalid_grant' })
    if (answer !== undefined) expect(await isActive(server, answer.access_token)).toBe(false)
  }
  for (const [code, answer] of told.presented) {
    const again = await redeemCode(server, SHOP, code)
    if (answer !== undefined) expect(again).toMatchObject({ status: 400, error: 'invalid_grant' })
    // Whether it was spent before the kill nobody was told: but it is now.
    expect(await redeemCode(server, SHOP, code)).toMatchObject({ status: 400, error: 'invalid_grant' })
    if (answer !== undefined) expect(await isActive(server, answer.access_token)).toBe(false)
  }
}

it(
  'loses nothing that was answered and spends nothing twice, whenever it is killed',
  { timeout: 120_000 },
  async () => {
    const folder = join(home, 'state-of-the-server')
    let redeemed = 0
    for (let round = 0; round < 6; round++) {
      const told: Told = {
        fresh: [],
        presented: new Map(),
        exchanged: new Map(),
        newest: [],
        revoked: [],
        assertions: [],
      }
      const { child, caller, ended } = await startProcess(folder)
      let answers = 0
      const killAt = 10 + ((round * 17) % 60)
      const onAnswer = () => {
        if (++answers === killAt) child.kill('SIGKILL')
      }
      // Each ends with the connection that the kill cuts.
      await Promise.allSettled(Array.from({ length: 3 }, () => useUntilKilled(caller, told, onAnswer)))
      await ended
      expect(answers).toBeGreaterThanOrEqual(killAt)

      const server = await startTestServer(folder)
      await server.apply(ORDERS)
      redeemed += told.presented.size
      await check(server, told)
      await server.close()
    }
    expect(redeemed).toBeGreaterThan(10)
  },
)
