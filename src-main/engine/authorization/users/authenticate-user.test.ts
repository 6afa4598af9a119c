import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { formatPasswordHash } from '@shared/password-hash'
import type { DomainSnapshot } from '../../snapshot'
import { openLevelState, type State } from '../../state'
import { compileDomains, type CompiledDomain } from '../compiled-domain'
import { domain, passwordHash, user } from '../testing'
import { createUserAuthenticator, type UserAuthenticator } from './authenticate-user'
import { createLoginAttempts } from './login-attempts'
import { createPasswordVerifier } from './password'

const ADA = user()
const BOB = user({ id: 'user-2', username: 'Bob', passwordHash: passwordHash('battery staple') })
const LOCKED = user({ id: 'user-3', username: 'locked', mayLogIn: false })
const NO_PASSWORD = (({ passwordHash: _none, ...rest }) => rest)(user({ id: 'user-4', username: 'new' }))
const USERS = [ADA, BOB, LOCKED, NO_PASSWORD]

let folder: string
let state: State
let users: UserAuthenticator
let orders: CompiledDomain
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-users-'))
  state = await openLevelState(folder)
  users = createUserAuthenticator(createLoginAttempts(state))
  orders = compiled({ users: USERS, maxLoginAttempts: 3, accountBlockedSeconds: 60 })
})
afterEach(async () => {
  vi.useRealTimers()
  await state.close()
  await rm(folder, { recursive: true, force: true })
})

const compiled = (changes: Partial<DomainSnapshot>) => compileDomains([domain(changes)], new Map()).get('orders')!
const logIn = (username: string, password: string, remoteAddress = '127.0.0.1') =>
  users.authenticate(orders, { username, password, remoteAddress })
const keyOf = async (username: string, password: string, remoteAddress?: string) => {
  const found = await logIn(username, password, remoteAddress)
  return found.outcome === 'refused' ? found.reason.key : found.user.id
}
async function restart() {
  await state.close()
  state = await openLevelState(folder)
  users = createUserAuthenticator(createLoginAttempts(state))
}

describe('a user', () => {
  it.each(['ada', 'ADA'])('logs in as %s with the right password', async (name) => {
    expect(await logIn(name, 'correct horse')).toEqual({ outcome: 'authenticated', user: ADA })
  })

  it('logs in however the keyboard composes letters, and with spaces around the name (RFC 8265 §4.2.2)', async () => {
    const zoe = user({ id: 'user-5', username: 'zoë', passwordHash: passwordHash('café au lait') })
    orders = compiled({ users: [...USERS, zoe] })
    expect(await keyOf(' ZOE\u0308 ', 'cafe\u0301 au lait')).toBe('user-5')
    expect(await keyOf('zoe', 'café au lait')).toBe('USER_UNKNOWN')
  })

  it.each([
    ['ada', 'wrong', 'PASSWORD_WRONG'],
    ['ada', '', 'PASSWORD_WRONG'],
    ['nobody', 'correct horse', 'USER_UNKNOWN'],
    ['__proto__', 'x', 'USER_UNKNOWN'],
    ['locked', 'correct horse', 'USER_MAY_NOT_LOG_IN'],
    ['locked', 'wrong', 'PASSWORD_WRONG'],
    ['new', 'correct horse', 'USER_WITHOUT_PASSWORD'],
    ['new', '', 'USER_WITHOUT_PASSWORD'],
  ])('%s is refused with the password %j: %s', async (name, password, key) => {
    expect(await keyOf(name, password)).toBe(key)
  })

  it('never finds the name that was given in the reason: it may be a password', async () => {
    expect(JSON.stringify(await logIn('my secret', 'x'))).not.toContain('my secret')
  })

  it('logs in with a hash of any cost that is taken, and with none beyond', async () => {
    const dear = (logN: number) => formatPasswordHash({ logN, r: 8, p: 1, salt: 'A'.repeat(22), hash: 'A'.repeat(43) })
    orders = compiled({ users: [user({ passwordHash: dear(17) }), { ...BOB, passwordHash: dear(18) }] })
    expect(await keyOf('ada', 'x')).toBe('PASSWORD_WRONG')
    expect(await keyOf('bob', 'x')).toBe('PASSWORD_WRONG')
  })
})

