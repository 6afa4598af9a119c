import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openLevelState, type State } from '../../state'
import { CODE_VALIDITY_MS, createAuthorizationCodes, type CodeGrant } from './authorization-codes'

const grant: CodeGrant = {
  grantId: 'grant-1',
  clientId: 'shop',
  scopes: ['read'],
  resources: [],
  userId: 'user-1',
  authTime: 1,
  amr: ['pwd'],
}
const accept = () => []

let folder: string
let state: State
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-codes-'))
  state = await openLevelState(folder)
})
afterEach(async () => {
  vi.useRealTimers()
  await state.close()
  await rm(folder, { recursive: true, force: true })
})

describe('an authorization code', () => {
  it('is spent once, also by many at the same time, and is known as spent after a restart (RFC 6749 §4.1.2)', async () => {
    const codes = createAuthorizationCodes(state)
    const code = await codes.issue('domain-1', grant)
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => codes.redeem('domain-1', code, accept)))
    expect(outcomes.filter(({ outcome }) => outcome === 'fresh')).toEqual([{ outcome: 'fresh', grant }])
    expect(outcomes.filter(({ outcome }) => outcome === 'spent')).toHaveLength(19)
    await state.close()
    state = await openLevelState(folder)
    expect(await createAuthorizationCodes(state).redeem('domain-1', code, accept)).toMatchObject({ outcome: 'spent' })
  })

  it('stays unspent when it is not accepted', async () => {
    const codes = createAuthorizationCodes(state)
    const code = await codes.issue('domain-1', grant)
    const refuse = () => {
      throw new Error('another redirect address')
    }
    await expect(codes.redeem('domain-1', code, refuse)).rejects.toThrow('another redirect address')
    expect(await codes.redeem('domain-1', code, accept)).toMatchObject({ outcome: 'fresh' })
  })

  it('is known neither in another domain, nor when it has expired, nor on the disk', async () => {
    const codes = createAuthorizationCodes(state)
    const now = Date.now()
    const code = await codes.issue('domain-1', grant)
    expect(await codes.redeem('domain-2', code, accept)).toEqual({ outcome: 'unknown' })
    for await (const { key, value } of state.entries('')) expect(key + value).not.toContain(code)
    vi.useFakeTimers({ toFake: ['Date'], now: now + CODE_VALIDITY_MS + 1000 })
    expect(await codes.redeem('domain-1', code, accept)).toEqual({ outcome: 'unknown' })
  })
})
