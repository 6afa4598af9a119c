import { codeOf } from '@shared/error-code'
import { ClassicLevel } from 'classic-level'
import { StateError, type EntriesOptions, type State, type StateChange, type StateEntry } from './state'

/** The disk has it before it is answered: LevelDB's synchronous write (fsync of its log). */
const DURABLE = { sync: true } as const
/** Entries that are removed at once. */
const PURGE_BATCH = 500

/** What LevelDB says when its disk fails, or the state was closed: every other error is a fault of ours. */
const FAILURES: readonly unknown[] = ['LEVEL_IO_ERROR', 'LEVEL_CORRUPTION', 'LEVEL_DATABASE_NOT_OPEN']

/** Whether the state could not be read or written, and what was asked of it was right. */
export function isStateFailure(error: unknown): boolean {
  return FAILURES.includes(codeOf(error))
}

/**
 * Opens the state in a folder, made when missing. One process at a time: LevelDB's lock ends with its process, also when
 * that is killed, so a lock that is held names a living holder.
 *
 * @throws StateError naming the folder, when it is locked, corrupt, or cannot be read or written.
 */
export async function openLevelState(folder: string): Promise<State> {
  const db = new ClassicLevel<string, string>(folder)
  try {
    await db.open()
  } catch (cause) {
    throw stateError(folder, cause)
  }

  /** Living and expired entries alike, in key order. */
  async function* scan(prefix: string, { reverse = false, before }: EntriesOptions = {}): AsyncGenerator<StateEntry> {
    const ends = [before, prefix === '' ? undefined : successor(prefix)].filter((end) => end !== undefined)
    const [end] = ends.sort()
    const range = { gte: prefix, ...(end === undefined ? {} : { lt: end }), reverse }
    for await (const [key, stored] of db.iterator(range)) yield { key, ...decode(stored) }
  }

  /** Not synced: an expired entry that comes back after a power cut is still expired. */
  async function removeExpired(keys: readonly string[]): Promise<void> {
    // One may have been written anew since it was read.
    const stored = await db.getMany([...keys])
    const now = Date.now()
    const expired = keys.filter((_key, index) => {
      const found = stored[index]
      return found !== undefined && isExpired(decode(found), now)
    })
    await db.batch(expired.map((key) => ({ type: 'del', key })))
  }

  return {
    async get(key) {
      const stored = await db.get(key)
      if (stored === undefined) return undefined
      const entry = decode(stored)
      return isExpired(entry, Date.now()) ? undefined : entry.value
    },
    async put(key, value, options) {
      await db.put(key, encode(value, options?.expiresAt), DURABLE)
    },
    async batch(changes) {
      await db.batch(changes.map(operationOf), DURABLE)
    },
    async batchLazily(changes) {
      await db.batch(changes.map(operationOf))
    },
    async putLazily(key, value, options) {
      await db.put(key, encode(value, options?.expiresAt))
    },
    async delete(key) {
      await db.del(key, DURABLE)
    },
    async *entries(prefix, options) {
      for await (const entry of scan(prefix, options)) if (!isExpired(entry, Date.now())) yield entry
    },
    async purge() {
      const now = Date.now()
      let count = 0
      let expired: string[] = []
      for await (const entry of scan('')) {
        if (!isExpired(entry, now)) continue
        count++
        expired.push(entry.key)
        if (expired.length < PURGE_BATCH) continue
        await removeExpired(expired)
        expired = []
      }
      await removeExpired(expired)
      return count
    },
    async close() {
      await db.close()
    },
  }
}

function operationOf(change: StateChange) {
  if (change.type === 'del') return change
  return { type: 'put' as const, key: change.key, value: encode(change.value, change.expiresAt) }
}

/** The first key after all that start with the prefix: keys are ASCII, so its last character plus one. */
function successor(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
}

/** The expiry (empty when there is none), a line break, the value as it is. */
function encode(value: string, expiresAt: number | undefined): string {
  return `${expiresAt ?? ''}\n${value}`
}

function decode(stored: string): { value: string; expiresAt?: number } {
  const end = stored.indexOf('\n')
  const value = stored.slice(end + 1)
  return end > 0 ? { value, expiresAt: Number(stored.slice(0, end)) } : { value }
}

function isExpired(entry: { expiresAt?: number }, now: number): boolean {
  return entry.expiresAt !== undefined && entry.expiresAt <= now
}

function stateError(folder: string, error: unknown): StateError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const options = { cause }
  if (code === 'LEVEL_LOCKED') {
    const message = `The engine's state in ${folder} is in use by another Gatehouse. Close that one first, or open another workspace here.`
    return new StateError('STATE_LOCKED', folder, message, options)
  }
  if (code === 'LEVEL_CORRUPTION') {
    const message =
      `The engine's state in ${folder} is damaged. Put the folder back from a backup, or move it away to start with an empty one: ` +
      'tokens that were revoked are then accepted again until they expire, unless the signing keys of their domains are replaced.'
    return new StateError('STATE_CORRUPT', folder, message, options)
  }
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `The engine's state in ${folder} cannot be opened (${reason}). Check that the folder can be written to and that its disk has room.`
  return new StateError('STATE_UNAVAILABLE', folder, message, options)
}
