import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLevelState, type State } from '../../state'
import { keep } from '../requests/kept-request'
import { NO_PARAMETERS } from '../http/form'
import { loadTransactions, MOST_TRANSACTIONS, TRANSACTION_VALIDITY_MS, type Transactions } from './transactions'

const NOW = Date.now()
const request = keep(NO_PARAMETERS, false, undefined)

let folder: string
let state: State
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-transactions-'))
  state = await openLevelState(folder)
})
afterEach(async () => {
  await state.close()
  await rm(folder, { recursive: true, force: true })
})

async function countKept(): Promise<number> {
  let count = 0
  for await (const _entry of state.entries('transaction/')) count++
  return count
}

async function begin(
  transactions: Transactions,
  { count = 1, domainId = 'domain-1', remoteAddress = '192.0.2.1', now = NOW } = {},
): Promise<string[]> {
  const ids: string[] = []
  for (let index = 0; index < count; index++) {
    ids.push(await transactions.begin(domainId, request, { browser: `browser-${index}`, remoteAddress, now }))
  }
  return ids
}
const isKept = async (transactions: Transactions, id: string | undefined, domainId = 'domain-1') =>
  (await transactions.find(domainId, id!)) !== undefined

describe('logins that were started', () => {
  it('are bounded in number, however many thousands are started', async () => {
    const transactions = await loadTransactions(state)
    const ids = await begin(transactions, { count: MOST_TRANSACTIONS + 2500 })
    expect(await countKept()).toBe(MOST_TRANSACTIONS)
    expect([await isKept(transactions, ids[2499]), await isKept(transactions, ids[2500])]).toEqual([false, true])
    expect(await isKept(transactions, ids.at(-1))).toBe(true)
  })

  it('of other people are not lost by the flood of one network, nor by one at another domain', async () => {
    const transactions = await loadTransactions(state, 100)
    const [ada] = await begin(transactions, { remoteAddress: '198.51.100.7' })
    const [grace] = await begin(transactions, { domainId: 'domain-2' })
    const flood = await begin(transactions, { count: 1000 })
    // Who has one address of IPv6 has all of its network.
    for (let host = 1; host <= 200; host++)
      await begin(transactions, { remoteAddress: `2001:db8::${host.toString(16)}` })
    expect(await isKept(transactions, ada)).toBe(true)
    expect(await isKept(transactions, grace, 'domain-2')).toBe(true)
    expect(await isKept(transactions, flood[0])).toBe(false)
    expect(await countKept()).toBe(100)
  })

  it('go first when they are finished, do not come back, and are as many after a restart', async () => {
    const before = await loadTransactions(state, 100)
    const ids = await begin(before, { count: 100 })
    const [gone, done] = [ids[0]!, ids[50]!]
    const transaction = (await before.find('domain-1', done))!
    await before.change('domain-1', done, { ...transaction, finishedAt: NOW })
    await begin(before)
    expect([await isKept(before, gone), await isKept(before, done)]).toEqual([true, false])
    await before.change('domain-1', done, transaction)
    expect(await isKept(before, done)).toBe(false)
    await state.close()
    state = await openLevelState(folder)
    const after = await loadTransactions(state, 100)
    const newest = await begin(after, { now: NOW + 1, count: 20 })
    expect(await countKept()).toBe(100)
    const fewer = await loadTransactions(state, 20)
    expect(await countKept()).toBe(20)
    for (const id of newest) expect(await isKept(fewer, id)).toBe(true)
  })

  it('leave their places when they are over', async () => {
    const transactions = await loadTransactions(state, 10)
    await begin(transactions, { count: 3, remoteAddress: '198.51.100.7' })
    const later = NOW + TRANSACTION_VALIDITY_MS
    const ids = await begin(transactions, { count: 10, now: later })
    expect(await isKept(transactions, ids[0])).toBe(true)
    await begin(transactions, { now: later })
    expect([await isKept(transactions, ids[0]), await isKept(transactions, ids[1])]).toEqual([false, true])
  })
})
