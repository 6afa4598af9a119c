import { createLocalJWKSet, importJWK, importSPKI, jwtVerify, SignJWT, type JWK } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Domain } from '@shared/domain'
import type { OperationName } from '@shared/operations'
import { signingAlgorithms, type SigningAlgorithm, type SigningKey } from '@shared/signing-key'
import { buildWorker } from '../engine/testing/start-engine'
import { createTestClock, type TestClock } from './clock.testing'
import { createManagement, type Management } from './management'
import { noEngine } from './no-engine'
import { createSample } from './sample'
import { serveEmpty, type ServedFolder, type Worker } from './served.testing'
import { openTestWorkspace, type TestWorkspace } from './testing'

const ALGORITHMS = Object.keys(signingAlgorithms) as SigningAlgorithm[]
const PAIRS = ALGORITHMS.filter((algorithm) => signingAlgorithms[algorithm].kty !== 'oct')
const DAY_MS = 86_400_000

let worker: Worker
let clock: TestClock
let served: ServedFolder
let ids: { domainId: string; applicationId: string }
beforeAll(async () => {
  worker = await buildWorker()
  clock = createTestClock()
  served = await serveEmpty(worker, clock)
  await createSample(served.now.call)
  const [domain] = await served.now.call('domains.list', {})
  ids = { domainId: domain!.id, applicationId: domain!.applications[0]!.id }
  // Only the secret stays: each test adds the keys that it is about.
  const pair = { domainId: domain!.id, keyId: domain!.keys[1]!.id }
  await served.now.call('keys.retire', { ...pair, overlapSeconds: 0 })
  await served.now.call('keys.remove', pair)
})
afterAll(async () => {
  await served.close()
  await worker.remove()
  expect(served.faults).toEqual([])
})

const current = () => served.now.call('domains.get', { domainId: ids.domainId })
const token = async () => await served.now.call('console.getToken', { ...ids, scopes: ['read'] })
const statusWith = async (accessToken: string) =>
  (await fetch(`${served.now.gateway}/echo`, { headers: { authorization: `Bearer ${accessToken}` } })).status
const keyId = async (algorithm: SigningAlgorithm) =>
  (await current()).keys.find((key) => key.algorithm === algorithm && key.status === 'active')!.id
const jwks = async () => {
  const response = await fetch(`${served.now.authorization}/demo/oidc/.well-known/jwks.json`)
  return (await response.json()) as { keys: JWK[] }
}
/** Moves the clock; resolves when what was due then is done: changes are made one after the other. */
async function advance(clock: TestClock, milliseconds: number, { call }: Pick<Management, 'call'>): Promise<void> {
  clock.advance(milliseconds)
  const [domain] = await call('domains.list', {})
  await call('domains.update', { domainId: domain!.id })
}