describe('guessing', () => {
  it('blocks an account after as many wrong passwords in a row as the domain says, and tells until when', async () => {
    const now = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now })
    expect(await logIn('ada', '1')).not.toHaveProperty('blockedUntil')
    expect(await logIn('Ada', '2')).not.toHaveProperty('blockedUntil')
    expect(await logIn('ada', '3')).toMatchObject({
      reason: { key: 'PASSWORD_WRONG' },
      blockedUntil: now + 60_000,
    })
    const blocked = await logIn('ada', 'correct horse')
    expect(blocked).toMatchObject({ outcome: 'refused', reason: { key: 'ACCOUNT_BLOCKED' } })
    expect(blocked).toMatchObject({ blockedUntil: now + 60_000 })
    expect(await keyOf('bob', 'battery staple')).toBe('user-2')
    vi.setSystemTime(now + 60_000)
    expect(await keyOf('ada', 'correct horse')).toBe('user-1')
  })

  it('starts counting anew after the right password, and after the block', async () => {
    const now = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now })
    for (const round of [1, 2]) {
      for (const password of ['1', '2'])
        expect([round, await keyOf('ada', password)]).toEqual([round, 'PASSWORD_WRONG'])
      expect([round, await keyOf('ada', 'correct horse')]).toEqual([round, 'user-1'])
    }
    for (const password of ['1', '2', '3']) await logIn('ada', password)
    vi.setSystemTime(now + 60_000)
    for (const password of ['1', '2']) expect(await keyOf('ada', password)).toBe('PASSWORD_WRONG')
    expect(await keyOf('ada', 'correct horse')).toBe('user-1')
  })

  it('counts what fails for another reason as well: whether a password is right is not told by the count', async () => {
    for (const password of ['correct horse', 'correct horse', 'correct horse']) await logIn('locked', password)
    expect(await keyOf('locked', 'correct horse')).toBe('ACCOUNT_BLOCKED')
    for (const password of ['1', '2', '3']) await logIn('nobody', password)
    expect(await keyOf('nobody', '4')).toBe('ACCOUNT_BLOCKED')
  })

  it('is not forgiven by a restart', async () => {
    for (const password of ['1', '2']) await logIn('ada', password)
    await restart()
    expect(await keyOf('ada', '3')).toBe('PASSWORD_WRONG')
    await restart()
    expect(await keyOf('ada', 'correct horse')).toBe('ACCOUNT_BLOCKED')
  })

  it('of many at the same time gets no more tries than of one after the other', async () => {
    const keys = await Promise.all(Array.from({ length: 50 }, (_, guess) => keyOf('ada', String(guess))))
    expect(keys.filter((key) => key === 'PASSWORD_WRONG')).toHaveLength(3)
    expect(keys.filter((key) => key === 'ACCOUNT_BLOCKED')).toHaveLength(47)
  })

  it('never blocks those who know the password, however many there are at the same time', async () => {
    const keys = await Promise.all(Array.from({ length: 50 }, () => keyOf('ada', 'correct horse')))
    expect(new Set(keys)).toEqual(new Set(['user-1']))
  })

  it('that fails by a fault of ours is no attempt', async () => {
    await logIn('ada', '1')
    await logIn('ada', '2')
    vi.spyOn(state, 'get').mockRejectedValueOnce(new Error('the disk is gone'))
    await expect(logIn('ada', '3')).rejects.toThrow('the disk is gone')
    expect(await keyOf('ada', 'correct horse')).toBe('user-1')
  })

  it('at many accounts from one address blocks the address, and a login in between does not clear it', async () => {
    orders = compiled({ users: [BOB], maxLoginAttempts: 3 })
    for (let guess = 0; guess < 30; guess++) {
      expect(await keyOf(`name-${guess}`, 'x', '192.0.2.1')).toBe('USER_UNKNOWN')
      if (guess % 10 === 0) expect(await keyOf('bob', 'battery staple', '192.0.2.1')).toBe('user-2')
    }
    expect(await keyOf('bob', 'battery staple', '192.0.2.1')).toBe('ADDRESS_BLOCKED')
    expect(await keyOf('bob', 'battery staple', '192.0.2.2')).toBe('user-2')
  })

  it('from anywhere in one IPv6 network counts as from one address', async () => {
    orders = compiled({ users: [BOB], maxLoginAttempts: 3 })
    for (let guess = 0; guess < 30; guess++) await logIn(`name-${guess}`, 'x', `2001:db8::${guess}:1`)
    expect(await keyOf('bob', 'battery staple', '2001:db8:0:0:9::1')).toBe('ADDRESS_BLOCKED')
    expect(await keyOf('bob', 'battery staple', '2001:db8:0:1::1')).toBe('user-2')
  })
})

it('turns away when too many passwords wait to be checked', async () => {
  const passwords = createPasswordVerifier()
  const checks = Array.from({ length: 400 }, () => passwords.verify('correct horse', ADA.passwordHash))
  const outcomes = await Promise.allSettled(checks)
  expect(outcomes.filter((each) => each.status === 'fulfilled' && each.value)).toHaveLength(202)
  expect(outcomes.at(-1)).toMatchObject({ reason: { status: 503, error: 'temporarily_unavailable' } })
  expect(await passwords.verify('correct horse', ADA.passwordHash)).toBe(true)
})
