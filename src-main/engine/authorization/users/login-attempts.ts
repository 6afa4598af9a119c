import { hash } from 'node:crypto'
import { usernameKey } from '@shared/users'
import type { DomainSnapshot } from '../../snapshot'
import type { State } from '../../state/state'
import { networkOf } from '../http/network-of'

/** Who tries to log in. */
export interface Attempt {
  /** As it was given, also when nobody has it: blocking tells nothing about which users there are. */
  readonly username: string
  /** Of the client at the other end of the connection. */
  readonly remoteAddress: string
}

export type GuardedAttempt<T> =
  | { readonly outcome: 'right'; readonly value: T }
  /** `blockedUntil` (milliseconds since the epoch) when this was one too many. */
  | { readonly outcome: 'wrong'; readonly blockedUntil?: number }
  /** It was not even tried. */
  | { readonly outcome: 'blocked'; readonly what: 'account' | 'address'; readonly blockedUntil: number }

/**
 * Stops guessing: counts wrong attempts by account and by address and blocks either for a while, as the domain says. What was counted
 * is on the disk before it is answered, so that a restart forgives nothing.
 */
export interface LoginAttempts {
  /**
   * Makes an attempt unless its account or its address is blocked. As many are made at once as may still fail; the others wait for
   * them, so that many at the same time are no way around.
   *
   * @param attempt answers undefined when it was wrong; what it throws counts as no attempt
   * @throws what `attempt` throws
   */
  guard<T>(
    domain: DomainSnapshot,
    who: Attempt,
    attempt: () => Promise<NonNullable<T> | undefined>,
  ): Promise<GuardedAttempt<NonNullable<T>>>
  /** Until when no attempt is taken for the account, milliseconds since the epoch; undefined when it is not blocked. */
  blockedUntil(domainId: string, username: string): Promise<number | undefined>
  /** Forgets the wrong attempts for the account, and ends its block. */
  forgive(domainId: string, username: string): Promise<void>
}

/** How long wrong attempts in a row count for an account, in milliseconds: Access Management's twelve hours. */
const IN_A_ROW_MS = 12 * 3_600_000
/** Many people may share an address: it may fail so many times as often as an account, within the time of a block. */
const ADDRESS_FACTOR = 10

/** Wrong attempts so far. */
interface Count {
  failures: number
  /** Milliseconds since the epoch; 0 when it is not blocked. */
  blockedUntil: number
}

/** A count that somebody is working on: all of them share it. */
interface Held extends Count {
  readonly key: string
  readonly loaded: Promise<void>
  isStored: boolean
  attempts: number
  waiting: (() => void)[]
  written: Promise<void>
  holders: number
}

interface Limit {
  readonly mostFailures: number
  readonly blockedMs: number
  readonly countedMs: number
}