describe('the keys of a domain', () => {
  it.each(ALGORITHMS)(
    '%s signs once added, is rotated with an overlap, and ends with its removal',
    async (algorithm) => {
      const { domainId } = ids
      if (algorithm !== 'HS256') await served.now.call('keys.add', { domainId, algorithm, makeDefault: true })
      const before = await token()
      expect(before).toMatchObject({ header: { alg: algorithm }, signature: { valid: true } })

      const rotation = { domainId, keyId: await keyId(algorithm), overlapSeconds: 3600 }
      const [signs, verifies] = (await served.now.call('keys.rotate', rotation)).keys
      expect([signs, verifies]).toMatchObject([
        { algorithm, status: 'active' },
        { kid: before.header.kid, status: 'retired', expiresAt: new Date(clock.now() + 3_600_000).toISOString() },
      ])
      const after = await token()
      expect(after).toMatchObject({ header: { alg: algorithm, kid: signs!.kid }, signature: { valid: true } })
      expect([await statusWith(after.accessToken), await statusWith(before.accessToken)]).toEqual([200, 200])

      await served.now.call('keys.remove', { domainId, keyId: verifies!.id })
      expect([await statusWith(after.accessToken), await statusWith(before.accessToken)]).toEqual([200, 401])
      expect(served.now.store.secrets.get(`key/${verifies!.id}`)).toBeUndefined()
      if (algorithm === 'HS256') return
      await served.now.call('keys.retire', { domainId, keyId: signs!.id, overlapSeconds: 0 })
      expect((await token()).header).toMatchObject({ alg: 'HS256' })
      expect(await statusWith(after.accessToken), 'no overlap: at once').toBe(401)
      await served.now.call('keys.remove', { domainId, keyId: signs!.id })
    },
  )

  it('stand side by side, and the first of them signs where nothing else is asked for', async () => {
    const { domainId } = ids
    await served.now.call('keys.add', { domainId, algorithm: 'ES384' })
    await served.now.call('keys.add', { domainId, algorithm: 'RS256', modulusBits: 3072 })
    expect((await current()).keys.map(({ algorithm }) => algorithm)).toEqual(['HS256', 'ES384', 'RS256'])
    expect((await token()).header).toMatchObject({ alg: 'HS256' })
    await served.now.call('keys.makeDefault', { domainId, keyId: await keyId('RS256') })
    expect((await token()).header).toMatchObject({ alg: 'RS256' })
    const { keys } = await jwks()
    expect(keys).toMatchObject([{ alg: 'RS256' }, { alg: 'ES384' }])
    expect(Buffer.from(keys[0]!.n!, 'base64url').length * 8).toBe(3072)

    const [rotated] = (await served.now.call('keys.rotate', { domainId, keyId: await keyId('RS256') })).keys
    expect(rotated).toMatchObject({ algorithm: 'RS256', modulusBits: 3072, status: 'active' })
    expect((await token()).header).toMatchObject({ kid: rotated!.kid })
  })

  it('verify after a rotation for as long as the longest token lifetime of the applications', async () => {
    const { domainId } = ids
    await served.now.call('applications.update', { ...ids, accessTokenValiditySeconds: 86_400 })
    const retired = (await served.now.call('keys.rotate', { domainId, keyId: await keyId('HS256') })).keys.find(
      (key) => key.algorithm === 'HS256' && key.status === 'retired',
    )
    // And two seconds, for what is signed until the new key is taken up.
    expect(Date.parse(retired!.expiresAt!) - clock.now()).toBe(86_402_000)
    const earlier = await served.now.call('keys.retire', { domainId, keyId: retired!.id, overlapSeconds: 60 })
    expect(earlier.keys.find(({ id }) => id === retired!.id)).toMatchObject({
      status: 'retired',
      expiresAt: new Date(clock.now() + 60_000).toISOString(),
    })
  })
})

describe('a schedule', () => {
  let scheduled: ServedFolder
  let time: TestClock
  let domainId: string
  const get = () => scheduled.now.call('domains.get', { domainId })
  beforeEach(async () => {
    time = createTestClock()
    scheduled = await serveEmpty(worker, time)
    domainId = (await scheduled.now.call('domains.create', { name: 'orders', signingAlgorithm: 'HS256' })).id
    return async () => {
      await scheduled.close()
      expect(scheduled.faults).toEqual([])
    }
  })
  it('rotates every active key when it is as old as that, and clears away what is over', async () => {
    const made = time.now()
    await scheduled.now.call('keys.setRotation', { domainId, keyRotation: { everyDays: 30, overlapSeconds: 60 } })
    await scheduled.now.call('keys.add', { domainId, algorithm: 'ES256' })
    const [hs, es] = (await get()).keys
    await advance(time, 30 * DAY_MS - 1, scheduled.now.management)
    expect((await get()).keys).toHaveLength(2)
    await advance(time, 1, scheduled.now.management)
    const createdAt = new Date(made + 30 * DAY_MS).toISOString()
    const expiresAt = new Date(made + 30 * DAY_MS + 60_000).toISOString()
    expect((await get()).keys).toMatchObject([
      { algorithm: 'HS256', status: 'active', createdAt },
      { id: hs!.id, status: 'retired', expiresAt },
      { algorithm: 'ES256', status: 'active', createdAt },
      { id: es!.id, status: 'retired', expiresAt },
    ])

    await advance(time, 30 * DAY_MS, scheduled.now.management)
    const { keys } = await get()
    expect(keys.map(({ status }) => status)).toEqual(['active', 'retired', 'active', 'retired'])
    for (const { id } of [hs!, es!]) {
      expect(keys.some((key) => key.id === id)).toBe(false)
      expect(scheduled.now.store.secrets.get(`key/${id}`)).toBeUndefined()
    }
  })

  it('catches up at the next start on what was due while the app was closed', async () => {
    await scheduled.now.call('keys.setRotation', { domainId, keyRotation: { everyDays: 7 } })
    const [before] = (await get()).keys
    await scheduled.restart(async () => time.advance(100 * DAY_MS))
    const [after, retired] = (await get()).keys
    expect(retired).toMatchObject({ id: before!.id, status: 'retired' })
    expect(after).toMatchObject({ status: 'active', createdAt: new Date(time.now()).toISOString() })
  })

  it('rotates at once what is due when it is set, and nothing once it is turned off', async () => {
    time.advance(10 * DAY_MS)
    const keyRotation = { everyDays: 10 }
    expect((await scheduled.now.call('keys.setRotation', { domainId, keyRotation })).keys).toHaveLength(2)
    const off = await scheduled.now.call('keys.setRotation', { domainId })
    expect(off).not.toHaveProperty('keyRotation')
    await scheduled.restart(async () => time.advance(100 * DAY_MS))
    expect((await get()).keys).toHaveLength(2)
  })
})

