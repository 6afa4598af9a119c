import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openLevelState, type State } from '../../state'
import { compileDomains } from '../compiled-domain'
import { keep } from '../requests/kept-request'
import { NO_PARAMETERS } from '../http/form'
import { createPushedRequests } from '../requests/pushed-requests'
import { domain, user } from '../testing'
import { newSecret } from './secrets'
import { createSessions, type Sessions } from './sessions'
import { loadTransactions } from './transactions'

const ADA = user()
const orders = compileDomains([domain({ users: [ADA] })], new Map()).get('orders')!
const NOW = Date.now()

let folder: string
let state: State
let sessions: Sessions
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-sessions-'))
  state = await openLevelState(folder)
  sessions = createSessions(state)
})
afterEach(async () => {
  vi.useRealTimers()
  await state.close()
  await rm(folder, { recursive: true, force: true })
})

const begin = (userAgent?: string) => sessions.begin(orders, ADA, { amr: ['pwd'], now: NOW, userAgent })
async function all(): Promise<{ key: string; value: string }[]> {
  const entries = []
  for await (const { key, value } of state.entries('')) entries.push({ key, value })
  return entries
}

describe('a session', () => {
  it('is kept with what people tell it from others by, and the start of what the browser calls itself', async () => {
    const { session } = await begin(`Mozilla/5.0 ${'x'.repeat(1000)}`)
    const [{ key, value } = { key: '', value: '' }] = await all()
    expect(key).toBe(`session/domain-1/${session.id}`)
    expect(JSON.parse(value)).toEqual({
      userId: 'user-1',
      authTime: Math.floor(NOW / 1000),
      amr: ['pwd'],
      createdAt: NOW,
      lastSeen: NOW,
      userAgent: `Mozilla/5.0 ${'x'.repeat(148)}`,
      credential: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(value).not.toContain(ADA.passwordHash)
  })

  it('knows when it was seen last, to the minute, and ends no later for it', async () => {
    const { cookie } = await begin()
    const lastSeen = async () => (JSON.parse((await all())[0]!.value) as { lastSeen: number }).lastSeen - NOW
    for (const [after, seen] of [
      [59_999, 0],
      [60_000, 60_000],
      [100_000, 60_000],
      [27_000_000, 27_000_000],
    ] as const) {
      expect(await sessions.find(orders, cookie, NOW + after)).toBeDefined()
      expect([after, await lastSeen()]).toEqual([after, seen])
    }
    vi.setSystemTime(NOW + 28_800_000)
    expect(await sessions.find(orders, cookie, NOW + 28_800_000)).toBeUndefined()
    expect(await all()).toEqual([])
  })

  it('does not come back by being seen when it ends', async () => {
    const { session, cookie } = await begin()
    const later = NOW + 600_000
    const find = () => sessions.find(orders, cookie, later)
    await Promise.all([find(), sessions.end('domain-1', session.id), find(), find()])
    expect(await all()).toEqual([])
    expect(await find()).toBeUndefined()
  })
})

it('the state holds nothing that opens something: no cookie, no transaction, no request_uri', async () => {
  const { cookie } = await begin()
  const request = keep({ ...NO_PARAMETERS, form: new Map([['id_token_hint', 'the-id-token']]) }, false, 'user-1')
  const browser = newSecret()
  const from = { browser, remoteAddress: '192.0.2.77', now: NOW }
  const transaction = await (await loadTransactions(state)).begin('domain-1', request, from)
  const requestUri = await createPushedRequests(state).push('domain-1', request, from)
  const held = JSON.stringify(await all())
  expect(await all()).toHaveLength(3)
  for (const secret of [
    cookie,
    browser,
    transaction,
    requestUri,
    requestUri.split(':').at(-1)!,
    'the-id-token',
    from.remoteAddress,
  ]) {
    expect(held).not.toContain(secret)
  }
})
