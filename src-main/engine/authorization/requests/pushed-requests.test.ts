import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openLevelState, type State } from '../../state'
import { NO_PARAMETERS } from '../http/form'
import { keep } from './kept-request'
import { createPushedRequests, PUSHED_REQUEST_SECONDS, type PushedRequests } from './pushed-requests'

const NOW = Date.now()
const request = keep(NO_PARAMETERS, true, undefined)

let folder: string
let state: State
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-pushed-'))
  state = await openLevelState(folder)
})
afterEach(async () => {
  vi.useRealTimers()
  await state.close()
  await rm(folder, { recursive: true, force: true })
})

async function countKept(): Promise<number> {
  let count = 0
  for await (const _entry of state.entries('pushed/')) count++
  return count
}

async function push(
  pushed: PushedRequests,
  { count = 1, domainId = 'domain-1', remoteAddress = '192.0.2.1', now = NOW } = {},
): Promise<string[]> {
  const uris: string[] = []
  for (let index = 0; index < count; index++) uris.push(await pushed.push(domainId, request, { remoteAddress, now }))
  return uris
}
const isThere = async (pushed: PushedRequests, uri: string | undefined, domainId = 'domain-1') =>
  (await pushed.take(domainId, uri!)) !== undefined

describe('authorization requests that wait for their browser (RFC 9126 §2.2)', () => {
  it('are bounded in number: the oldest of whoever sent most make room, and nobody else loses one', async () => {
    const pushed = createPushedRequests(state, 100)
    const [ada] = await push(pushed, { remoteAddress: '198.51.100.7' })
    const [grace] = await push(pushed, { domainId: 'domain-2' })
    const flood = await push(pushed, { count: 300 })
    // Who has one address of IPv6 has all of its network.
    for (let host = 1; host <= 200; host++) await push(pushed, { remoteAddress: `2001:db8::${host.toString(16)}` })
    expect(await countKept()).toBe(100)
    expect([await isThere(pushed, ada), await isThere(pushed, grace, 'domain-2')]).toEqual([true, true])
    expect([await isThere(pushed, flood[0]), await isThere(pushed, flood.at(-1))]).toEqual([false, true])
  })

  it('leave their places when they are taken, and when they are over', async () => {
    const pushed = createPushedRequests(state, 10)
    const uris = await push(pushed, { count: 10 })
    expect(await isThere(pushed, uris[9])).toBe(true)
    await push(pushed)
    expect(await isThere(pushed, uris[0])).toBe(true)

    await push(pushed, { count: 3, domainId: 'domain-2' })
    const later = NOW + PUSHED_REQUEST_SECONDS * 1000
    vi.setSystemTime(later)
    const [first] = await push(pushed, { count: 10, now: later })
    expect(await isThere(pushed, first)).toBe(true)
  })
})