it('a key that is due and cannot be rotated is told as a problem, until it could be', async () => {
  const workspace = await openTestWorkspace()
  const { store } = workspace
  const time = createTestClock()
  const engine = noEngine(store.document())
  let broken = false
  const management = createManagement({
    store,
    engine: { ...engine, apply: (snapshot) => (broken ? Promise.reject(new Error('gone')) : engine.apply(snapshot)) },
    version: '0.0.0',
    clock: time,
    keepsSchedule: true,
  })
  await management.start()
  const { id: domainId, keys } = await management.call('domains.create', { name: 'orders', signingAlgorithm: 'HS256' })
  await management.call('keys.setRotation', { domainId, keyRotation: { everyDays: 1 } })
  broken = true
  const told = new Promise<void>((resolve) => {
    const stop = management.onEvent(({ type }) => {
      if (type !== 'workspace') return
      stop()
      resolve()
    })
  })
  time.advance(DAY_MS)
  await told
  expect((await management.call('workspace.get', {})).problems).toMatchObject([
    {
      file: 'domains/orders.json',
      field: '/keyRotation',
      message: expect.stringContaining(`${keys[0]!.kid} should have been rotated by the schedule, and could not be: `),
      remedy: expect.stringMatching(/tried again every minute\.$/),
    },
  ])
  broken = false
  await advance(time, 60_000, management)
  expect((await management.call('workspace.get', {})).problems).toEqual([])
  expect((await management.call('domains.get', { domainId })).keys).toHaveLength(2)
  await management.close()
  await workspace.close()
})

it('a new domain has a secret that signs access tokens, and a key pair for ID tokens', async () => {
  const workspace = await openTestWorkspace()
  const { keys } = await workspace.call('domains.create', { name: 'new' })
  expect(keys).toMatchObject([
    { algorithm: 'HS256', kid: 'default-gravitee-AM-key', status: 'active' },
    { algorithm: 'RS256', status: 'active' },
  ])
  await workspace.close()
})

