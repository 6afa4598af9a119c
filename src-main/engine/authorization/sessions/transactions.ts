import { createTurns, type InTurn, type State, type StateChange } from '../../state'
import { networkOf } from '../http/network-of'
import type { KeptRequest } from '../requests/kept-request'
import { createFairPlaces } from './fair-places'
import { digestOf, newSecret } from './secrets'

/**
 * An authorization request on its way through the pages. It is kept here and not in the pages, and bound to the browser that began it:
 * so nobody can have somebody else's browser send a form of it.
 */
export interface Transaction {
  readonly request: KeptRequest
  /** Digest of the browser's cookie. */
  readonly browser: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Digest of the network that it was begun from. */
  readonly network: string
  /** The session that began within it, which satisfies `prompt=login` and `max_age`. */
  readonly sessionId?: string
  /** The user was asked which account, and chose that of this session. */
  readonly chosenSessionId?: string
  /** The user wants another account than that of this session. */
  readonly dismissedSessionId?: string
  /** Milliseconds since the epoch: the browser was sent back to the application. */
  readonly finishedAt?: number
}

export interface Transactions {
  /** Answers the transaction's id, which is nowhere but in the browser. */
  begin(domainId: string, request: KeptRequest, from: Beginner): Promise<string>
  /** Undefined when there is none, or it has expired. */
  find(domainId: string, id: string): Promise<Transaction | undefined>
  change(domainId: string, id: string, transaction: Transaction): Promise<void>
  /** Forms of one transaction are handled one after the other: of two clicks, the second finds what the first one did. */
  readonly inTurn: InTurn
}

export interface Beginner {
  /** Value of the browser's cookie. */
  readonly browser: string
  readonly remoteAddress: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** How long somebody may take to log in, milliseconds. */
export const TRANSACTION_VALIDITY_MS = 30 * 60_000

/** Anybody can begin one, without an account: so no more of them are kept at once. */
export const MOST_TRANSACTIONS = 10_000

/** They are written lazily: what a power cut takes away is a login that begins again. */
export async function loadTransactions(state: State, most = MOST_TRANSACTIONS): Promise<Transactions> {
  const places = createFairPlaces(most, TRANSACTION_VALIDITY_MS)

  /** Answers the keys of those that have to go for it. */
  function keep(key: string, { network, createdAt, finishedAt }: Transaction): readonly string[] {
    const gone = places.take(key, `${domainIdOf(key)} ${network}`, createdAt)
    if (finishedAt !== undefined) places.finish(key)
    return gone
  }

  function changeOf(key: string, transaction: Transaction): StateChange {
    const expiresAt = transaction.createdAt + TRANSACTION_VALIDITY_MS
    return { type: 'put', key, value: JSON.stringify(transaction), expiresAt }
  }

  const before: (readonly [key: string, transaction: Transaction])[] = []
  for await (const { key, value } of state.entries(PREFIX)) before.push([key, JSON.parse(value) as Transaction]) // written by this module alone
  before.sort(([, one], [, other]) => one.createdAt - other.createdAt)
  const tooMany = before.flatMap(([key, transaction]) => keep(key, transaction))
  await state.batchLazily(tooMany.map((key) => ({ type: 'del', key })))

  return {
    async begin(domainId, request, { browser, remoteAddress, now }) {
      const id = newSecret()
      const key = keyOf(domainId, id)
      const network = digestOf(networkOf(remoteAddress))
      const transaction = { request, browser: digestOf(browser), network, createdAt: now }
      const gone = keep(key, transaction)
      await state.batchLazily([
        ...gone.map((each) => ({ type: 'del', key: each }) as const),
        changeOf(key, transaction),
      ])
      return id
    },
    async find(domainId, id) {
      const text = await state.get(keyOf(domainId, id))
      return text === undefined ? undefined : (JSON.parse(text) as Transaction) // written by this module alone
    },
    async change(domainId, id, transaction) {
      const key = keyOf(domainId, id)
      // It made room for another one meanwhile.
      if (!places.has(key)) return
      if (transaction.finishedAt !== undefined) places.finish(key)
      await state.batchLazily([changeOf(key, transaction)])
    },
    inTurn: createTurns(),
  }
}

const PREFIX = 'transaction/'

function keyOf(domainId: string, id: string): string {
  return `${PREFIX}${domainId}/${digestOf(id)}`
}

/** The id of a domain has no slash. */
function domainIdOf(key: string): string {
  return key.slice(PREFIX.length).split('/')[0] ?? ''
}
