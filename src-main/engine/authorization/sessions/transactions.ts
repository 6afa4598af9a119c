import { createTurns, type InTurn, type State } from '../../state'
import type { KeptRequest } from '../requests/kept-request'
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
  begin(domainId: string, request: KeptRequest, browser: string, now: number): Promise<string>
  /** Undefined when there is none, or it has expired. */
  find(domainId: string, id: string): Promise<Transaction | undefined>
  change(domainId: string, id: string, transaction: Transaction): Promise<void>
  /** Forms of one transaction are handled one after the other: of two clicks, the second finds what the first one did. */
  readonly inTurn: InTurn
}

/** How long somebody may take to log in, milliseconds. */
export const TRANSACTION_VALIDITY_MS = 30 * 60_000

/** They are written lazily: what a power cut takes away is a login that begins again. */
export function createTransactions(state: State): Transactions {
  const write = (domainId: string, id: string, transaction: Transaction) =>
    state.putLazily(keyOf(domainId, id), JSON.stringify(transaction), {
      expiresAt: transaction.createdAt + TRANSACTION_VALIDITY_MS,
    })

  return {
    async begin(domainId, request, browser, now) {
      const id = newSecret()
      await write(domainId, id, { request, browser: digestOf(browser), createdAt: now })
      return id
    },
    async find(domainId, id) {
      const text = await state.get(keyOf(domainId, id))
      return text === undefined ? undefined : (JSON.parse(text) as Transaction) // written by this module alone
    },
    change: write,
    inTurn: createTurns(),
  }
}

function keyOf(domainId: string, id: string): string {
  return `transaction/${domainId}/${digestOf(id)}`
}