describe('what does not go together is refused with a way out:', () => {
  let workspace: TestWorkspace
  let domain: Domain
  beforeAll(async () => {
    workspace = await openTestWorkspace()
    const { id: domainId } = await workspace.call('domains.create', { name: 'orders', signingAlgorithm: 'HS256' })
    domain = await workspace.call('keys.add', { domainId, algorithm: 'ES256' })
    domain = await workspace.call('keys.rotate', { domainId, keyId: domain.keys[1]!.id })
    const { application } = await workspace.call('applications.create', { domainId, name: 'Shop' })
    await workspace.store.saveDomain({ ...domain, applications: [{ ...application, signingAlgorithm: 'ES256' }] })
    // HS256, ES256, and ES256 as it was before.
    domain = await workspace.call('domains.get', { domainId })
    return () => workspace.close()
  })
  const refused = async (name: OperationName, key: SigningKey, more: object = {}) =>
    workspace.problem(name, { domainId: domain.id, keyId: key.id, ...more })

  it('a second active key for an algorithm', async () => {
    const input = { domainId: domain.id, algorithm: 'ES256' }
    expect(await workspace.problem('keys.add', input)).toMatchObject({
      key: 'KEY_ALGORITHM_ACTIVE',
      status: 409,
      title: `${domain.keys[1]!.kid} is the active key for ES256 already`,
      errors: [{ field: '/algorithm' }],
    })
  })

  it('a retired key that is to sign or to be rotated, and an active one that is to be removed', async () => {
    for (const name of ['keys.makeDefault', 'keys.rotate'] as const)
      expect(await refused(name, domain.keys[2]!)).toMatchObject({ key: 'KEY_RETIRED', status: 409 })
    expect(await refused('keys.remove', domain.keys[0]!)).toMatchObject({ key: 'KEY_ACTIVE', status: 409 })
  })

  it('the retirement of a key that an application is set to, and of the only one that signs', async () => {
    expect(await refused('keys.retire', domain.keys[1]!)).toMatchObject({
      key: 'KEY_ALGORITHM_USED',
      title: `Application Shop is set to ES256, which only ${domain.keys[1]!.kid} signs`,
    })
    const { id: domainId, keys } = await workspace.call('domains.create', { name: 'lonely', signingAlgorithm: 'HS256' })
    expect(await workspace.problem('keys.retire', { domainId, keyId: keys[0]!.id })).toMatchObject({
      key: 'KEY_LAST_ACTIVE',
    })
  })

  it('the public part of a secret, its PEM, and a private part without its kid', async () => {
    const [secret, pair] = domain.keys
    expect(await refused('keys.export', secret!, { format: 'jwk' })).toMatchObject({ key: 'KEY_HAS_NO_PUBLIC_PART' })
    const confirmed = { format: 'pem', confirmKid: secret!.kid }
    expect(await refused('keys.exportPrivate', secret!, confirmed)).toMatchObject({ key: 'KEY_HAS_NO_PEM' })
    for (const confirmKid of ['', pair!.kid.slice(1), secret!.kid]) {
      const problem = await refused('keys.exportPrivate', pair!, { format: 'jwk', confirmKid })
      expect(problem).toMatchObject({ key: 'INPUT_INVALID', errors: [{ field: '/confirmKid' }] })
    }
  })
})

describe('an exported key', () => {
  it.each(PAIRS)(
    'of %s is taken by jose as JWK and PEM: its public part verifies, its private part signs',
    async (algorithm) => {
      const { domainId } = ids
      const others = (await current()).keys.filter((key) => key.algorithm === algorithm && key.status === 'active')
      if (others.length === 0) await served.now.call('keys.add', { domainId, algorithm })
      const id = await keyId(algorithm)
      await served.now.call('keys.makeDefault', { domainId, keyId: id })
      const { accessToken, claims, header } = await token()

      const exported = async (format: 'jwk' | 'pem') =>
        (await served.now.call('keys.export', { domainId, keyId: id, format })).text
      const jwk = JSON.parse(await exported('jwk')) as JWK
      expect(jwk).toMatchObject({ kid: header.kid, use: 'sig', alg: algorithm })
      for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(jwk).not.toHaveProperty(member)
      await jwtVerify(accessToken, createLocalJWKSet({ keys: [jwk] }))
      const spki = await exported('pem')
      expect(spki).toMatch(/^-----BEGIN PUBLIC KEY-----\n/)
      await jwtVerify(accessToken, await importSPKI(spki, algorithm))

      const confirmed = { domainId, keyId: id, confirmKid: String(header.kid) }
      const whole = await served.now.call('keys.exportPrivate', { ...confirmed, format: 'jwk' })
      const theirs = await new SignJWT({ ...claims, jti: 'by-jose' })
        .setProtectedHeader({ alg: algorithm, kid: String(header.kid) })
        .sign(await importJWK(JSON.parse(whole.text) as JWK, algorithm))
      expect(await statusWith(theirs)).toBe(200)
      const pkcs8 = await served.now.call('keys.exportPrivate', { ...confirmed, format: 'pem' })
      expect(pkcs8.text).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
    },
  )
})