export function createLoginAttempts(state: State): LoginAttempts {
  const held = new Map<string, Held>()

  function hold(key: string): Held {
    const found = held.get(key) ?? load(key)
    found.holders++
    return found
  }

  function load(key: string): Held {
    const count: Held = {
      key,
      failures: 0,
      blockedUntil: 0,
      isStored: false,
      attempts: 0,
      waiting: [],
      written: Promise.resolve(),
      holders: 0,
      loaded: state.get(key).then((text) => {
        if (text === undefined) return
        Object.assign(count, JSON.parse(text) as Count) // written by this module alone
        count.isStored = true
      }),
    }
    held.set(key, count)
    return count
  }

  function letGo(count: Held): void {
    if (--count.holders === 0) held.delete(count.key)
  }

  /** Waits for a place among the attempts that may still fail. Answers until when it is blocked, or undefined when it is its turn. */
  async function enter(count: Held, { mostFailures }: Limit): Promise<number | undefined> {
    for (;;) {
      if (count.blockedUntil > Date.now()) return count.blockedUntil
      if (count.attempts === 0 || count.failures + count.attempts < mostFailures) {
        count.attempts++
        return undefined
      }
      await new Promise<void>((resolve) => count.waiting.push(resolve))
    }
  }

  function leave(count: Held): void {
    count.attempts--
    for (const wake of count.waiting.splice(0)) wake()
  }

  /** Answers until when it is blocked from now on. */
  function countFailure(count: Held, { mostFailures, blockedMs }: Limit): number | undefined {
    count.failures++
    if (count.failures < mostFailures) return undefined
    count.failures = 0
    count.blockedUntil = Date.now() + blockedMs
    return count.blockedUntil
  }

  /** One write after the other: the last one must be the one that stays. @param countedMs how long what has failed counts */
  function store(count: Held, countedMs: number): Promise<void> {
    const write = () => {
      const { failures, blockedUntil, key } = count
      const wasStored = count.isStored
      count.isStored = failures > 0 || blockedUntil > 0
      if (!count.isStored) return wasStored ? state.delete(key) : Promise.resolve()
      const expiresAt = Math.max(blockedUntil, failures === 0 ? 0 : Date.now() + countedMs)
      return state.put(key, JSON.stringify({ failures, blockedUntil }), { expiresAt })
    }
    count.written = count.written.then(write, write)
    return count.written
  }

  function clear(count: Held): Promise<void> {
    count.failures = 0
    count.blockedUntil = 0
    return store(count, 0)
  }

  async function withAccount<T>(domainId: string, username: string, use: (count: Held) => T | Promise<T>): Promise<T> {
    const account = hold(keyOf(domainId, 'account', usernameKey(username)))
    try {
      await account.loaded
      return await use(account)
    } finally {
      letGo(account)
    }
  }

  async function attemptOnce<T>(
    account: Held,
    address: Held,
    limits: { readonly account: Limit; readonly address: Limit },
    attempt: () => Promise<NonNullable<T> | undefined>,
  ): Promise<GuardedAttempt<NonNullable<T>>> {
    const accountBlocked = await enter(account, limits.account)
    if (accountBlocked !== undefined) return { outcome: 'blocked', what: 'account', blockedUntil: accountBlocked }
    try {
      const addressBlocked = await enter(address, limits.address)
      if (addressBlocked !== undefined) return { outcome: 'blocked', what: 'address', blockedUntil: addressBlocked }
      try {
        const value = await attempt()
        if (value === undefined) {
          const until = [countFailure(account, limits.account), countFailure(address, limits.address)]
          await Promise.all([store(account, limits.account.countedMs), store(address, limits.address.countedMs)])
          const blockedUntil = Math.max(...until.map((each) => each ?? 0))
          return { outcome: 'wrong', ...(blockedUntil === 0 ? {} : { blockedUntil }) }
        }
        // Only the account is cleared: somebody who has one account must not guess at the others for ever by logging in between.
        await clear(account)
        return { outcome: 'right', value }
      } finally {
        leave(address)
      }
    } finally {
      leave(account)
    }
  }

  return {
    async guard(domain, { username, remoteAddress }, attempt) {
      const account = hold(keyOf(domain.id, 'account', usernameKey(username)))
      const address = hold(keyOf(domain.id, 'address', networkOf(remoteAddress)))
      try {
        await Promise.all([account.loaded, address.loaded])
        return await attemptOnce(account, address, limitsOf(domain), attempt)
      } finally {
        letGo(account)
        letGo(address)
      }
    },
    blockedUntil: (domainId, username) =>
      withAccount(domainId, username, ({ blockedUntil }) => (blockedUntil > Date.now() ? blockedUntil : undefined)),
    forgive: (domainId, username) => withAccount(domainId, username, clear),
  }
}

function limitsOf({ maxLoginAttempts, accountBlockedSeconds }: DomainSnapshot): { account: Limit; address: Limit } {
  const blockedMs = accountBlockedSeconds * 1000
  return {
    account: { mostFailures: maxLoginAttempts, blockedMs, countedMs: IN_A_ROW_MS },
    address: { mostFailures: maxLoginAttempts * ADDRESS_FACTOR, blockedMs, countedMs: blockedMs },
  }
}

function keyOf(domainId: string, what: 'account' | 'address', name: string): string {
  return `attempts/${domainId}/${what}/${hash('sha256', name, 'base64url')}`
}
