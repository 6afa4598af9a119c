import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { securedApi, startGateway, type TestGateway } from '../../gateway/testing'
import type { LocalIntrospection } from '../resource'

/** What is asked of the authorization server, token by token, and what it says of each. */
let asked: string[]
let says: (token: string) => LocalIntrospection
let gateway: TestGateway

const active = (claims: object = {}): LocalIntrospection => ({
  status: 200,
  active: true,
  claims: { active: true, scope: '', ...claims },
})

beforeEach(async () => {
  asked = []
  says = () => active()
  gateway = await startGateway((token) => {
    asked.push(token)
    return says(token)
  })
  // The clock alone is the test's; timers and sockets run as ever.
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(async () => {
  vi.useRealTimers()
  await gateway.close()
})

function deploy(configuration: Record<string, unknown>): void {
  const secured = securedApi({ oauthCacheResource: 'memory' })
  const resources = secured.definition.resources.map((each) =>
    each.type === 'cache' ? { ...each, configuration } : each,
  )
  gateway.deploy({ ...secured, definition: { ...secured.definition, resources } })
}
const call = async (token: string) =>
  (await fetch(`${gateway.address}/echo`, { headers: { authorization: `Bearer ${token}` } })).status
const later = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)

describe('a cache of good tokens', () => {
  it('keeps an entry no longer than its time', async () => {
    deploy({ timeToLiveSeconds: 60 })
    await call('a')
    later(59)
    await call('a')
    expect(asked).toEqual(['a'])
    later(2)
    await call('a')
    expect(asked).toEqual(['a', 'a'])
  })

  it('keeps an entry for as long as its token is good where no time is set, as in Gravitee', async () => {
    deploy({ timeToLiveSeconds: 0 })
    const exp = Math.floor(Date.now() / 1000) + 7200
    says = () => active({ exp })
    await call('a')
    later(7100)
    await call('a')
    expect(asked).toEqual(['a'])
    later(200)
    await call('a')
    expect(asked).toEqual(['a', 'a'])
  })

  it("keeps no entry beyond the token's own expiry", async () => {
    deploy({ timeToLiveSeconds: 3600 })
    const exp = Math.floor(Date.now() / 1000) + 30
    says = () => active({ exp })
    await call('a')
    later(28)
    expect(await call('a')).toBe(200)
    expect(asked).toEqual(['a'])
    later(3)
    says = () => ({ status: 200, active: false, reason: 'expired', evidence: [] })
    expect(await call('a')).toBe(401)
    expect(asked).toEqual(['a', 'a'])
  })

  it('keeps so many entries, and lets go of the oldest', async () => {
    deploy({ maxEntriesLocalHeap: 2 })
    for (const token of ['a', 'b', 'c', 'b', 'c', 'a']) await call(token)
    expect(asked).toEqual(['a', 'b', 'c', 'a'])
  })

  it('keeps successes alone', async () => {
    deploy({})
    const answers: [LocalIntrospection, number][] = [
      [{ status: 200, active: false, reason: 'no', evidence: [] }, 401],
      [{ status: 401, reason: 'secret' }, 503],
      [{ status: 404, reason: 'domain' }, 503],
      [active(), 200],
    ]
    for (const [answer, status] of answers) {
      says = () => answer
      expect(await call('a')).toBe(status)
    }
    expect(asked).toHaveLength(4)
  })

  it('is empty after a deployment', async () => {
    deploy({})
    await call('a')
    deploy({})
    await call('a')
    expect(asked).toEqual(['a', 'a'])
  })
})
